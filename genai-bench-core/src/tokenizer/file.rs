//! The bytes and the name of a `tokenizer.json`.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::{LoadTokenizerError, added_tokens, bounds, fingerprint, source};
use crate::units::Tokens;

/// A `tokenizer.json` that has been read, but not parsed.
pub(super) struct TokenizerFile {
    /// The name of its folder, which is most likely the model's.
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
    path: PathBuf,
    fingerprint: OnceLock<String>,
    added: OnceLock<Tokens>,
}

impl TokenizerFile {
    /// Reads `path`: a `tokenizer.json`, or a folder that holds one.
    pub(super) fn read(path: &Path) -> Result<Self, LoadTokenizerError> {
        let file = if path.is_dir() { path.join("tokenizer.json") } else { path.to_owned() };
        let (bytes, name) = (source::read(&file)?, source::name(&file));
        let read = Self { name, bytes, path: file, fingerprint: OnceLock::new(), added: OnceLock::new() };
        bounds::check(&read.bytes).map_err(|problem| read.refused(&problem))?;
        Ok(read)
    }

    /// Returns the fingerprint of any tokenizer made from this file.
    pub(super) fn fingerprint(&self) -> String {
        self.fingerprint.get_or_init(|| fingerprint::from_parts([self.bytes.as_slice()])).clone()
    }

    /// Returns the number of tokens that a server adds to a bare text.
    pub(super) fn added_tokens(&self) -> Tokens {
        let folder = self.path.parent().unwrap_or(&self.path);
        *self.added.get_or_init(|| added_tokens::added_tokens(&self.bytes, folder))
    }

    /// Creates the error of a file that is no tokenizer.
    pub(super) fn refused(&self, problem: &impl ToString) -> LoadTokenizerError {
        LoadTokenizerError::NoTokenizer { path: self.path.clone(), problem: problem.to_string() }
    }
}
