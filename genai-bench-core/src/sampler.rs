//! Turning shapes into requests.

use std::fmt;

use crate::request::Session;
use crate::rng::Rng;
use crate::scenario::Shape;
use crate::tokenizer::TokenizeError;

mod blocks;
mod corpus;
mod fit;
mod marks;
mod prefix;
mod prefix_cache;
mod prefixed;
mod prompt;

mod text;
mod word_pool;

pub use prefix::{Popularity, PrefixLength, PrefixSpecError, SharedPrefixes, SharedPrompt};
pub use prompt::PromptBuilder;
pub use text::{TextEndpoint, TextSampler};

/// Makes sessions of the wanted shape.
///
/// What it makes may depend on the shape and the random numbers alone, so that a workload can be made again
/// from its seed.
///
/// ```
/// use genai_bench_core::request::{OutputLength, Request, Session, Turn};
/// use genai_bench_core::rng::{Rng, Stream};
/// use genai_bench_core::sampler::{SampleError, Sampler};
/// use genai_bench_core::scenario::Shape;
/// use genai_bench_core::units::Tokens;
///
/// /// Asks the same question again and again.
/// #[derive(Debug)]
/// struct Nag;
///
/// impl Sampler for Nag {
///     fn sample(&self, _: &Shape, _: &mut Rng) -> Result<Session, SampleError> {
///         let request = Request::chat("m", "are we there yet", OutputLength::AtMost(Tokens(1)));
///         Ok(Session::single(Turn::new(request, Some(Tokens(4)))))
///     }
/// }
///
/// let shape = Shape::Text { input: Tokens(4), output: Tokens(1) };
/// let session = Nag.sample(&shape, &mut Rng::at(1, Stream::Content, 0, 0))?;
/// assert_eq!(session.turns.len(), 1);
/// # Ok::<(), SampleError>(())
/// ```
pub trait Sampler: fmt::Debug + Send + Sync + 'static {
    /// Makes one session.
    ///
    /// # Errors
    ///
    /// When no request of this shape can be made.
    fn sample(&self, shape: &Shape, rng: &mut Rng) -> Result<Session, SampleError>;
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
