//! Words that are one token each, whatever stands beside them.

use std::collections::HashSet;

use crate::rng::{Rng, Stream};
use crate::tokenizer::{TokenizeError, Tokenizer};

/// How many words are enough: prompts need variety, not the whole vocabulary.
const ENOUGH_WORDS: usize = 4_096;
/// How many joined samples have to come out right before the pool is trusted.
const TRIALS: u64 = 8;
/// How many words one sample joins.
const WORDS_PER_TRIAL: u64 = 512;

/// Words of a tokenizer, and whether joining N of them gives N tokens.
#[derive(Clone, Debug)]
pub(super) struct WordPool {
    words: Vec<String>,
    is_exact: bool,
}

impl WordPool {
    /// Picks words of `tokenizer` and checks them: each alone, then joined at random.
    pub(super) fn of(tokenizer: &dyn Tokenizer) -> Result<Self, TokenizeError> {
        let mut words = thin_out(tokenizer.words());
        let single = |word: &String| Ok(tokenizer.count(&format!("{word} {word}"))?.0 == 2);
        let mut kept = Vec::with_capacity(words.len());
        for word in words.drain(..) {
            if single(&word)? {
                kept.push(word);
            }
        }
        let mut pool = Self { words: kept, is_exact: false };
        pool.is_exact = !pool.words.is_empty() && pool.passes(tokenizer)?;
        Ok(pool)
    }

    #[cfg(test)]
    pub(super) fn unchecked(words: Vec<String>) -> Self {
        Self { words, is_exact: false }
    }

    /// Whether N words joined by spaces are N tokens.
    pub(super) fn is_exact(&self) -> bool {
        self.is_exact
    }

    pub(super) fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// A text of `count` words.
    pub(super) fn draw(&self, count: u64, rng: &mut Rng) -> String {
        let mut text = String::with_capacity(usize::try_from(count).unwrap_or(0).saturating_mul(7));
        for number in 0..count {
            if number > 0 {
                text.push(' ');
            }
            let choice = rng.below(self.words.len() as u64);
            text.push_str(&self.words[usize::try_from(choice).unwrap_or_default()]);
        }
        text
    }

    fn passes(&self, tokenizer: &dyn Tokenizer) -> Result<bool, TokenizeError> {
        for trial in 0..TRIALS {
            let mut rng = Rng::at(0, Stream::Content, 0, trial);
            let count = if trial == 0 { 1 } else { WORDS_PER_TRIAL };
            if tokenizer.count(&self.draw(count, &mut rng))?.0 != count {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// At most [`ENOUGH_WORDS`] of `words`, evenly spread over all of them, none twice.
fn thin_out(words: Vec<String>) -> Vec<String> {
    let mut seen = HashSet::new();
    let stride = words.len().div_ceil(ENOUGH_WORDS).max(1);
    words.into_iter().step_by(stride).filter(|it| seen.insert(it.clone())).collect()
}
