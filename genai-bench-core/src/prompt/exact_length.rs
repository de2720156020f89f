//! A search for a text of an exact number of tokens.

use super::PromptError;
use super::corpus::{Corpus, CorpusReader, Start};
use super::word_pool::WordPool;
use crate::rng::Rng;
use crate::tokenizer::{TokenizeError, Tokenizer};

/// The maximum number of times that a text is extended, cut or corrected before its content is drawn anew.
const STEPS: usize = 64;
/// The maximum number of draws of the content.
const ATTEMPTS: usize = 8;
/// The maximum number of tokens at the end of a text of words that may be single words, where such words are known.
const SLACK: u64 = 16;
/// The number of random words at the beginning of a prompt that has no place of its own in the corpus.
const LEAD: u64 = 4;
/// Texts that may add one token where no word does.
const FILLERS: [&str; 14] =
    ["a", "b", "x", "e", " a", " b", " x", ".", ",", "!", "1", " 1", "\u{e9}", "\u{6c34}"];

/// A builder of texts of exact length, with its tokenizer and sources.
#[derive(Clone, Copy, Debug)]
pub(super) struct ExactLength<'a> {
    pub(super) tokenizer: &'a dyn Tokenizer,
    pub(super) pool: &'a WordPool,
    /// The corpus and the place to begin at.
    pub(super) corpus: Option<(&'a Corpus, Start)>,
}

/// A position in a text, and the number of tokens before it.
#[derive(Clone, Copy, Debug)]
struct Place {
    at: usize,
    tokens: u64,
}

/// The source of further text.
enum Source<'a> {
    Words(&'a WordPool),
    Corpus(CorpusReader<'a>),
}

impl Source<'_> {
    fn add(&mut self, text: &mut String, tokens: u64, rng: &mut Rng) {
        match self {
            Source::Words(pool) => pool.draw_onto(text, tokens, rng),
            Source::Corpus(reader) => reader.read_onto(text, tokens),
        }
    }
}

