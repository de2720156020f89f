//! The bytes of a `tokenizer.json`, and whose they are.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::{LoadTokenizerError, added_tokens, bounds, fingerprint, source};
use crate::units::Tokens;

/// A `tokenizer.json` that was read, but not yet understood.
pub(super) struct TokenizerFile {
    /// The name of the folder it is in: most likely the model's.
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

    /// What decides the counts of any tokenizer made of this file.
    pub(super) fn fingerprint(&self) -> String {
        self.fingerprint.get_or_init(|| fingerprint::from_parts([self.bytes.as_slice()])).clone()
    }

    /// Returns how many tokens are put around a bare text.
    pub(super) fn added_tokens(&self) -> Tokens {
        let folder = || self.path.parent().unwrap_or(&self.path);
        *self.added.get_or_init(|| added_tokens::added_tokens(&self.bytes, folder()))
    }

    /// Says why this file is no tokenizer.
    pub(super) fn refused(&self, problem: &impl ToString) -> LoadTokenizerError {
        LoadTokenizerError::NoTokenizer { path: self.path.clone(), problem: problem.to_string() }
    }
}
