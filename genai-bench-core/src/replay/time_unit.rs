//! The unit of the times of a recording.

use std::fmt;
use std::str::FromStr;

use super::{Finding, ReplayError};

/// The unit of the times of a recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TraceTimeUnit {
    /// `s`: seconds.
    Seconds,
    /// `ms`: milliseconds.
    Milliseconds,
}

impl TraceTimeUnit {
    /// Returns the name of the unit.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Seconds => "s",
            Self::Milliseconds => "ms",
        }
    }

    /// Returns the number of nanoseconds in one unit.
    pub(super) const fn nanos(self) -> u32 {
        match self {
            Self::Seconds => 1_000_000_000,
            Self::Milliseconds => 1_000_000,
        }
    }

    fn per_second(self) -> f64 {
        1e9 / f64::from(self.nanos())
    }
}

impl fmt::Display for TraceTimeUnit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for TraceTimeUnit {
    type Err = ReplayError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let known = [Self::Seconds, Self::Milliseconds].into_iter().find(|unit| unit.name() == name);
        known.ok_or_else(|| ReplayError::TimeUnitName(name.to_owned()))
    }
}

/// The mean time between two requests, in seconds, above which the unit may be too large.
const SLOW_S: f64 = 100.0;
/// The mean time between two requests, in milliseconds, below which whole numbers may be seconds.
const FAST_MS: f64 = 10.0;
/// The mean time between two requests, in units of the file, up to which a number with a fraction is ambiguous.
const EITHER_UP_TO: f64 = 100.0;

/// An ambiguity of the times.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Doubt {
    pub(super) line: u64,
    pub(super) problem: String,
}

/// Returns the unit of a file whose format has times in `usual`, from its times and their lines.
///
/// Milliseconds are whole numbers. Times with a fraction are seconds if milliseconds would mean more than 1,000 requests a
/// second, and milliseconds if seconds would mean more than 100 s between two requests.
///
/// # Errors
///
/// A doubt, if times have a fraction and neither is true, or if whole numbers would mean more than 1,000 requests a second.
pub(super) fn settle(
    usual: TraceTimeUnit,
    requested: Option<TraceTimeUnit>,
    times: &[(u64, f64)],
) -> Result<(TraceTimeUnit, Option<Finding>), Doubt> {
    let Some(gap) = mean_gap(times) else { return Ok((requested.unwrap_or(usual), None)) };
    if let Some(unit) = requested {
        return Ok((unit, None));
    }
    if usual == TraceTimeUnit::Seconds {
        return Ok((usual, slow_arrivals(gap, usual)));
    }
    let fraction = times.iter().find(|(_, time)| time.fract() != 0.0);
    let per_second = (usual.per_second() / gap).round() as u64;
    match fraction {
        Some((line, _)) if gap < 1.0 => {
            Ok((TraceTimeUnit::Seconds, Some(Finding::ReadAsSeconds { first_line: *line, per_second })))
        }
        Some((line, time)) if gap <= EITHER_UP_TO => Err(Doubt {
            line: *line,
            problem: format!(
                "'timestamp' is {time}, but this format has whole milliseconds: it may be in seconds, or in \
                 milliseconds with a fraction"
            ),
        }),
        None if gap < 1.0 => Err(Doubt {
            line: times[0].0,
            problem: format!(
                "read as milliseconds, the unit of this format, the times mean {per_second} requests a second: they \
                 may be in seconds"
            ),
        }),
        None if gap < FAST_MS => Ok((usual, Some(Finding::FastArrivals { per_second }))),
        _ => Ok((usual, slow_arrivals(gap, usual))),
    }
}

/// Returns the finding on a mean gap, in `unit`, that is suspiciously long.
fn slow_arrivals(gap: f64, unit: TraceTimeUnit) -> Option<Finding> {
    let gap_s = gap / unit.per_second();
    (gap_s > SLOW_S).then_some(Finding::SlowArrivals { unit, gap_s: gap_s.round() as u64 })
}

/// Returns the mean difference from one time to the next; `None` if it is 0 or there is only one time.
fn mean_gap(times: &[(u64, f64)]) -> Option<f64> {
    let (first, last) = times.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(first, last), (_, time)| {
        (first.min(*time), last.max(*time))
    });
    let gap = (last - first) / (times.len().checked_sub(1)?) as f64;
    (gap > 0.0).then_some(gap)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_unit_is_decided_by_fractions_and_by_the_rate() {
        use TraceTimeUnit::{Milliseconds, Seconds};
        let cases: [(TraceTimeUnit, &[f64], &str); 13] = [
            (Milliseconds, &[600.0, 0.0, 300.0], "ms"),
            (Milliseconds, &[0.0, 0.0, 3_000.0, 5_999.0], "ms"),
            (Milliseconds, &[5.0, 5.0], "ms"),
            (Milliseconds, &[61.114], "ms"),
            (Milliseconds, &[61.0, 61.114, 62.5], "s, noted"),
            (Milliseconds, &[0.0, 61.114, 122.5], "line 2"),
            (Milliseconds, &[0.5, 300.25, 1_000.0], "ms"),
            (Milliseconds, &[0.0, 0.0, 0.0, 1.0, 1.0], "line 1"),
            (Milliseconds, &[0.0, 1.0, 2.0, 3.0], "ms, noted"),
            (Milliseconds, &[0.0, 1e6, 2e6], "ms, noted"),
            (Seconds, &[0.0, 0.001, 0.002], "s"),
            (Seconds, &[5.0, 45.5, 118.0], "s"),
            (Seconds, &[0.0, 61_114.0, 62_500.0], "s, noted"),
        ];
        for (usual, times, expected) in cases {
            assert_eq!(settled(usual, times), expected, "{usual} {times:?}");
        }
    }

    fn settled(usual: TraceTimeUnit, times: &[f64]) -> String {
        let times: Vec<_> = (1..).zip(times.iter().copied()).collect();
        match settle(usual, None, &times) {
            Ok((unit, None)) => format!("{unit}"),
            Ok((unit, Some(_))) => format!("{unit}, noted"),
            Err(doubt) => format!("line {}", doubt.line),
        }
    }

    #[test]
    fn a_given_unit_is_not_doubted() {
        let times = [(1, 0.5), (2, 20.0)];
        let settled = settle(TraceTimeUnit::Milliseconds, Some(TraceTimeUnit::Seconds), &times);
        assert_eq!(settled, Ok((TraceTimeUnit::Seconds, None)));
    }
}
