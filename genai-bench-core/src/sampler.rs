//! Samplers: makers of sessions from drawn shapes.

use std::fmt;

use crate::prompt::PromptError;
use crate::request::{Session, SessionSpec};
use crate::rng::Rng;
use crate::scenario::Shape;
use crate::tokenizer::TokenizeError;

#[cfg(feature = "datasets")]
mod dataset;
#[cfg(feature = "datasets")]
mod dataset_conversation;
#[cfg(feature = "datasets")]
mod dataset_pictures;
mod embeddings;
mod image_generation;
mod model_mix;
mod multi_turn;
#[cfg(feature = "datasets")]
mod replay;
mod rerank;
mod speech;
mod text;
#[cfg(feature = "images")]
mod vision;

#[cfg(feature = "datasets")]
pub use dataset::{ConversationSettings, DatasetSampler};
#[cfg(feature = "datasets")]
pub use dataset_pictures::PictureSettings;
pub use embeddings::EmbeddingsSampler;
pub use image_generation::ImageGenerationSampler;
pub use model_mix::{InvalidModelMix, MixOrder, MixedModels, ModelMix};
pub use multi_turn::{History, MultiTurnSampler, Turns};
#[cfg(feature = "datasets")]
pub use replay::ReplaySampler;
pub use rerank::RerankSampler;
pub use speech::SpeechSampler;
pub use text::{TemplateOverhead, TextEndpoint, TextSampler};
#[cfg(feature = "images")]
pub use vision::{MediaSettings, VisionSampler};

/// A source of sessions with given shapes.
///
/// A session must depend on its specification and the random numbers alone, so that a workload can be made again from
/// its seed, by any number of threads.
///
/// ```
/// use genai_bench_core::request::{OutputLength, Request, Session, Turn};
/// use genai_bench_core::rng::{Rng, Stream};
/// use genai_bench_core::sampler::{SampleError, Sampler};
/// use genai_bench_core::request::SessionSpec;
/// use genai_bench_core::scenario::Shape;
/// use genai_bench_core::units::Tokens;
///
/// /// Asks the same question again and again.
/// #[derive(Debug)]
/// struct Nag;
///
/// impl Sampler for Nag {
///     fn sample(&self, _: &SessionSpec, _: &mut Rng) -> Result<Session, SampleError> {
///         let request = Request::chat("m", "are we there yet", OutputLength::AtMost(Tokens(1)));
///         Ok(Session::single(Turn::new(request, Some(Tokens(4)))))
///     }
/// }
///
/// let shape = Shape::Text { input: Tokens(4), output: Tokens(1) };
/// let session = Nag.sample(&SessionSpec::new(shape), &mut Rng::at(1, Stream::Content, 0, 0))?;
/// assert_eq!(session.turns.len(), 1);
/// # Ok::<(), SampleError>(())
/// ```
pub trait Sampler: fmt::Debug + Send + Sync + 'static {
    /// Creates one session.
    ///
    /// # Errors
    ///
    /// When no such request can be made.
    fn sample(&self, spec: &SessionSpec, rng: &mut Rng) -> Result<Session, SampleError>;

    /// Returns the number of sessions, for a sampler that ends: a run then ends with the last one.
    fn sessions(&self) -> Option<u64> {
        None
    }
}

/// The error of a request that cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SampleError {
    /// The tokenizer failed.
    #[error("the tokenizer failed: {0}")]
    Tokenizer(#[from] TokenizeError),
    /// No prompt of the drawn length was found.
    #[error(transparent)]
    Prompt(#[from] PromptError),
    /// A file that requests are made from lacks what a request needs.
    #[error("{source_name}: {problem}")]
    Source {
        /// The file.
        source_name: String,
        /// The problem.
        problem: String,
    },
    /// Pictures or videos that cannot be made.
    #[error("{0}")]
    Media(String),
    /// A picture of a dataset with more pixels than are decoded unless large pictures are allowed.
    #[error("{0}")]
    LargePicture(String),
    /// A prompt too short for the server's chat template.
    #[error(
        "a prompt of {input} tokens has no room for the {template} of the chat template: give a scenario with longer prompts, or leave out prompt-overhead"
    )]
    ShorterThanTemplate {
        /// The length in the scenario, in tokens.
        input: u64,
        /// The length of the template alone, in tokens.
        template: u64,
    },
    /// Sessions that may have no turn.
    #[error("sessions of {from} to {to} turns are none: give a range that begins with 1 or more")]
    NoTurns {
        /// The minimum number of turns.
        from: u32,
        /// The maximum number of turns.
        to: u32,
    },
    /// A shape that the sampler does not make.
    #[error("{sampler} cannot be made of the shape {shape:?}")]
    WrongShape {
        /// The kind of the sampler.
        sampler: &'static str,
        /// The requested shape.
        shape: Shape,
    },
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
