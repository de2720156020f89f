//! Prompts of exactly so many tokens.

use std::sync::Arc;

use super::SampleError;
use super::corpus::Corpus;
use super::fit::Fit;
use super::prefix_cache::PrefixCache;
use super::word_pool::WordPool;
use crate::rng::Rng;
use crate::tokenizer::Tokenizer;
use crate::units::Tokens;

/// Builds prompts of exactly so many tokens by a tokenizer.
///
/// With a vocabulary of whole words, N words are N tokens: that is checked once, when the builder is made, and
/// then a prompt costs no tokenizing. With any other vocabulary, and with texts of a person's own, each prompt
/// is tokenized, and cut and mended until its length is right.
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
    pub(super) pool: Arc<WordPool>,
    corpus: Option<Arc<Corpus>>,
    pub(super) prefixes: Arc<PrefixCache>,
}

impl PromptBuilder {
    /// Picks and checks the words of `tokenizer`.
    ///
    /// # Errors
    ///
    /// When it has no words.
    pub fn new(tokenizer: Arc<dyn Tokenizer>) -> Result<Self, SampleError> {
        let pool = WordPool::of(&*tokenizer)?;
        if pool.len() == 0 {
            return Err(SampleError::NoWords(tokenizer.name().to_owned()));
        }
        Ok(Self { tokenizer, pool: Arc::new(pool), corpus: None, prefixes: Arc::default() })
    }

    /// Makes prompts of `texts` instead of random words: of a random one and those that follow it, each on a
    /// line of its own, cut to the wanted length. Where no cut gives that length, a few single words at the end
    /// do. Without any text in `texts`, every prompt is a [`SampleError::EmptyCorpus`].
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use genai_bench_core::rng::{Rng, Stream};
    /// # use genai_bench_core::sampler::PromptBuilder;
    /// # use genai_bench_core::tokenizer::Words;
    /// # use genai_bench_core::units::Tokens;
    /// let texts: Arc<[Arc<str>]> = Arc::new([Arc::from("All happy families are alike.")]);
    /// let builder = PromptBuilder::new(Arc::new(Words))?.with_corpus(texts);
    /// let prompt = builder.build(Tokens(7), &mut Rng::at(42, Stream::Content, 0, 0))?;
    /// assert!(prompt.starts_with("All happy families are alike."));
    /// # Ok::<(), genai_bench_core::sampler::SampleError>(())
    /// ```
    #[must_use]
    pub fn with_corpus(self, texts: Arc<[Arc<str>]>) -> Self {
        Self { corpus: Some(Arc::new(Corpus::new(texts))), prefixes: Arc::default(), ..self }
    }

    /// A prompt of exactly `length` tokens.
    ///
    /// # Errors
    ///
    /// When no such prompt was found.
    pub fn build(&self, length: Tokens, rng: &mut Rng) -> Result<String, SampleError> {
        if self.is_corpus_empty() {
            return Err(SampleError::EmptyCorpus);
        }
        if self.joins_words() {
            return Ok(self.pool.draw(length.0, rng));
        }
        if length.0 == 0 {
            return Ok(String::new());
        }
        self.fit().fit("", 0, length.0, rng)
    }

    /// The tokenizer that prompts are counted by.
    #[must_use]
    pub fn tokenizer(&self) -> &Arc<dyn Tokenizer> {
        &self.tokenizer
    }

    /// Whether prompts are words whose number is the number of tokens.
    pub(super) fn joins_words(&self) -> bool {
        self.pool.is_exact() && self.corpus.is_none()
    }

    fn is_corpus_empty(&self) -> bool {
        self.corpus.as_ref().is_some_and(|it| it.is_empty())
    }

    /// What makes texts of exact length of words or of the corpus.
    pub(super) fn fit(&self) -> Fit<'_> {
        Fit { corpus: self.corpus.as_deref(), ..self.fit_words() }
    }

    /// What makes texts of exact length of words.
    pub(super) fn fit_words(&self) -> Fit<'_> {
        Fit { tokenizer: &*self.tokenizer, pool: &self.pool, corpus: None }
    }
}

#[cfg(test)]
mod tests;
