//! Repositories of a hub, and the validation of names that become paths.

use std::fmt;
use std::str::FromStr;

/// The kind of a repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RepoKind {
    /// A model and its tokenizer.
    Model,
    /// A dataset.
    Dataset,
}

impl RepoKind {
    /// Returns the name of the kind in the hub's API and in the folders of its cache.
    pub(super) fn plural(self) -> &'static str {
        match self {
            Self::Model => "models",
            Self::Dataset => "datasets",
        }
    }
}

/// A repository at a revision.
///
/// Its text is `owner/name` or `name`, with `@revision` for another one than `main`, and `datasets/` before the
/// name of a dataset.
///
/// ```
/// use genai_bench_backends::hub::{Repo, RepoKind};
///
/// let repo: Repo = "Qwen/Qwen3-8B@refs/pr/1".parse()?;
/// assert_eq!((repo.kind(), repo.id(), repo.revision()), (RepoKind::Model, "Qwen/Qwen3-8B", "refs/pr/1"));
/// assert_eq!(Repo::dataset("squad")?.to_string(), "datasets/squad");
/// assert!("../../etc/passwd".parse::<Repo>().is_err());
/// # Ok::<(), genai_bench_backends::hub::InvalidRepo>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Repo {
    kind: RepoKind,
    id: String,
    revision: Option<String>,
}

impl Repo {
    /// Creates the model `owner/name[@revision]`.
    ///
    /// # Errors
    ///
    /// Returns an error for a name or a revision that is not valid on a hub.
    pub fn model(text: &str) -> Result<Self, InvalidRepo> {
        Self::new(RepoKind::Model, text)
    }

    /// Creates the dataset `owner/name[@revision]`.
    ///
    /// # Errors
    ///
    /// Returns an error for a name or a revision that is not valid on a hub.
    pub fn dataset(text: &str) -> Result<Self, InvalidRepo> {
        Self::new(RepoKind::Dataset, text)
    }

    fn new(kind: RepoKind, text: &str) -> Result<Self, InvalidRepo> {
        let (id, revision) = text.split_once('@').map_or((text, None), |(id, it)| (id, Some(it)));
        let parts = id.split('/').count();
        if parts > 2 || !id.split('/').all(is_name) || id.contains("--") || id.contains("..") {
            return Err(InvalidRepo::Id(text.to_owned()));
        }
        let repo = Self { kind, id: id.to_owned(), revision: None };
        revision.map_or(Ok(repo.clone()), |it| repo.at(it))
    }

    /// Returns the same repository at a branch, a tag or a commit.
    ///
    /// # Errors
    ///
    /// Returns an error for a revision that is not valid in git.
    pub fn at(&self, revision: &str) -> Result<Self, InvalidRepo> {
        if !is_path(revision) || revision.contains([' ', ':', '?', '*', '[', '~', '^', '@']) {
            return Err(InvalidRepo::Revision(revision.to_owned()));
        }
        Ok(Self { revision: Some(revision.to_owned()), ..self.clone() })
    }

    /// Returns the kind of the repository.
    #[must_use]
    pub fn kind(&self) -> RepoKind {
        self.kind
    }

    /// Returns `owner/name`, or `name` alone.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns the branch, tag or commit; `main` by default.
    #[must_use]
    pub fn revision(&self) -> &str {
        self.revision.as_deref().unwrap_or("main")
    }

    /// Returns the name without its owner.
    pub(super) fn name(&self) -> &str {
        self.id.rsplit('/').next().unwrap_or(&self.id)
    }
}

impl FromStr for Repo {
    type Err = InvalidRepo;

    fn from_str(text: &str) -> Result<Self, InvalidRepo> {
        text.strip_prefix("datasets/").map_or_else(|| Self::model(text), Self::dataset)
    }
}

impl fmt::Display for Repo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.kind == RepoKind::Dataset {
            f.write_str("datasets/")?;
        }
        f.write_str(&self.id)?;
        self.revision.as_ref().map_or(Ok(()), |it| write!(f, "@{it}"))
    }
}

/// A text that is not a repository.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidRepo {
    /// The name is not valid on a hub.
    #[error(
        "'{0}' is no repository: expected OWNER/NAME, with letters, digits, '-', '_' and '.', as in \
         meta-llama/Llama-3.1-8B"
    )]
    Id(String),
    /// The revision is not valid in git.
    #[error("'{0}' is no revision: expected a branch, a tag or a commit, as in main")]
    Revision(String),
}

/// Returns `true` for the characters of names on a hub.
fn is_name_character(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '-' | '_' | '.')
}

/// Returns `true` if `text` can be the name of a repository or of its owner.
fn is_name(text: &str) -> bool {
    (1..=96).contains(&text.len())
        && text.chars().all(is_name_character)
        && !text.starts_with(['-', '.'])
        && !text.ends_with(['-', '.'])
}

/// Returns `true` if `text` is a path that stays in the folder it is joined to.
pub(super) fn is_path(text: &str) -> bool {
    text.split('/').all(|component| !matches!(component, "" | "." | ".."))
        && !text.contains(|character: char| {
            character.is_control() || character == '\\' || (cfg!(windows) && character == ':')
        })
}

/// Returns `true` if `text`, which a server sent, can be the name of a file.
pub(super) fn is_file_name(text: &str) -> bool {
    !text.is_empty() && text.len() <= 200 && text.chars().all(is_name_character) && !text.starts_with('.')
}

/// Returns `true` if `revision` is a commit, which never changes, and not the name of one.
pub(super) fn is_commit(revision: &str) -> bool {
    revision.len() == 40 && revision.bytes().all(|it| matches!(it, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_of_a_repository_parses_back() {
        for text in ["gpt2", "owner/name", "owner/a.b_c-d@v1.0", "datasets/squad", "datasets/a/b@refs/pr/1"] {
            assert_eq!(text.parse::<Repo>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn names_that_leave_the_cache_are_refused() {
        for text in [
            "", "/", "a/", "/a", "a/b/c", "..", "a/..", "../a", "a--b", "a..b", "a\\b", "ä", ".a", "-a",
            "a b",
        ] {
            assert!(matches!(text.parse::<Repo>(), Err(InvalidRepo::Id(_))), "{text}");
        }
        for text in ["a@", "a@..", "a@/b", "a@b/../c", "a@b\\c", "a@b c", "a@b\n", "a@@"] {
            assert!(matches!(text.parse::<Repo>(), Err(InvalidRepo::Revision(_))), "{text}");
        }
    }

    #[test]
    fn a_file_name_from_a_server_is_no_path() {
        assert!(is_file_name("9f86d081") && is_file_name("abc-12"));
        for text in ["", ".", "..", "a/b", "a\\b", ".hidden", "\"a\""] {
            assert!(!is_file_name(text), "{text}");
        }
        assert!(
            is_path("data/train-00000.parquet") && !is_path("a//b") && !is_path("/a") && !is_path("a/../b")
        );
    }
}
