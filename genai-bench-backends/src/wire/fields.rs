//! Counts and times in answers, parsed so that none of them can fail an answer.
//!
//! They accompany the answer: a server that reports -1, 1.5, 1e300 or a text in place of a count still gave an answer,
//! of which that count is unknown.

use std::fmt;
use std::marker::PhantomData;

use genai_bench_core::units::Tokens;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

/// The largest accepted token count. No request has as many tokens, and sums of counts stay far from overflow.
const LARGEST_COUNT: f64 = 1e9;

/// A number of tokens in an answer: a whole number from 0 to 10^9, also in the form `70.0`. Any other JSON value, and
/// an absent field, is no count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Count(Option<u64>);

impl Count {
    /// Parses the count in a field.
    pub(crate) fn from_json(value: &Value) -> Self {
        Self::from_number(value.as_f64())
    }

    /// Parses the count in a header.
    pub(crate) fn from_text(text: &str) -> Self {
        Self::from_number(text.trim().parse().ok())
    }

    fn from_number(number: Option<f64>) -> Self {
        let count = number.filter(|it| it.fract() == 0.0 && (0.0..=LARGEST_COUNT).contains(it));
        Self(count.map(|it| it as u64))
    }

    /// Returns the number, where there is one.
    pub(crate) fn get(self) -> Option<u64> {
        self.0
    }

    /// Returns the tokens, where they were counted.
    pub(crate) fn tokens(self) -> Option<Tokens> {
        self.0.map(Tokens)
    }

    /// Returns this count, or `other` where there is none.
    pub(crate) fn or(self, other: Self) -> Self {
        Self(self.0.or(other.0))
    }
}

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Number::deserialize(from).map(|number| Self::from_number(number.0))
    }
}

/// A number in an answer, such as a time. Any other JSON value, and an absent field, is `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Number(Option<f64>);

impl Number {
    /// Returns the number, where there is one.
    pub(crate) fn get(self) -> Option<f64> {
        self.0
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Ok(Self(match Json::<IgnoredAny>::deserialize(from)? {
            Json::Number(number) => Some(number),
            _ => None,
        }))
    }
}

/// Parses an object, for `deserialize_with`. Any other JSON value is `None`: a `usage` that is a text or a list counts
/// nothing.
pub(crate) fn object_or_none<'de, D, T>(from: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Ok(match Json::deserialize(from)? {
        Json::Object(object) => Some(object),
        _ => None,
    })
}

/// A JSON value of the expected type, or any other.
enum Json<T> {
    Number(f64),
    Object(T),
    Other,
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Json<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        // An option, so that an absent field is no error.
        from.deserialize_option(JsonVisitor(PhantomData))
    }
}

struct JsonVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for JsonVisitor<T> {
    type Value = Json<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }
    fn visit_none<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Json::Other)
    }
    fn visit_some<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        from.deserialize_any(self)
    }
    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Json::Other)
    }
    fn visit_bool<E: Error>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Json::Other)
    }
    fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Json::Number(number as f64))
    }
    fn visit_i64<E: Error>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Json::Number(number as f64))
    }
    fn visit_f64<E: Error>(self, number: f64) -> Result<Self::Value, E> {
        Ok(Json::Number(number))
    }
    fn visit_str<E: Error>(self, _: &str) -> Result<Self::Value, E> {
        Ok(Json::Other)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Json::Other)
    }
    fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(fields)).map(Json::Object)
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    struct Answer {
        #[serde(default, deserialize_with = "object_or_none")]
        usage: Option<Usage>,
        text: String,
    }

    #[derive(Debug, Deserialize)]
    struct Usage {
        tokens: Count,
        time: Number,
    }

    fn read(usage: &str) -> Option<Usage> {
        let answer: Answer = serde_json::from_str(&format!(r#"{{"usage": {usage}, "text": "a"}}"#)).unwrap();
        assert_eq!(answer.text, "a", "what follows is read");
        answer.usage
    }

    #[test]
    fn a_whole_number_of_sane_size_is_a_count() {
        let cases =
            [("0", 0), ("41", 41), ("70.0", 70), ("7e1", 70), ("-0.0", 0), ("1000000000", 1_000_000_000)];
        for (json, expected) in cases {
            let usage = read(&format!(r#"{{"tokens": {json}}}"#)).unwrap();
            assert_eq!(usage.tokens.get(), Some(expected), "{json}");
            assert_eq!(Count::from_json(&serde_json::from_str(json).unwrap()), usage.tokens, "{json}");
            assert_eq!(Count::from_text(json), usage.tokens, "{json}");
        }
    }

    #[test]
    fn any_other_value_is_no_count_and_no_error() {
        for json in [
            "-1",
            "0.5",
            "1e300",
            "-1e300",
            "1000000001",
            "18446744073709551615",
            "99999999999999999999",
            "null",
            "true",
            r#""41""#,
            "[]",
            "[41]",
            "{}",
            r#"{"tokens": 41}"#,
        ] {
            let usage = read(&format!(r#"{{"tokens": {json}, "time": 1.5}}"#)).unwrap();
            assert_eq!((usage.tokens.tokens(), usage.time.get()), (None, Some(1.5)), "{json}");
            assert_eq!(Count::from_json(&serde_json::from_str(json).unwrap()), Count::default(), "{json}");
        }
        for text in ["", "soon", "-1", "nan", "inf"] {
            assert_eq!(Count::from_text(text), Count::default(), "{text}");
        }
    }

    #[test]
    fn a_usage_that_is_no_object_is_none() {
        for json in ["null", "7", "-7", "0.5", "true", r#""none""#, "[41, 1.5]", "[]"] {
            assert!(read(json).is_none(), "{json}");
        }
        let empty = read("{}").unwrap();
        assert_eq!((empty.tokens, empty.time), (Count::default(), Number::default()));
        let absent: Answer = serde_json::from_str(r#"{"text": "a"}"#).unwrap();
        assert!(absent.usage.is_none());
    }
}
