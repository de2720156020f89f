//! Removal of long values from JSON.

use genai_bench_core::failure::Failure;
use memchr::{memchr, memchr2};

/// The minimum kept length of a string in bytes: any error message, even if every character is escaped.
const KEPT: usize = 2 * Failure::LONGEST_MESSAGE;

/// The length of an escape, such as `\u2603`.
const ESCAPE: usize = 6;

/// A filter that copies JSON as it arrives, but only the first number of an array and the beginning of a long string.
///
/// The output is JSON if the input is, with the same number of items: a vector of a thousand numbers or a picture of a
/// megabyte is skipped at memory speed, chunk by chunk, and never buffered. Skipped numbers are checked only for
/// digits, points, signs and exponents.
#[derive(Debug, Default)]
pub(crate) struct LongValueFilter(At);

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum At {
    /// Outside of strings and of sequences of numbers.
    #[default]
    Between,
    /// Behind the bracket that opens an array.
    Opened,
    /// In the first number of an array.
    First,
    /// Behind the first number.
    Numbers,
    /// In a string, with the length kept so far.
    Text(usize),
    /// Behind a backslash in a string, with the length kept so far.
    Escaped(usize),
    /// In the removed part of a string.
    Rest,
    /// Behind a backslash in the removed part.
    RestEscaped,
}

impl LongValueFilter {
    /// Appends the kept part of `chunk` to `kept`.
    pub(crate) fn feed(&mut self, chunk: &[u8], kept: &mut Vec<u8>) {
        let mut left = chunk;
        while !left.is_empty() {
            let used = match self.0 {
                At::Between => self.between(left, kept),
                At::Opened | At::First => self.step(left[0], kept),
                At::Numbers => self.numbers(left, kept),
                At::Text(length) => self.text(length, left, kept),
                At::Escaped(length) => {
                    kept.push(left[0]);
                    self.0 = At::Text(length + 1);
                    1
                }
                At::Rest => self.rest(left, kept),
                At::RestEscaped => {
                    self.0 = At::Rest;
                    1
                }
            };
            left = &left[used..];
        }
    }

    fn between(&mut self, left: &[u8], kept: &mut Vec<u8>) -> usize {
        let used = memchr2(b'"', b'[', left).map_or(left.len(), |it| {
            self.0 = if left[it] == b'[' { At::Opened } else { At::Text(0) };
            it + 1
        });
        kept.extend_from_slice(&left[..used]);
        used
    }

    /// Advances by one byte, before and in the first number of an array.
    fn step(&mut self, byte: u8, kept: &mut Vec<u8>) -> usize {
        match (self.0, byte) {
            (_, b'0'..=b'9' | b'-') => self.0 = At::First,
            (At::First, b'.' | b'+' | b'e' | b'E') | (At::Opened, b' ' | b'\t' | b'\n' | b'\r') => {}
            (At::First, b',') => {
                self.0 = At::Numbers;
                return 1;
            }
            _ => {
                self.0 = At::Between;
                return 0;
            }
        }
        kept.push(byte);
        1
    }

    fn numbers(&mut self, left: &[u8], kept: &mut Vec<u8>) -> usize {
        let end = memchr(b']', left);
        let numbers = &left[..end.unwrap_or(left.len())];
        // No early exit in the loop, so that the compiler can vectorize it.
        if numbers.iter().fold(true, |all, it| all & is_of_numbers(*it)) {
            if end.is_some() {
                self.0 = At::Between;
            }
            return numbers.len();
        }
        // The array holds another kind of value: the rest of it is kept.
        kept.push(b',');
        self.0 = At::Between;
        numbers.iter().position(|it| !is_of_numbers(*it)).unwrap_or(numbers.len())
    }

