//! What is shown of a download.

use super::HubError;

/// Is told how downloads get on, one file after the other.
///
/// ```
/// use std::sync::atomic::{AtomicU64, Ordering};
/// use genai_bench_backends::hub::Progress;
///
/// #[derive(Default)]
/// struct Total(AtomicU64);
///
/// impl Progress for Total {
///     fn advanced(&self, bytes: u64) {
///         self.0.fetch_add(bytes, Ordering::Relaxed);
///     }
/// }
///
/// let total = Total::default();
/// total.began("tokenizer.json", Some(7));
/// total.advanced(7);
/// assert_eq!(total.0.into_inner(), 7);
/// ```
pub trait Progress: Send + Sync {
    /// A file that is not in the cache is about to arrive. It has so many bytes, if the hub knows. It begins
    /// again when what was there has to be fetched anew.
    fn began(&self, _file: &str, _bytes: Option<u64>) {}

    /// So many bytes more are there. The first may come from an earlier download that was cut.
    fn advanced(&self, _bytes: u64) {}

    /// The file that began is complete, or was given up.
    fn ended(&self) {}

    /// A file (or the list of files, whose name is empty) is as the cache has it, because the hub could not be
    /// asked.
    fn fell_back(&self, _file: &str, _why: &HubError) {}
}

/// Shows nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Quiet;

impl Progress for Quiet {}
