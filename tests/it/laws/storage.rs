//! Stores that lose, confuse or invent content.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;
use bytes::Bytes;
use genai_bench_core::conformance::{Outcome, STORAGE_LAWS, StorageSubject};
use genai_bench_core::storage::{Head, Key, Page, Storage, StorageError};

use super::Saboteur;

const LAW: &str = "stores_what_it_was_given";

pub(super) const SABOTEURS: &[Saboteur<StorageSubject>] = &[
    broken("a store that never replaces content", || subject(Flaw::NeverReplaces)),
    broken("a store that has content under every key", || subject(Flaw::InventsContent)),
    broken("a store that treats all bytes as text", || subject(Flaw::TreatsBytesAsText)),
    broken("a store that reports every length as 0", || subject(Flaw::ForgetsLengths)),
    broken("a store that lists keys under other prefixes", || subject(Flaw::ListsEverything)),
    broken("a store that lists only the first page", || subject(Flaw::ListsOnePage)),
    broken("a store that lists a key twice", || subject(Flaw::ListsTwice)),
    broken("a store that lists in no order", || subject(Flaw::ListsBackwards)),
    broken("a store that lists wrong lengths", || subject(Flaw::ListsNoLengths)),
];

pub(super) fn unbroken() -> StorageSubject {
    subject(Flaw::None)
}

pub(super) fn check(name: &str, subject: &StorageSubject) -> Outcome {
    let (_, check) =
        STORAGE_LAWS.iter().find(|it| it.0 == name).expect("a saboteur names a law that is there");
    let runtime = tokio::runtime::Builder::new_current_thread().build().map_err(|it| it.to_string())?;
    check(subject, &runtime)
}

const fn broken(deed: &'static str, subject: fn() -> StorageSubject) -> Saboteur<StorageSubject> {
    Saboteur { law: LAW, deed, subject }
}

fn subject(flaw: Flaw) -> StorageSubject {
    StorageSubject { name: "saboteur", storage: Arc::new(Memory { flaw, held: Mutex::default() }) }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flaw {
    None,
    NeverReplaces,
    InventsContent,
    TreatsBytesAsText,
    ForgetsLengths,
    ListsEverything,
    ListsOnePage,
    ListsTwice,
    ListsBackwards,
    ListsNoLengths,
}

/// A correct store except for its flaw. A page of a listing has one key.
#[derive(Debug)]
struct Memory {
    flaw: Flaw,
    held: Mutex<BTreeMap<String, Bytes>>,
}

impl Memory {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Bytes>> {
        self.held.lock().expect("no thread panics with the lock")
    }
}

#[async_trait]
impl Storage for Memory {
    async fn put(&self, key: &Key, body: Bytes) -> Result<(), StorageError> {
        let body = match self.flaw {
            Flaw::TreatsBytesAsText => String::from_utf8_lossy(&body).into_owned().into(),
            _ => body,
        };
        let mut held = self.lock();
        if self.flaw == Flaw::NeverReplaces {
            held.entry(key.to_string()).or_insert(body);
        } else {
            held.insert(key.to_string(), body);
        }
        Ok(())
    }

    async fn get(&self, key: &Key) -> Result<Bytes, StorageError> {
        match self.lock().get(key.as_str()) {
            Some(body) => Ok(body.clone()),
            None if self.flaw == Flaw::InventsContent => Ok(Bytes::new()),
            None => Err(StorageError::NotFound(key.clone())),
        }
    }

    async fn head(&self, key: &Key) -> Result<Head, StorageError> {
        let length = self.get(key).await?.len() as u64;
        Ok(Head::new(key.clone(), if self.flaw == Flaw::ForgetsLengths { 0 } else { length }))
    }

    async fn list(&self, prefix: &str, after: Option<&str>) -> Result<Page, StorageError> {
        let held = self.lock();
        let under =
            held.iter().filter(|(key, _)| self.flaw == Flaw::ListsEverything || key.starts_with(prefix));
        let heads = under.map(|(key, body)| {
            let length = if self.flaw == Flaw::ListsNoLengths { 0 } else { body.len() as u64 };
            Ok(Head::new(Key::new(key)?, length))
        });
        let mut heads = heads.collect::<Result<Vec<_>, StorageError>>()?;
        match self.flaw {
            Flaw::ListsTwice => heads = heads.into_iter().flat_map(|it| [it.clone(), it]).collect(),
            Flaw::ListsBackwards => heads.reverse(),
            _ => {}
        }
        let page: usize =
            after.map_or(0, |it| it.parse().expect("the number of a page comes from the page before"));
        let Some(head) = heads.get(page) else { return Ok(Page::last(Vec::new())) };
        let more = page + 1 < heads.len() && self.flaw != Flaw::ListsOnePage;
        let head = vec![head.clone()];
        Ok(if more { Page::followed_by(head, (page + 1).to_string()) } else { Page::last(head) })
    }
}
