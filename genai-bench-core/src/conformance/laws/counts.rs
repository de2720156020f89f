//! The law for invalid token counts: negative, fractional, of absurd size, or no numbers.

use super::super::Cassette;
use super::super::decode::decode;
use super::json_text::{blanks, text_length, value_length};
use super::{COMPLETE, Outcome, Subject, ensure};

/// Values in place of a number of tokens.
const NO_COUNTS: [&str; 7] = ["-1", "1.5", "1e300", "null", "\"many\"", "[1]", "{}"];
/// Values in place of an object that holds counts.
const NO_USAGES: [&str; 5] = ["null", "\"none\"", "-1", "[1, 1.5]", "{}"];

/// Checks that an answer with invalid token counts is decoded as the same answer without those counts.
pub(super) fn reads_an_answer_whose_counts_are_absurd(subject: &Subject) -> Outcome {
    for cassette in subject.cassettes.iter().filter(|cassette| COMPLETE.contains(&cassette.role)) {
        // Binary framings have lengths and checksums, and cannot be edited.
        if cassette.body.contains(&0) {
            continue;
        }
        for value in NO_COUNTS {
            check_answer(
                subject,
                cassette,
                &with_values(cassette.body, names_a_count, b"-.0123456789", value),
            )?;
        }
        for value in NO_USAGES {
            check_answer(subject, cassette, &with_values(cassette.body, names_a_usage, b"{", value))?;
        }
    }
    Ok(())
}

fn check_answer(subject: &Subject, cassette: &Cassette, body: &[u8]) -> Outcome {
    let (record, outcome) = decode(subject, cassette, &[body]);
    outcome.map_err(|error| format!("{}: {error}", describe(cassette, body)))?;
    let recorded = &cassette.expected;
    let read =
        (&*record.output_text.answer, &*record.output_text.reasoning, record.items(), record.audio_bytes);
    let expected = (recorded.answer, recorded.reasoning, recorded.items, recorded.audio_bytes);
    ensure(read == expected, || format!("{}: {read:?} instead of {expected:?}", describe(cassette, body)))?;
    let read = (&record.finish, &record.failure);
    let expected = (&recorded.finish, &None);
    ensure(read == expected, || format!("{}: {read:?} instead of {expected:?}", describe(cassette, body)))?;
    let (read, expected) = (record.usage, recorded.usage);
    let is_invented = [
        (read.input, expected.input),
        (read.output, expected.output),
        (read.reasoning, expected.reasoning),
        (read.cached, expected.cached),
    ]
    .into_iter()
    .any(|(read, expected)| read.is_some() && read != expected);
    ensure(!is_invented, || {
        format!("{}: counts {read:?} that the provider did not report", describe(cassette, body))
    })
}

/// Returns the name of an edited cassette with its body.
fn describe(cassette: &Cassette, body: &[u8]) -> String {
    format!("{} as {}", cassette.name, String::from_utf8_lossy(body))
}

fn names_a_count(name: &str) -> bool {
    name.to_ascii_lowercase().contains("token")
}

fn names_a_usage(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name == "meta" || name.contains("usage") || name.contains("metrics")
}

/// Returns `body` with `value` in place of each value that begins with one of `beginnings` in a field whose name
/// fulfils `is_edited`.
fn with_values(body: &[u8], is_edited: fn(&str) -> bool, beginnings: &[u8], value: &str) -> Vec<u8> {
    let mut edited = Vec::new();
    let mut rest = body;
    while let Some((byte, after)) = rest.split_first() {
        let text = if *byte == b'"' { text_length(rest) } else { None };
        let Some(length) = text else {
            edited.push(*byte);
            rest = after;
            continue;
        };
        let (text, after) = rest.split_at(length);
        edited.extend_from_slice(text);
        rest = after;
        let colon = blanks(rest);
        if rest.get(colon) != Some(&b':') {
            continue;
        }
        let start = colon + 1 + blanks(&rest[colon + 1..]);
        let begins = rest.get(start).is_some_and(|byte| beginnings.contains(byte));
        let name = String::from_utf8_lossy(text);
        if begins && is_edited(&name) {
            edited.extend_from_slice(&rest[..start]);
            edited.extend_from_slice(value.as_bytes());
            rest = &rest[start + value_length(&rest[start..])..];
        }
    }
    edited
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edited(body: &str, is_edited: fn(&str) -> bool, beginnings: &[u8]) -> String {
        String::from_utf8(with_values(body.as_bytes(), is_edited, beginnings, "-1")).unwrap()
    }

    #[test]
    fn only_counts_are_edited() {
        let body =
            r#"data: {"text": "the \"tokens\": 4", "promptTokenCount" : 12.0, "n": 3, "tokens": {"a": 1}}"#;
        let expected =
            r#"data: {"text": "the \"tokens\": 4", "promptTokenCount" : -1, "n": 3, "tokens": {"a": 1}}"#;
        assert_eq!(edited(body, names_a_count, b"0123456789"), expected);
    }

    #[test]
    fn usages_are_edited_to_their_last_brace() {
        let body = "{\"usage\": {\"a\": {\"b\": \"}\"},\n \"c\": 1}, \"usage_text\": \"{\"}";
        assert_eq!(edited(body, names_a_usage, b"{"), "{\"usage\": -1, \"usage_text\": \"{\"}");
    }
}
