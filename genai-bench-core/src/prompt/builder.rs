//! Prompts of an exact number of tokens.

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

/// A builder of prompts of an exact number of tokens.
///
/// With a vocabulary of whole words, N words are N tokens: that is checked once, when the builder is made, and prompts
/// are then built without the tokenizer. With any other vocabulary, and with texts of a corpus, each prompt is
/// tokenized, cut and corrected until its length is exact.
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
    /// Selects and checks the words of `tokenizer`.
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

    /// Sets `texts` as the source of prompts instead of random words. A prompt begins within one text, continues with
    /// those after it, each on a line of its own, and is cut to its length. Where no cut gives that length, single
    /// words are added at the end. Without any text in `texts`, every prompt is a [`PromptError::EmptyCorpus`].
    ///
    /// Prompts for requests ([`build_for`](Self::build_for)) begin at different places, in the order that `seed` gives: all
    /// Prompts for requests ([`build_for`](Self::build_for)) begin at different places, in an order drawn by `seed`:
    /// each text once before any is repeated, and then at another place of it. When every place was used, a prompt
    /// begins with four random words, so that no two prompts have the same beginning.
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

    /// Sets the number of runs, and the number of prompts in each where that is known, so that prompts of different
    /// runs begin at different places.
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

    /// Builds a prompt of exactly `length` tokens for an item of the request with this specification. `item` is the
    /// number of a document in its batch, 0 for a single prompt.
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

    /// Returns the place at which the text of an item of a request begins.
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

    /// Builds a prompt of exactly `length` tokens; from a random place of the corpus if there is one.
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

    /// Returns the tokenizer that counts prompts.
    #[must_use]
    pub fn tokenizer(&self) -> &Arc<dyn Tokenizer> {
        &self.tokenizer
    }

    /// Returns `true` if prompts are words whose number is the number of tokens.
    pub(super) fn joins_words(&self) -> bool {
        self.pool.is_exact() && self.corpus.is_none()
    }

    fn is_corpus_empty(&self) -> bool {
        self.corpus.as_ref().is_some_and(|it| it.is_empty())
    }

    /// Returns the builder of texts of exact length, of words or of the corpus from `start` on.
    pub(super) fn fit(&self, start: Start) -> ExactLength<'_> {
        ExactLength { corpus: self.corpus.as_deref().map(|corpus| (corpus, start)), ..self.fit_words() }
    }

    /// Returns the builder of texts of exact length, of words.
    pub(super) fn fit_words(&self) -> ExactLength<'_> {
        ExactLength { tokenizer: &*self.tokenizer, pool: &self.pool, corpus: None }
    }
}

#[cfg(test)]
mod tests;
