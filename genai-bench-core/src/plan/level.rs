//! One level of a sweep, and the number that identifies it.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::Load;

/// The quantity that a sweep varies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Iteration {
    /// The number of sessions in flight.
    #[default]
    NumConcurrency,
    /// The number of documents in a request.
    BatchSize,
}

impl Iteration {
    /// Returns the name on the command line and in files.
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
        [Self::NumConcurrency, Self::BatchSize]
            .into_iter()
            .find(|iteration| iteration.name().eq_ignore_ascii_case(text))
            .ok_or("expected num_concurrency or batch_size")
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
    /// The load on the server.
    pub load: Load,
    /// The number of documents in a request, for a task with batches.
    #[serde(default = "one")]
    pub batch_size: NonZeroU32,
    /// The quantity that the sweep varies.
    #[serde(default)]
    pub iteration: Iteration,
}

fn one() -> NonZeroU32 {
    NonZeroU32::MIN
}

impl Level {
    /// Creates a level with `concurrency` sessions in flight, and at least one.
    #[must_use]
    pub fn closed(concurrency: u32) -> Self {
        let concurrency = NonZeroU32::new(concurrency).unwrap_or(NonZeroU32::MIN);
        Self::new(Load::Closed { concurrency })
    }

    /// Creates a level with this load and one document per request.
    #[must_use]
    pub fn new(load: Load) -> Self {
        Self { load, batch_size: one(), iteration: Iteration::NumConcurrency }
    }

    /// Returns the value of the quantity that the sweep varies.
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
