//! Creation, reading and writing of experiment folders.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::names;
use super::run_file::RunFileWriter;
use super::{Journal, Metadata, RunFile, RunHeader, TimeUnit, unusable};
use crate::error::Error;
use crate::files::atomic_file::AtomicFile;
use crate::files::byte_order_mark;
use crate::files::regular_file;
use crate::metrics::RunMetrics;
use crate::plan::{Level, Run};
use crate::task::Task;

/// The name of the metadata file.
pub(super) const METADATA: &str = "experiment_metadata.json";
/// The maximum size of a metadata file, in bytes: it has some kilobytes, and a line for each note on a dataset.
pub(super) const MOST_METADATA_BYTES: u64 = 64 << 20;
/// The maximum size of a result file, in bytes: that of a run of five million requests.
const MOST_RESULT_BYTES: u64 = 4 << 30;

/// An experiment folder.
#[derive(Clone, Debug)]
pub struct Folder {
    path: PathBuf,
    task: Task,
    unit: TimeUnit,
}

impl Folder {
    /// Creates the folder and writes its metadata.
    ///
    /// # Errors
    ///
    /// When it cannot be written, or holds an experiment already: results are never overwritten.
    pub fn create(path: &Path, metadata: &Metadata) -> Result<Self, Error> {
        let file = path.join(METADATA);
        if file.exists() {
            let version = regular_file::read(&file, MOST_METADATA_BYTES)
                .ok()
                .and_then(|bytes| unusable::python_version(&bytes));
            let author = version
                .map_or_else(String::new, |version| format!(" of the Python tool (version {version})"));
            let message = format!(
                "this folder holds an experiment{author} already: give another name, or move it away"
            );
            return Err(Error::Malformed { path: path.to_owned(), line: None, message });
        }
        fs::create_dir_all(path).map_err(Error::from_io("create", path))?;
        write(&file, metadata)?;
        Ok(Self { path: path.to_owned(), task: metadata.task, unit: metadata.metrics_time_unit })
    }

    /// Opens an existing experiment folder.
    ///
    /// # Errors
    ///
    /// When it holds no experiment.
    pub fn open(path: &Path) -> Result<(Self, Metadata), Error> {
        let file = path.join(METADATA);
        let bytes = match regular_file::read(&file, MOST_METADATA_BYTES) {
            Ok(bytes) => bytes,
            Err(_) if path.exists() && !file.exists() => return Err(unusable::without_metadata(path)),
            Err(source) => return Err(Error::Folder { action: "read", path: file, source }),
        };
        let metadata: Metadata = serde_json::from_slice(byte_order_mark::strip(&bytes))
            .map_err(|error| unusable::with_damaged_metadata(path, &bytes, &error))?;
        Ok((Self { path: path.to_owned(), task: metadata.task, unit: metadata.metrics_time_unit }, metadata))
    }

    /// Returns the path of the folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the result files of the folder with their paths, sorted by name.
    ///
    /// # Errors
    ///
    /// When one of them cannot be read.
    pub fn run_files(&self) -> Result<Vec<(PathBuf, RunFile)>, Error> {
        let paths = list(&self.path)?.into_iter().filter(|path| is_result(path));
        paths.map(|path| read(&path).map(|file| (path, file))).collect()
    }

    /// Returns the paths of the journals, in the order of the runs.
    ///
    /// # Errors
    ///
    /// When the folder cannot be read.
    pub fn journals(&self) -> Result<Vec<PathBuf>, Error> {
        Ok(list(&self.path)?.into_iter().filter(|path| is_journal(path)).collect())
    }

    /// Creates the journal of a run.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub fn begin(&self, run: &Run, header: &RunHeader) -> Result<Journal, Error> {
        Journal::create(self.path.join(names::journal(run)), header)
    }

    /// Writes the result file of a run that took `elapsed` and returns its path. A run in which no request finished
    /// has none, because the Python tool cannot read a result without requests.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub fn save(
        &self,
        scenario: &str,
        level: &Level,
        elapsed: Duration,
        metrics: &RunMetrics,
    ) -> Result<Option<PathBuf>, Error> {
        if metrics.finished() == 0 {
            return Ok(None);
        }
        let path = self.path.join(names::run_file(scenario, self.task, level, elapsed));
        write(&path, &RunFileWriter::new(scenario, level, metrics, self.unit))?;
        Ok(Some(path))
    }
}

/// Returns `true` if a path has the name of a result file.
fn is_result(path: &Path) -> bool {
    let name = file_name(path);
    name.ends_with("s.json") && name.contains("_time_") && !name.starts_with("debug_for_run")
}

/// Returns `true` if a path has the name of a journal.
fn is_journal(path: &Path) -> bool {
    let name = file_name(path);
    name.starts_with(names::JOURNAL) && name.ends_with(".jsonl")
}

fn file_name(path: &Path) -> &str {
    path.file_name().and_then(|name| name.to_str()).unwrap_or_default()
}

/// Writes a JSON file atomically.
fn write(path: &Path, value: &impl Serialize) -> Result<(), Error> {
    let written = AtomicFile::create(path).and_then(|mut file| {
        write_json(&mut file, value)?;
        file.commit()
    });
    written.map_err(Error::from_io("write", path))
}

/// Writes `value` as JSON in a streaming way: the result of a million requests is never in memory as a whole.
fn write_json(file: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    let indent = serde_json::ser::PrettyFormatter::with_indent(b"    ");
    value.serialize(&mut serde_json::Serializer::with_formatter(&mut *file, indent))?;
    file.write_all(b"\n")
}

/// Reads a JSON file.
fn read<T: DeserializeOwned>(path: &Path) -> Result<T, Error> {
    let text = regular_file::read(path, MOST_RESULT_BYTES).map_err(Error::from_io("read", path))?;
    serde_json::from_slice(&text).map_err(|error| Error::Malformed {
        path: path.to_owned(),
        line: Some(error.line()),
        message: error.to_string(),
    })
}

/// Returns the sorted paths of the entries of a folder.
fn list(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let entries = fs::read_dir(folder).and_then(|entries| {
        entries.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<Vec<_>>>()
    });
    let mut paths = entries.map_err(Error::from_io("read", folder))?;
    paths.sort();
    Ok(paths)
}
