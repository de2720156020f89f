//! A client for Hugging Face hubs: datasets and tokenizers.
//!
//! Files are cached in the layout of Python's `huggingface_hub`, so that both share them, and the same
//! environment variables apply: the token, the address of the hub, and offline mode ([`Hub::from_env`]). The
//! routes are those of <https://huggingface.co/docs/hub/api>.
//!
//! None of this happens while a run is measured.

mod address_scope;
mod builder;
mod cache;
mod client;
mod dataset_card;
mod dataset_files;
mod download;
mod environment;
mod error;
mod file_lock;
mod file_metadata;
mod glob;
mod local_folder;
mod progress;
mod repo;
mod repo_files;
mod response_error;
mod splits;

use std::path::PathBuf;

use self::cache::Cache;
use self::client::{Client, Retries};
use self::download::Download;
use self::file_metadata::FileMetadata;
use self::repo::{is_commit, is_path};

pub use self::builder::HubBuilder;
pub use self::dataset_files::{DatasetFiles, DatasetSelection};
pub use self::error::{HubError, NoDataFiles};
pub use self::local_folder::{FolderFiles, dataset_files_in};
pub use self::progress::{Progress, Quiet};
pub use self::repo::{InvalidRepo, Repo, RepoKind};
pub use self::repo_files::RepoFile;

/// The files of a tokenizer, of which the first one that exists is used.
const TOKENIZER: [&str; 2] = ["tokenizer.json", "tekken.json"];
/// The optional files of a tokenizer.
const BESIDE_TOKENIZER: [&str; 4] =
    ["tokenizer_config.json", "chat_template.jinja", "chat_template.json", "special_tokens_map.json"];

/// A hub, and the folder in which its files are cached.
///
/// A file is downloaded once for each version of it: the hub is queried for the latest version, and files that
/// are in the cache are not downloaded again. If the hub cannot be reached, the cached version is used, and
/// [`Progress::fell_back`] reports this. A partial download is continued, now or the next time, and is compared
/// with the length and the checksum that the hub reports.
///
/// ```no_run
/// use genai_bench_backends::hub::{Hub, Quiet};
///
/// # async fn fetch() -> Result<(), Box<dyn std::error::Error>> {
/// let hub = Hub::from_env()?;
/// let folder = hub.tokenizer(&"Qwen/Qwen3-8B".parse()?, &Quiet).await?;
/// println!("{}", folder.join("tokenizer.json").display());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Hub {
    client: Client,
    cache: PathBuf,
    is_offline: bool,
    token_note: Option<String>,
}

/// A file in the cache.
struct Cached {
    path: PathBuf,
    commit: String,
    /// `true` if the hub was not requested, or could not be reached.
    is_fallback: bool,
}

impl Hub {
    /// Creates a client for the hub of the environment. See [`HubBuilder::from_env`] and
    /// [`HubBuilder::build`].
    ///
    /// # Errors
    ///
    /// Returns an error that names the variable with an invalid value.
    pub fn from_env() -> Result<Self, HubError> {
        HubBuilder::from_env()?.build()
    }

    /// Returns a note for the user if the token is sent to another host than Hugging Face's, or over plain
    /// HTTP. Returns `None` if it is not, and if no token is sent.
    #[must_use]
    pub fn token_note(&self) -> Option<&str> {
        self.token_note.as_deref()
    }

    /// Returns the path of the latest version of a file on this machine, and downloads it if it is not
    /// cached.
    ///
    /// # Errors
    ///
    /// See [`HubError`].
    pub async fn file(&self, repo: &Repo, file: &str, progress: &dyn Progress) -> Result<PathBuf, HubError> {
        Ok(self.obtain(repo, file, self.is_offline, progress).await?.path)
    }

    /// Returns all files of the repository; if the hub cannot be reached, those in the cache.
    ///
    /// # Errors
    ///
    /// See [`HubError`].
    pub async fn files(&self, repo: &Repo, progress: &dyn Progress) -> Result<Vec<RepoFile>, HubError> {
        Ok(self.list(repo, progress).await?.files)
    }

