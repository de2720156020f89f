//! The places of a corpus at which a prompt may begin, each once, in a seeded order.

use std::collections::HashSet;
use std::sync::Arc;

use crate::rng::{Rng, Stream, key_of};

/// The maximum number of places: further prompts begin with random words.
const MOST_PLACES: usize = 1_000_000;
/// The number of words within which the beginnings of two places must differ. Prompts that begin with the same words
/// share an entry in a server's cache.
const OPENING_WORDS: usize = 8;
/// The length in bytes above which a run without white space has places inside, as in scripts without spaces.
const LONGEST_WORD: usize = 24;
/// The group of the draws that order rows: no other of [`Stream::Rows`].
const GROUP: u64 = 2;

/// A place in a text of a corpus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// The number of the text.
    pub(super) text: u32,
    /// The position in bytes at which the prompt begins.
    pub(super) at: u32,
}

/// Returns the places of `texts`, those of `used` alone, in the order that `seed` gives.
///
/// Each text comes once before any is repeated, at another place: first at its beginning, then spread over it. A place
/// whose first words are those of an earlier one is left out.
pub(super) fn in_order(texts: &[Arc<str>], used: &[u32], seed: u64) -> Vec<Place> {
    let mut order: Vec<Starts> = used.iter().map(|&text| Starts::new(text, &texts[text as usize])).collect();
    shuffle(&mut order, &mut Rng::at(seed, Stream::Rows, GROUP, 0));
    let mut places = Vec::new();
    let mut openings = HashSet::new();
    let mut pass = 0;
    while !order.is_empty() && places.len() < MOST_PLACES {
        for starts in &order {
            let place = starts.place(pass);
            let text = &texts[place.text as usize][place.at as usize..];
            if openings.insert(opening(text)) {
                places.push(place);
            }
        }
        pass += 1;
        order.retain(|starts| pass < starts.at.len());
    }
    places.truncate(MOST_PLACES);
    places
}

/// Returns a hash of the first words of a text.
fn opening(text: &str) -> u64 {
    let words = text.split_whitespace().take(OPENING_WORDS);
    let end = words.last().map_or(0, |last| last.as_ptr() as usize + last.len() - text.as_ptr() as usize);
    // A text without spaces is one long word.
    let most = text.floor_char_boundary(end.min(OPENING_WORDS * LONGEST_WORD));
    key_of(&text[..most])
}

fn shuffle<T>(things: &mut [T], rng: &mut Rng) {
    for last in (1..things.len()).rev() {
        things.swap(last, usize::try_from(rng.below(last as u64 + 1)).unwrap_or_default());
    }
}

/// The places of one text.
struct Starts {
    text: u32,
    at: Vec<u32>,
    /// The distance between consecutive places of the order, which visits each of them once.
    step: usize,
}

impl Starts {
    fn new(number: u32, text: &str) -> Self {
        let at: Vec<u32> = word_starts(text).take(MOST_PLACES).collect();
        Self { text: number, step: spreading_step(at.len()), at }
    }

    /// Returns the place of this text in `pass`, which must be less than the number of its places.
    fn place(&self, pass: usize) -> Place {
        Place { text: self.text, at: self.at[(pass * self.step) % self.at.len()] }
    }
}

/// Returns the positions at which words begin, and regular positions in long runs without white space.
fn word_starts(text: &str) -> impl Iterator<Item = u32> + '_ {
    let mut last = None::<usize>;
    let mut in_word = false;
    text.char_indices().filter_map(move |(at, character)| {
        if character.is_whitespace() {
            in_word = false;
            return None;
        }
        let is_start = !in_word || last.is_none_or(|last| at - last >= LONGEST_WORD);
        in_word = true;
        if !is_start {
            return None;
        }
        last = Some(at);
        u32::try_from(at).ok()
    })
}

/// Returns a step near the golden section of `length` that has no factor in common with it, so that multiples of it spread
/// evenly and visit every number below `length` once.
fn spreading_step(length: usize) -> usize {
    let golden = (length as f64 * 0.618_033_988_75) as usize;
    (golden.max(1)..).find(|step| gcd(*step, length.max(1)) == 1).unwrap_or(1)
}

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(count: usize, words: usize) -> Vec<Arc<str>> {
        let row = |row: usize| (0..words).map(|word| format!("w{row}x{word}")).collect::<Vec<_>>().join(" ");
        (0..count).map(|number| row(number).into()).collect()
    }

    fn places(texts: &[Arc<str>], seed: u64) -> Vec<Place> {
        in_order(texts, &(0..texts.len() as u32).collect::<Vec<_>>(), seed)
    }

    #[test]
    fn every_word_is_a_place_once_and_texts_take_turns() {
        let texts = texts(20, 7);
        let places = places(&texts, 1);
        assert_eq!(places.len(), 140);
        let distinct: HashSet<(u32, u32)> = places.iter().map(|place| (place.text, place.at)).collect();
        assert_eq!(distinct.len(), 140);
        for pass in places.chunks(20) {
            assert_eq!(pass.iter().map(|place| place.text).collect::<HashSet<_>>().len(), 20);
        }
        assert!(places[..20].iter().all(|place| place.at == 0), "first from the beginning");
    }

    #[test]
    fn the_order_follows_from_the_seed() {
        let texts = texts(20, 7);
        assert_eq!(places(&texts, 1), places(&texts, 1));
        assert_ne!(places(&texts, 1), places(&texts, 2));
    }

    #[test]
    fn a_beginning_that_came_before_is_no_place() {
        let texts: Vec<Arc<str>> = vec!["a b a b a b a b a b a b".into(), "a b a b a b a b c".into()];
        let openings: HashSet<&str> = places(&texts, 1)
            .iter()
            .map(|place| &texts[place.text as usize][place.at as usize..])
            .map(|text| text.get(..15).unwrap_or(text))
            .collect();
        assert_eq!(openings.len(), places(&texts, 1).len(), "{openings:?}");
    }

    #[test]
    fn a_text_without_spaces_has_places_inside() {
        let texts: Vec<Arc<str>> = vec!["道可道非常道名可名非常名无名天地之始有名万物之母".into()];
        let places = places(&texts, 1);
        assert!(places.len() > 2, "{places:?}");
        assert!(places.iter().all(|place| texts[0].is_char_boundary(place.at as usize)));
    }

    #[test]
    fn a_step_visits_every_place() {
        for length in 1..300 {
            let visited: HashSet<usize> =
                (0..length).map(|pass| pass * spreading_step(length) % length).collect();
            assert_eq!(visited.len(), length);
        }
    }
}
