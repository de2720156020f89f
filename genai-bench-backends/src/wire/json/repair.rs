//! Repairs of text that is almost JSON.

use std::borrow::Cow;

/// The length of an escape of one UTF-16 unit, such as `\ud83d`.
const ESCAPE: usize = 6;

/// Returns `json` as text without the faults that a strict parser refuses and lenient ones accept: a byte order mark,
/// invalid UTF-8, halves of surrogate pairs, raw control characters in strings, and invalid numbers (`NaN`, `Infinity`,
/// `1e999`), which become `null`.
pub(super) fn repaired(json: &[u8]) -> String {
    let text = match String::from_utf8_lossy(json) {
        Cow::Borrowed(text) => text.to_owned(),
        Cow::Owned(text) => text,
    };
    let mut rest = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let mut repaired = String::with_capacity(rest.len());
    while let Some(character) = rest.chars().next() {
        let used = match character {
            '"' => {
                repaired.push('"');
                1 + copy_string(&rest[1..], &mut repaired)
            }
            '-' | '0'..='9' | 'N' | 'I' => copy_number(rest, &mut repaired),
            _ => {
                repaired.push(character);
                character.len_utf8()
            }
        };
        rest = &rest[used..];
    }
    repaired
}

/// Copies a string from behind its first quote. Returns the copied length in bytes.
fn copy_string(text: &str, repaired: &mut String) -> usize {
    let mut used = 0;
    while let Some(character) = text[used..].chars().next() {
        let rest = &text[used..];
        used += match character {
            '\\' => copy_escape(rest, repaired),
            '\0'..='\x1f' => {
                repaired.push_str(&format!("\\u{:04x}", u32::from(character)));
                1
            }
            _ => {
                repaired.push(character);
                character.len_utf8()
            }
        };
        if character == '"' {
            break;
        }
    }
    used
}

/// Copies the escape at the beginning of `text`. Returns the copied length in bytes.
fn copy_escape(text: &str, repaired: &mut String) -> usize {
    match utf16_unit(text) {
        Some(0xd800..=0xdbff) => {
            let is_pair = matches!(utf16_unit(&text[ESCAPE..]), Some(0xdc00..=0xdfff));
            let length = if is_pair { 2 * ESCAPE } else { ESCAPE };
            repaired.push_str(if is_pair { &text[..length] } else { "\u{fffd}" });
            length
        }
        Some(0xdc00..=0xdfff) => {
            repaired.push('\u{fffd}');
            ESCAPE
        }
        Some(_) => {
            repaired.push_str(&text[..ESCAPE]);
            ESCAPE
        }
        None => {
            let length = text.chars().take(2).map(char::len_utf8).sum();
            repaired.push_str(&text[..length]);
            length
        }
    }
}

/// Returns the UTF-16 unit of the escape at the beginning of `text`.
fn utf16_unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    u16::from_str_radix(digits, 16).ok()
}

/// Copies the number at the beginning of `text`, or `null` in place of an invalid one. Returns the copied length in
/// bytes.
fn copy_number(text: &str, repaired: &mut String) -> usize {
    for name in ["NaN", "Infinity", "-Infinity"] {
        if text.starts_with(name) {
            repaired.push_str("null");
            return name.len();
        }
    }
    let length = text.bytes().take_while(is_of_number).count().max(1);
    let number = &text[..length];
    let is_infinite = number.parse().is_ok_and(f64::is_infinite);
    repaired.push_str(if is_infinite { "null" } else { number });
    length
}

fn is_of_number(byte: &u8) -> bool {
    byte.is_ascii_digit() || matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_wrong_is_changed() {
        for (json, expected) in [
            (
                r#"{"a": "é\n\u00e9\\ud83d\"", "b": [-1.5e9, true]}"#,
                r#"{"a": "é\n\u00e9\\ud83d\"", "b": [-1.5e9, true]}"#,
            ),
            (r#"["\ud83d\ude00", "\ud83d\ud83d\ude00"]"#, "[\"\\ud83d\\ude00\", \"\u{fffd}\\ud83d\\ude00\"]"),
            (r#"["\ude00", "\ud83d", "\ud83d\n"]"#, "[\"\u{fffd}\", \"\u{fffd}\", \"\u{fffd}\\n\"]"),
            ("[\"a\tb\0\"]", r#"["a\u0009b\u0000"]"#),
            (r#"["NaN", NaN, -Infinity, Infinity, 1e999, 1e9]"#, r#"["NaN", null, null, null, null, 1e9]"#),
            ("\u{feff}{}", "{}"),
            (r#"{"a": "\ud8"#, r#"{"a": "\ud8"#),
            (r#"{"a": "\"#, r#"{"a": "\"#),
            ("", ""),
        ] {
            assert_eq!(repaired(json.as_bytes()), expected, "{json}");
        }
    }
}
