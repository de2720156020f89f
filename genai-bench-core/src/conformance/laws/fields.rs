//! The laws for unknown and repeated JSON fields.

use super::super::decode::{decode, meaning};
use super::super::{Cassette, Role};
use super::json_text::{blanks, text_length, value_length};
use super::{Outcome, Subject, ensure};

/// Values of an unknown field, of each JSON type, and others that Python's `json.loads` accepts.
const UNKNOWN: [&str; 13] = [
    "null",
    "true",
    "-1",
    "1e300",
    "NaN",
    r#""text""#,
    r#""\ud83d""#,
    "\"a\tb\"",
    "[]",
    r#"[1,["\ude00"],{}]"#,
    "{}",
    r#"{"a":1,"a":{"b":null}}"#,
    r#"{"\ud83d":{"usage":{"prompt_tokens":"many"}}}"#,
];
/// Values of a repeated field before its real value.
const OVERRIDDEN: [&str; 6] = ["null", "7", r#""text""#, "[]", "{}", "false"];
/// Fields whose objects are generated text.
const GENERATED: [&str; 6] = ["input", "args", "arguments", "parameters", "partialArgs", "partial_args"];

/// Checks that unknown fields in all objects of an answer do not change it.
pub(super) fn leaves_unknown_fields_alone(subject: &Subject) -> Outcome {
    for value in UNKNOWN {
        let field = format!("\"zz_unknown\":{value}");
        check_edited(subject, &|body| edited(body, Some(&field), None))?;
    }
    Ok(())
}

/// Checks that the last value of a repeated field counts.
pub(super) fn reads_the_last_of_two_equal_keys(subject: &Subject) -> Outcome {
    for value in OVERRIDDEN {
        check_edited(subject, &|body| edited(body, None, Some(value)))?;
    }
    Ok(())
}

fn check_edited(subject: &Subject, edit: &dyn Fn(&[u8]) -> Vec<u8>) -> Outcome {
    for cassette in subject.cassettes.iter().filter(|cassette| can_be_edited(cassette)) {
        let body = edit(cassette.body);
        let (record, outcome) = decode(subject, cassette, &[&body]);
        outcome.map_err(|error| format!("{}: {error}", describe(cassette, &body)))?;
        let (as_recorded, _) = decode(subject, cassette, &[cassette.body]);
        let (read, expected) = (meaning(record), meaning(as_recorded));
        ensure(read == expected, || {
            format!("{}: {read:?} instead of {expected:?}", describe(cassette, &body))
        })?;
    }
    Ok(())
}

/// Returns the name of an edited cassette with its body.
fn describe(cassette: &Cassette, body: &[u8]) -> String {
    format!("{} as {}", cassette.name, String::from_utf8_lossy(body))
}

fn can_be_edited(cassette: &Cassette) -> bool {
    // Binary framings have lengths and checksums.
    matches!(cassette.role, Role::Answer | Role::Unknown) && !cassette.body.contains(&0)
}

/// Returns `body` with `added` at the beginning of each object, and with `overridden` as the value of one more field
/// before each field, of the same name.
fn edited(body: &[u8], added: Option<&str>, overridden: Option<&str>) -> Vec<u8> {
    let mut edited = Vec::new();
    let mut rest = body;
    while let Some((byte, after)) = rest.split_first() {
        let text = if *byte == b'"' { text_length(rest) } else { None };
        let Some(length) = text else {
            edited.push(*byte);
            rest = after;
            if let Some(added) = added.filter(|_| *byte == b'{') {
                let is_empty = rest.get(blanks(rest)) == Some(&b'}');
                edited.extend_from_slice(added.as_bytes());
                edited.extend_from_slice(if is_empty { b"" } else { b"," });
            }
            continue;
        };
        let (text, after) = rest.split_at(length);
        let colon = blanks(after);
        let is_key = after.get(colon) == Some(&b':');
        if let Some(overridden) = overridden.filter(|_| is_key) {
            edited.extend_from_slice(text);
            edited.extend_from_slice(format!(":{overridden},").as_bytes());
        }
        edited.extend_from_slice(text);
        rest = after;
        let start = colon + 1 + blanks(after.get(colon + 1..).unwrap_or_default());
        if is_key && is_generated(text) && rest.get(start) == Some(&b'{') {
            let end = start + value_length(&rest[start..]);
            edited.extend_from_slice(&rest[..end]);
            rest = &rest[end..];
        }
    }
    edited
}

fn is_generated(key: &[u8]) -> bool {
    GENERATED.iter().any(|name| {
        key.trim_ascii()
            .strip_prefix(b"\"")
            .is_some_and(|key| key.strip_suffix(b"\"") == Some(name.as_bytes()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &str = "data: {\"a\" : {\"b\": \"{\"}, \"c\": [{}], \"input\": {\"d\": {}}}\n\n";

    fn as_text(edited: Vec<u8>) -> String {
        String::from_utf8(edited).unwrap()
    }

    #[test]
    fn each_object_but_generated_ones_gets_a_field() {
        let expected = "data: {X,\"a\" : {X,\"b\": \"{\"}, \"c\": [{X}], \"input\": {\"d\": {}}}\n\n";
        assert_eq!(as_text(edited(BODY.as_bytes(), Some("X"), None)), expected);
    }

    #[test]
    fn each_key_is_repeated() {
        let expected = "data: {\"a\":0,\"a\" : {\"b\":0,\"b\": \"{\"}, \"c\":0,\"c\": [{}], \"input\":0,\"input\": {\"d\": {}}}\n\n";
        assert_eq!(as_text(edited(BODY.as_bytes(), None, Some("0"))), expected);
    }
}
