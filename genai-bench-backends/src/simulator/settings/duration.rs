//! Durations as text: `20ms`, `1.5s`, `250us`.

use std::time::Duration;

use serde::{Deserialize, Deserializer, Serializer};

/// The units of a duration, with their length in nanoseconds.
const UNITS: [(&str, f64); 5] = [("ns", 1.0), ("us", 1e3), ("µs", 1e3), ("ms", 1e6), ("s", 1e9)];

/// Parses `20ms`, `1.5s`, `250us`, `7ns` or `0`; returns `None` for anything else.
pub(super) fn parse(text: &str) -> Option<Duration> {
    let text = text.trim();
    if text == "0" {
        return Some(Duration::ZERO);
    }
    let unit_at = text.find(|it: char| it.is_alphabetic() || it == 'µ')?;
    let (number, unit) = text.split_at(unit_at);
    let (_, nanos) = UNITS.into_iter().find(|(name, _)| *name == unit)?;
    let number: f64 = number.trim().parse().ok()?;
    let whole = (number * nanos).round();
    (0.0..1e18).contains(&whole).then(|| Duration::from_nanos(whole as u64))
}

/// Returns a duration as text that [`parse`] reads back.
pub(super) fn to_text(duration: Duration) -> String {
    format!("{duration:?}")
}

/// Serializes a duration as text, for `#[serde(with = …)]`.
pub(super) fn serialize<S: Serializer>(duration: &Duration, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&to_text(*duration))
}

/// Deserializes a duration from text, for `#[serde(with = …)]`.
pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
    let written = String::deserialize(from)?;
    parse(&written).ok_or_else(|| {
        serde::de::Error::custom(format!("{written:?} is no duration: write it like `20ms` or `1.5s`"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_of_a_duration_parses_back() {
        for nanos in [0, 7, 1_500, 250_000, 20_000_000, 1_234_567_891, 90_000_000_000] {
            let duration = Duration::from_nanos(nanos);
            assert_eq!(parse(&to_text(duration)), Some(duration), "{duration:?}");
        }
        assert_eq!(parse("1.5 ms"), Some(Duration::from_micros(1_500)));
    }

    #[test]
    fn invalid_durations_are_refused() {
        for text in ["", "20", "-1ms", "ms", "20 parsecs", "nan s", "inf s", "1e30s"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
