//! A cache of prefixes, so that a long one is not built for each of its requests.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// The maximum size of the cache, in bytes.
const LARGEST: usize = 64 << 20;

/// The text of a prefix.
#[derive(Debug)]
pub(super) struct Prefix {
    pub(super) text: String,
    /// The tokens; empty where the words are known to be one token each.
    pub(super) ids: Vec<u32>,
}

impl Prefix {
    fn bytes(&self) -> usize {
        self.text.len() + self.ids.len() * size_of::<u32>()
    }
}

/// The key of a prefix: its group's seed, its number, and its length in tokens.
pub(super) type Key = (u64, u32, u64);

/// The most recently built prefixes.
#[derive(Default)]
pub(super) struct PrefixCache {
    kept: Mutex<Kept>,
    own_marks: OnceLock<Vec<String>>,
}

#[derive(Default)]
struct Kept {
    prefixes: HashMap<Key, Arc<Prefix>>,
    /// The keys in the order in which their prefixes were built.
    keys: VecDeque<Key>,
    bytes: usize,
}

impl PrefixCache {
    /// Returns the prefix of this key, and builds it if it is not cached. Two threads may build the same one; both are
    /// equal.
    pub(super) fn get<E>(
        &self,
        key: Key,
        build: impl FnOnce() -> Result<Prefix, E>,
    ) -> Result<Arc<Prefix>, E> {
        if let Some(prefix) = self.lock().prefixes.get(&key) {
            return Ok(Arc::clone(prefix));
        }
        let prefix = Arc::new(build()?);
        self.lock().insert(key, &prefix);
        Ok(prefix)
    }

    /// Returns the markers found for a tokenizer without whole words.
    pub(super) fn own_marks(&self) -> &OnceLock<Vec<String>> {
        &self.own_marks
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn insert(&mut self, key: Key, prefix: &Arc<Prefix>) {
        if self.prefixes.insert(key, Arc::clone(prefix)).is_some() {
            return;
        }
        self.keys.push_back(key);
        self.bytes += prefix.bytes();
        while self.bytes > LARGEST {
            let Some(oldest) = self.keys.pop_front() else { return };
            self.bytes -= self.prefixes.remove(&oldest).map_or(0, |it| it.bytes());
        }
    }
}

impl fmt::Debug for PrefixCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PrefixCache").field("bytes", &self.lock().bytes).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_bounded_and_the_oldest_goes_first() {
        let cache = PrefixCache::default();
        let large = || Ok::<_, ()>(Prefix { text: "a".repeat(LARGEST / 4), ids: Vec::new() });
        for number in 0..6 {
            cache.get((1, number, 9), large).unwrap();
            assert!(cache.lock().bytes <= LARGEST);
        }
        assert!(!cache.lock().prefixes.contains_key(&(1, 1, 9)));
        let not_again = || Err("it is kept");
        assert!(cache.get((1, 5, 9), not_again).is_ok());
        assert_eq!(cache.get((2, 5, 9), not_again).unwrap_err(), "it is kept");
    }
}
