//! The hub client against a hub on this machine, over real sockets.
#![expect(clippy::unwrap_used, reason = "all of this is a test, also what is no test function")]

mod dataset;
mod download;
mod file;
mod listing;
mod offline;
mod refusal;
mod server;

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use genai_bench_backends::hub::{Hub, HubBuilder, HubError, Progress, Repo};
use tempfile::TempDir;

use server::FakeHub;

const ONE: &str = "1111111111111111111111111111111111111111";
const TWO: &str = "2222222222222222222222222222222222222222";

/// A hub on this machine, and an empty cache.
struct TestHub {
    server: FakeHub,
    cache: TempDir,
}

impl TestHub {
    async fn new() -> Self {
        Self { server: FakeHub::start().await, cache: tempfile::tempdir().unwrap() }
    }

    fn builder(&self) -> HubBuilder {
        HubBuilder::new(self.cache.path())
            .endpoint(self.server.endpoint())
            .retries(2, Duration::from_millis(1))
    }

    fn hub(&self) -> Hub {
        self.builder().build().unwrap()
    }

    fn offline(&self) -> Hub {
        self.builder().offline(true).build().unwrap()
    }

    /// Returns a client with this cache whose hub is unreachable.
    fn unreachable(&self) -> Hub {
        self.builder().endpoint("http://127.0.0.1:1").build().unwrap()
    }

    /// Returns every file of the cache but the locks, with its content.
    fn cached_files(&self) -> Vec<(String, String)> {
        let mut folders = vec![self.cache.path().to_owned()];
        let mut kept = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_none_or(|it| it != "lock") {
                    let name = path.strip_prefix(self.cache.path()).unwrap().to_str().unwrap().to_owned();
                    kept.push((name, text(&path)));
                }
            }
        }
        kept.sort();
        kept
    }

    /// Returns the files in the folder `blobs` of the repository.
    fn blobs(&self, repo: &str) -> Vec<PathBuf> {
        let blobs = std::fs::read_dir(self.cache.path().join(repo).join("blobs"));
        let mut blobs: Vec<PathBuf> = blobs.into_iter().flatten().map(|it| it.unwrap().path()).collect();
        blobs.sort();
        blobs
    }
}

/// An observer that records all reports.
#[derive(Debug, Default)]
struct RecordedProgress(Mutex<Vec<String>>);

impl RecordedProgress {
    fn all(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }

    fn note(&self, what: String) {
        self.0.lock().unwrap().push(what);
    }
}

impl Progress for RecordedProgress {
    fn began(&self, file: &str, bytes: Option<u64>) {
        self.note(format!("began {file} {}", bytes.map_or("?".to_owned(), |it| it.to_string())));
    }

    fn advanced(&self, bytes: u64) {
        self.note(format!("advanced {bytes}"));
    }

    fn ended(&self) {
        self.note("ended".to_owned());
    }

    fn fell_back(&self, file: &str, why: &HubError) {
        self.note(format!("fell back '{file}': {why}"));
    }
}

fn model() -> Repo {
    Repo::model("owner/name").unwrap()
}

fn text(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}
