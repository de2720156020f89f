//! Tokenizers from a Hugging Face `tokenizer.json`.

use std::fmt;
use std::path::Path;

use super::file::TokenizerFile;
use super::whole_words::whole_words;
use super::{LoadTokenizerError, TokenizeError, Tokenizer};
use crate::units::Tokens;

/// A tokenizer read from a `tokenizer.json`, by the library that defines the format.
pub struct HuggingFace {
    name: String,
    fingerprint: String,
    added: Tokens,
    tokenizer: tokenizers::Tokenizer,
}

impl HuggingFace {
    /// Reads `path`: a `tokenizer.json`, or a folder that holds one.
    ///
    /// # Errors
    ///
    /// When there is no such file, or it is no tokenizer.
    pub fn open(path: &Path) -> Result<Self, LoadTokenizerError> {
        Self::from_file(&TokenizerFile::read(path)?)
    }

    pub(super) fn from_file(file: &TokenizerFile) -> Result<Self, LoadTokenizerError> {
        let mut tokenizer = tokenizers::Tokenizer::from_bytes(&file.bytes).map_err(|it| file.refused(&it))?;
        // Either would falsify every count, and a `tokenizer.json` may have both switched on.
        tokenizer.with_padding(None);
        tokenizer.with_truncation(None).map_err(|it| file.refused(&it))?;
        Ok(Self {
            name: file.name.clone(),
            fingerprint: file.fingerprint(),
            added: file.added_tokens(),
            tokenizer,
        })
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

    fn fingerprint(&self) -> String {
        self.fingerprint.clone()
    }

    fn encode(&self, text: &str) -> Result<Vec<u32>, TokenizeError> {
        let encoding = self.tokenizer.encode_fast(text, false);
        encoding.map(|it| it.get_ids().to_vec()).map_err(|it| TokenizeError::new(it.to_string()))
    }

    fn decode(&self, ids: &[u32]) -> Result<String, TokenizeError> {
        self.tokenizer.decode(ids, true).map_err(|it| TokenizeError::new(it.to_string()))
    }

    fn added_tokens(&self) -> Tokens {
        self.added
    }

    fn words(&self) -> Vec<String> {
        let vocabulary = self.tokenizer.get_vocab(false);
        whole_words(|| vocabulary.keys().map(String::as_str))
    }
}
