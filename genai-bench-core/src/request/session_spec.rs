//! The place of a session in a workload, and its drawn shape.

use std::num::NonZeroU32;

use crate::scenario::Shape;

/// The group of preflight sessions, whose prompts differ from those of every run.
pub(crate) const PREFLIGHT_GROUP: u64 = u64::MAX;

/// The specification of a session that a sampler makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SessionSpec {
    /// The lengths or sizes of the request and its output.
    pub shape: Shape,
    /// The number of documents in a request, for a task with batches.
    pub batch_size: NonZeroU32,
    /// The seed group of the run: runs of different groups have different prompts, and runs of the same group the
    /// same.
    pub group: u64,
    /// The number of the session in the run, from 0.
    pub index: u64,
}

impl SessionSpec {
    /// Creates the specification of the first session of the first run, with this shape.
    #[must_use]
    pub fn new(shape: Shape) -> Self {
        Self { shape, batch_size: NonZeroU32::MIN, group: 0, index: 0 }
    }

    /// Returns the number of texts in the request: the documents of its batch, and the query of a rerank.
    pub(crate) fn texts(&self) -> u64 {
        u64::from(self.batch_size.get()) + u64::from(matches!(self.shape, Shape::Rerank { .. }))
    }
}
