//! The list of files of a repository.

use serde::Deserialize;
use url::Url;

use super::cache::Cache;
use super::client::host;
use super::{Hub, HubError, Progress, Repo};

/// The maximum number of pages of a list, each of about 1,000 files: no dataset or tokenizer has more.
const MOST_PAGES: usize = 1_000;
/// The maximum size of all pages of a list, in bytes: 1,000,000 files have about 200 MiB.
const MOST_LIST_BYTES: usize = 256 << 20;

/// A file of a repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepoFile {
    /// The path in the repository, with `/`.
    pub path: String,
    /// The length of the file in bytes.
    pub size: u64,
}

/// The files of a repository, and their source.
#[derive(Debug)]
pub(super) struct RepoFiles {
    pub(super) files: Vec<RepoFile>,
    /// `true` if these are only the files in the cache.
    pub(super) is_from_cache: bool,
}

/// An entry of the hub's response.
#[derive(Debug, Deserialize)]
struct Entry {
    r#type: String,
    path: String,
    #[serde(default)]
    size: u64,
}

/// Returns the error for a list of files with this problem.
fn malformed(url: &Url, problem: String) -> HubError {
    HubError::Malformed { host: host(url), problem }
}

impl Hub {
    /// Returns the files as [`files`](Self::files) does, with their source.
    pub(super) async fn list(&self, repo: &Repo, progress: &dyn Progress) -> Result<RepoFiles, HubError> {
        let why = if self.is_offline {
            None
        } else {
            match self.fetch_list(repo).await {
                Ok(files) => return Ok(RepoFiles { files, is_from_cache: false }),
                Err(it) => Some(it),
            }
        };
        let cache = Cache::new(&self.cache, repo);
        let files = match cache.commit_of(repo.revision()).await {
            Some(commit) => cache.files(&commit).await,
            None => Vec::new(),
        };
        if files.is_empty() {
            return Err(self.not_in_cache("the list of files", repo, why));
        }
        if let Some(why) = why {
            progress.fell_back("", &why);
        }
        Ok(RepoFiles { files, is_from_cache: true })
    }

    async fn fetch_list(&self, repo: &Repo) -> Result<Vec<RepoFile>, HubError> {
        let mut url = self.client.tree_url(repo);
        let mut files = Vec::new();
        let mut bytes = 0;
        for _ in 0..MOST_PAGES {
            let (body, next) = self.client.page(repo, &url).await?;
            bytes += body.len();
            if bytes > MOST_LIST_BYTES {
                return Err(malformed(
                    &url,
                    format!("its list of files has more than {MOST_LIST_BYTES} bytes"),
                ));
            }
            let entries: Vec<Entry> = serde_json::from_slice(&body)
                .map_err(|it| malformed(&url, format!("its list of files cannot be read: {it}")))?;
            let of_files = entries.into_iter().filter(|it| it.r#type == "file");
            files.extend(of_files.map(|it| RepoFile { path: it.path, size: it.size }));
            match next {
                Some(next) => url = next,
                None => return Ok(files),
            }
        }
        let problem = "its list of files does not end".to_owned();
        Err(HubError::Malformed { host: host(&url), problem })
    }
}
