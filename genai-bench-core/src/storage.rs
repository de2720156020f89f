//! Object stores for results and datasets.

use std::fmt;

use async_trait::async_trait;
use bytes::Bytes;

/// A store of named byte strings: a bucket, a container, a folder.
///
/// Results are uploaded after a benchmark, never during one, so an implementation may retry.
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
    /// Stores `body` under `key` and replaces any earlier content.
    ///
    /// # Errors
    ///
    /// When the store refuses or cannot be reached.
    async fn put(&self, key: &Key, body: Bytes) -> Result<(), StorageError>;

    /// Returns the content stored under `key`.
    ///
    /// # Errors
    ///
    /// [`StorageError::NotFound`] when nothing is stored under `key`.
    async fn get(&self, key: &Key) -> Result<Bytes, StorageError>;

    /// Returns the metadata of `key` without its content.
    ///
    /// # Errors
    ///
    /// [`StorageError::NotFound`] when nothing is stored under `key`.
    async fn head(&self, key: &Key) -> Result<Head, StorageError>;

    /// Returns a page of the keys under `prefix`, in their order. `after` is the [`next`](Page::next) of the page
    /// before.
    ///
    /// # Errors
    ///
    /// When the store refuses or cannot be reached.
    async fn list(&self, prefix: &str, after: Option<&str>) -> Result<Page, StorageError>;
}

/// The name of a stored byte string: segments separated by `/`, none of them empty, `.` or `..`.
///
/// ```
/// # use genai_bench_core::storage::Key;
/// assert_eq!(Key::new("runs/today.json").unwrap().as_str(), "runs/today.json");
/// assert!(Key::new("runs/../../etc/passwd").is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(String);

impl Key {
    /// Creates a key after checking its name.
    ///
    /// # Errors
    ///
    /// When a segment is empty, `.` or `..`.
    pub fn new(name: impl Into<String>) -> Result<Self, StorageError> {
        let name = name.into();
        let bad = name.split('/').any(|segment| matches!(segment, "" | "." | ".."));
        if bad { Err(StorageError::BadKey(name)) } else { Ok(Self(name)) }
    }

    /// Returns the name.
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

/// The metadata of a stored byte string.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Head {
    /// The name.
    pub key: Key,
    /// The length in bytes.
    pub size_bytes: u64,
}

impl Head {
    /// Creates the metadata of `key`, whose content has `size_bytes` bytes.
    #[must_use]
    pub fn new(key: Key, size_bytes: u64) -> Self {
        Self { key, size_bytes }
    }
}

/// A page of a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Page {
    /// The metadata of the keys of this page.
    pub heads: Vec<Head>,
    /// The `after` of the next page; `None` on the last page.
    pub next: Option<String>,
}

impl Page {
    /// Creates the last page of a listing.
    #[must_use]
    pub fn last(heads: Vec<Head>) -> Self {
        Self { heads, next: None }
    }

    /// Creates a page that is followed by another.
    #[must_use]
    pub fn followed_by(heads: Vec<Head>, next: String) -> Self {
        Self { heads, next: Some(next) }
    }
}

/// A failure of a request to a store.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StorageError {
    /// Nothing is stored under this key.
    #[error("nothing is stored under {0}")]
    NotFound(Key),
    /// The name is not a valid key.
    #[error("'{0}' is not a valid key: segments are separated by '/', and none may be empty, '.' or '..'")]
    BadKey(String),
    /// The store refused or could not be reached.
    #[error("{store}: {source}")]
    Store {
        /// The name of the store, as users know it.
        store: String,
        /// The cause. Its text must not contain a secret.
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
