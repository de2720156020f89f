//! The identity of the dataset that a workload was made with.

use std::path::PathBuf;

use genai_bench_core::workload::{file_hash, text_difference};
use serde::{Deserialize, Serialize};

use super::Opened;
use crate::failure::Failure;

/// The hashes of a dataset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DatasetId {
    /// The hash of what the rows say that are used.
    rows: String,
    /// The SHA-256 of each file.
    #[serde(default)]
    files: Vec<String>,
}

impl DatasetId {
    /// Hashes a dataset and its files.
    pub(crate) fn new(opened: &Opened) -> Self {
        let hashes = opened.files.iter().map(|file| file_hash(file));
        // A folder of pictures is no file: its rows have the names and sizes of the pictures.
        let files = hashes.collect::<Result<_, _>>().unwrap_or_default();
        Self { rows: opened.dataset.fingerprint().to_owned(), files }
    }

    /// Refuses a dataset whose rows are not those of this one. Where its files differ only in line ends or a byte order mark, the
    /// error names that.
    pub(crate) fn check(&self, opened: &Opened) -> Result<(), Failure> {
        let found = opened.dataset.fingerprint();
        if found == self.rows {
            return Ok(());
        }
        let why = match self.text_differences(&opened.files) {
            Some(why) => format!(
                "; it is the same text, but {why}: copy it byte for byte, with git by '* -text' in .gitattributes or \
                 core.autocrlf false"
            ),
            None => String::new(),
        };
        let problem = format!(
            "not the dataset that the workload was made with: its rows hash to {found}, and {} was locked{why}",
            self.rows
        );
        Err(Failure::option(opened.option, problem))
    }

    /// Returns in what files differ from the ones that were locked, if all that differ do so in line ends or a byte order mark
    /// alone.
    fn text_differences(&self, files: &[PathBuf]) -> Option<String> {
        if files.len() != self.files.len() {
            return None;
        }
        let mut found: Vec<&str> = Vec::new();
        for (file, locked) in files.iter().zip(&self.files) {
            if file_hash(file).ok()? != *locked {
                let difference = text_difference(&std::fs::read(file).ok()?, locked)?;
                if !found.contains(&difference) {
                    found.push(difference);
                }
            }
        }
        Some(found.join(", ")).filter(|text| !text.is_empty())
    }
}
