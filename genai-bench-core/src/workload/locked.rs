//! The sampler of a lock's sessions.

use std::collections::HashMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde::Deserialize;

use super::lock::Span;
use super::{Header, LockReader, LockedContent, WorkloadError};
use crate::files::regular_file;
use crate::request::Session;
use crate::rng::Rng;
use crate::sampler::{SampleError, Sampler};

use crate::request::SessionSpec;

/// A sampler of the sessions of a lock, byte for byte. They are read from the file on demand, so a workload of any size
/// needs little memory.
#[derive(Debug)]
pub struct LockedSampler {
    path: PathBuf,
    header: Header,
    content_hash: String,
    file: Mutex<File>,
    places: HashMap<(u64, u64), Span>,
    changes: Option<&'static str>,
}

impl LockedSampler {
    /// Reads the whole lock at `path` and checks its hash.
    ///
    /// # Errors
    ///
    /// When it is no lock, was cut off or changed, or holds no sessions.
    pub fn open(path: &Path) -> Result<Self, WorkloadError> {
        let mut reader = LockReader::open(path)?;
        if reader.header().content != LockedContent::Sessions {
            let problem = "it holds only what sessions are made from".to_owned();
            return Err(WorkloadError::Malformed { path: path.to_owned(), line: 1, problem });
        }
        let mut places = HashMap::new();
        while let Some(((group, index, _), span)) = reader.next_span()? {
            places.insert((group, index), span);
        }
        let content_hash = reader.end().map(|it| it.content_hash.clone()).unwrap_or_default();
        let file = regular_file::open(path).map_err(|source| WorkloadError::io("read", path, source))?;
        let (path, header, changes) = (path.to_owned(), reader.header().clone(), reader.changes());
        Ok(Self { file: Mutex::new(file), path, header, content_hash, places, changes })
    }

    /// Returns the header of the lock.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Returns the hash of the sessions.
    #[must_use]
    pub fn content_hash(&self) -> &str {
        &self.content_hash
    }

    /// Returns a description of changes to the file by an editor or git that leave its content the same: line ends or
    /// a byte order mark.
    #[must_use]
    pub fn changes(&self) -> Option<&'static str> {
        self.changes
    }

    fn read(&self, span: Span) -> std::io::Result<Session> {
        #[derive(Deserialize)]
        struct Line {
            session: (u64, u64, Session),
        }
        let mut line = vec![0; usize::try_from(span.length).unwrap_or(0)];
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(span.from))?;
        file.read_exact(&mut line)?;
        drop(file);
        Ok(serde_json::from_slice::<Line>(&line)?.session.2)
    }
}

impl Sampler for LockedSampler {
    fn sample(&self, spec: &SessionSpec, _: &mut Rng) -> Result<Session, SampleError> {
        let place = (spec.group, spec.index);
        let failed =
            |problem: String| SampleError::Source { source_name: self.path.display().to_string(), problem };
        let span = self
            .places
            .get(&place)
            .ok_or_else(|| failed(format!("there is no session {} of group {}", spec.index, spec.group)))?;
        self.read(*span).map_err(|it| failed(it.to_string()))
    }

    fn sessions(&self) -> Option<u64> {
        Some(self.header.sessions_per_run)
    }
}
