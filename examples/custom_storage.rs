//! A custom storage for results: a map in memory, checked against the laws of all storages.
//!
//! `cargo run --example custom_storage`

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use genai_bench_core::conformance::{STORAGE_LAWS, StorageSubject};
use genai_bench_core::storage::{Head, Key, Page, Storage, StorageError};

/// The number of objects in a page of a listing: few, so that listings have several pages.
const PAGE_LEN: usize = 2;

/// A storage in memory.
#[derive(Debug, Default)]
struct Memory(Mutex<BTreeMap<String, Bytes>>);

impl Memory {
    fn objects(&self) -> MutexGuard<'_, BTreeMap<String, Bytes>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Storage for Memory {
    async fn put(&self, key: &Key, body: Bytes) -> Result<(), StorageError> {
        self.objects().insert(key.to_string(), body);
        Ok(())
    }

    async fn get(&self, key: &Key) -> Result<Bytes, StorageError> {
        self.objects().get(key.as_str()).cloned().ok_or_else(|| StorageError::NotFound(key.clone()))
    }

    async fn head(&self, key: &Key) -> Result<Head, StorageError> {
        Ok(Head::new(key.clone(), self.get(key).await?.len() as u64))
    }

    async fn list(&self, prefix: &str, after: Option<&str>) -> Result<Page, StorageError> {
        let mut heads = self
            .objects()
            .iter()
            .filter(|(key, _)| key.starts_with(prefix) && after.is_none_or(|after| key.as_str() > after))
            .take(PAGE_LEN + 1)
            .map(|(key, body)| Ok(Head::new(Key::new(key)?, body.len() as u64)))
            .collect::<Result<Vec<_>, StorageError>>()?;
        let more = heads.len() > PAGE_LEN;
        heads.truncate(PAGE_LEN);
        match heads.last().map(|head| head.key.to_string()) {
            Some(last) if more => Ok(Page::followed_by(heads, last)),
            _ => Ok(Page::last(heads)),
        }
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    for (name, check) in STORAGE_LAWS {
        let subject = StorageSubject { name: "memory", storage: Arc::new(Memory::default()) };
        check(&subject, &runtime)?;
        println!("memory {}", name.replace('_', " "));
    }
    Ok(())
}