    /// Returns the folder with the `tokenizer.json` of a model, or its `tekken.json` if there is none, and,
    /// if they exist, its `tokenizer_config.json`, `chat_template.jinja`, `chat_template.json` and
    /// `special_tokens_map.json`, all of the same commit.
    ///
    /// # Errors
    ///
    /// See [`HubError`].
    pub async fn tokenizer(&self, repo: &Repo, progress: &dyn Progress) -> Result<PathBuf, HubError> {
        let [usual, other] = TOKENIZER;
        let tokenizer = match self.obtain(repo, usual, self.is_offline, progress).await {
            Err(error) if is_absent(&error) => {
                let other = self.obtain(repo, other, self.is_offline, progress).await;
                other.map_err(|other| if is_absent(&other) { error } else { other })?
            }
            tokenizer => tokenizer?,
        };
        let pinned = repo.at(&tokenizer.commit)?;
        for file in BESIDE_TOKENIZER {
            match self.obtain(&pinned, file, tokenizer.is_fallback, progress).await {
                Err(error) if !is_absent(&error) => return Err(error),
                _ => {}
            }
        }
        Ok(Cache::new(&self.cache, repo).snapshot(&tokenizer.commit))
    }

    async fn obtain(
        &self,
        repo: &Repo,
        file: &str,
        is_offline: bool,
        progress: &dyn Progress,
    ) -> Result<Cached, HubError> {
        if !is_path(file) {
            return Err(HubError::FileName(file.to_owned()));
        }
        let no_file = || HubError::NoFile { repo: repo.clone(), file: file.to_owned() };
        let cache = Cache::new(&self.cache, repo);
        // The content of a commit never changes.
        let is_settled = is_offline || is_commit(repo.revision());
        let mut here = None;
        if let Some(commit) = cache.commit_of(repo.revision()).await {
            if is_settled && cache.is_absent(&commit, file).await {
                return Err(no_file());
            }
            let found = cache.find(&commit, file).await;
            here = found.map(|path| Cached { path, commit, is_fallback: is_offline });
        }
        match here {
            Some(here) if is_settled => return Ok(here),
            None if is_offline => return Err(self.not_in_cache(file, repo, None)),
            _ => {}
        }
        let metadata = match (self.fetch_metadata(repo, file, here.is_some()).await, here) {
            (Ok(metadata), _) => metadata,
            (Err(why), Some(here)) => {
                progress.fell_back(file, &why);
                return Ok(Cached { is_fallback: true, ..here });
            }
            (Err(why), None) => return Err(self.not_in_cache(file, repo, Some(why))),
        };
        if metadata.is_absent {
            if let Some(commit) = metadata.commit() {
                // It only saves a request the next time.
                let _ = cache.note_absent(commit, file).await;
            }
            return Err(no_file());
        }
        self.bring(repo, file, &metadata, &cache, progress).await
    }

    /// Fetches the metadata of a file. The wait is short for a file that is cached.
    async fn fetch_metadata(&self, repo: &Repo, file: &str, is_here: bool) -> Result<FileMetadata, HubError> {
        let mut retries = if is_here { Retries::none() } else { self.client.retries() };
        loop {
            match self.client.head(repo, file).await {
                Err(error) if retries.wait_after(&error).await => {}
                it => return it,
            }
        }
    }

    /// Downloads the file of this metadata into the cache.
    async fn bring(
        &self,
        repo: &Repo,
        file: &str,
        metadata: &FileMetadata,
        cache: &Cache,
        progress: &dyn Progress,
    ) -> Result<Cached, HubError> {
        let (commit, etag) = metadata.names(&self.client.host())?;
        let cached = |path| Cached { path, commit: commit.to_owned(), is_fallback: false };
        if let Some(path) = cache.find(commit, file).await {
            // A shared cache may not be writable.
            let _ = cache.note_commit(repo.revision(), commit).await;
            return Ok(cached(path));
        }
        let size = metadata.size;
        Download { client: &self.client, repo, file, commit, etag, size, progress }.run(cache).await?;
        let path = cache.link(etag, commit, file).await?;
        cache.note_commit(repo.revision(), commit).await?;
        Ok(cached(path))
    }

    /// Returns the error for a file that is not in the cache either. If the hub could be reached, its error
    /// is the final one.
    fn not_in_cache(&self, what: &str, repo: &Repo, why: Option<HubError>) -> HubError {
        match why {
            None | Some(HubError::Unreachable { .. } | HubError::Status { .. }) => HubError::NotInCache {
                what: what.to_owned(),
                repo: repo.clone(),
                cache: self.cache.clone(),
                why: why.map(Box::new),
            },
            Some(why) => why,
        }
    }
}

/// Returns `true` if the error of the hub or the cache means that a file does not exist.
fn is_absent(error: &HubError) -> bool {
    matches!(error, HubError::NoFile { .. } | HubError::NotInCache { why: None, .. })
}
