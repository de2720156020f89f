//! The errors of a hub client.

use std::io;
use std::path::PathBuf;

use super::{InvalidRepo, Repo};

/// An error of a hub client. No variant holds the token, nor the query of a URL, which may be as secret as
/// one.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HubError {
    /// The text is not the name of a repository, or not a revision.
    #[error(transparent)]
    Repo(#[from] InvalidRepo),
    /// A setting has an invalid value.
    #[error("{name}: {message}")]
    Setting {
        /// The name of the environment variable.
        name: &'static str,
        /// The problem, and the expected value.
        message: String,
    },
    /// The name is not that of a file in a repository.
    #[error("'{0}' is no file of a repository: expected a relative path with '/', such as data/train.csv")]
    FileName(String),
    /// The hub, or the host that it redirected to, cannot be reached, or closed the connection.
    #[error("{host}: {reason}")]
    Unreachable {
        /// The host.
        host: String,
        /// The cause.
        reason: String,
    },
    /// A status with no specific meaning for the request, such as those of 500 and above.
    #[error("{host} answered {status}{}", colon(message))]
    Status {
        /// The host.
        host: String,
        /// The status code.
        status: u16,
        /// The message of the server.
        message: String,
    },
    /// The hub received too many requests.
    #[error("{host} refuses more requests (429){}", after(retry_after.as_deref()))]
    RateLimited {
        /// The host.
        host: String,
        /// The value of `Retry-After`: seconds or a date.
        retry_after: Option<String>,
    },
    /// The repository is restricted to users who requested and were granted access.
    #[error("{repo} is gated: request access on its page, then {}", advice(*has_token))]
    Gated {
        /// The repository.
        repo: Repo,
        /// `true` if a token was sent.
        has_token: bool,
    },
    /// The hub refuses access.
    #[error("access to {repo} is refused ({status}){}: {}", colon(message), advice(*has_token))]
    Denied {
        /// The repository.
        repo: Repo,
        /// 401 or 403.
        status: u16,
        /// The message of the server.
        message: String,
        /// `true` if a token was sent.
        has_token: bool,
    },
    /// The repository does not exist, or is private.
    #[error("no repository {repo}; if it is private, {}", advice(*has_token))]
    NoRepo {
        /// The repository.
        repo: Repo,
        /// `true` if a token was sent.
        has_token: bool,
    },
    /// The repository has no such branch, tag or commit.
    #[error("{repo} has no revision '{}'", repo.revision())]
    NoRevision {
        /// The repository at that revision.
        repo: Repo,
    },
    /// The repository has no such file.
    #[error("{repo} has no file '{file}' at revision '{}'", repo.revision())]
    NoFile {
        /// The repository.
        repo: Repo,
        /// The file.
        file: String,
    },
    /// The file is not cached, and the hub could not be reached.
    #[error("{what} of {repo} is not in {}, and {}", cache.display(), why_not(why.as_deref()))]
    NotInCache {
        /// The file, or the list of files.
        what: String,
        /// The repository.
        repo: Repo,
        /// The folder of the cache.
        cache: PathBuf,
        /// The reason for which the hub could not be reached; `None` in offline mode.
        why: Option<Box<HubError>>,
    },
    /// The server redirected to a forbidden address.
    #[error("{host} redirects {problem}")]
    Redirect {
        /// The host that redirected.
        host: String,
        /// The target, and what is wrong with it.
        problem: &'static str,
    },
    /// The response is not one of a hub.
    #[error("the answer of {host} is not that of a hub: {problem}")]
    Malformed {
        /// The host.
        host: String,
        /// The missing or invalid part.
        problem: String,
    },
    /// The number of bytes received differs from the length that the hub reported.
    #[error(
        "{file} of {repo} has {actual} bytes, but the hub reports {expected}: the download was discarded, try again"
    )]
    Length {
        /// The repository.
        repo: Repo,
        /// The file.
        file: String,
        /// The length that the hub reported, in bytes.
        expected: u64,
        /// The number of bytes received.
        actual: u64,
    },
    /// The file is larger than the limit.
    #[error("{file} of {repo} has more than {most} bytes, the limit for files of its kind: it is refused")]
    TooLarge {
        /// The repository.
        repo: Repo,
        /// The file.
        file: String,
        /// The maximum size of such a file, in bytes.
        most: u64,
    },
    /// The checksum of the bytes received differs from the one that the hub reported.
    #[error(
        "{file} of {repo} has the SHA-256 {actual}, but the hub reports {expected}: the download was discarded, try again"
    )]
    Checksum {
        /// The repository.
        repo: Repo,
        /// The file.
        file: String,
        /// The SHA-256 that the hub reported, in hexadecimal.
        expected: Box<str>,
        /// The SHA-256 of the bytes received.
        actual: Box<str>,
    },
    /// The cache cannot be read or written.
    #[error("cannot {action} {}: {source}", path.display())]
    Cache {
        /// The failed operation.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
    /// The files of a dataset could not be selected.
    #[error("{repo}: {problem}")]
    Dataset {
        /// The dataset.
        repo: Repo,
        /// The reason.
        problem: NoDataFiles,
    },
}

