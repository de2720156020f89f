//! JSON answers, parsed as tolerantly as the providers' own clients parse them.
//!
//! The fast path is one typed pass that borrows from the chunk. Where it fails, the same bytes are parsed a second
//! time, as a value:
//!
//! * of the same key twice in an object the last counts;
//! * what RFC 8259 leaves open or forbids inside strings, such as half of a surrogate pair, is repaired;
//! * a known field of an unexpected type is read as an absent one.
//!
//! Python's `json.loads` and the lenient models of the official clients accept the same. Text that is still no JSON is
//! malformed; text that ends too early is truncated.

use genai_bench_core::failure::DecodeError;
use serde::Deserialize;
use serde_json::Value;

mod repair;
mod tolerant;

use tolerant::Tolerant;

/// The length in bytes from which the values of a document are counted before it is parsed. Documents of streams are
/// far shorter.
const LARGE: usize = 1 << 20;
/// The maximum number of values in a large document: 16,000 tokens with twenty alternatives each. A value of two bytes
/// takes a hundred in memory.
const MOST_VALUES: usize = 2 << 20;

/// Checks that a document has no more values than an answer can have.
///
/// # Errors
///
/// Returns [`DecodeError::TooLong`] for more values.
fn check_values(json: &[u8]) -> Result<(), DecodeError> {
    if json.len() < LARGE {
        return Ok(());
    }
    let values = json.iter().filter(|byte| matches!(byte, b',' | b'{' | b'[')).count();
    if values > MOST_VALUES {
        let problem = format!("a JSON document of more than {MOST_VALUES} values");
        return Err(DecodeError::TooLong(problem.into()));
    }
    Ok(())
}

/// Parses JSON into `T`.
///
/// # Errors
///
/// Returns [`DecodeError::Truncated`] where the JSON ends too early, [`DecodeError::Malformed`] where it is invalid or
/// lacks a required field of `T`, and [`DecodeError::TooLong`] where it has more values than any answer.
pub(crate) fn parse<'a, T: Deserialize<'a>>(json: &'a [u8]) -> Result<T, DecodeError> {
    check_values(json)?;
    serde_json::from_slice(json).or_else(|error| {
        if error.is_eof() {
            return Err(DecodeError::Truncated);
        }
        T::deserialize(Tolerant(value(json)?)).map_err(|_| malformed(&error))
    })
}

/// Parses JSON of any shape.
///
/// # Errors
///
/// Returns the same errors as [`parse`].
pub(crate) fn value(json: &[u8]) -> Result<Value, DecodeError> {
    check_values(json)?;
    serde_json::from_slice(json).or_else(|error| {
        if error.is_eof() {
            return Err(DecodeError::Truncated);
        }
        serde_json::from_str(&repair::repaired(json))
            .map_err(|second| if second.is_eof() { DecodeError::Truncated } else { malformed(&error) })
    })
}