impl ExactLength<'_> {
    /// Builds a text of exactly `target` tokens. Its first `keep` bytes are those of `begun`; the rest of `begun` is
    /// cut if it is too long.
    ///
    /// # Errors
    ///
    /// When none was found.
    pub(super) fn fit(
        &self,
        begun: &str,
        keep: usize,
        target: u64,
        rng: &mut Rng,
    ) -> Result<String, PromptError> {
        let mut corpus = self.corpus;
        for _ in 0..ATTEMPTS {
            let source = match corpus {
                Some((corpus, start)) => Source::Corpus(corpus.reader(start, rng)),
                None => Source::Words(self.pool),
            };
            let mut text = begun.to_owned();
            if text.is_empty() && matches!(corpus, Some((_, Start::Anywhere))) {
                self.pool.draw_onto(&mut text, LEAD, rng);
            }
            // No cut of the texts at that place has the length.
            corpus = corpus.map(|(corpus, _)| (corpus, Start::Anywhere));
            if let Some(text) = self.attempt(text, keep, target, source, rng)? {
                return Ok(text);
            }
        }
        Err(PromptError::NoSuchLength { wanted: target, tokenizer: self.tokenizer.name().to_owned() })
    }

    fn attempt(
        &self,
        mut text: String,
        keep: usize,
        target: u64,
        mut source: Source<'_>,
        rng: &mut Rng,
    ) -> Result<Option<String>, TokenizeError> {
        let mut low = Place { at: keep, tokens: self.count(&text[..keep])? };
        if low.tokens > target {
            return Ok(None);
        }
        let mut high = Place { at: text.len(), tokens: self.count(&text)? };
        for _ in 0..STEPS {
            if high.tokens >= target {
                break;
            }
            low = high;
            source.add(&mut text, target - high.tokens, rng);
            high = Place { at: text.len(), tokens: self.count(&text)? };
        }
        if high.tokens == target {
            return Ok(Some(text));
        }
        if high.tokens > target {
            low = self.cut(&text, low, high, target)?;
            text.truncate(low.at);
        }
        if low.tokens == target { Ok(Some(text)) } else { self.top_up(text, low.tokens, target, rng) }
    }

    /// Returns a position between `low` and `high` with `target` tokens before it, or somewhat fewer.
    fn cut(&self, text: &str, mut low: Place, mut high: Place, target: u64) -> Result<Place, TokenizeError> {
        // A person's texts are cut where they have the length; words may as well be drawn anew.
        let slack = if self.pool.is_exact() && self.corpus.is_none() { SLACK } else { 0 };
        let at_words = self.pool.is_exact();
        for step in 0..STEPS {
            if target - low.tokens <= slack {
                break;
            }
            let width = high.at - low.at;
            let share = (target - low.tokens) as f64 / (high.tokens - low.tokens) as f64;
            // Where the tokens are spread evenly the first guess is right; where they are not, halving ends.
            let guess = if step % 2 == 0 { (width as f64 * share) as usize } else { width / 2 };
            let Some(at) = end_near(text, low.at, high.at, low.at + guess, at_words) else { break };
            let place = Place { at, tokens: self.count(&text[..at])? };
            if place.tokens > target {
                high = place;
            } else {
                low = place;
            }
        }
        Ok(low)
    }

    /// Adds to a text of `tokens` tokens until it has `target`: words if they are one token each, else any filler.
    fn top_up(
        &self,
        mut text: String,
        mut tokens: u64,
        target: u64,
        rng: &mut Rng,
    ) -> Result<Option<String>, TokenizeError> {
        if self.pool.is_exact() {
            let longer = self.with_words(&text, target - tokens, rng);
            if self.count(&longer)? == target {
                return Ok(Some(longer));
            }
        }
        for step in 0..STEPS {
            let filler = match FILLERS.get(step.wrapping_sub(4)) {
                Some(filler) => (*filler).to_owned(),
                None => self.pool.spaced(rng.below(self.pool.len() as u64))[step % 2..].to_owned(),
            };
            let longer = format!("{text}{filler}");
            let count = self.count(&longer)?;
            if count == target {
                return Ok(Some(longer));
            }
            if (tokens..target).contains(&count) && count > tokens {
                (text, tokens) = (longer, count);
            }
        }
        Ok(None)
    }

    fn with_words(&self, text: &str, count: u64, rng: &mut Rng) -> String {
        let mut longer = text.to_owned();
        self.pool.draw_onto(&mut longer, count, rng);
        longer
    }

    fn count(&self, text: &str) -> Result<u64, TokenizeError> {
        Ok(self.tokenizer.count(text)?.0)
    }
}

/// Returns a position strictly between `low` and `high`, near `guess`, at which `text` can be cut: after a letter, not
/// after white space, which servers strip; and before white space if there is one near and `whole_words` is set.
fn end_near(text: &str, low: usize, high: usize, guess: usize, whole_words: bool) -> Option<usize> {
    let is_end = |at: &usize| {
        text.is_char_boundary(*at) && text[..*at].chars().next_back().is_some_and(|it| !it.is_whitespace())
    };
    let is_word_end = |at: &usize| is_end(at) && text[*at..].starts_with(char::is_whitespace);
    let before = || (low + 1..=guess.min(high.saturating_sub(1))).rev();
    let after = || guess.max(low) + 1..high;
    let word = whole_words.then(|| before().take(32).find(is_word_end)).flatten();
    word.or_else(|| before().find(is_end)).or_else(|| after().find(is_end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_after_letters() {
        let text = "ab  cd\u{6c34}e";
        assert_eq!(end_near(text, 0, text.len(), 4, false), Some(2), "not after white space");
        assert_eq!(end_near(text, 2, text.len(), 3, false), Some(5), "after it, when nothing is before it");
        assert_eq!(end_near(text, 0, text.len(), 8, false), Some(6), "not within a letter");
        assert_eq!(end_near(text, 0, text.len(), 6, true), Some(2), "at the end of a word");
        assert_eq!(end_near(text, 5, 6, 5, false), None, "there is nothing between");
    }
}
