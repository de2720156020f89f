//! The laws for stores.

use std::sync::Arc;

use bytes::Bytes;

use super::{Outcome, ensure};
use crate::storage::{Key, Storage, StorageError};

/// An empty store under test.
#[derive(Clone, Debug)]
pub struct StorageSubject {
    /// The name in test reports.
    pub name: &'static str,
    /// The store under test.
    pub storage: Arc<dyn Storage>,
}

/// A law for stores, which runs on the runtime of the test.
pub type StorageLaw = (&'static str, fn(&StorageSubject, &tokio::runtime::Runtime) -> Outcome);

/// Every law for stores.
pub const STORAGE_LAWS: &[StorageLaw] = &[("stores_what_it_was_given", stores_what_it_was_given)];

/// Checks that stored content can be read, is listed once under its prefix, and replaces earlier content.
fn stores_what_it_was_given(subject: &StorageSubject, runtime: &tokio::runtime::Runtime) -> Outcome {
    runtime.block_on(store_and_find(&*subject.storage)).map_err(|it| it.to_string())?
}

async fn store_and_find(storage: &dyn Storage) -> Result<Outcome, StorageError> {
    let keys = ["law/a.json", "law/b/c.bin", "other/d"].map(Key::new);
    let [a, b, other] = keys;
    let (a, b, other) = (a?, b?, other?);
    let missing = storage.get(&a).await;
    if !matches!(missing, Err(StorageError::NotFound(_))) {
        return Ok(Err(format!("a key that was never put is not 'not found' but {missing:?}")));
    }
    let binary = Bytes::from((0..=255).collect::<Vec<u8>>());
    for (key, body) in [(&a, &b"old"[..]), (&a, b"new"), (&b, &binary), (&other, b"")] {
        storage.put(key, Bytes::copy_from_slice(body)).await?;
    }
    for (key, body) in [(&a, &b"new"[..]), (&b, &binary), (&other, b"")] {
        if storage.get(key).await? != body {
            return Ok(Err(format!("the content of {key} is not the one that was put")));
        }
        if storage.head(key).await?.size_bytes != body.len() as u64 {
            return Ok(Err(format!("{key} has another size than the content that was put")));
        }
    }
    let mut found = Vec::new();
    let mut after = None;
    loop {
        let page = storage.list("law/", after.as_deref()).await?;
        found.extend(page.heads.into_iter().map(|head| (head.key, head.size_bytes)));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    let held = [(a, 3), (b, binary.len() as u64)];
    Ok(ensure(found == held, || format!("the keys under law/ are {found:?}")))
}
