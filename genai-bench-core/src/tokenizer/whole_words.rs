//! The words of a vocabulary.

/// The maximum length of an entry that counts as a word, in bytes.
const LONGEST: usize = 12;
/// The spellings of the space before a word in vocabularies: byte-level, metaspace, and plain.
const SPACES: [char; 3] = ['Ġ', '▁', ' '];

/// Returns the entries of a vocabulary that are lower-case ASCII words after a space; in order, and none twice.
///
/// A vocabulary without such marks may mark the entries that do *not* follow a space (`WordPiece`'s `##`): then the
/// entries without a mark are returned. One without words of ASCII gives its entries of any letters.
pub(super) fn whole_words<'a, I>(entries: impl Fn() -> I) -> Vec<String>
where
    I: Iterator<Item = &'a str>,
{
    let is_word =
        |it: &&str| (2..=LONGEST).contains(&it.len()) && it.bytes().all(|byte| byte.is_ascii_lowercase());
    let is_letters = |it: &&str| it.len() <= LONGEST && !it.is_empty() && it.chars().all(char::is_alphabetic);
    let unmarked = |it: &'a str| it.strip_prefix(SPACES).unwrap_or(it);
    let mut words: Vec<&str> = entries().filter_map(|it| it.strip_prefix(SPACES)).filter(is_word).collect();
    if words.is_empty() {
        words = entries().filter(is_word).collect();
    }
    if words.is_empty() {
        words = entries().map(unmarked).filter(is_letters).collect();
    }
    words.sort_unstable(); // a hash map has no order, and the same seed must give the same prompt
    words.dedup();
    words.into_iter().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words_from(entries: &[&str]) -> Vec<String> {
        whole_words(|| entries.iter().copied())
    }

    #[test]
    fn a_mark_says_which_entries_follow_a_space() {
        assert_eq!(words_from(&["the", "Ġof", "Ġand", "ĠOf", "Ġ1", "Ġa", "ing"]), ["and", "of"]);
        assert_eq!(words_from(&["the", "▁of", "▁and", "▁<unk>"]), ["and", "of"]);
        assert_eq!(words_from(&["the", " of", " and", " of "]), ["and", "of"]);
    }

    #[test]
    fn without_marked_words_those_without_a_mark_are_words() {
        assert_eq!(words_from(&["the", "##of", "[UNK]", "and"]), ["and", "the"]);
    }

    #[test]
    fn a_vocabulary_of_other_letters_has_words_too() {
        assert_eq!(words_from(&["你好", "世界", "。", "1"]), ["世界", "你好"]);
        assert_eq!(words_from(&["a", "b", "Ġ"]), ["a", "b"]);
    }
}
