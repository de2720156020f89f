//! Mistral's `tekken.json`: the entries of a vocabulary, and the pattern that splits text into words.

use std::collections::HashSet;
use std::fmt;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use tiktoken_rs::CoreBPE;

use super::whole_words::whole_words;
use super::{LoadTokenizerError, TokenizeError, Tokenizer, fingerprint, source};
use crate::units::Tokens;

/// The default number of special tokens.
const SPECIAL_TOKENS: u32 = 1_000;

/// A tokenizer read from a `tekken.json`.
///
/// The file is read as Mistral's own library reads it: the entries that fit into the vocabulary beside the special
/// tokens, merged in their order. Text that looks like a special token is text.
pub struct Tekken {
    name: String,
    fingerprint: String,
    entries: Vec<Vec<u8>>,
    special_tokens: u32,
    tokenizer: CoreBPE,
}

#[derive(Deserialize)]
struct TekkenFile {
    config: Config,
    vocab: Vec<Entry>,
}

#[derive(Deserialize)]
struct Config {
    pattern: String,
    default_vocab_size: Option<usize>,
    default_num_special_tokens: Option<u32>,
}

#[derive(Deserialize)]
struct Entry {
    rank: u32,
    token_bytes: String,
}

impl Tekken {
    /// Reads a `tekken.json`.
    ///
    /// # Errors
    ///
    /// When there is no such file, or it is no tokenizer.
    pub fn open(path: &Path) -> Result<Self, LoadTokenizerError> {
        let bytes = source::read(path)?;
        let refused = |problem: String| LoadTokenizerError::NoTokenizer { path: path.to_owned(), problem };
        let file: TekkenFile = serde_json::from_slice(&bytes).map_err(|error| refused(error.to_string()))?;
        let special_tokens = file.config.default_num_special_tokens.unwrap_or(SPECIAL_TOKENS);
        let size = file.config.default_vocab_size.unwrap_or(file.vocab.len() + special_tokens as usize);
        let entries = entries(file.vocab, size.saturating_sub(special_tokens as usize)).map_err(refused)?;
        let ranks = (0..).zip(&entries).map(|(rank, entry)| (entry.clone(), rank)).collect();
        let tokenizer = CoreBPE::new(ranks, Default::default(), &file.config.pattern)
            .map_err(|error| refused(format!("its pattern: {error}")))?;
        let name = source::name(path);
        Ok(Self {
            name,
            fingerprint: fingerprint::from_parts([bytes.as_slice()]),
            entries,
            special_tokens,
            tokenizer,
        })
    }
}

/// Returns the bytes of the first `count` entries, by rank.
fn entries(vocab: Vec<Entry>, count: usize) -> Result<Vec<Vec<u8>>, String> {
    let mut entries = Vec::new();
    for (place, entry) in vocab.into_iter().take(count).enumerate() {
        if entry.rank as usize != place {
            return Err(format!(
                "entry {place} of vocab has the rank {}: they should be in order",
                entry.rank
            ));
        }
        let bytes = STANDARD.decode(&entry.token_bytes);
        entries.push(bytes.map_err(|error| format!("token_bytes of entry {place} of vocab: {error}"))?);
    }
    let distinct: HashSet<&[u8]> = entries.iter().map(Vec::as_slice).collect();
    match distinct.len() {
        0 => Err("vocab has no entries".to_owned()),
        count if count == entries.len() => Ok(entries),
        _ => Err("vocab has an entry twice".to_owned()),
    }
}

impl fmt::Debug for Tekken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tekken").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Tokenizer for Tekken {
    fn name(&self) -> &str {
        &self.name
    }

    fn fingerprint(&self) -> String {
        self.fingerprint.clone()
    }

    fn encode(&self, text: &str) -> Result<Vec<u32>, TokenizeError> {
        let ranks = self.tokenizer.encode_ordinary(text);
        Ok(ranks.into_iter().map(|rank| rank + self.special_tokens).collect())
    }

    fn decode(&self, ids: &[u32]) -> Result<String, TokenizeError> {
        // Special tokens have no text.
        let ranks: Vec<u32> = ids.iter().filter_map(|id| id.checked_sub(self.special_tokens)).collect();
        let bytes = self.tokenizer.decode_bytes(&ranks);
        let bytes = bytes
            .map_err(|error| TokenizeError::new(format!("there is no token of rank {}", error.token)))?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    fn words(&self) -> Vec<String> {
        whole_words(|| self.entries.iter().filter_map(|entry| str::from_utf8(entry).ok()))
    }

    /// Returns 1: Mistral's models receive a token that marks the beginning before every text.
    fn added_tokens(&self) -> Tokens {
        Tokens(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns a vocabulary of bytes, with ` th` and ` the` after them.
    pub(crate) fn file(extra: &[&str]) -> String {
        let bytes = (0..=u8::MAX).map(|byte| vec![byte]);
        let extra = extra.iter().map(|text| text.as_bytes().to_vec());
        let entry = |(rank, entry): (usize, Vec<u8>)| serde_json::json!({"rank": rank, "token_bytes": STANDARD.encode(entry), "token_str": null});
        let vocab: Vec<_> = bytes.chain(extra).enumerate().map(entry).collect();
        let config = serde_json::json!({
            "pattern": "[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
            "num_vocab_tokens": vocab.len(), "default_vocab_size": 1_000 + 259, "default_num_special_tokens": 1_000,
            "version": "v3",
        });
        serde_json::json!({"config": config, "vocab": vocab}).to_string()
    }

    fn opened(text: &str) -> Result<Tekken, LoadTokenizerError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tekken.json");
        std::fs::write(&path, text).unwrap();
        Tekken::open(&path)
    }

    #[test]
    fn ids_follow_the_special_tokens_and_merges_their_order() {
        let tokenizer = opened(&format!("\u{feff}{}", file(&[" t", "he", " the", " thebeyond"]))).unwrap();
        assert_eq!(tokenizer.encode("a the").unwrap(), [1_097, 1_258]);
        assert_eq!(tokenizer.encode("[INST]1").unwrap().len(), 7, "no special token in text");
        let text = "Füße, 你好 the\n\n x";
        assert_eq!(tokenizer.decode(&tokenizer.encode(text).unwrap()).unwrap(), text);
        assert_eq!(
            tokenizer.encode(" thebeyond").unwrap()[0],
            1_258,
            "what is beyond the vocabulary is no entry"
        );
        assert_eq!((tokenizer.words(), tokenizer.added_tokens()), (vec!["the".to_owned()], Tokens(1)));
    }

    #[test]
    fn a_file_that_is_no_vocabulary_is_refused_with_the_place() {
        let whole = file(&[" t"]);
        let cases = [
            ("{}", "missing field `config`"),
            (&whole.replacen("\"rank\":7,", "\"rank\":9,", 1), "entry 7 of vocab has the rank 9"),
            (&whole.replacen("AQ==", "A?==", 1), "token_bytes of entry 1"),
            (&whole.replacen("AQ==", "AA==", 1), "an entry twice"),
        ];
        for (text, expected) in cases {
            let error = opened(text).unwrap_err().to_string();
            assert!(error.contains("tekken.json") && error.contains(expected), "{error}\n{expected}");
        }
    }
}
