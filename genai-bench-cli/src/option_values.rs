//! Parsers for numeric option values.

use std::num::{IntErrorKind, ParseIntError};
use std::str::FromStr;

/// Parses a whole number that is not negative.
pub(crate) fn parse_whole<T: FromStr<Err = ParseIntError>>(text: &str) -> Result<T, &'static str> {
    text.parse().map_err(|error: ParseIntError| match error.kind() {
        IntErrorKind::PosOverflow => "too large",
        IntErrorKind::Zero => "give a whole number, 1 or more",
        _ => "give a whole number, 0 or more",
    })
}

/// Parses a number of minutes above 0, with or without a fraction.
pub(crate) fn parse_minutes(text: &str) -> Result<f64, &'static str> {
    const PROBLEM: &str = "give minutes, more than 0";
    let minutes: f64 = text.parse().map_err(|_| PROBLEM)?;
    if minutes > 0.0 && minutes.is_finite() { Ok(minutes) } else { Err(PROBLEM) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_are_not_negative_and_have_a_size() {
        assert_eq!(parse_whole::<u32>("12"), Ok(12));
        assert_eq!(parse_whole::<u32>("-1"), Err("give a whole number, 0 or more"));
        assert_eq!(parse_whole::<u32>("1,2"), Err("give a whole number, 0 or more"));
        assert_eq!(parse_whole::<u32>("4294967296"), Err("too large"));
        assert_eq!(parse_whole::<std::num::NonZeroU32>("0"), Err("give a whole number, 1 or more"));
    }

    #[test]
    fn minutes_must_be_greater_than_zero() {
        assert_eq!(parse_minutes("0.5"), Ok(0.5));
        for text in ["0", "-1", "nan", "inf", "1m"] {
            assert!(parse_minutes(text).is_err(), "{text}");
        }
    }
}
