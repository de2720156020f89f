//! Turning shapes into requests.

use std::fmt;
use std::num::NonZeroU32;

use crate::request::Session;
use crate::rng::Rng;
use crate::scenario::Shape;
use crate::tokenizer::TokenizeError;

mod blocks;
mod corpus;
#[cfg(feature = "datasets")]
mod dataset_pictures;
mod dialogue;
mod embeddings;
mod fit;
#[cfg(feature = "datasets")]
mod from_dataset;
mod marks;
mod model_mix;
mod pictures;
mod prefix;
mod prefix_cache;
mod prefixed;
mod prompt;
#[cfg(feature = "datasets")]
mod recorded;
mod rerank;
mod speech;
mod text;
#[cfg(feature = "images")]
mod vision;
mod word_pool;

#[cfg(feature = "datasets")]
pub use dataset_pictures::PictureSettings;
pub use dialogue::{DialogueSampler, History, Turns};
pub use embeddings::EmbeddingsSampler;
#[cfg(feature = "datasets")]
pub use from_dataset::{ConversationSettings, DatasetSampler};
pub use model_mix::{InvalidModelMix, MixOrder, MixedModels, ModelMix};
pub use pictures::PicturesSampler;
pub use prefix::{Popularity, PrefixLength, PrefixSpecError, SharedPrefixes, SharedPrompt};
pub use prompt::PromptBuilder;
#[cfg(feature = "datasets")]
pub use recorded::RecordedSampler;
pub use rerank::RerankSampler;
pub use speech::SpeechSampler;
pub use text::{TemplateOverhead, TextEndpoint, TextSampler};
#[cfg(feature = "images")]
pub use vision::{MediaSettings, VisionSampler};

/// Makes sessions of the wanted shape.
///
/// What it makes may depend on what is wanted and on the random numbers alone, so that a workload can be made
/// again from its seed, by any number of threads.
///
/// ```
/// use genai_bench_core::request::{OutputLength, Request, Session, Turn};
/// use genai_bench_core::rng::{Rng, Stream};
/// use genai_bench_core::sampler::{SampleError, Sampler, Wanted};
/// use genai_bench_core::scenario::Shape;
/// use genai_bench_core::units::Tokens;
///
/// /// Asks the same question again and again.
/// #[derive(Debug)]
/// struct Nag;
///
/// impl Sampler for Nag {
///     fn sample(&self, _: &Wanted, _: &mut Rng) -> Result<Session, SampleError> {
///         let request = Request::chat("m", "are we there yet", OutputLength::AtMost(Tokens(1)));
///         Ok(Session::single(Turn::new(request, Some(Tokens(4)))))
///     }
/// }
///
/// let shape = Shape::Text { input: Tokens(4), output: Tokens(1) };
/// let session = Nag.sample(&Wanted::of(shape), &mut Rng::at(1, Stream::Content, 0, 0))?;
/// assert_eq!(session.turns.len(), 1);
/// # Ok::<(), SampleError>(())
/// ```
pub trait Sampler: fmt::Debug + Send + Sync + 'static {
    /// Makes one session.
    ///
    /// # Errors
    ///
    /// When no such request can be made.
    fn sample(&self, wanted: &Wanted, rng: &mut Rng) -> Result<Session, SampleError>;

    /// How many sessions there are, for a sampler that comes to an end: a run then ends with the last one.
    fn sessions(&self) -> Option<u64> {
        None
    }
}

/// Which session is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Wanted {
    /// How long, or how large, it and its answer are.
    pub shape: Shape,
    /// How many documents a request holds, for a task that takes batches.
    pub batch_size: NonZeroU32,
    /// What sessions of the same run have in common: those of another run have another one, unless a person
    /// wants every run to send the same.
    pub group: u64,
    /// Its number in the run, from 0.
    pub index: u64,
}

impl Wanted {
    /// The first session of the first run, with this shape.
    #[must_use]
    pub fn of(shape: Shape) -> Self {
        Self { shape, batch_size: NonZeroU32::MIN, group: 0, index: 0 }
    }

    /// Returns the number of texts that the request holds: the documents of its batch, and the query of a rerank.
    pub(crate) fn texts(&self) -> u64 {
        u64::from(self.batch_size.get()) + u64::from(matches!(self.shape, Shape::Rerank { .. }))
    }
}

/// A request that cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SampleError {
    /// The tokenizer gave up.
    #[error("the tokenizer failed: {0}")]
    Tokenizer(#[from] TokenizeError),
    /// The tokenizer has no words that prompts could be made of.
    #[error("the tokenizer {0} has no words to make prompts of")]
    NoWords(String),
    /// A file that requests are taken from does not have what is wanted.
    #[error("{source_name}: {problem}")]
    Source {
        /// The file.
        source_name: String,
        /// What is wrong.
        problem: String,
    },
    /// Pictures or videos cannot be made.
    #[error("{0}")]
    Media(String),
    /// A picture of a dataset has more pixels than are decoded unless large pictures are allowed.
    #[error("{0}")]
    LargePicture(String),
    /// A prompt of this length leaves no room for the server's chat template.
    #[error(
        "a prompt of {input} tokens has no room for the {template} of the chat template: give a scenario with longer prompts, or leave out prompt-overhead"
    )]
    ShorterThanTemplate {
        /// How long the scenario says.
        input: u64,
        /// How long the template alone is.
        template: u64,
    },
    /// A session would have no turn.
    #[error("sessions of {from} to {to} turns are none: give a range that begins with 1 or more")]
    NoTurns {
        /// The fewest turns.
        from: u32,
        /// The most turns.
        to: u32,
    },
    /// The sampler makes requests of another kind.
    #[error("{sampler} cannot be made of the shape {shape:?}")]
    WrongShape {
        /// What it makes.
        sampler: &'static str,
        /// What was wanted.
        shape: Shape,
    },
    /// No prompt of the wanted length was found.
    #[error("no prompt of exactly {wanted} tokens was found with the tokenizer {tokenizer}")]
    NoSuchLength {
        /// How long it should be.
        wanted: u64,
        /// By which tokenizer.
        tokenizer: String,
    },
    /// Prompts should be made of texts, but there is none.
    #[error("the dataset has no text to make prompts of: give one with at least one row that is not blank")]
    EmptyCorpus,
    /// A shared prefix leaves no room for what tells prompts apart.
    #[error(
        "a shared prefix of {prefix} tokens does not fit into a prompt of {total}: it must be shorter than the \
         prompt, so {} at most here",
        total.saturating_sub(1)
    )]
    PrefixTooLong {
        /// How long the prefix should be, in tokens.
        prefix: u64,
        /// How long the prompt should be, in tokens.
        total: u64,
    },
    /// Blocks of a trace without any token.
    #[error(
        "blocks of 0 tokens cannot make a prompt: give how many tokens the blocks of the trace have, such as 512"
    )]
    EmptyBlocks,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sampler_is_an_object_that_can_be_shared() {
        fn shared<T: Send + Sync + ?Sized>() {}
        shared::<dyn Sampler>();
    }
}
