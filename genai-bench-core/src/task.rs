//! What kind of work a request asks for.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A kind of work, named by what goes in and what comes out.
///
/// ```
/// # use genai_bench_core::task::Task;
/// assert_eq!("text-to-text".parse(), Ok(Task::TextToText));
/// assert_eq!(Task::TextToText.to_string(), "text-to-text");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Task {
    /// A prompt in, generated text out.
    TextToText,
}

impl Task {
    /// Every task.
    pub const ALL: &'static [Self] = &[Self::TextToText];

    /// The name on the command line and in files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::TextToText => "text-to-text",
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

/// A name that is no task's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown task '{name}': known are {}", Task::ALL.iter().map(|task| task.name()).collect::<Vec<_>>().join(", "))]
pub struct UnknownTask {
    name: String,
}