impl HubError {
    /// Returns `true` if a retry may succeed a moment later.
    pub(super) fn is_passing(&self) -> bool {
        match self {
            Self::Unreachable { .. } => true,
            Self::Status { status, .. } => *status >= 500,
            _ => false,
        }
    }
}

/// The reason for which no files of a dataset were selected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NoDataFiles {
    /// One of several configs has to be named.
    #[error("a config has to be chosen: it has {}", found.join(", "))]
    ConfigNeeded {
        /// The configs of the dataset.
        found: Vec<String>,
    },
    /// There is no such config.
    #[error("no config '{config}': it has {}", listed(found))]
    NoConfig {
        /// The requested config.
        config: String,
        /// The configs of the dataset.
        found: Vec<String>,
    },
    /// There is no such split.
    #[error("no split '{split}': it has {}", listed(found))]
    NoSplit {
        /// The requested split.
        split: String,
        /// The splits of the dataset.
        found: Vec<String>,
    },
    /// No file matches the patterns.
    #[error("no file fits {}", patterns.join(", "))]
    NoMatch {
        /// The patterns.
        patterns: Vec<String>,
    },
    /// The name of a file is not UTF-8.
    #[error("the name of the file '{name}' is not UTF-8: rename it")]
    NotUtf8 {
        /// The name, with replacement characters for invalid bytes.
        name: String,
    },
    /// There are as many files of one format as of another.
    #[error(
        "holds {formats}, such as {other}: name those to read, or say which with --dataset-format or file_format"
    )]
    Mixed {
        /// The two formats.
        formats: String,
        /// A file of the second one.
        other: String,
    },
    /// The data would have to be generated by a script.
    #[error(
        "its data is made by a program, {script}, which is not run here: name files of it with data_files"
    )]
    Script {
        /// The file of the script.
        script: String,
    },
    /// No file has a supported format.
    #[error("no data files: expected .parquet, .jsonl, .json, .csv, .tsv or .txt")]
    Nothing,
    /// The cache has some of the files, and the hub could not be reached for the others.
    #[error("the cache has only {present} of the {total} files of the split, and the hub was not queried")]
    Incomplete {
        /// The number of files in the cache.
        present: usize,
        /// The number of files of the split, by their names.
        total: usize,
    },
}

fn advice(has_token: bool) -> &'static str {
    if has_token {
        "check the token in use (HF_TOKEN): it has no access, or is not valid"
    } else {
        "export HF_TOKEN with a token that has access"
    }
}

/// Returns the advice for `Retry-After`, a number of seconds or a date (RFC 9110).
fn after(retry_after: Option<&str>) -> String {
    match retry_after {
        None => String::new(),
        Some(it) if it.bytes().all(|it| it.is_ascii_digit()) => format!(": try again after {it} s"),
        Some(it) => format!(": try again after {it}"),
    }
}

fn why_not(why: Option<&HubError>) -> String {
    match why {
        None => "offline mode is on (HF_HUB_OFFLINE)".to_owned(),
        Some(why) => format!("the hub could not be reached: {why}"),
    }
}

fn colon(message: &str) -> String {
    if message.is_empty() { String::new() } else { format!(": {message}") }
}

fn listed(found: &[String]) -> String {
    if found.is_empty() { "none".to_owned() } else { found.join(", ") }
}