    fn text(&mut self, length: usize, left: &[u8], kept: &mut Vec<u8>) -> usize {
        let room = KEPT.saturating_sub(length);
        // Strings are not cut inside a character or an escape.
        let may_end = left[0].is_ascii() && !kept[kept.len().saturating_sub(ESCAPE)..].contains(&b'\\');
        if room == 0 && may_end {
            self.0 = At::Rest;
            return 0;
        }
        let look = &left[..left.len().min(room.max(1))];
        let found = memchr2(b'"', b'\\', look);
        let used = found.map_or(look.len(), |it| it + 1);
        self.0 = match found.map(|it| look[it]) {
            None => At::Text(length + used),
            Some(b'"') => At::Between,
            Some(_) => At::Escaped(length + used),
        };
        kept.extend_from_slice(&left[..used]);
        used
    }

    fn rest(&mut self, left: &[u8], kept: &mut Vec<u8>) -> usize {
        let Some(found) = memchr2(b'"', b'\\', left) else { return left.len() };
        if left[found] == b'"' {
            kept.push(b'"');
            self.0 = At::Between;
        } else {
            self.0 = At::RestEscaped;
        }
        found + 1
    }
}

fn is_of_numbers(byte: u8) -> bool {
    byte.is_ascii_digit()
        || matches!(byte, b'.' | b'-' | b'+' | b'e' | b'E' | b',' | b' ' | b'\n' | b'\r' | b'\t')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn filter<'a>(chunks: impl IntoIterator<Item = &'a [u8]>) -> String {
        let (mut filter, mut kept) = (LongValueFilter::default(), Vec::new());
        for chunk in chunks {
            filter.feed(chunk, &mut kept);
        }
        String::from_utf8(kept).expect("what is left out is cut at characters")
    }

    #[test]
    fn of_a_vector_only_the_first_number_is_kept() {
        let skimmed = |json: &str| filter([json.as_bytes()]);
        assert_eq!(
            skimmed("{\"a\":[0.5,-1e-9, 3],\"b\":[[1,2],[ -3,\n4]]}"),
            "{\"a\":[0.5],\"b\":[[1],[ -3]]}"
        );
        assert_eq!(skimmed("[1, 2, \"a]\", [3, 4], {}]"), "[1,\"a]\", [3], {}]");
        assert_eq!(skimmed("[1, NaN]"), "[1,NaN]");
        assert_eq!(skimmed("[]"), "[]");
    }

    #[test]
    fn of_a_long_string_the_beginning_is_kept() {
        // Without a plain letter between characters and escapes, nothing is cut.
        let pieces = [("Q", true), ("é1", true), ("☃", false), ("\\u2603", false), ("\\\"", false)];
        for (piece, is_cut) in pieces {
            let json = format!("{{\"a\":\"{}\",\"b\":1}}", piece.repeat(10_000));
            let skimmed = filter([json.as_bytes()]);
            let Value::Object(read) = serde_json::from_str(&skimmed).expect("it is still JSON") else {
                panic!("no object")
            };
            let told: Value = serde_json::from_str(&json).unwrap();
            let (begun, whole) = (read["a"].as_str().unwrap(), told["a"].as_str().unwrap());
            assert!(whole.starts_with(begun) && read["b"] == 1, "{piece}");
            assert_eq!(skimmed.len() < KEPT + 100, is_cut, "{piece}: {}", skimmed.len());
        }
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any::<f64>().prop_filter("JSON has no others", |it| it.is_finite()).prop_map(|it| json!(it)),
            Just(Value::Null),
            "[\\PC\"\\\\]{0,8}".prop_map(Value::from),
            (1_900_usize..2_100).prop_map(|it| json!("\"☃\u{1}Q".repeat(it / 4))),
        ];
        leaf.prop_recursive(4, 64, 8, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
                prop::collection::hash_map("[a\"\\[]{0,3}", inner, 0..4)
                    .prop_map(|it| Value::Object(it.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_left_is_json_however_it_comes(json in any_json(), size in 1_usize..50) {
            let text = json.to_string();
            let whole = filter([text.as_bytes()]);
            prop_assert!(serde_json::from_str::<Value>(&whole).is_ok(), "{text} became {whole}");
            prop_assert_eq!(filter(text.as_bytes().chunks(size)), whole);
        }
    }
}
