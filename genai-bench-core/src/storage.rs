//! Where results go and datasets come from.

use std::fmt;

use async_trait::async_trait;
use bytes::Bytes;

/// A store of named byte strings: a bucket, a container, a folder.
///
/// Uploading happens after a benchmark, never during one, so an implementation may retry.
///
/// ```
/// use std::collections::BTreeMap;
/// use std::sync::Mutex;
///
/// use async_trait::async_trait;
/// use bytes::Bytes;
/// use genai_bench_core::storage::{Head, Key, Page, Storage, StorageError};
///
/// #[derive(Debug, Default)]
/// struct Memory(Mutex<BTreeMap<String, Bytes>>);
///
/// #[async_trait]
/// impl Storage for Memory {
///     async fn put(&self, key: &Key, body: Bytes) -> Result<(), StorageError> {
///         self.0.lock().unwrap().insert(key.to_string(), body);
///         Ok(())
///     }
///     async fn get(&self, key: &Key) -> Result<Bytes, StorageError> {
///         let found = self.0.lock().unwrap().get(key.as_str()).cloned();
///         found.ok_or_else(|| StorageError::NotFound(key.clone()))
///     }
///     async fn head(&self, key: &Key) -> Result<Head, StorageError> {
///         Ok(Head::new(key.clone(), self.get(key).await?.len() as u64))
///     }
///     async fn list(&self, prefix: &str, _after: Option<&str>) -> Result<Page, StorageError> {
///         let held = self.0.lock().unwrap();
///         let heads = held.iter().filter(|(name, _)| name.starts_with(prefix));
///         let heads = heads.map(|(name, body)| Ok(Head::new(Key::new(name)?, body.len() as u64)));
///         Ok(Page::last(heads.collect::<Result<_, StorageError>>()?))
///     }
/// }
/// ```
#[async_trait]
pub trait Storage: fmt::Debug + Send + Sync + 'static {
    /// Stores `body` under `key`, in place of what was there.
    ///
    /// # Errors
    ///
    /// When the store refuses or cannot be reached.
    async fn put(&self, key: &Key, body: Bytes) -> Result<(), StorageError>;

    /// What is stored under `key`.
    ///
    /// # Errors
    ///
    /// [`StorageError::NotFound`] when there is nothing.
    async fn get(&self, key: &Key) -> Result<Bytes, StorageError>;

    /// What is known of `key` without fetching it.
    ///
    /// # Errors
    ///
    /// [`StorageError::NotFound`] when there is nothing.
    async fn head(&self, key: &Key) -> Result<Head, StorageError>;

    /// A page of what is stored under `prefix`, in the order of the keys, from the one that `after` names.
    ///
    /// # Errors
    ///
    /// When the store refuses or cannot be reached.
    async fn list(&self, prefix: &str, after: Option<&str>) -> Result<Page, StorageError>;
}

/// The name of a stored byte string: segments parted by `/`, none of them empty, `.` or `..`.
///
/// ```
/// # use genai_bench_core::storage::Key;
/// assert_eq!(Key::new("runs/today.json").unwrap().as_str(), "runs/today.json");
/// assert!(Key::new("runs/../../etc/passwd").is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(String);

impl Key {
    /// Checks a name.
    ///
    /// # Errors
    ///
    /// When a segment is empty, `.` or `..`.
    pub fn new(name: impl Into<String>) -> Result<Self, StorageError> {
        let name = name.into();
        let bad = name.split('/').any(|segment| matches!(segment, "" | "." | ".."));
        if bad { Err(StorageError::BadKey(name)) } else { Ok(Self(name)) }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// What is known of a stored byte string without fetching it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Head {
    /// Its name.
    pub key: Key,
    /// Its length.
    pub size_bytes: u64,
}

impl Head {
    /// `key`, which is `size_bytes` long.
    #[must_use]
    pub fn new(key: Key, size_bytes: u64) -> Self {
        Self { key, size_bytes }
    }
}

/// Some of what a listing found.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Page {
    /// What was found.
    pub heads: Vec<Head>,
    /// What to ask the next page with; `None` on the last one.
    pub next: Option<String>,
}

impl Page {
    /// The only page, or the last.
    #[must_use]
    pub fn last(heads: Vec<Head>) -> Self {
        Self { heads, next: None }
    }

    /// A page with more behind it.
    #[must_use]
    pub fn followed_by(heads: Vec<Head>, next: String) -> Self {
        Self { heads, next: Some(next) }
    }
}

/// Why a store did not do as it was told.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StorageError {
    /// There is nothing under this name.
    #[error("nothing is stored under {0}")]
    NotFound(Key),
    /// No store would take this name.
    #[error("'{0}' is no key: segments are parted by '/', and none may be empty, '.' or '..'")]
    BadKey(String),
    /// The store refused or could not be reached.
    #[error("{store}: {source}")]
    Store {
        /// Which store, as a person would name it.
        store: String,
        /// Why. Its text must not contain a secret.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_is_an_object_and_its_futures_can_move() {
        fn movable<T: Send>(_: T) {}
        fn check(store: &dyn Storage, key: &Key) {
            movable(store.get(key));
            movable(store.put(key, Bytes::new()));
        }
        let _ = check;
    }
}