fn malformed(error: &serde_json::Error) -> DecodeError {
    DecodeError::Malformed(error.to_string().into())
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::*;
    use crate::wire::fields::{self, Count};
    use crate::wire::text::Text;

    #[derive(Debug, Default, Deserialize)]
    #[serde(default)]
    struct Answer<'a> {
        #[serde(borrow)]
        choices: Option<Vec<Choice<'a>>>,
        #[serde(deserialize_with = "fields::object_or_none")]
        usage: Option<Usage>,
    }

    #[derive(Debug, Default, Deserialize)]
    #[serde(default)]
    struct Choice<'a> {
        #[serde(borrow)]
        text: Text<'a>,
        done: Option<bool>,
    }

    #[derive(Debug, Default, Deserialize)]
    #[serde(default)]
    struct Usage {
        tokens: Count,
    }

    #[derive(Debug, Deserialize)]
    struct Needed<'a> {
        #[serde(borrow)]
        choice: Choice<'a>,
    }

    /// Returns the texts of all choices and the count of tokens.
    fn read(json: &[u8]) -> (String, Option<u64>) {
        let answer: Answer<'_> =
            parse(json).unwrap_or_else(|error| panic!("{}: {error}", json.escape_ascii()));
        let texts = answer.choices.iter().flatten().map(|choice| choice.text.as_str()).collect();
        (texts, answer.usage.and_then(|usage| usage.tokens.get()))
    }

    #[test]
    fn the_last_of_two_equal_keys_counts() {
        for json in [
            r#"{"choices": [{"text": "a", "text": "b"}], "usage": {"tokens": 7}}"#,
            r#"{"choices": [], "usage": null, "choices": [{"text": "b"}], "usage": {"tokens": 6, "tokens": 7}}"#,
        ] {
            assert_eq!(read(json.as_bytes()), ("b".to_owned(), Some(7)), "{json}");
        }
    }

    #[test]
    fn strings_that_are_not_quite_json_are_repaired() {
        for (json, text) in [
            (&br#"{"choices": [{"text": "\ud83d"}, {"text": "\ude00!"}]}"#[..], "\u{fffd}\u{fffd}!"),
            (br#"{"choices": [{"text": "\ud83d\ude00", "\ud83d": "\ude00"}]}"#, "\u{1f600}"),
            (b"{\"choices\": [{\"text\": \"a\xff\tb\0\"}]}", "a\u{fffd}\tb\0"),
            (b"{\"choices\": [{\"text\": \"a\"}], \"x\": [NaN, -Infinity, 1e999]}", "a"),
            (b"\xef\xbb\xbf{\"choices\": [{\"text\": \"a\"}]}", "a"),
        ] {
            assert_eq!(read(json).0, text, "{}", json.escape_ascii());
        }
    }

    #[test]
    fn a_field_of_an_unexpected_type_is_an_absent_one() {
        for json in [
            json!({"choices": "none", "usage": "none"}),
            json!({"choices": 7, "usage": []}),
            json!({"choices": [7, null, "x", [], {"text": 7, "done": "yes"}], "usage": {"tokens": {}}}),
            json!({"choices": {"text": ["a"]}, "usage": {"tokens": -1}}),
            json!([]),
            json!("no answer"),
        ] {
            assert_eq!(read(json.to_string().as_bytes()), (String::new(), None), "{json}");
        }
        let one = json!({"choices": {"text": "a"}, "usage": {"tokens": 7}});
        assert_eq!(read(one.to_string().as_bytes()), ("a".to_owned(), Some(7)));
    }

    #[test]
    fn what_is_no_json_is_malformed_and_what_ends_early_is_truncated() {
        for json in ["{this is not json", r#"{"a": 1}x"#, r#"{"a": 'b'}"#, r#"{"choices": [], "choices": [}"#]
        {
            let error = parse::<Answer<'_>>(json.as_bytes()).unwrap_err();
            assert!(matches!(error, DecodeError::Malformed(_)), "{json}: {error:?}");
        }
        for json in
            ["", "{", r#"{"choices": [{"text": "\ud83d"#, r#"{"usage": 1, "usage": "#, r#"{"a": "\ud83d", "#]
        {
            let error = parse::<Answer<'_>>(json.as_bytes()).unwrap_err();
            assert_eq!(error, DecodeError::Truncated, "{json}");
        }
    }

    #[test]
    fn a_document_of_too_many_values_is_not_read() {
        let bomb = format!("[{}0]", "0,".repeat(MOST_VALUES));
        assert!(matches!(value(bomb.as_bytes()), Err(DecodeError::TooLong(_))));
        assert!(matches!(parse::<Answer<'_>>(bomb.as_bytes()), Err(DecodeError::TooLong(_))));
        let text = format!(r#"{{"choices": [{{"text": "{}"}}]}}"#, "a, ".repeat(LARGE));
        assert_eq!(read(text.as_bytes()).0.len(), 3 * LARGE);
    }

    #[test]
    fn a_field_that_is_needed_is_missed() {
        assert!(parse::<Needed<'_>>(br#"{"choice": {}, "choice": {"text": "a"}}"#).is_ok());
        let error = parse::<Needed<'_>>(br#"{"other": 1}"#).map(|needed| needed.choice.done).unwrap_err();
        assert!(error.to_string().contains("choice"), "{error}");
    }
}
