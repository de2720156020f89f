//! A store of your own for results: here a map in memory, held against the law that all stores obey.
//!
//! `cargo run --example custom_storage`

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use genai_bench_core::conformance::{STORAGE_LAWS, StorageSubject};
use genai_bench_core::storage::{Head, Key, Page, Storage, StorageError};

/// How much is listed at a time: little, to show how pages follow each other.
const PAGE: usize = 2;

#[derive(Debug, Default)]
struct Memory(Mutex<BTreeMap<String, Bytes>>);

impl Memory {
    fn held(&self) -> MutexGuard<'_, BTreeMap<String, Bytes>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Storage for Memory {
    async fn put(&self, key: &Key, body: Bytes) -> Result<(), StorageError> {
        self.held().insert(key.to_string(), body);
        Ok(())
    }

    async fn get(&self, key: &Key) -> Result<Bytes, StorageError> {
        self.held().get(key.as_str()).cloned().ok_or_else(|| StorageError::NotFound(key.clone()))
    }

    async fn head(&self, key: &Key) -> Result<Head, StorageError> {
        Ok(Head::new(key.clone(), self.get(key).await?.len() as u64))
    }

    async fn list(&self, prefix: &str, after: Option<&str>) -> Result<Page, StorageError> {
        let held = self.held();
        let is_next = |key: &str| key.starts_with(prefix) && after.is_none_or(|it| key > it);
        let heads = held.iter().filter(|(key, _)| is_next(key)).take(PAGE + 1);
        let heads = heads.map(|(key, body)| Ok(Head::new(Key::new(key)?, body.len() as u64)));
        let mut heads = heads.collect::<Result<Vec<_>, StorageError>>()?;
        let more = heads.len() > PAGE;
        heads.truncate(PAGE);
        match heads.last().map(|it| it.key.to_string()) {
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
