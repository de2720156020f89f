//! The identity of the dataset of a workload.

use std::path::PathBuf;

use genai_bench_core::workload::{file_hash, text_difference};
use serde::{Deserialize, Serialize};

use super::Opened;
use crate::failure::Failure;

/// The hashes of a dataset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DatasetId {
    /// The hash of the content of the rows that are used.
    rows: String,
    /// The SHA-256 of each file.
    #[serde(default)]
    files: Vec<String>,
}

impl DatasetId {
    /// Hashes a dataset and its files.
    pub(crate) fn new(opened: &Opened) -> Self {
        let hashes = opened.files.iter().map(|file| file_hash(file));
        // A folder of images has no file to hash: its rows contain the names and sizes of the images.
        let files = hashes.collect::<Result<_, _>>().unwrap_or_default();
        Self { rows: opened.dataset.fingerprint().to_owned(), files }
    }

    /// Checks that a dataset has the rows of this one. If its files differ only in line ends or a byte order mark, the error
    /// names that.
    pub(crate) fn check(&self, opened: &Opened) -> Result<(), Failure> {
        let found = opened.dataset.fingerprint();
        if found == self.rows {
            return Ok(());
        }
        let hint = match self.text_differences(&opened.files) {
            Some(difference) => format!(
                "; it is the same text, but {difference}: copy it byte for byte, with git by '* -text' in .gitattributes or \
                 core.autocrlf false"
            ),
            None => String::new(),
        };
        let problem = format!(
            "not the dataset that the workload was made with: its rows hash to {found}, and {} was locked{hint}",
            self.rows
        );
        Err(Failure::option(opened.option, problem))
    }

    /// Describes the differences between files and the ones that were locked; `None` if a file differs in more than line ends
    /// or a byte order mark.
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
