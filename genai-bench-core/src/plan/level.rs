//! One level of a sweep, and which number it is known by.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::Load;

/// What a sweep varies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Iteration {
    /// How many sessions at a time.
    #[default]
    NumConcurrency,
    /// How many documents in a request.
    BatchSize,
}

impl Iteration {
    /// The name on the command line and in files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::NumConcurrency => "num_concurrency",
            Self::BatchSize => "batch_size",
        }
    }
}

impl fmt::Display for Iteration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Iteration {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = [Self::NumConcurrency, Self::BatchSize];
        let found = found.into_iter().find(|it| it.name().eq_ignore_ascii_case(text));
        found.ok_or("expected num_concurrency or batch_size")
    }
}

/// One level of a sweep.
///
/// ```
/// # use std::num::NonZeroU32;
/// # use genai_bench_core::plan::{Iteration, Level};
/// let level = Level { iteration: Iteration::BatchSize, batch_size: NonZeroU32::new(8).unwrap(), ..Level::closed(4) };
/// assert_eq!(level.value(), 8);
/// assert_eq!(level.to_string(), "batch size 8, concurrency 4");
/// assert_eq!(Level::closed(4).to_string(), "concurrency 4");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Level {
    /// What is put on the server.
    pub load: Load,
    /// How many documents a request holds, for a task that takes batches.
    #[serde(default = "one")]
    pub batch_size: NonZeroU32,
    /// Which of the two the sweep varies.
    #[serde(default)]
    pub iteration: Iteration,
}

fn one() -> NonZeroU32 {
    NonZeroU32::MIN
}

impl Level {
    /// So many sessions at a time, and at least one.
    #[must_use]
    pub fn closed(concurrency: u32) -> Self {
        let concurrency = NonZeroU32::new(concurrency).unwrap_or(NonZeroU32::MIN);
        Self::of(Load::Closed { concurrency })
    }

    /// This load, with one document a request.
    #[must_use]
    pub fn of(load: Load) -> Self {
        Self { load, batch_size: one(), iteration: Iteration::NumConcurrency }
    }

    /// The number by which a sweep is read.
    #[must_use]
    pub fn value(&self) -> u32 {
        match self.iteration {
            Iteration::NumConcurrency => self.load.slots().get(),
            Iteration::BatchSize => self.batch_size.get(),
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.iteration, self.batch_size.get(), self.load) {
            (Iteration::NumConcurrency, 1, load) => write!(f, "{load}"),
            (Iteration::NumConcurrency, batch, load) => write!(f, "{load}, batch size {batch}"),
            (Iteration::BatchSize, batch, Load::Closed { concurrency: NonZeroU32::MIN }) => {
                write!(f, "batch size {batch}")
            }
            (Iteration::BatchSize, batch, load) => write!(f, "batch size {batch}, {load}"),
        }
    }
}
