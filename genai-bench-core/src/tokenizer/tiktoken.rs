//! Built-in vocabularies, which need no file.

use std::fmt;
use std::str::FromStr;

use tiktoken_rs::CoreBPE;

use super::whole_words::whole_words;
use super::{TokenizeError, Tokenizer, fingerprint};
use crate::units::Tokens;

/// A vocabulary that is built in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Vocabulary {
    /// About 200,000 entries.
    O200kBase,
    /// About 100,000 entries.
    Cl100kBase,
}

impl Vocabulary {
    /// All vocabularies.
    pub const ALL: [Self; 2] = [Self::O200kBase, Self::Cl100kBase];

    /// Returns the name of the vocabulary.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::O200kBase => "o200k_base",
            Self::Cl100kBase => "cl100k_base",
        }
    }

    /// Returns one more than the highest token that is not special.
    fn size(self) -> u32 {
        match self {
            Self::O200kBase => 199_998,
            Self::Cl100kBase => 100_256,
        }
    }
}

impl fmt::Display for Vocabulary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Vocabulary {
    type Err = UnknownVocabulary;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|it| it.name() == text);
        found.ok_or_else(|| UnknownVocabulary(text.to_owned()))
    }
}

/// The error of an unknown vocabulary.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no vocabulary '{0}': o200k_base and cl100k_base are built in")]
pub struct UnknownVocabulary(String);

/// A tokenizer of a built-in vocabulary.
///
/// Text that looks like a special token is text, as it is where a user's message is counted.
///
/// ```
/// use genai_bench_core::tokenizer::{Tiktoken, Tokenizer, Vocabulary};
/// use genai_bench_core::units::Tokens;
///
/// let tokenizer = Tiktoken::new("cl100k_base".parse::<Vocabulary>()?);
/// assert_eq!(tokenizer.count("tiktoken is great!")?, Tokens(6));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy)]
pub struct Tiktoken {
    vocabulary: Vocabulary,
    tokenizer: &'static CoreBPE,
}

impl Tiktoken {
    /// Creates the tokenizer of `vocabulary`. The first of each vocabulary is built in some milliseconds or more;
    /// later ones share it.
    #[must_use]
    pub fn new(vocabulary: Vocabulary) -> Self {
        let tokenizer = match vocabulary {
            Vocabulary::O200kBase => tiktoken_rs::o200k_base_singleton(),
            Vocabulary::Cl100kBase => tiktoken_rs::cl100k_base_singleton(),
        };
        Self { vocabulary, tokenizer }
    }

    /// Returns the bytes of every token that is not special, in order.
    fn entries(&self) -> Vec<Vec<u8>> {
        (0..self.vocabulary.size()).filter_map(|it| self.tokenizer.decode_bytes(&[it]).ok()).collect()
    }
}

impl fmt::Debug for Tiktoken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tiktoken").field("vocabulary", &self.vocabulary).finish_non_exhaustive()
    }
}

impl Tokenizer for Tiktoken {
    fn name(&self) -> &str {
        self.vocabulary.name()
    }

    /// Returns the hash of the name, which stands for the rules by which text is split, and of every entry.
    fn fingerprint(&self) -> String {
        let entries = self.entries();
        let name = std::iter::once(self.name().as_bytes());
        fingerprint::from_parts(name.chain(entries.iter().map(Vec::as_slice)))
    }

    fn encode(&self, text: &str) -> Result<Vec<u32>, TokenizeError> {
        Ok(self.tokenizer.encode_ordinary(text))
    }

    fn decode(&self, ids: &[u32]) -> Result<String, TokenizeError> {
        let bytes = self.tokenizer.decode_bytes(ids);
        let bytes = bytes.map_err(|it| TokenizeError::new(format!("there is no token {}", it.token)))?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    fn words(&self) -> Vec<String> {
        let entries = self.entries();
        whole_words(|| entries.iter().filter_map(|it| str::from_utf8(it).ok()))
    }

    fn count(&self, text: &str) -> Result<Tokens, TokenizeError> {
        Ok(Tokens(self.tokenizer.count_ordinary(text) as u64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_those_that_are_known() {
        // From the documentation of the vocabularies' maker.
        let ids = |vocabulary, text| Tiktoken::new(vocabulary).encode(text).unwrap();
        assert_eq!(ids(Vocabulary::Cl100kBase, "tiktoken is great!"), [83, 1609, 5963, 374, 2294, 0]);
        assert_eq!(ids(Vocabulary::O200kBase, "お誕生日おめでとう").len(), 8);
        assert_eq!(ids(Vocabulary::Cl100kBase, "お誕生日おめでとう").len(), 9);
    }

    #[test]
    fn words_are_one_token_after_a_space() {
        for vocabulary in Vocabulary::ALL {
            let tokenizer = Tiktoken::new(vocabulary);
            let words = tokenizer.words();
            assert!(words.len() > 10_000, "{vocabulary} has {} words", words.len());
            for word in words.iter().step_by(7) {
                assert_eq!(tokenizer.count(&format!(" {word}")).unwrap(), Tokens(1), "'{word}'");
            }
        }
    }

    #[test]
    fn every_entry_that_is_not_special_is_known() {
        for vocabulary in Vocabulary::ALL {
            let tokenizer = Tiktoken::new(vocabulary);
            assert_eq!(tokenizer.entries().len(), vocabulary.size() as usize, "{vocabulary}");
            assert!(tokenizer.tokenizer.decode_bytes(&[vocabulary.size() - 1]).is_ok());
        }
    }

    #[test]
    fn tokens_become_their_text_again() {
        for vocabulary in Vocabulary::ALL {
            let tokenizer = Tiktoken::new(vocabulary);
            let text = "Ünïcödé 你好 \t\n let x = 12_345;  <|endoftext|>";
            assert_eq!(tokenizer.decode(&tokenizer.encode(text).unwrap()).unwrap(), text);
            assert!(tokenizer.decode(&[u32::MAX]).is_err());
        }
    }

    #[test]
    fn vocabularies_are_told_apart() {
        let [a, b] = Vocabulary::ALL.map(|it| Tiktoken::new(it).fingerprint());
        assert_ne!(a, b);
        assert_eq!(a, Tiktoken::new(Vocabulary::ALL[0]).fingerprint());
    }

    #[test]
    fn an_unknown_vocabulary_says_which_are_known() {
        assert_eq!("o200k_base".parse(), Ok(Vocabulary::O200kBase));
        let error = "p50k".parse::<Vocabulary>().unwrap_err().to_string();
        assert!(error.contains("'p50k'") && error.contains("cl100k_base"), "{error}");
    }
}
