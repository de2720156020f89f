//! A faster reader of the same `tokenizer.json` files.

use std::fmt;
use std::path::Path;

use super::file::TokenizerFile;
use super::whole_words::whole_words;
use super::{LoadTokenizerError, TokenizeError, Tokenizer};
use crate::units::Tokens;

/// A tokenizer read from a `tokenizer.json` by a library that is several times as fast as the one that defines
/// the format.
///
/// It supports fewer features, and reads some files differently: [`load`](super::load) uses it only where both agree.
pub struct Kitoken {
    name: String,
    fingerprint: String,
    added: Tokens,
    words: Vec<String>,
    tokenizer: kitoken::Kitoken,
}

impl Kitoken {
    /// Reads `path`: a `tokenizer.json`, or a folder that holds one.
    ///
    /// # Errors
    ///
    /// When there is no such file, or it is no tokenizer that this library knows.
    pub fn open(path: &Path) -> Result<Self, LoadTokenizerError> {
        Self::from_file(&TokenizerFile::read(path)?)
    }

    pub(super) fn from_file(file: &TokenizerFile) -> Result<Self, LoadTokenizerError> {
        let definition = kitoken::convert::convert_tokenizers(&file.bytes).map_err(|it| file.refused(&it))?;
        let entries = || definition.model.vocab().iter().filter_map(|it| str::from_utf8(&it.bytes).ok());
        let words = whole_words(entries);
        let tokenizer = kitoken::Kitoken::from_definition(definition).map_err(|it| file.refused(&it))?;
        Ok(Self {
            name: file.name.clone(),
            fingerprint: file.fingerprint(),
            added: file.added_tokens(),
            words,
            tokenizer,
        })
    }
}

impl fmt::Debug for Kitoken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kitoken").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Tokenizer for Kitoken {
    fn name(&self) -> &str {
        &self.name
    }

    fn fingerprint(&self) -> String {
        self.fingerprint.clone()
    }

    fn encode(&self, text: &str) -> Result<Vec<u32>, TokenizeError> {
        self.tokenizer.encode(text, true).map_err(|it| TokenizeError::new(it.to_string()))
    }

    fn decode(&self, ids: &[u32]) -> Result<String, TokenizeError> {
        let bytes = self.tokenizer.decode(ids, false).map_err(|it| TokenizeError::new(it.to_string()))?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    fn added_tokens(&self) -> Tokens {
        self.added
    }

    fn words(&self) -> Vec<String> {
        self.words.clone()
    }
}
