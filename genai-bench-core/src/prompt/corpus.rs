//! A corpus of texts, read from a place in any of them.

use std::fmt;
use std::sync::Arc;

use self::places::Place;
use crate::rng::Rng;

mod places;

/// The typical number of bytes in a token, to read about enough text.
const BYTES_PER_TOKEN: usize = 4;

/// The texts that prompts are made of, without blank ones.
#[derive(Clone)]
pub(super) struct Corpus {
    texts: Arc<[Arc<str>]>,
    /// The numbers of the texts that are not blank.
    used: Vec<u32>,
    /// The places at which prompts begin, in their order.
    places: Vec<Place>,
}

/// The beginning of a prompt in the texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Start {
    /// The place of this number.
    Place(usize),
    /// Any place, after words that distinguish the prompt from all others.
    Anywhere,
}

impl Corpus {
    pub(super) fn new(texts: Arc<[Arc<str>]>, seed: u64) -> Self {
        let numbers = 0..u32::try_from(texts.len()).unwrap_or(u32::MAX);
        let used: Vec<u32> = numbers.filter(|number| !texts[*number as usize].trim().is_empty()).collect();
        let places = places::in_order(&texts, &used, seed);
        Self { texts, used, places }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.used.is_empty()
    }

    /// Returns the number of places at which prompts can begin.
    pub(super) fn places(&self) -> u64 {
        self.places.len() as u64
    }

    /// Creates a reader that begins at `start`, and continues with the first text after the last.
    pub(super) fn reader(&self, start: Start, rng: &mut Rng) -> CorpusReader<'_> {
        let place = match start {
            Start::Place(number) => self.places.get(number).copied(),
            Start::Anywhere => {
                let number = rng.below(self.used.len() as u64);
                let text = self.used.get(usize::try_from(number).unwrap_or_default());
                text.map(|text| Place { text: *text, at: 0 })
            }
        };
        let place = place.unwrap_or(Place { text: 0, at: 0 });
        let next = self.used.partition_point(|text| *text < place.text);
        CorpusReader { corpus: self, next, from: place.at as usize, is_first: true }
    }
}

impl fmt::Debug for Corpus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Corpus").field("texts", &self.used.len()).finish_non_exhaustive()
    }
}

/// A reader of texts, one after the other.
#[derive(Debug)]
pub(super) struct CorpusReader<'a> {
    corpus: &'a Corpus,
    /// The next text, as an index into those that are used.
    next: usize,
    /// The position in bytes from which the next text is read.
    from: usize,
    is_first: bool,
}

impl CorpusReader<'_> {
    /// Adds whole texts to `text`, each on a line of its own, until about `tokens` tokens were added.
    pub(super) fn read_onto(&mut self, text: &mut String, tokens: u64) {
        let bytes = usize::try_from(tokens).unwrap_or(usize::MAX).saturating_mul(BYTES_PER_TOKEN);
        let enough = text.len().saturating_add(bytes);
        let Corpus { texts, used, .. } = self.corpus;
        while text.len() < enough && !used.is_empty() {
            if !text.is_empty() {
                // What the text begins with, if anything, is a beginning of its line.
                text.push(if self.is_first { ' ' } else { '\n' });
            }
            let number = used[self.next % used.len()] as usize;
            text.push_str(texts[number].get(self.from..).unwrap_or_default().trim());
            (self.next, self.from, self.is_first) = (self.next + 1, 0, false);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Stream;

    fn rng() -> Rng {
        Rng::at(1, Stream::Content, 0, 0)
    }

    #[test]
    fn texts_follow_one_another_and_begin_again() {
        let corpus = Corpus::new(Arc::new(["one", " \n", "two", "three"].map(Arc::from)), 1);
        let mut text = String::new();
        corpus.reader(Start::Anywhere, &mut rng()).read_onto(&mut text, 5);
        let round = ["one", "two", "three", "one", "two", "three", "one", "two"];
        let expected = (0..3).map(|first| round[first..].join("\n"));
        assert!(expected.into_iter().any(|it| it.starts_with(&text)), "{text}");
        assert!(text.len() >= 20);
    }

    #[test]
    fn a_text_is_read_from_its_place_on() {
        let corpus = Corpus::new(Arc::new([Arc::from("one two three")]), 1);
        assert_eq!(corpus.places(), 3);
        let read = |place| {
            let mut text = String::new();
            corpus.reader(Start::Place(place), &mut rng()).read_onto(&mut text, 2);
            text
        };
        let mut begun = [read(0), read(1), read(2)];
        begun.sort();
        assert_eq!(begun, ["one two three", "three\none two three", "two three"]);
    }

    #[test]
    fn a_text_that_was_begun_goes_on_in_its_line() {
        let corpus = Corpus::new(Arc::new([Arc::from("one")]), 1);
        let mut text = "begun".to_owned();
        corpus.reader(Start::Anywhere, &mut rng()).read_onto(&mut text, 2);
        assert_eq!(text, "begun one\none");
    }
}
