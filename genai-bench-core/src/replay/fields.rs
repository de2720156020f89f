//! The fields of a line of JSON.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde_json::Value;

/// The field of block hashes, which is parsed without a JSON value for each because it is long.
const HASHES: &str = "hash_ids";

/// The fields of one line, each of which is removed when it is read.
#[derive(Debug)]
pub(super) struct Fields {
    /// The block hashes; empty where the line has none.
    pub(super) hash_ids: Vec<u64>,
    values: Vec<(String, Value)>,
}

impl Fields {
    /// Parses the JSON object of a line.
    pub(super) fn parse(line: &[u8]) -> Result<Self, String> {
        serde_json::from_slice(line).map_err(|error| {
            // The parser numbers the lines of its input, which is this one line.
            let what = error.to_string().replace(" at line 1 column ", " at column ");
            if error.is_eof() { format!("the line is cut off: {what}") } else { what }
        })
    }

    /// Removes a field and returns its value; `None` where it is absent or null.
    pub(super) fn remove(&mut self, name: &str) -> Option<Value> {
        let place = self.values.iter().position(|(field, _)| field == name)?;
        Some(self.values.swap_remove(place).1).filter(|value| !value.is_null())
    }

    /// Returns a number of tokens. Tables of floats have `472.0` for 472.
    pub(super) fn tokens(&mut self, name: &str) -> Result<u64, String> {
        let value = self.remove(name).ok_or_else(|| missing(name))?;
        let tokens = value.as_u64().or_else(|| value.as_f64().and_then(whole));
        tokens.ok_or_else(|| format!("'{name}' is {value}: it must be a whole number of tokens"))
    }

    /// Returns a required number.
    pub(super) fn number(&mut self, name: &str) -> Result<f64, String> {
        self.optional_number(name)?.ok_or_else(|| missing(name))
    }

    /// Returns a number; `None` where it is absent or null.
    pub(super) fn optional_number(&mut self, name: &str) -> Result<Option<f64>, String> {
        let Some(value) = self.remove(name) else { return Ok(None) };
        value.as_f64().map(Some).ok_or_else(|| format!("'{name}' is {value}: it must be a number"))
    }

    /// Returns a name: a text, or a number as its digits.
    pub(super) fn name(&mut self, name: &str) -> Result<Option<String>, String> {
        match self.remove(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(Value::Number(number)) => Ok(Some(number.to_string())),
            Some(other) => Err(format!("'{name}' is {other}: it must be a text or a number")),
        }
    }

    /// Returns the names of the fields that were not read and are not null.
    pub(super) fn rest(&self) -> impl Iterator<Item = &str> {
        self.values.iter().filter(|(_, value)| !value.is_null()).map(|(name, _)| name.as_str())
    }
}

fn missing(name: &str) -> String {
    format!("no '{name}'")
}

/// Returns a number as an integer, if it has no fraction and is not above 2^53, up to which floats are exact.
fn whole(number: f64) -> Option<u64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    ((0.0..=EXACT).contains(&number) && number.fract() == 0.0).then_some(number as u64)
}

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(FieldsVisitor)
    }
}

struct FieldsVisitor;

impl<'de> Visitor<'de> for FieldsVisitor {
    type Value = Fields;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
        let mut fields = Fields { hash_ids: Vec::new(), values: Vec::new() };
        let mut has_hashes = false;
        while let Some(name) = map.next_key::<String>()? {
            let is_twice = if name == HASHES {
                std::mem::replace(&mut has_hashes, true)
            } else {
                fields.values.iter().any(|(known, _)| *known == name)
            };
            if is_twice {
                return Err(A::Error::custom(format_args!("duplicate field '{name}'")));
            }
            if name == HASHES {
                fields.hash_ids = map.next_value::<Option<Vec<u64>>>()?.unwrap_or_default();
            } else {
                fields.values.push((name, map.next_value()?));
            }
        }
        Ok(fields)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> Result<u64, String> {
        let line = format!("{{\"input_length\": {text}}}");
        Fields::parse(line.as_bytes()).and_then(|mut fields| fields.tokens("input_length"))
    }

    #[test]
    fn numbers_of_tokens_must_be_whole() {
        assert_eq!((tokens("0"), tokens("472"), tokens("472.0")), (Ok(0), Ok(472), Ok(472)));
        assert_eq!(tokens("null"), Err("no 'input_length'".to_owned()));
        for wrong in ["-5", "1.5", "\"9\"", "[]", "1e300"] {
            let problem = tokens(wrong).unwrap_err();
            assert!(
                problem.starts_with("'input_length' is ") && problem.contains("whole number"),
                "{problem}"
            );
        }
    }

    #[test]
    fn duplicate_fields_are_refused() {
        for line in [r#"{"a": 1, "a": 2}"#, r#"{"hash_ids": [], "hash_ids": [1]}"#] {
            assert!(Fields::parse(line.as_bytes()).unwrap_err().contains("duplicate field"), "{line}");
        }
    }

    #[test]
    fn unread_fields_are_listed() {
        let mut fields = Fields::parse(br#"{"a": 1, "b": null, "hash_ids": null, "c": {}}"#).unwrap();
        assert_eq!(fields.number("a"), Ok(1.0));
        assert_eq!(fields.rest().collect::<Vec<_>>(), ["c"]);
    }
}
