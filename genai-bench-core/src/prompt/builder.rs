//! Prompts of exactly so many tokens.

use std::sync::Arc;

use super::PromptError;
use super::corpus::{Corpus, Start};
use super::exact_length::ExactLength;
use super::prefix_cache::PrefixCache;
use super::word_pool::WordPool;
use crate::request::{PREFLIGHT_GROUP, SessionSpec};
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
/// use genai_bench_core::prompt::PromptBuilder;
/// use genai_bench_core::tokenizer::{Tokenizer, Words};
/// use genai_bench_core::units::Tokens;
///
/// let builder = PromptBuilder::new(Arc::new(Words))?;
/// let prompt = builder.build(Tokens(100), &mut Rng::at(42, Stream::Content, 0, 0))?;
/// assert_eq!(Words.count(&prompt)?, Tokens(100));
/// # Ok::<(), genai_bench_core::prompt::PromptError>(())
/// ```
#[derive(Clone, Debug)]
pub struct PromptBuilder {
    tokenizer: Arc<dyn Tokenizer>,
    pub(super) pool: Arc<WordPool>,
    corpus: Option<Arc<Corpus>>,
    runs: u64,
    prompts_per_run: Option<u64>,
    pub(super) prefixes: Arc<PrefixCache>,
}

impl PromptBuilder {
    /// Picks and checks the words of `tokenizer`.
    ///
    /// # Errors
    ///
    /// When it has no words.
    pub fn new(tokenizer: Arc<dyn Tokenizer>) -> Result<Self, PromptError> {
        let pool = WordPool::from_tokenizer(&*tokenizer)?;
        if pool.len() == 0 {
            return Err(PromptError::NoWords(tokenizer.name().to_owned()));
        }
        let (pool, prefixes) = (Arc::new(pool), Arc::default());
        Ok(Self { tokenizer, pool, corpus: None, runs: 1, prompts_per_run: None, prefixes })
    }

    /// Makes prompts of `texts` instead of random words: of one from some place on and those that follow it, each on a
    /// line of its own, cut to the wanted length. Where no cut gives that length, a few single words at the end
    /// do. Without any text in `texts`, every prompt is a [`PromptError::EmptyCorpus`].
    ///
    /// Prompts for requests ([`build_for`](Self::build_for)) begin at different places, in the order that `seed` gives: all
    /// texts come before one comes again, and then at another place of it. When every place was used, a prompt begins
    /// with four random words, so that no two prompts have the same beginning.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use genai_bench_core::rng::{Rng, Stream};
    /// # use genai_bench_core::prompt::PromptBuilder;
    /// # use genai_bench_core::tokenizer::Words;
    /// # use genai_bench_core::units::Tokens;
    /// let texts: Arc<[Arc<str>]> = Arc::new([Arc::from("All happy families are alike.")]);
    /// let builder = PromptBuilder::new(Arc::new(Words))?.with_corpus(texts, 42);
    /// let prompt = builder.build(Tokens(7), &mut Rng::at(42, Stream::Content, 0, 0))?;
    /// assert!(prompt.contains("families"));
    /// # Ok::<(), genai_bench_core::prompt::PromptError>(())
    /// ```
    #[must_use]
    pub fn with_corpus(self, texts: Arc<[Arc<str>]>, seed: u64) -> Self {
        Self { corpus: Some(Arc::new(Corpus::new(texts, seed))), prefixes: Arc::default(), ..self }
    }

    /// Sets how many runs take prompts, and how many prompts each takes where that is known, so that the prompts of one
    /// run begin where those of the run before it have not.
    #[must_use]
    pub fn with_runs(mut self, runs: u64, prompts_per_run: Option<u64>) -> Self {
        (self.runs, self.prompts_per_run) = (runs.max(1), prompts_per_run);
        self
    }

    /// Returns the number of prompts that can begin at different places of the texts; `None` where prompts are random
    /// words.
    #[must_use]
    pub fn places(&self) -> Option<u64> {
        self.corpus.as_ref().map(|corpus| corpus.places())
    }

    /// Builds a prompt of exactly `length` tokens for `item` of the request that is `wanted`: its number among the
    /// documents of a batch, 0 for a single prompt.
    ///
    /// # Errors
    ///
    /// When no such prompt was found.
    pub fn build_for(
        &self,
        spec: &SessionSpec,
        item: u64,
        length: Tokens,
        rng: &mut Rng,
    ) -> Result<String, PromptError> {
        self.build_from(self.start_of(spec, item), length, rng)
    }

    /// Returns where the text of an item of a request begins.
    fn start_of(&self, spec: &SessionSpec, item: u64) -> Start {
        if spec.group == PREFLIGHT_GROUP {
            return Start::Anywhere;
        }
        let number = spec.index.saturating_mul(spec.texts()).saturating_add(item);
        let number = match self.prompts_per_run {
            Some(prompts) => spec.group.saturating_mul(prompts).saturating_add(number),
            // Nobody knows how many a run will take: runs take turns.
            None => number.saturating_mul(self.runs).saturating_add(spec.group),
        };
        match self.places() {
            Some(places) if number < places => Start::Place(usize::try_from(number).unwrap_or(usize::MAX)),
            _ => Start::Anywhere,
        }
    }

    /// Builds a prompt of exactly `length` tokens; of a person's texts, from a random place on.
    ///
    /// # Errors
    ///
    /// When no such prompt was found.
    pub fn build(&self, length: Tokens, rng: &mut Rng) -> Result<String, PromptError> {
        let place = self.places().map(|places| rng.below(places));
        let start = place.map_or(Start::Anywhere, |it| Start::Place(usize::try_from(it).unwrap_or_default()));
        self.build_from(start, length, rng)
    }

    pub(super) fn build_from(
        &self,
        start: Start,
        length: Tokens,
        rng: &mut Rng,
    ) -> Result<String, PromptError> {
        if self.is_corpus_empty() {
            return Err(PromptError::EmptyCorpus);
        }
        if self.joins_words() {
            return Ok(self.pool.draw(length.0, rng));
        }
        if length.0 == 0 {
            return Ok(String::new());
        }
        self.fit(start).fit("", 0, length.0, rng)
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

    /// Returns what makes texts of exact length of words, or of the corpus from `start` on.
    pub(super) fn fit(&self, start: Start) -> ExactLength<'_> {
        ExactLength { corpus: self.corpus.as_deref().map(|corpus| (corpus, start)), ..self.fit_words() }
    }

    /// What makes texts of exact length of words.
    pub(super) fn fit_words(&self) -> ExactLength<'_> {
        ExactLength { tokenizer: &*self.tokenizer, pool: &self.pool, corpus: None }
    }
}

#[cfg(test)]
mod tests;
