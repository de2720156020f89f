//! The cached files of a repository, in the layout of Python's `huggingface_hub`, so that both share them.
//!
//! ```text
//! models--OWNER--NAME/refs/main                   the commit of `main` at the last request
//! models--OWNER--NAME/blobs/ETAG                  a file
//! models--OWNER--NAME/blobs/ETAG.incomplete       its partial download
//! models--OWNER--NAME/snapshots/COMMIT/FILE       a link to it
//! models--OWNER--NAME/.no_exist/COMMIT/FILE       empty: the commit has no such file
//! .locks/models--OWNER--NAME/ETAG.lock            is locked during the download
//! ```

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::fs;
use tokio::io::AsyncWriteExt;

use super::repo::{is_commit, is_file_name};
use super::{HubError, Repo, RepoFile};

/// The cache of one repository.
#[derive(Debug)]
pub(super) struct Cache {
    folder: PathBuf,
    locks: PathBuf,
}

impl Cache {
    pub(super) fn new(root: &Path, repo: &Repo) -> Self {
        let name = format!("{}--{}", repo.kind().plural(), repo.id().replace('/', "--"));
        Self { locks: root.join(".locks").join(&name), folder: root.join(name) }
    }

    pub(super) fn blob(&self, etag: &str) -> PathBuf {
        self.folder.join("blobs").join(etag)
    }

    pub(super) fn partial(&self, etag: &str) -> PathBuf {
        self.folder.join("blobs").join(format!("{etag}.incomplete"))
    }

    pub(super) fn lock(&self, etag: &str) -> PathBuf {
        self.locks.join(format!("{etag}.lock"))
    }

    pub(super) fn snapshot(&self, commit: &str) -> PathBuf {
        self.folder.join("snapshots").join(commit)
    }

    /// Returns the commit of `revision` at the last request.
    pub(super) async fn commit_of(&self, revision: &str) -> Option<String> {
        if is_commit(revision) {
            return Some(revision.to_owned());
        }
        let commit = fs::read_to_string(self.folder.join("refs").join(revision)).await.ok()?;
        Some(commit.trim().to_owned()).filter(|it| is_file_name(it))
    }

    /// Returns the path of the file, if it is cached.
    pub(super) async fn find(&self, commit: &str, file: &str) -> Option<PathBuf> {
        let path = self.snapshot(commit).join(file);
        fs::metadata(&path).await.is_ok_and(|it| it.is_file()).then_some(path)
    }

    /// Returns `true` if it is known that the commit has no such file.
    pub(super) async fn is_absent(&self, commit: &str, file: &str) -> bool {
        fs::metadata(self.no_exist(commit, file)).await.is_ok()
    }

    fn no_exist(&self, commit: &str, file: &str) -> PathBuf {
        self.folder.join(".no_exist").join(commit).join(file)
    }

    /// Records that the commit has no such file.
    pub(super) async fn note_absent(&self, commit: &str, file: &str) -> Result<(), HubError> {
        write(&self.no_exist(commit, file), b"").await
    }

    /// Records the commit of a revision.
    pub(super) async fn note_commit(&self, revision: &str, commit: &str) -> Result<(), HubError> {
        if revision == commit || self.commit_of(revision).await.as_deref() == Some(commit) {
            return Ok(());
        }
        write(&self.folder.join("refs").join(revision), commit.as_bytes()).await
    }

    /// Links the blob as a file of the commit.
    pub(super) async fn link(&self, etag: &str, commit: &str, file: &str) -> Result<PathBuf, HubError> {
        let path = self.snapshot(commit).join(file);
        create_folder_of(&path).await?;
        let ups = "../".repeat(2 + file.split('/').count() - 1);
        let target: PathBuf = format!("{ups}blobs/{etag}").split('/').collect();
        // A dangling link would block the new one.
        if fs::symlink_metadata(&path).await.is_ok() && fs::metadata(&path).await.is_err() {
            let _ = fs::remove_file(&path).await;
        }
        match symlink(&target, &path).await {
            Ok(()) => Ok(path),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(path),
            Err(_) => {
                self.copy(etag, &path).await.map_err(failed("write", &path))?;
                Ok(path)
            }
        }
    }

    /// Copies the blob, for file systems without links.
    async fn copy(&self, etag: &str, path: &Path) -> io::Result<()> {
        let unfinished = unfinished(&self.blob(etag));
        fs::copy(self.blob(etag), &unfinished).await?;
        fs::rename(&unfinished, path).await
    }

