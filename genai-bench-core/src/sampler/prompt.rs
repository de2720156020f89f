//! Prompts of exactly so many tokens.

use std::sync::Arc;

use super::SampleError;
use super::word_pool::WordPool;
use crate::rng::Rng;
use crate::tokenizer::Tokenizer;
use crate::units::Tokens;

/// How often a prompt is corrected before its words are drawn anew.
const CORRECTIONS: usize = 16;
/// How often words are drawn anew before the builder gives up.
const ATTEMPTS: usize = 8;

/// Builds prompts of exactly so many tokens by a tokenizer.
///
/// With a vocabulary of whole words, N words are N tokens: that is checked once, when the builder is made, and
/// then a prompt costs no tokenizing. With any other vocabulary each prompt is tokenized, and words are added
/// or taken away until its length is right.
///
/// ```
/// use std::sync::Arc;
/// use genai_bench_core::rng::{Rng, Stream};
/// use genai_bench_core::sampler::PromptBuilder;
/// use genai_bench_core::tokenizer::{Tokenizer, Words};
/// use genai_bench_core::units::Tokens;
///
/// let builder = PromptBuilder::new(Arc::new(Words))?;
/// let prompt = builder.build(Tokens(100), &mut Rng::at(42, Stream::Content, 0, 0))?;
/// assert_eq!(Words.count(&prompt)?, Tokens(100));
/// # Ok::<(), genai_bench_core::sampler::SampleError>(())
/// ```
#[derive(Clone, Debug)]
pub struct PromptBuilder {
    tokenizer: Arc<dyn Tokenizer>,
    pool: WordPool,
}

impl PromptBuilder {
    /// Picks and checks the words of `tokenizer`.
    ///
    /// # Errors
    ///
    /// When it has no words.
    pub fn new(tokenizer: Arc<dyn Tokenizer>) -> Result<Self, SampleError> {
        let pool = WordPool::of(&*tokenizer)?;
        if pool.is_empty() {
            return Err(SampleError::NoWords(tokenizer.name().to_owned()));
        }
        Ok(Self { tokenizer, pool })
    }

    /// A prompt of exactly `length` tokens.
    ///
    /// # Errors
    ///
    /// When no such prompt was found.
    pub fn build(&self, length: Tokens, rng: &mut Rng) -> Result<String, SampleError> {
        if self.pool.is_exact() {
            return Ok(self.pool.draw(length.0, rng));
        }
        for _ in 0..ATTEMPTS {
            if let Some(prompt) = self.fit(length.0, rng)? {
                return Ok(prompt);
            }
        }
        Err(SampleError::NoSuchLength { wanted: length.0, tokenizer: self.tokenizer.name().to_owned() })
    }

    /// The tokenizer that prompts are counted by.
    #[must_use]
    pub fn tokenizer(&self) -> &Arc<dyn Tokenizer> {
        &self.tokenizer
    }

    /// Draws a text of about the right length, then corrects it by what the tokenizer says.
    fn fit(&self, wanted: u64, rng: &mut Rng) -> Result<Option<String>, SampleError> {
        let mut text = self.pool.draw(wanted, rng);
        for _ in 0..CORRECTIONS {
            let ids = self.tokenizer.encode(&text)?;
            let length = ids.len() as u64;
            if length == wanted {
                return Ok(Some(text));
            }
            if length < wanted {
                text.push(' ');
                text.push_str(&self.pool.draw(wanted - length, rng));
            } else {
                let keep = usize::try_from(wanted).unwrap_or(usize::MAX);
                text = self.tokenizer.decode(&ids[..keep])?;
            }
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Stream;
    use crate::tokenizer::TokenizeError;

    /// Pairs of letters are tokens, spaces are dropped: a word has as many tokens as its length needs.
    #[derive(Debug)]
    struct Pairs;

    impl Tokenizer for Pairs {
        fn name(&self) -> &'static str {
            "pairs"
        }
        fn encode(&self, text: &str) -> Result<Vec<u32>, TokenizeError> {
            let pairs = |word: &str| {
                let pair = |it: &[u8]| it.iter().fold(0, |id, byte| id * 256 + u32::from(*byte));
                word.as_bytes().chunks(2).map(pair).collect::<Vec<_>>()
            };
            Ok(text.split(' ').flat_map(pairs).collect())
        }
        fn decode(&self, ids: &[u32]) -> Result<String, TokenizeError> {
            let letters = |id: &u32| [(id / 256) as u8, (id % 256) as u8].into_iter().filter(|it| *it > 0);
            Ok(ids.iter().flat_map(letters).map(char::from).collect())
        }
        fn words(&self) -> Vec<String> {
            ["ab", "cd", "abc", "abcde", "x"].map(str::to_owned).to_vec()
        }
    }

    #[test]
    fn a_vocabulary_without_whole_words_still_gives_exact_lengths() {
        #[derive(Debug)]
        struct Odd;
        impl Tokenizer for Odd {
            fn name(&self) -> &'static str {
                "odd"
            }
            fn encode(&self, text: &str) -> Result<Vec<u32>, TokenizeError> {
                // Repeated words merge, so that a joined text is shorter than its words are one by one.
                let mut ids = Pairs.encode(text)?;
                ids.dedup();
                Ok(ids)
            }
            fn decode(&self, ids: &[u32]) -> Result<String, TokenizeError> {
                let texts: Result<Vec<String>, _> = ids.iter().map(|id| Pairs.decode(&[*id])).collect();
                texts.map(|it| it.join(" "))
            }
            fn words(&self) -> Vec<String> {
                ["abcd", "cdab", "efgh"].map(str::to_owned).to_vec()
            }
        }
        let builder = PromptBuilder { pool: WordPool::of(&Odd).unwrap(), tokenizer: Arc::new(Odd) };
        let words = ["abcd", "cdab", "efgh"].map(str::to_owned).to_vec();
        assert!(builder.pool.is_empty(), "none of its words is one token");
        let builder = PromptBuilder { pool: WordPool::unchecked(words), ..builder };
        for length in [1, 2, 10, 333] {
            let prompt = builder.build(Tokens(length), &mut Rng::at(1, Stream::Content, 0, length)).unwrap();
            assert_eq!(Odd.count(&prompt).unwrap(), Tokens(length));
        }
    }

    #[test]
    fn words_of_several_tokens_are_left_out() {
        let builder = PromptBuilder::new(Arc::new(Pairs)).unwrap();
        assert!(builder.pool.is_exact());
        let prompt = builder.build(Tokens(50), &mut Rng::at(1, Stream::Content, 0, 0)).unwrap();
        assert_eq!(Pairs.count(&prompt).unwrap(), Tokens(50));
    }

    #[test]
    fn a_tokenizer_without_words_is_refused() {
        #[derive(Debug)]
        struct Mute;
        impl Tokenizer for Mute {
            fn name(&self) -> &'static str {
                "mute"
            }
            fn encode(&self, _: &str) -> Result<Vec<u32>, TokenizeError> {
                Ok(Vec::new())
            }
            fn decode(&self, _: &[u32]) -> Result<String, TokenizeError> {
                Ok(String::new())
            }
            fn words(&self) -> Vec<String> {
                Vec::new()
            }
        }
        assert_eq!(PromptBuilder::new(Arc::new(Mute)).unwrap_err(), SampleError::NoWords("mute".into()));
    }
}
