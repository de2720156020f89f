//! Strings of a chunk, borrowed where possible.

use std::borrow::Cow;
use std::fmt;

use serde::Serialize;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

/// A string; any other JSON value is an empty one. It borrows from the chunk unless the JSON contains an escape, while
/// `Option<Cow<str>>` never borrows.
#[derive(Debug, Default)]
pub(crate) struct Text<'a>(Cow<'a, str>);

impl Text<'_> {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'a, T: Into<Cow<'a, str>>> From<T> for Text<'a> {
    fn from(text: T) -> Self {
        Self(text.into())
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(TextVisitor { writes_json: false })
    }
}

/// The arguments of a tool call: JSON in a string, or, from some servers, the JSON itself. `null` counts as absent.
#[derive(Debug, Default)]
pub(crate) struct Arguments<'a>(Text<'a>);

impl Arguments<'_> {
    pub(crate) fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Arguments<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(TextVisitor { writes_json: true }).map(Self)
    }
}

/// A visitor for strings. With `writes_json` any other value except `null` becomes its JSON text, else an empty string.
struct TextVisitor {
    writes_json: bool,
}

impl TextVisitor {
    fn json(&self, value: &impl Serialize) -> Text<'static> {
        let json =
            if self.writes_json { serde_json::to_string(value).unwrap_or_default() } else { String::new() };
        Text(Cow::Owned(json))
    }
}

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Text<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }
    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Text(Cow::Borrowed(text)))
    }
    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Text(Cow::Owned(text.to_owned())))
    }
    fn visit_string<E: Error>(self, text: String) -> Result<Self::Value, E> {
        Ok(Text(Cow::Owned(text)))
    }
    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Text::default())
    }
    fn visit_bool<E: Error>(self, value: bool) -> Result<Self::Value, E> {
        Ok(self.json(&value))
    }
    fn visit_u64<E: Error>(self, value: u64) -> Result<Self::Value, E> {
        Ok(self.json(&value))
    }
    fn visit_i64<E: Error>(self, value: i64) -> Result<Self::Value, E> {
        Ok(self.json(&value))
    }
    fn visit_f64<E: Error>(self, value: f64) -> Result<Self::Value, E> {
        Ok(self.json(&value))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        if self.writes_json {
            return Value::deserialize(SeqAccessDeserializer::new(items)).map(|value| self.json(&value));
        }
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Text::default())
    }
    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Self::Value, A::Error> {
        if self.writes_json {
            return Value::deserialize(MapAccessDeserializer::new(fields)).map(|value| self.json(&value));
        }
        while fields.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Text::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_string_is_a_text_and_any_other_value_is_none() {
        for (json, text, arguments) in [
            (r#""a""#, "a", "a"),
            (r#""\u0061""#, "a", "a"),
            ("null", "", ""),
            ("7", "", "7"),
            ("-7", "", "-7"),
            ("0.5", "", "0.5"),
            ("true", "", "true"),
            (r#"["a", {"b": 1}]"#, "", r#"["a",{"b":1}]"#),
            (r#"{"city": "Oslo"}"#, "", r#"{"city":"Oslo"}"#),
        ] {
            assert_eq!(serde_json::from_str::<Text<'_>>(json).unwrap().as_str(), text, "{json}");
            assert_eq!(serde_json::from_str::<Arguments<'_>>(json).unwrap().as_str(), arguments, "{json}");
        }
    }
}
