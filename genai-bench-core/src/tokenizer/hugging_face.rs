//! Tokenizers from a Hugging Face `tokenizer.json`.

use std::fmt;
use std::path::{Path, PathBuf};

use super::{TokenizeError, Tokenizer};

/// A tokenizer read from a `tokenizer.json`.
pub struct HuggingFace {
    name: String,
    tokenizer: tokenizers::Tokenizer,
}

impl HuggingFace {
    /// Reads `path`: a `tokenizer.json`, or a folder that holds one.
    ///
    /// # Errors
    ///
    /// When there is no such file, or it is no tokenizer.
    pub fn open(path: &Path) -> Result<Self, LoadTokenizerError> {
        let file = if path.is_dir() { path.join("tokenizer.json") } else { path.to_owned() };
        let failed = |problem| LoadTokenizerError { path: file.clone(), problem };
        let bytes = std::fs::read(&file).map_err(|it| failed(Problem::Unreadable(it)))?;
        let mut tokenizer = tokenizers::Tokenizer::from_bytes(&bytes)
            .map_err(|it| failed(Problem::NoTokenizer(it.to_string())))?;
        // Either would falsify every count, and a `tokenizer.json` may have both switched on.
        tokenizer.with_padding(None);
        tokenizer.with_truncation(None).map_err(|it| failed(Problem::NoTokenizer(it.to_string())))?;
        let named = if path.is_dir() { path } else { path.parent().unwrap_or(path) };
        let name = named.file_name().unwrap_or(named.as_os_str()).to_string_lossy().into_owned();
        Ok(Self { name, tokenizer })
    }
}

impl fmt::Debug for HuggingFace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HuggingFace").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Tokenizer for HuggingFace {
    fn name(&self) -> &str {
        &self.name
    }

    fn encode(&self, text: &str) -> Result<Vec<u32>, TokenizeError> {
        let encoding = self.tokenizer.encode_fast(text, false);
        encoding.map(|it| it.get_ids().to_vec()).map_err(|it| TokenizeError::new(it.to_string()))
    }

    fn decode(&self, ids: &[u32]) -> Result<String, TokenizeError> {
        self.tokenizer.decode(ids, true).map_err(|it| TokenizeError::new(it.to_string()))
    }

    /// Vocabulary entries that begin with a marked space: `Ġ` in byte-level, `▁` in metaspace vocabularies.
    /// `WordPiece` marks what does *not* follow a space instead.
    fn words(&self) -> Vec<String> {
        let vocabulary = self.tokenizer.get_vocab(false);
        let is_word =
            |it: &str| (2..=12).contains(&it.len()) && it.bytes().all(|byte| byte.is_ascii_lowercase());
        let after = |marks: [char; 2]| {
            let words = vocabulary.keys().filter_map(move |it| it.strip_prefix(marks));
            words.filter(|it| is_word(it)).map(str::to_owned).collect::<Vec<_>>()
        };
        let mut words = after(['Ġ', '▁']);
        if words.is_empty() {
            words = vocabulary.keys().filter(|it| is_word(it)).cloned().collect();
        }
        words.sort_unstable(); // a hash map has no order, and the same seed must give the same prompt
        words
    }
}

/// A tokenizer that cannot be had from a file.
#[derive(Debug, thiserror::Error)]
#[error("cannot read the tokenizer {}: {problem}", path.display())]
pub struct LoadTokenizerError {
    path: PathBuf,
    problem: Problem,
}

#[derive(Debug, thiserror::Error)]
enum Problem {
    #[error("{0}; give a tokenizer.json or a folder that holds one")]
    Unreadable(std::io::Error),
    #[error("this file is no tokenizer ({0}); a Hugging Face tokenizer.json is one")]
    NoTokenizer(String),
}
