//! The progress of downloads.

use super::HubError;

/// An observer of downloads, one file after the other.
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
    /// Reports the beginning of a download, with its number of bytes if the hub reports it. Called again
    /// when a partial download has to start over.
    fn began(&self, _file: &str, _bytes: Option<u64>) {}

    /// Reports further bytes. The first may be those of an earlier partial download.
    fn advanced(&self, _bytes: u64) {}

    /// Reports that the current download is complete, or was given up.
    fn ended(&self) {}

    /// Reports that a file (or the list of files, whose name is empty) comes from the cache, because the hub
    /// could not be reached.
    fn fell_back(&self, _file: &str, _why: &HubError) {}
}

/// An observer that ignores all reports.
#[derive(Clone, Copy, Debug, Default)]
pub struct Quiet;

impl Progress for Quiet {}
