//! Tasks: the kinds of work that requests are for.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::scenario::Shape;

/// A task, named by the kinds of its input and output.
///
/// ```
/// # use genai_bench_core::task::Task;
/// assert_eq!("text-to-text".parse(), Ok(Task::TextToText));
/// assert_eq!(Task::ImageTextToText.to_string(), "image-text-to-text");
/// assert!(Task::TextToRerank.takes_batches() && !Task::TextToText.takes_batches());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Task {
    /// A prompt in, generated text out.
    TextToText,
    /// Documents in, a vector for each out.
    TextToEmbeddings,
    /// A query and documents in, the documents by relevance out.
    TextToRerank,
    /// A prompt in, pictures out.
    TextToImage,
    /// A text in, speech out.
    TextToSpeech,
    /// A prompt with pictures in, generated text out.
    ImageTextToText,
    /// Pictures in, a vector for each out.
    ImageToEmbeddings,
    /// A prompt with a video in, generated text out.
    VideoTextToText,
}

impl Task {
    /// Every task.
    pub const ALL: &'static [Self] = &[
        Self::TextToText,
        Self::TextToEmbeddings,
        Self::TextToRerank,
        Self::TextToImage,
        Self::TextToSpeech,
        Self::ImageTextToText,
        Self::ImageToEmbeddings,
        Self::VideoTextToText,
    ];

    /// Returns the name on the command line and in files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::TextToText => "text-to-text",
            Self::TextToEmbeddings => "text-to-embeddings",
            Self::TextToRerank => "text-to-rerank",
            Self::TextToImage => "text-to-image",
            Self::TextToSpeech => "text-to-speech",
            Self::ImageTextToText => "image-text-to-text",
            Self::ImageToEmbeddings => "image-to-embeddings",
            Self::VideoTextToText => "video-text-to-text",
        }
    }

    /// Returns `true` if requests of this shape belong to the task.
    #[must_use]
    pub fn takes(self, shape: &Shape) -> bool {
        match shape {
            // There are no datasets of videos to send.
            Shape::Dataset => self != Self::VideoTextToText,
            Shape::Text { .. } => self == Self::TextToText,
            Shape::Embeddings { .. } => self == Self::TextToEmbeddings,
            Shape::Rerank { .. } => self == Self::TextToRerank,
            Shape::Speech { .. } => self == Self::TextToSpeech,
            Shape::Image { .. } => {
                matches!(self, Self::TextToImage | Self::ImageTextToText | Self::ImageToEmbeddings)
            }
            Shape::Video { .. } => self == Self::VideoTextToText,
        }
    }

    /// Returns `true` if a request holds a batch of documents, so that the batch size is a level of load.
    #[must_use]
    pub fn takes_batches(self) -> bool {
        matches!(self, Self::TextToEmbeddings | Self::TextToRerank)
    }

    /// Returns `true` if the output is text, which has a first token and a length.
    #[must_use]
    pub fn answers_in_text(self) -> bool {
        matches!(self, Self::TextToText | Self::ImageTextToText | Self::VideoTextToText)
    }

    /// Returns the default scenarios of a sweep: those of the Python tool.
    #[must_use]
    pub fn default_scenarios(self) -> &'static [&'static str] {
        match self {
            Self::TextToText => {
                &["N(480,240)/(300,150)", "D(100,100)", "D(100,1000)", "D(2000,200)", "D(7800,200)"]
            }
            Self::TextToEmbeddings => &["E(64)", "E(128)", "E(256)", "E(512)", "E(1024)"],
            Self::TextToRerank => &[
                "R(64,100)",
                "R(128,100)",
                "R(256,100)",
                "R(512,100)",
                "R(1024,100)",
                // The Python tool has 2096, which its own help calls 2048.
                "R(2048,100)",
                "R(4096,100)",
            ],
            Self::TextToImage => &["I(512,512)", "I(1024,1024)", "I(1024,1792)"],
            Self::TextToSpeech => &["A(100)", "A(500)", "A(1000)", "A(2000)", "A(4000)"],
            Self::ImageTextToText | Self::ImageToEmbeddings => &["I(512,512)", "I(1024,512)", "I(2048,2048)"],
            Self::VideoTextToText => &["V(640,360,16)", "V(1280,720,16)"],
        }
    }
}

impl fmt::Display for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Task {
    type Err = UnknownTask;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.iter().find(|task| task.name().eq_ignore_ascii_case(text));
        found.copied().ok_or_else(|| UnknownTask { name: text.to_owned() })
    }
}

/// The error of a name that is not a task.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown task '{name}': known are {}", Task::ALL.iter().map(|task| task.name()).collect::<Vec<_>>().join(", "))]
pub struct UnknownTask {
    name: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Rng, Stream};
    use crate::scenario;

    #[test]
    fn every_task_takes_its_own_default_scenarios() {
        for task in Task::ALL {
            assert_eq!(task.name().parse(), Ok(*task));
            for text in task.default_scenarios() {
                let scenario = scenario::parse(text).unwrap();
                let shape = scenario.draw(&mut Rng::at(1, Stream::Shape, 0, 0));
                assert!(task.takes(&shape), "{task} {text}");
                assert_eq!(scenario.to_string(), *text);
            }
        }
    }
}
