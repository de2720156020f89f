//! Newtypes for quantities that carry a unit.

use std::fmt;
use std::ops::{Add, AddAssign};
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A number of tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tokens(pub u64);

impl Add for Tokens {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl AddAssign for Tokens {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl fmt::Display for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// A position on the time axis of a run: nanoseconds since its [`Epoch`](crate::clock::Epoch).
///
/// ```
/// use std::time::Duration;
/// use genai_bench_core::units::Offset;
///
/// let sent = Offset::from_nanos(1_000);
/// let first_token = Offset::from_nanos(26_000);
/// assert_eq!(first_token.since(sent), Some(Duration::from_micros(25)));
/// assert_eq!(sent.since(first_token), None); // time does not run backwards
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Offset(u64);

impl Offset {
    /// The beginning of the time axis.
    pub const ZERO: Self = Self(0);

    /// Creates the position `nanos` nanoseconds after the epoch.
    #[must_use]
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// Creates the position `since_epoch` after the epoch; about 584 years at most.
    #[must_use]
    pub fn from_duration(since_epoch: Duration) -> Self {
        Self(u64::try_from(since_epoch.as_nanos()).unwrap_or(u64::MAX))
    }

    /// Returns the nanoseconds since the epoch.
    #[must_use]
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// Returns the seconds since the epoch.
    #[must_use]
    pub fn as_secs_f64(self) -> f64 {
        Duration::from_nanos(self.0).as_secs_f64()
    }

    /// Returns the time from `earlier` to `self`, or `None` if `earlier` is the later of the two.
    #[must_use]
    pub fn since(self, earlier: Self) -> Option<Duration> {
        self.0.checked_sub(earlier.0).map(Duration::from_nanos)
    }
}

impl Add<Duration> for Offset {
    type Output = Self;

    fn add(self, later: Duration) -> Self {
        Self(self.0.saturating_add(Self::from_duration(later).0))
    }
}

impl fmt::Debug for Offset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "+{:?}", Duration::from_nanos(self.0))
    }
}

/// A rate of events per second, finite and above zero.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Rate(f64);

impl Rate {
    /// Creates a rate; `None` unless `value` is finite and above zero.
    ///
    /// ```
    /// # use genai_bench_core::units::Rate;
    /// assert_eq!(Rate::per_second(4.0).unwrap().mean_gap().as_millis(), 250);
    /// assert!(Rate::per_second(0.0).is_none());
    /// ```
    #[must_use]
    pub fn per_second(value: f64) -> Option<Self> {
        (value.is_finite() && value > 0.0).then_some(Self(value))
    }

    /// Returns the events per second.
    #[must_use]
    pub fn as_per_second(self) -> f64 {
        self.0
    }

    /// Returns the mean time between two events.
    #[must_use]
    pub fn mean_gap(self) -> Duration {
        Duration::try_from_secs_f64(self.0.recip()).unwrap_or(Duration::MAX)
    }
}

impl TryFrom<f64> for Rate {
    type Error = &'static str;

    fn try_from(value: f64) -> Result<Self, Self::Error> {
        Self::per_second(value).ok_or("a rate is a finite number above zero, in events per second")
    }
}

impl From<Rate> for f64 {
    fn from(rate: Rate) -> Self {
        rate.0
    }
}

/// The serde form of a duration in nanoseconds.
pub(crate) mod nanos {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(value: &Duration, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_u64(u64::try_from(value.as_nanos()).unwrap_or(u64::MAX))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        u64::deserialize(from).map(Duration::from_nanos)
    }
}

/// The serde form of an optional duration in nanoseconds.
pub(crate) mod optional_nanos {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(crate) fn serialize<S: Serializer>(time: &Option<Duration>, to: S) -> Result<S::Ok, S::Error> {
        time.map(|time| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)).serialize(to)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Duration>, D::Error> {
        Ok(Option::<u64>::deserialize(from)?.map(Duration::from_nanos))
    }
}
