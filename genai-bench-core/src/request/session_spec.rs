//! The place of a session in a workload, and its drawn shape.

use std::num::NonZeroU32;

use crate::scenario::Shape;

/// The group of the sessions of preflight requests, whose prompts are none of any run's.
pub(crate) const PREFLIGHT_GROUP: u64 = u64::MAX;

/// Which session is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SessionSpec {
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

impl SessionSpec {
    /// The first session of the first run, with this shape.
    #[must_use]
    pub fn new(shape: Shape) -> Self {
        Self { shape, batch_size: NonZeroU32::MIN, group: 0, index: 0 }
    }

    /// Returns the number of texts that the request holds: the documents of its batch, and the query of a rerank.
    pub(crate) fn texts(&self) -> u64 {
        u64::from(self.batch_size.get()) + u64::from(matches!(self.shape, Shape::Rerank { .. }))
    }
}