    /// Returns the files of the commit that are cached.
    pub(super) async fn files(&self, commit: &str) -> Vec<RepoFile> {
        let mut folders = vec![String::new()];
        let mut files = Vec::new();
        while let Some(folder) = folders.pop() {
            let Ok(mut entries) = fs::read_dir(self.snapshot(commit).join(&folder)).await else { continue };
            while let Ok(Some(entry)) = entries.next_entry().await {
                let Ok(name) = entry.file_name().into_string() else { continue };
                let path = if folder.is_empty() { name } else { format!("{folder}/{name}") };
                match fs::metadata(entry.path()).await {
                    Ok(it) if it.is_dir() => folders.push(path),
                    Ok(it) => files.push(RepoFile { path, size: it.len() }),
                    // A dangling link.
                    Err(_) => {}
                }
            }
        }
        files.sort_by(|a, b| a.path.cmp(&b.path));
        files
    }
}

#[cfg(unix)]
async fn symlink(target: &Path, path: &Path) -> io::Result<()> {
    fs::symlink(target, path).await
}

#[cfg(windows)]
async fn symlink(target: &Path, path: &Path) -> io::Result<()> {
    fs::symlink_file(target, path).await
}

/// Writes a small file atomically.
async fn write(path: &Path, bytes: &[u8]) -> Result<(), HubError> {
    create_folder_of(path).await?;
    let unfinished = unfinished(path);
    let mut file = fs::File::options()
        .write(true)
        .create_new(true)
        .open(&unfinished)
        .await
        .map_err(failed("write", path))?;
    file.write_all(bytes).await.map_err(failed("write", path))?;
    file.flush().await.map_err(failed("write", path))?;
    fs::rename(&unfinished, path).await.map_err(failed("write", path))
}

/// Returns a unique name beside `path`.
fn unfinished(path: &Path) -> PathBuf {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{}-{}.new", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed)));
    name.into()
}

pub(super) async fn create_folder_of(path: &Path) -> Result<(), HubError> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder).await.map_err(failed("create", folder))
}

/// Returns the error for a failure at `path`.
pub(super) fn failed(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> HubError {
    let path = path.to_owned();
    move |source| HubError::Cache { action, path, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

    fn cache(root: &Path) -> Cache {
        Cache::new(root, &Repo::dataset("owner/name").unwrap())
    }

    #[tokio::test]
    async fn a_file_in_a_folder_is_a_link_to_its_blob() {
        let root = tempfile::tempdir().unwrap();
        let cache = cache(root.path());
        write(&cache.blob("etag"), b"text").await.unwrap();
        assert_eq!(cache.find(COMMIT, "a/b.txt").await, None);
        for _ in 0..2 {
            let path = cache.link("etag", COMMIT, "a/b.txt").await.unwrap();
            assert_eq!(path, root.path().join(format!("datasets--owner--name/snapshots/{COMMIT}/a/b.txt")));
            assert_eq!(std::fs::read(&path).unwrap(), b"text");
        }
        #[cfg(unix)]
        {
            let link = std::fs::read_link(cache.snapshot(COMMIT).join("a/b.txt")).unwrap();
            assert_eq!(link, Path::new("../../../blobs/etag"));
        }
        assert_eq!(cache.files(COMMIT).await, [RepoFile { path: "a/b.txt".to_owned(), size: 4 }]);
    }

    #[tokio::test]
    async fn a_dangling_link_is_replaced() {
        let root = tempfile::tempdir().unwrap();
        let cache = cache(root.path());
        cache.link("gone", COMMIT, "a").await.unwrap();
        assert_eq!(cache.find(COMMIT, "a").await, None);
        write(&cache.blob("etag"), b"text").await.unwrap();
        assert_eq!(std::fs::read(cache.link("etag", COMMIT, "a").await.unwrap()).unwrap(), b"text");
    }

    #[tokio::test]
    async fn a_revision_is_remembered() {
        let root = tempfile::tempdir().unwrap();
        let cache = cache(root.path());
        assert_eq!(cache.commit_of("refs/pr/1").await, None);
        cache.note_commit("refs/pr/1", COMMIT).await.unwrap();
        assert_eq!(cache.commit_of("refs/pr/1").await.as_deref(), Some(COMMIT));
        assert_eq!(cache.commit_of(COMMIT).await.as_deref(), Some(COMMIT));
        write(&cache.folder.join("refs/bad"), b"../../etc").await.unwrap();
        assert_eq!(cache.commit_of("bad").await, None);
    }

    #[tokio::test]
    async fn without_links_the_file_is_copied() {
        let root = tempfile::tempdir().unwrap();
        let cache = cache(root.path());
        write(&cache.blob("etag"), b"text").await.unwrap();
        let path = root.path().join("a");
        cache.copy("etag", &path).await.unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"text");
    }
}
