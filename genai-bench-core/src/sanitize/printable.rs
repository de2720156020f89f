//! Escaping of control characters in untrusted text.

use std::borrow::Cow;
use std::fmt::Write;

/// Returns `text` with every character escaped that a terminal or a log would interpret: control characters including
/// line ends, and characters that change the direction of text.
///
/// ```
/// use genai_bench_core::printable;
///
/// assert_eq!(printable("plain – text"), "plain – text");
/// assert_eq!(printable("red: \u{1b}[31m\r\nerror"), r"red: \u{1b}[31m\r\nerror");
/// ```
#[must_use]
pub fn printable(text: &str) -> Cow<'_, str> {
    if !text.contains(is_interpreted) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if is_interpreted(character) {
            // Writing to a text cannot fail.
            let _ = write!(shown, "{}", character.escape_default());
        } else {
            shown.push(character);
        }
    }
    Cow::Owned(shown)
}

/// Returns `true` if a terminal interprets a character instead of showing it.
fn is_interpreted(character: char) -> bool {
    // Line and paragraph separators, and the marks, embeddings, overrides and isolates of UAX #9.
    character.is_control()
        || matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_that_a_terminal_interprets_are_escaped() {
        for (text, shown) in [
            ("", ""),
            ("日本語 🙂 é", "日本語 🙂 é"),
            ("\u{7}\u{8}\u{7f}\u{9b}", r"\u{7}\u{8}\u{7f}\u{9b}"),
            ("a\tb\nc", r"a\tb\nc"),
            ("\u{202e}evil", r"\u{202e}evil"),
        ] {
            assert_eq!(printable(text), shown);
        }
    }
}
