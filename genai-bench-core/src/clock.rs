//! The only place in the workspace that reads a clock.
//!
//! `clippy.toml` bans every other way to read one. Time is tokio's, so a test that starts its runtime
//! paused runs on a virtual clock and can compare durations exactly.

use std::time::{Duration, SystemTime};

use crate::units::Offset;

/// A reading of the monotonic clock.
///
/// Transports that measure the arrival or sending of bytes themselves report it in this type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Instant(tokio::time::Instant);

impl Instant {
    /// Returns the time from `earlier` to `self`; zero if `earlier` is the later of the two.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        self.0.saturating_duration_since(earlier.0)
    }

    /// Returns the same reading in tokio's type, for timers.
    #[must_use]
    pub fn into_tokio(self) -> tokio::time::Instant {
        self.0
    }
}

impl From<std::time::Instant> for Instant {
    /// Converts a reading of the operating system's monotonic clock, such as a transport's own stamp of a packet. On a
    /// paused runtime of tokio, whose clock is virtual, the two clocks differ.
    fn from(instant: std::time::Instant) -> Self {
        Self(tokio::time::Instant::from_std(instant))
    }
}

/// Reads the monotonic clock.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the one sanctioned read of the monotonic clock")]
pub fn now() -> Instant {
    Instant(tokio::time::Instant::now())
}

/// Reads the wall clock: for names and records, never for a measurement.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the one sanctioned read of the wall clock")]
pub fn wall() -> SystemTime {
    SystemTime::now()
}

/// The zero of a run's time axis.
///
/// ```
/// # use genai_bench_core::clock::Epoch;
/// let epoch = Epoch::start();
/// let earlier = epoch.now();
/// assert!(epoch.now() >= earlier);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Epoch(Instant);

impl Epoch {
    /// Starts a time axis now.
    #[must_use]
    pub fn start() -> Self {
        Self(now())
    }

    /// Returns the current position on the time axis.
    #[must_use]
    pub fn now(self) -> Offset {
        self.offset_of(now())
    }

    /// Returns the position of `instant` on the time axis; zero for anything earlier.
    #[must_use]
    pub fn offset_of(self, instant: Instant) -> Offset {
        Offset::from_duration(instant.since(self.0))
    }

    /// Returns the instant at `offset` on the time axis.
    #[must_use]
    pub fn instant_at(self, offset: Offset) -> Instant {
        Instant(self.0.0 + Duration::from_nanos(offset.as_nanos()))
    }
}
