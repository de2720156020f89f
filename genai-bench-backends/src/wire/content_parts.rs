//! Text in parts: the content of a message, in any place.
//!
//! Shapes seen: a string (most), `null`, a list of parts with a type (Mistral's and Databricks' reasoning models), one
//! part by itself, and parts inside parts (`thinking` of Mistral, `summary` of Databricks).

use std::fmt;

use genai_bench_core::backend::Events;
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::text::Text;

/// The maximum number of parts in a list: each takes about 200 bytes, and answers have fewer than a hundred.
const MOST_PARTS: usize = 1 << 14;

/// Text, alone or in parts. Any other JSON value counts as absent.
#[derive(Debug, Default)]
pub(crate) enum ContentParts<'a> {
    /// No text.
    #[default]
    Absent,
    /// A string.
    Text(Text<'a>),
    /// A list of parts, or one part.
    List(Vec<ContentPart<'a>>),
}

/// A part: its text, in the field that its type names.
#[derive(Debug, Default)]
pub(crate) struct ContentPart<'a>(Fields<'a>);

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Fields<'a> {
    #[serde(borrow, rename = "type")]
    kind: Text<'a>,
    #[serde(borrow)]
    thinking: ContentParts<'a>,
    #[serde(borrow)]
    reasoning: ContentParts<'a>,
    #[serde(borrow)]
    summary: ContentParts<'a>,
    #[serde(borrow)]
    text: ContentParts<'a>,
    #[serde(borrow)]
    content: ContentParts<'a>,
    #[serde(borrow)]
    refusal: ContentParts<'a>,
}

impl ContentParts<'_> {
    /// Returns `true` if there is no text in it.
    pub(crate) fn is_empty(&self) -> bool {
        match self {
            Self::Absent => true,
            Self::Text(text) => text.as_str().is_empty(),
            Self::List(parts) => {
                parts.iter().all(|part| part.0.places().iter().all(|(_, parts)| parts.is_empty()))
            }
        }
    }

    /// Reports the text as a piece of the answer, or as reasoning where its type or its field says so.
    pub(crate) fn report(&self, events: &mut Events<'_>) {
        self.report_as(false, events);
    }

    /// Reports all text as a piece of the reasoning.
    pub(crate) fn report_reasoning(&self, events: &mut Events<'_>) {
        self.report_as(true, events);
    }

    fn report_as(&self, is_reasoning: bool, events: &mut Events<'_>) {
        match self {
            Self::Absent => {}
            Self::Text(text) if is_reasoning => events.reasoning(text.as_str()),
            Self::Text(text) => events.text(text.as_str()),
            Self::List(parts) => {
                for part in parts {
                    for (is_thought, parts) in part.0.places() {
                        parts.report_as(is_reasoning || is_thought || part.0.is_reasoning(), events);
                    }
                }
            }
        }
    }

    /// Appends all text to `text`.
    #[cfg(test)]
    fn write_to(&self, text: &mut String) {
        match self {
            Self::Absent => {}
            Self::Text(piece) => text.push_str(piece.as_str()),
            Self::List(parts) => {
                let places = parts.iter().flat_map(|part| part.0.places());
                places.for_each(|(_, parts)| parts.write_to(text));
            }
        }
    }
}

impl<'a> Fields<'a> {
    /// Returns `true` if its type is a kind of reasoning, such as `thinking` or `reasoning.text`.
    fn is_reasoning(&self) -> bool {
        self.kind.as_str().contains("thinking") || self.kind.as_str().contains("reasoning")
    }

    /// Returns the fields with text, each with `true` if it holds reasoning whatever the type of the part.
    fn places(&self) -> [(bool, &ContentParts<'a>); 6] {
        [
            (true, &self.thinking),
            (true, &self.reasoning),
            (true, &self.summary),
            (false, &self.text),
            (false, &self.content),
            (false, &self.refusal),
        ]
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for ContentParts<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(ContentPartsVisitor)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for ContentPart<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Ok(match ContentParts::deserialize(from)? {
            ContentParts::Absent => Self::default(),
            text @ ContentParts::Text(_) => Self(Fields { text, ..Fields::default() }),
            // An object is one part; a list within a list is several.
            ContentParts::List(mut parts) if parts.len() == 1 => parts.pop().unwrap_or_default(),
            list @ ContentParts::List(_) => Self(Fields { content: list, ..Fields::default() }),
        })
    }
}

struct ContentPartsVisitor;

impl<'de> Visitor<'de> for ContentPartsVisitor {
    type Value = ContentParts<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }
    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(ContentParts::Text(Text::from(text)))
    }
    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(ContentParts::Text(Text::from(text.to_owned())))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut parts = Vec::new();
        while let Some(part) = items.next_element()? {
            if parts.len() == MOST_PARTS {
                return Err(A::Error::custom(format!("a text of more than {MOST_PARTS} parts")));
            }
            parts.push(part);
        }
        Ok(ContentParts::List(parts))
    }
    fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<Self::Value, A::Error> {
        let fields = Fields::deserialize(MapAccessDeserializer::new(fields))?;
        Ok(ContentParts::List(vec![ContentPart(fields)]))
    }
    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(ContentParts::Absent)
    }
    fn visit_bool<E: Error>(self, _: bool) -> Result<Self::Value, E> {
        Ok(ContentParts::Absent)
    }
    fn visit_u64<E: Error>(self, _: u64) -> Result<Self::Value, E> {
        Ok(ContentParts::Absent)
    }
    fn visit_i64<E: Error>(self, _: i64) -> Result<Self::Value, E> {
        Ok(ContentParts::Absent)
    }
    fn visit_f64<E: Error>(self, _: f64) -> Result<Self::Value, E> {
        Ok(ContentParts::Absent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_of_too_many_parts_is_refused() {
        let read = |count: usize| {
            let json = format!("[{}0]", "0,".repeat(count - 1));
            serde_json::from_str::<ContentParts<'_>>(&json)
                .map(|parts| parts.is_empty())
                .map_err(|error| error.to_string())
        };
        assert_eq!(read(MOST_PARTS), Ok(true));
        assert!(read(MOST_PARTS + 1).is_err_and(|error| error.contains("more than 16384 parts")));
    }

    #[test]
    fn text_is_found_wherever_it_stands() {
        for (json, text) in [
            (r#""a""#, "a"),
            (r#"["a", "b"]"#, "ab"),
            (r#"[{"type": "text", "text": "a"}, "b", null, 7]"#, "ab"),
            (r#"{"type": "text", "text": "a"}"#, "a"),
            (r#"[{"type": "thinking", "thinking": [{"type": "text", "text": "a"}], "closed": true}]"#, "a"),
            (r#"[{"type": "reasoning", "summary": [{"type": "summary_text", "text": "a"}]}]"#, "a"),
            (r#"[["a", "b"], [{"text": "c"}]]"#, "abc"),
            (r#"[{"type": "redacted_thinking", "data": "x"}, {"type": "image_url", "image_url": {}}]"#, ""),
            ("null", ""),
            ("7", ""),
            ("-0.5", ""),
            ("true", ""),
            ("{}", ""),
            ("[]", ""),
            (r#"{"text": 7}"#, ""),
        ] {
            let parts: ContentParts<'_> = serde_json::from_str(json).unwrap();
            let mut read = String::new();
            parts.write_to(&mut read);
            assert_eq!((&*read, parts.is_empty()), (text, text.is_empty()), "{json}");
        }
    }
}
