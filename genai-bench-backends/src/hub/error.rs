//! Why something could not be had from a hub.

use std::io;
use std::path::PathBuf;

use super::{InvalidRepo, Repo};

/// Why something could not be had from a hub. None of these holds the token, nor the query of an address, which
/// can be as good as one.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HubError {
    /// The text names no repository, or no revision of one.
    #[error(transparent)]
    Repo(#[from] InvalidRepo),
    /// A setting makes no sense.
    #[error("{name}: {message}")]
    Setting {
        /// The setting, as it is called in the environment.
        name: &'static str,
        /// What is wrong with it, and what would be right.
        message: String,
    },
    /// The name is none that a file in a repository has.
    #[error("'{0}' is no file of a repository: expected a relative path with '/', such as data/train.csv")]
    FileName(String),
    /// The hub, or the host that it sent us to, cannot be reached, or broke off.
    #[error("{host}: {reason}")]
    Unreachable {
        /// The host.
        host: String,
        /// What happened.
        reason: String,
    },
    /// A status that says nothing of the request, such as those of 500 and above.
    #[error("{host} answered {status}{}", colon(message))]
    Status {
        /// The host.
        host: String,
        /// The status code.
        status: u16,
        /// What the server says of it.
        message: String,
    },
    /// The hub was asked too often.
    #[error("{host} refuses more requests (429){}", after(retry_after.as_deref()))]
    RateLimited {
        /// The host.
        host: String,
        /// What `Retry-After` says: seconds or a date.
        retry_after: Option<String>,
    },
    /// The repository is for those who asked for access and were let in.
    #[error("{repo} is gated: ask for access on its page, then {}", advice(*has_token))]
    Gated {
        /// The repository.
        repo: Repo,
        /// Whether a token was sent.
        has_token: bool,
    },
    /// The hub does not let us in.
    #[error("access to {repo} is refused ({status}){}: {}", colon(message), advice(*has_token))]
    Denied {
        /// The repository.
        repo: Repo,
        /// 401 or 403.
        status: u16,
        /// What the server says of it.
        message: String,
        /// Whether a token was sent.
        has_token: bool,
    },
    /// There is no such repository, or we may not know of it.
    #[error("no repository {repo}; if it is private, {}", advice(*has_token))]
    NoRepo {
        /// The repository.
        repo: Repo,
        /// Whether a token was sent.
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
    /// There is no copy, and the hub could not be asked.
    #[error("{what} of {repo} is not in {}, and {}", cache.display(), why_not(why.as_deref()))]
    NotInCache {
        /// The file, or the list of files.
        what: String,
        /// The repository.
        repo: Repo,
        /// The folder of the cache.
        cache: PathBuf,
        /// Why the hub could not be asked; nothing when it must not be.
        why: Option<Box<HubError>>,
    },
    /// The server sent us to a place where we do not go.
    #[error("{host} redirects {problem}")]
    Redirect {
        /// The host that did.
        host: String,
        /// Where to.
        problem: &'static str,
    },
    /// The server's answer is not one of a hub.
    #[error("the answer of {host} is not that of a hub: {problem}")]
    Malformed {
        /// The host.
        host: String,
        /// What is missing or wrong.
        problem: String,
    },
    /// More or fewer bytes came than the hub had said.
    #[error(
        "{file} of {repo} came with {actual} bytes where the hub says {expected}: it is not kept, try again"
    )]
    Length {
        /// The repository.
        repo: Repo,
        /// The file.
        file: String,
        /// The length by the hub, in bytes.
        expected: u64,
        /// What came, in bytes.
        actual: u64,
    },
    /// A file is larger than any that is read.
    #[error(
        "{file} of {repo} has more than {most} bytes, and no file of its kind needs them: it is not kept"
    )]
    TooLarge {
        /// The repository.
        repo: Repo,
        /// The file.
        file: String,
        /// The most bytes that such a file may have.
        most: u64,
    },
    /// Other bytes came than the hub had said.
    #[error(
        "{file} of {repo} came with SHA-256 {actual} where the hub says {expected}: it is not kept, try again"
    )]
    Checksum {
        /// The repository.
        repo: Repo,
        /// The file.
        file: String,
        /// The SHA-256 by the hub, in hexadecimal.
        expected: Box<str>,
        /// That of what came.
        actual: Box<str>,
    },
    /// The cache cannot be read or written.
    #[error("cannot {action} {}: {source}", path.display())]
    Cache {
        /// What was tried.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The files of a dataset could not be chosen.
    #[error("{repo}: {problem}")]
    Dataset {
        /// The dataset.
        repo: Repo,
        /// What stands in the way.
        problem: NoDataFiles,
    },
}

impl HubError {
    /// Whether the same again may work a moment later.
    pub(super) fn is_passing(&self) -> bool {
        match self {
            Self::Unreachable { .. } => true,
            Self::Status { status, .. } => *status >= 500,
            _ => false,
        }
    }
}

/// Why no files of a dataset were chosen.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NoDataFiles {
    /// One of several subsets has to be named.
    #[error("a config has to be chosen: it has {}", found.join(", "))]
    ConfigNeeded {
        /// Those that there are.
        found: Vec<String>,
    },
    /// There is no such subset.
    #[error("no config '{config}': it has {}", listed(found))]
    NoConfig {
        /// The one asked for.
        config: String,
        /// Those that there are.
        found: Vec<String>,
    },
    /// There is no such split.
    #[error("no split '{split}': it has {}", listed(found))]
    NoSplit {
        /// The one asked for.
        split: String,
        /// Those that there are.
        found: Vec<String>,
    },
    /// No file fits the patterns.
    #[error("no file fits {}", patterns.join(", "))]
    NoMatch {
        /// The patterns.
        patterns: Vec<String>,
    },
    /// As many files of one format as of another.
    #[error(
        "holds {formats}, such as {other}: name those to read, or say which with --dataset-format or file_format"
    )]
    Mixed {
        /// The two formats.
        formats: String,
        /// A file of the second one.
        other: String,
    },
    /// A program would have to be run.
    #[error(
        "its data is made by a program, {script}, which is not run here: name files of it with data_files"
    )]
    Script {
        /// The file of the program.
        script: String,
    },
    /// No file has a format that is read here.
    #[error("no data files: expected .parquet, .jsonl, .json, .csv, .tsv or .txt")]
    Nothing,
    /// The cache has some of the files, and the hub could not be asked for the others.
    #[error("the cache has only {present} of the {total} files of the split, and the hub was not asked")]
    Incomplete {
        /// Files in the cache.
        present: usize,
        /// Files that there are, by their names.
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

/// `Retry-After` is a number of seconds or a date (RFC 9110).
fn after(retry_after: Option<&str>) -> String {
    match retry_after {
        None => String::new(),
        Some(it) if it.bytes().all(|it| it.is_ascii_digit()) => format!(": try again after {it} s"),
        Some(it) => format!(": try again after {it}"),
    }
}

fn why_not(why: Option<&HubError>) -> String {
    match why {
        None => "the hub is not asked (HF_HUB_OFFLINE)".to_owned(),
        Some(why) => format!("the hub could not be asked: {why}"),
    }
}

fn colon(message: &str) -> String {
    if message.is_empty() { String::new() } else { format!(": {message}") }
}

fn listed(found: &[String]) -> String {
    if found.is_empty() { "none".to_owned() } else { found.join(", ") }
}
