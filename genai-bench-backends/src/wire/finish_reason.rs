//! Finish reasons: words, or objects in the form of `SGLang`.

use std::fmt;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::text::Text;

/// A finish reason: a text, or an object such as `{"type": "abort", "message": "..."}`. Any other JSON value counts as
/// absent.
#[derive(Debug, Default)]
pub(crate) struct WireFinishReason<'a> {
    kind: Text<'a>,
    message: Text<'a>,
}

#[derive(Deserialize)]
struct Object<'a> {
    #[serde(borrow, default, rename = "type")]
    kind: Text<'a>,
    #[serde(borrow, default)]
    message: Text<'a>,
}

impl WireFinishReason<'_> {
    /// Returns the server's word for the reason, empty where there is none.
    pub(crate) fn as_str(&self) -> &str {
        self.kind.as_str()
    }

    /// Returns the word, with the server's message about it.
    pub(crate) fn with_message(&self) -> String {
        match self.message.as_str() {
            "" => self.as_str().to_owned(),
            message => format!("{}: {message}", self.as_str()),
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for WireFinishReason<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(FinishReasonVisitor)
    }
}

struct FinishReasonVisitor;

impl<'de> Visitor<'de> for FinishReasonVisitor {
    type Value = WireFinishReason<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }
    fn visit_borrowed_str<E: Error>(self, word: &'de str) -> Result<Self::Value, E> {
        Ok(WireFinishReason { kind: Text::from(word), ..WireFinishReason::default() })
    }
    fn visit_str<E: Error>(self, word: &str) -> Result<Self::Value, E> {
        Ok(WireFinishReason { kind: Text::from(word.to_owned()), ..WireFinishReason::default() })
    }
    fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<Self::Value, A::Error> {
        let Object { kind, message } = Object::deserialize(MapAccessDeserializer::new(fields))?;
        Ok(WireFinishReason { kind, message })
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(WireFinishReason::default())
    }
    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(WireFinishReason::default())
    }
    fn visit_bool<E: Error>(self, _: bool) -> Result<Self::Value, E> {
        Ok(WireFinishReason::default())
    }
    fn visit_u64<E: Error>(self, _: u64) -> Result<Self::Value, E> {
        Ok(WireFinishReason::default())
    }
    fn visit_i64<E: Error>(self, _: i64) -> Result<Self::Value, E> {
        Ok(WireFinishReason::default())
    }
    fn visit_f64<E: Error>(self, _: f64) -> Result<Self::Value, E> {
        Ok(WireFinishReason::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_a_word_or_an_object_and_never_an_error() {
        for (json, word, full) in [
            (r#""stop""#, "stop", "stop"),
            (r#""st\u006fp""#, "stop", "stop"),
            (r#"{"type": "length", "length": 16}"#, "length", "length"),
            (r#"{"type": "abort", "message": "out of memory"}"#, "abort", "abort: out of memory"),
            ("{}", "", ""),
            ("null", "", ""),
            ("false", "", ""),
            ("-1", "", ""),
            ("0.5", "", ""),
            (r#"["stop"]"#, "", ""),
        ] {
            let reason: WireFinishReason<'_> = serde_json::from_str(json).unwrap();
            assert_eq!((reason.as_str(), &*reason.with_message()), (word, full), "{json}");
        }
    }
}
