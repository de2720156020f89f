//! Scenarios: distributions of the lengths or sizes of requests, and their text form.
//!
//! | text | what a request is |
//! | --- | --- |
//! | `D(100,20)` | a prompt of 100 tokens, an answer of 20 |
//! | `N(480,240)/(300,150)` or `N(480,240,300,150)` | a prompt of a normal length, mean 480, standard deviation 240; an answer of a normal length, mean 300, standard deviation 150 |
//! | `U(50,100)/(10,20)` or `U(50,100,10,20)` | a prompt of 50 to 100 tokens, both included; an answer of 10 to 20 |
//! | `U(100,20)` | a prompt of 1 to 100 tokens, an answer of 1 to 20 |
//! | `E(512)` | documents of 512 tokens to embed |
//! | `R(512,100)` | documents of 512 tokens to rank, for a query of 100 |
//! | `I(1024,768)` | a picture of 1024 by 768 pixels, to make or to look at |
//! | `I(1024,768,2)` | two of them |
//! | `I(1024,768,2,200)` | the same, with an answer of 200 tokens |
//! | `I(1024,768,2)/(50,200)` | the same, with a prompt of 50 |
//! | `V(1280,720,16)`, `V(1280,720,16,200)`, `V(1280,720,16)/(50,200)` | a video of 16 such frames, in the same spellings |
//! | `A(500)` | a text of 500 characters to speak |
//! | `dataset` | as long as the next row of the dataset or trace says |
//! | `trace:NAME` | as long as the next row of the recorded trace of that name says |
//!
//! A program adds letters of its own with [`Notation::with`].

use std::fmt;
use std::ops::RangeInclusive;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::rng::Rng;
use crate::units::Tokens;

mod deterministic;
mod embeddings;
mod from_dataset;
mod image;
mod normal;
mod notation;
mod numbers;
mod rerank;
mod speech;
mod trace_replay;
mod uniform;
mod video;

pub use deterministic::Deterministic;
pub use embeddings::Embeddings;
pub use from_dataset::FromDataset;
pub use image::{Image, TextAround};
pub use normal::{Normal, Spread};
pub use notation::{Form, Notation, ParseScenarioError, parse};
pub use numbers::{numbers, whole};
pub use rerank::Rerank;
pub use speech::Speech;
pub use trace_replay::TraceReplay;
pub use uniform::Uniform;
pub use video::Video;

/// A distribution of the lengths of requests and their outputs.
///
/// `Display` is the canonical text of the scenario: it parses back to an equal one.
///
/// ```
/// use std::fmt;
/// use genai_bench_core::rng::{Rng, Stream};
/// use genai_bench_core::scenario::{Scenario, Shape};
/// use genai_bench_core::units::Tokens;
///
/// /// Mostly short prompts, and now and then a long one.
/// #[derive(Debug)]
/// struct Bimodal;
///
/// impl fmt::Display for Bimodal {
///     fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
///         f.write_str("bimodal")
///     }
/// }
///
/// impl Scenario for Bimodal {
///     fn draw(&self, rng: &mut Rng) -> Shape {
///         let input = if rng.below(10) == 0 { 8_000 } else { 200 };
///         Shape::Text { input: Tokens(input), output: Tokens(100) }
///     }
/// }
///
/// let shape = Bimodal.draw(&mut Rng::at(1, Stream::Shape, 0, 0));
/// assert!(matches!(shape, Shape::Text { output: Tokens(100), .. }));
/// ```
pub trait Scenario: fmt::Debug + fmt::Display + Send + Sync + 'static {
    /// Draws the shape of one request.
    fn draw(&self, rng: &mut Rng) -> Shape;

    /// Returns the documented shortest and longest prompt; `None` where lengths are not those of a text, or come from
    /// another source. A distribution without bounds may rarely draw a length outside.
    fn input_range(&self) -> Option<RangeInclusive<Tokens>> {
        None
    }

    /// Returns a warning to show before a run, in a sentence: such as that the drawn lengths differ from those in the
    /// text.
    fn warning(&self) -> Option<String> {
        None
    }
}

/// A scenario that can be shared.
pub type SharedScenario = Arc<dyn Scenario>;

/// The lengths or sizes of one request and its output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Shape {
    /// Text in, text out.
    Text {
        /// Length of the prompt.
        input: Tokens,
        /// Length of the answer.
        output: Tokens,
    },
    /// Documents in, a vector for each out.
    Embeddings {
        /// Length of a document.
        document: Tokens,
    },
    /// A query and documents in, the documents by relevance out.
    Rerank {
        /// Length of a document.
        document: Tokens,
        /// Length of the query.
        query: Tokens,
    },
    /// Pictures, in or out.
    Image {
        /// Width of a picture, in pixels.
        width: u32,
        /// Height of a picture, in pixels.
        height: u32,
        /// The number of pictures.
        count: u32,
        /// Length of the prompt beside them, if set.
        input: Option<Tokens>,
        /// Length of the answer, if set.
        output: Option<Tokens>,
    },
    /// A video in, text out.
    Video {
        /// Width of a frame, in pixels.
        width: u32,
        /// Height of a frame, in pixels.
        height: u32,
        /// The number of frames.
        frames: u32,
        /// Length of the prompt beside it, if set.
        input: Option<Tokens>,
        /// Length of the answer, if set.
        output: Option<Tokens>,
    },
    /// Text in, speech out.
    Speech {
        /// Length of the text, in characters.
        characters: u64,
    },
    /// The lengths of the next row of a dataset or trace.
    Dataset,
}

impl Shape {
    /// Returns the shape with an output no longer than `limit`.
    #[must_use]
    pub fn with_output_at_most(self, limit: Tokens) -> Self {
        match self {
            Self::Text { input, output } => Self::Text { input, output: output.min(limit) },
            Self::Image { width, height, count, input, output } => {
                Self::Image { width, height, count, input, output: output.map(|it| it.min(limit)) }
            }
            Self::Video { width, height, frames, input, output } => {
                Self::Video { width, height, frames, input, output: output.map(|it| it.min(limit)) }
            }
            other => other,
        }
    }
}

/// The minimum length of a prompt.
const SHORTEST_INPUT: u64 = 1;
/// The minimum length of an output drawn from a distribution: a single token has no time between tokens.
const SHORTEST_OUTPUT: u64 = 2;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scenario_is_an_object_that_can_be_shared() {
        fn shared<T: Send + Sync + ?Sized>() {}
        shared::<dyn Scenario>();
    }
}
