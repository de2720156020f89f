//! Points in time of a recording, of which only the differences matter.

use std::time::Duration;

/// A point in time, in nanoseconds from the zero of the file: its first request, or the beginning of 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Stamp(i64);

impl Stamp {
    /// The earliest stamp, about 292 years before the zero of the file.
    const EARLIEST: i64 = i64::MIN;

    /// Creates a stamp; `None` if it is out of range.
    pub(super) fn from_nanos(nanos: i128) -> Option<Self> {
        i64::try_from(nanos).ok().map(Self)
    }

    /// Creates a stamp from a number of units of `nanos_per_unit` nanoseconds; `None` if it is out of range.
    ///
    /// Whole units are converted as integers, because a float of seconds since 1970 has no precision left for nanoseconds.
    pub(super) fn from_units(value: f64, nanos_per_unit: u32) -> Option<Self> {
        let part = (value.fract() * f64::from(nanos_per_unit)).round();
        let nanos =
            (value.trunc() as i128).checked_mul(i128::from(nanos_per_unit))?.checked_add(part as i128)?;
        if value.is_finite() { Self::from_nanos(nanos) } else { None }
    }

    /// Returns the time since the earliest possible stamp, which a row holds until the first row is known.
    pub(super) fn since_earliest(self) -> Duration {
        Duration::from_nanos(self.0.wrapping_sub(Self::EARLIEST).cast_unsigned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_become_nanoseconds() {
        let cases = [
            (27_482.0, 1_000_000, 27_482_000_000),
            (1.5, 1_000_000_000, 1_500_000_000),
            (-0.25, 1_000_000_000, -250_000_000),
            (1_700_000_000_123.0, 1_000_000, 1_700_000_000_123_000_000),
        ];
        for (value, unit, nanos) in cases {
            assert_eq!(Stamp::from_units(value, unit), Some(Stamp(nanos)));
        }
        for value in [f64::NAN, f64::INFINITY, -1e300, 1e19] {
            assert_eq!(Stamp::from_units(value, 1_000_000_000), None);
        }
    }

    #[test]
    fn differences_are_exact() {
        for (early, late, nanos) in [(-5, 7, 12), (i64::MIN, i64::MAX, u64::MAX)] {
            let between = Stamp(late).since_earliest() - Stamp(early).since_earliest();
            assert_eq!(between, Duration::from_nanos(nanos));
        }
    }
}
