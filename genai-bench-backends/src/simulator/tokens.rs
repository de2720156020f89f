//! Tokens: in the simulator, a token is a whitespace-separated word.

/// The words of every answer, in a cycle. Not all of them are ASCII, so that bytes are not characters.
const ANSWER_WORDS: [&str; 12] =
    ["the", "naïve", "token", "of", "a", "größer", "stream", "日本語", "answers", "in", "due", "время"];

/// Returns the word of token `index` of an answer.
pub(super) fn word(index: u64) -> &'static str {
    let place = index % ANSWER_WORDS.len() as u64;
    ANSWER_WORDS[usize::try_from(place).unwrap_or_default()]
}

/// Returns tokens `from..to`, each with a space before it. None of them needs escaping in JSON.
pub(super) fn words(from: u64, to: u64) -> impl Iterator<Item = &'static str> {
    (from..to).flat_map(|index| [" ", word(index)])
}

/// Returns the number of tokens in a text.
pub(super) fn count(text: &str) -> u64 {
    if !text.is_ascii() {
        return text.split_whitespace().count() as u64;
    }
    let mut count = 0;
    let mut apart = true;
    for byte in text.bytes() {
        let space = matches!(byte, b'\t'..=b'\r' | b' ');
        count += u64::from(apart & !space);
        apart = space;
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_a_token() {
        for (from, to) in [(0, 0), (0, 1), (3, 40)] {
            assert_eq!(count(&words(from, to).collect::<String>()), to - from);
        }
    }

    #[test]
    fn any_whitespace_separates_words() {
        let apart: String = (0..128).flat_map(|byte| ['x', char::from(byte)]).collect();
        for text in ["", " ", "one", " one\n two\u{b}three ", "\u{85}größer\u{a0}stream", apart.as_str()] {
            assert_eq!(count(text), text.split_whitespace().count() as u64, "{text:?}");
        }
    }
}
