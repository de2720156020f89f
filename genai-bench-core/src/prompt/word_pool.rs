//! Words that are one token each beside any other word.

use std::collections::HashSet;

use crate::rng::{Rng, Stream};
use crate::tokenizer::{TokenizeError, Tokenizer};

/// The sufficient number of words: prompts need variety, not the whole vocabulary.
const ENOUGH_WORDS: usize = 4_096;
/// The number of words checked in one text.
const WORDS_PER_CHECK: usize = 256;
/// The number of joined samples that must be correct for the pool to be exact.
const TRIALS: u64 = 8;
/// The number of words in a joined sample.
const WORDS_PER_TRIAL: u64 = 512;

/// Words of a tokenizer, with a flag that tells if N of them joined by spaces are N tokens.
///
/// Tokenizers tell a word that begins a text from one that follows a space. So there are two kinds: all words
/// can follow, and the first `openers` of them can also begin.
#[derive(Clone, Debug)]
pub(super) struct WordPool {
    /// All words with a space before each, concatenated.
    spaced: String,
    /// The end of each word in `spaced`.
    ends: Vec<u32>,
    openers: usize,
    is_exact: bool,
}

impl WordPool {
    /// Selects and checks words of `tokenizer`: each alone, each after others, then joined at random.
    ///
    /// When no words pass, the pool has them all, and is not exact.
    pub(super) fn from_tokenizer(tokenizer: &dyn Tokenizer) -> Result<Self, TokenizeError> {
        let words = thin_out(tokenizer.words());
        let mut openers = Vec::new();
        for word in &words {
            if tokenizer.count(word)?.0 == 1 {
                openers.push(word.as_str());
            }
        }
        if let Some(opener) = openers.first() {
            let followers = Followers::new(tokenizer, opener, &words)?;
            openers.retain(|it| followers.words.contains(it));
            let is_opener: HashSet<&str> = openers.iter().copied().collect();
            let others = followers.in_order.iter().copied().filter(|it| !is_opener.contains(it));
            let mut pool = Self::new(openers.iter().copied().chain(others), openers.len());
            if pool.passes(tokenizer)? {
                pool.is_exact = true;
                return Ok(pool);
            }
        }
        Ok(Self::new(words.iter().map(String::as_str), words.len()))
    }

    fn new<'a>(words: impl Iterator<Item = &'a str>, openers: usize) -> Self {
        let (mut spaced, mut ends) = (String::new(), Vec::new());
        for word in words {
            spaced.push(' ');
            spaced.push_str(word);
            ends.push(u32::try_from(spaced.len()).expect("a few thousand words are short"));
        }
        Self { spaced, ends, openers, is_exact: false }
    }

    /// Returns `true` if N words joined by spaces are N tokens, a different one for each word.
    pub(super) fn is_exact(&self) -> bool {
        self.is_exact
    }

    /// Returns the number of words.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Returns word `number`, with a space before it. Numbers wrap around.
    pub(super) fn spaced(&self, number: u64) -> &str {
        let number = usize::try_from(number % self.ends.len().max(1) as u64).unwrap_or_default();
        let begin = if number == 0 { 0 } else { self.ends[number - 1] as usize };
        &self.spaced[begin..self.ends[number] as usize]
    }

    /// Returns a text of `count` random words.
    pub(super) fn draw(&self, count: u64, rng: &mut Rng) -> String {
        let mut text = String::new();
        self.draw_onto(&mut text, count, rng);
        text
    }

    /// Appends `count` random words to `text`, with a space before each that does not begin it.
    pub(super) fn draw_onto(&self, text: &mut String, count: u64, rng: &mut Rng) {
        text.reserve(usize::try_from(count).unwrap_or(0).saturating_mul(8).min(1 << 26));
        let mut left = count;
        if text.is_empty() && left > 0 {
            text.push_str(&self.spaced(rng.below(self.openers as u64))[1..]);
            left -= 1;
        }
        let words = self.ends.len() as u64;
        for _ in 0..left {
            text.push_str(self.spaced(rng.below(words)));
        }
    }

    fn passes(&self, tokenizer: &dyn Tokenizer) -> Result<bool, TokenizeError> {
        if self.openers == 0 {
            return Ok(false);
        }
        for trial in 0..TRIALS {
            let mut rng = Rng::at(0, Stream::Content, 0, trial);
            if tokenizer.count(&self.draw(WORDS_PER_TRIAL, &mut rng))?.0 != WORDS_PER_TRIAL {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Words that are one token each after a space, and no two the same token.
struct Followers<'a> {
    in_order: Vec<&'a str>,
    words: HashSet<&'a str>,
    tokens: HashSet<u32>,
}

impl<'a> Followers<'a> {
    /// Creates the set of those of `words` that follow `opener` as one token.
    fn new(tokenizer: &dyn Tokenizer, opener: &str, words: &'a [String]) -> Result<Self, TokenizeError> {
        let mut found = Self { in_order: Vec::new(), words: HashSet::new(), tokens: HashSet::new() };
        for some in words.chunks(WORDS_PER_CHECK) {
            found.check(tokenizer, opener, some)?;
        }
        Ok(found)
    }

    /// Checks `words` in one text; when it is not as long as it should be, one half after the other.
    fn check(
        &mut self,
        tokenizer: &dyn Tokenizer,
        opener: &str,
        words: &'a [String],
    ) -> Result<(), TokenizeError> {
        let joined = format!("{opener} {}", words.join(" "));
        let ids = tokenizer.encode(&joined)?;
        if ids.len() == words.len() + 1 {
            for (word, id) in words.iter().zip(&ids[1..]) {
                if self.tokens.insert(*id) {
                    self.in_order.push(word);
                    self.words.insert(word);
                }
            }
        } else if words.len() > 1 {
            let (left, right) = words.split_at(words.len() / 2);
            self.check(tokenizer, opener, left)?;
            self.check(tokenizer, opener, right)?;
        }
        Ok(())
    }
}

/// Returns at most [`ENOUGH_WORDS`] of `words`, evenly spread over all of them, none twice.
fn thin_out(words: Vec<String>) -> Vec<String> {
    let mut seen = HashSet::new();
    let stride = words.len().div_ceil(ENOUGH_WORDS).max(1);
    words.into_iter().step_by(stride).filter(|it| seen.insert(it.clone())).collect()
}
