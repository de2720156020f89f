//! The download of one file into the cache, over as many connections as it takes.

use std::io::{self, Read, SeekFrom};
use std::path::{Path, PathBuf};

use http::StatusCode;
use http::header::CONTENT_RANGE;
use reqwest::Response;
use sha2::{Digest, Sha256};
use tokio::fs::{self, File};
use tokio::io::{AsyncSeekExt, AsyncWriteExt};

use super::cache::{Cache, create_folder_of, failed};
use super::client::{Client, host, unreachable};
use super::file_lock::lock;
use super::file_metadata::is_sha256;
use super::{HubError, Progress, Repo};

/// The maximum size of a file whose length the hub reports, in bytes: the largest files of datasets have 50
/// GB.
const MOST_BYTES: u64 = 128 << 30;
/// The maximum size of a file whose length the hub does not report, in bytes: hubs report it for large
/// files.
const MOST_BYTES_UNTOLD: u64 = 4 << 30;
/// The maximum size of a file that is read into memory as a whole, in bytes: of a tokenizer and its optional
/// files.
const MOST_BYTES_IN_MEMORY: u64 = 256 << 20;
/// The names of the files that are read into memory as a whole.
const IN_MEMORY: [&str; 6] = [
    "tokenizer.json",
    "tekken.json",
    "tokenizer_config.json",
    "chat_template.jinja",
    "chat_template.json",
    "special_tokens_map.json",
];

/// Returns the maximum size in bytes of a file of this name; `is_told` is `true` if the hub reports its
/// length.
fn most_bytes(file: &str, is_told: bool) -> u64 {
    match file.rsplit('/').next() {
        Some(name) if IN_MEMORY.contains(&name) => MOST_BYTES_IN_MEMORY,
        _ if is_told => MOST_BYTES,
        _ => MOST_BYTES_UNTOLD,
    }
}

/// The download of a file.
pub(super) struct Download<'a> {
    pub(super) client: &'a Client,
    pub(super) repo: &'a Repo,
    pub(super) file: &'a str,
    pub(super) commit: &'a str,
    pub(super) etag: &'a str,
    /// The length of the file in bytes, if the hub reports it.
    pub(super) size: Option<u64>,
    pub(super) progress: &'a dyn Progress,
}

impl Download<'_> {
    /// Downloads the blob of the file, unless another process just did.
    pub(super) async fn run(&self, cache: &Cache) -> Result<(), HubError> {
        let _held = lock(cache.lock(self.etag)).await?;
        let blob = cache.blob(self.etag);
        if fs::try_exists(&blob).await.map_err(failed("read", &blob))? {
            return Ok(());
        }
        if let Some(size) = self.size {
            self.check_size(size)?;
        }
        create_folder_of(&blob).await?;
        let partial = cache.partial(self.etag);
        let mut shown = Shown::begin(self.progress, self.file, self.size);
        self.fetch(&partial, &mut shown).await?;
        self.verify(&partial).await?;
        match fs::rename(&partial, &blob).await {
            // On a file system without locks another process may have finished first.
            Err(_) if fs::try_exists(&blob).await.unwrap_or(false) => Ok(()),
            it => it.map_err(failed("write", &blob)),
        }
    }

    /// Downloads all remaining bytes.
    async fn fetch(&self, partial: &Path, shown: &mut Shown<'_>) -> Result<(), HubError> {
        let mut retries = self.client.retries();
        loop {
            match self.attempt(partial, shown).await {
                Err(error) if retries.wait_after(&error).await => {}
                Err(error) => {
                    // An empty file is removed, and so is one that cannot be right.
                    let is_empty = fs::metadata(partial).await.is_ok_and(|it| it.len() == 0);
                    if is_empty || matches!(error, HubError::Length { .. } | HubError::TooLarge { .. }) {
                        remove(partial).await;
                    }
                    return Err(error);
                }
                Ok(()) => return Ok(()),
            }
        }
    }

    async fn attempt(&self, partial: &Path, shown: &mut Shown<'_>) -> Result<(), HubError> {
        let mut opening = File::options();
        opening.create(true).truncate(false).write(true);
        // The name is predictable, because Python's huggingface_hub continues the same file: links are not
        // followed.
        #[cfg(unix)]
        opening.custom_flags(libc::O_NOFOLLOW);
        let mut output = opening.open(partial).await.map_err(failed("write", partial))?;
        let mut there = output.metadata().await.map_err(failed("read", partial))?.len();
        if self.size.is_some_and(|size| there > size) {
            there = 0;
        } else if self.size == Some(there) {
            shown.reach(there);
            return Ok(());
        }
        let mut response = self.client.get_file(self.repo, self.commit, self.file, there).await?;
        // Not every server supports ranges.
        let first = first_byte(&response).filter(|it| *it == there || *it == 0);
        there = first.unwrap_or(0);
        output.set_len(there).await.map_err(failed("write", partial))?;
        if first.is_none() {
            let host = host(response.url());
            return Err(HubError::Unreachable {
                host,
                reason: "it does not go on where it was cut".to_owned(),
            });
        }
        output.seek(SeekFrom::Start(there)).await.map_err(failed("write", partial))?;
        shown.reach(there);
        let copied = self.copy(&mut response, &mut output, partial, &mut there, shown).await;
        // Also after a broken connection, so that the next attempt finds all bytes received.
        output.flush().await.map_err(failed("write", partial))?;
        copied?;
        match self.size {
            Some(size) if there != size => Err(self.wrong_length(size, there)),
            _ => Ok(()),
        }
    }

    async fn copy(
        &self,
        response: &mut Response,
        output: &mut File,
        partial: &Path,
        there: &mut u64,
        shown: &mut Shown<'_>,
    ) -> Result<(), HubError> {
        loop {
            let next = response.chunk().await;
            let Some(bytes) = next.map_err(|it| unreachable(response.url(), &it))? else { return Ok(()) };
            *there += bytes.len() as u64;
            if let Some(size) = self.size.filter(|size| *there > *size) {
                return Err(self.wrong_length(size, *there));
            }
            self.check_size(*there)?;
            output.write_all(&bytes).await.map_err(failed("write", partial))?;
            shown.reach(*there);
        }
    }

    /// Checks the size of a file that has `bytes` or more.
    fn check_size(&self, bytes: u64) -> Result<(), HubError> {
        let most = most_bytes(self.file, self.size.is_some());
        if bytes <= most {
            return Ok(());
        }
        Err(HubError::TooLarge { repo: self.repo.clone(), file: self.file.to_owned(), most })
    }

    fn wrong_length(&self, expected: u64, actual: u64) -> HubError {
        HubError::Length { repo: self.repo.clone(), file: self.file.to_owned(), expected, actual }
    }

    /// Compares the file with its checksum, if the hub reports one, and removes a file that does not match.
    async fn verify(&self, partial: &Path) -> Result<(), HubError> {
        if !is_sha256(self.etag) {
            return Ok(());
        }
        let path = partial.to_owned();
        let summed = tokio::task::spawn_blocking(move || sha256(path)).await;
        let actual = summed.expect("the task does not panic")?;
        if actual == self.etag {
            return Ok(());
        }
        remove(partial).await;
        Err(HubError::Checksum {
            repo: self.repo.clone(),
            file: self.file.to_owned(),
            expected: self.etag.into(),
            actual: actual.into(),
        })
    }
}

/// Returns the position of the first byte in `response`, if it has one.
fn first_byte(response: &Response) -> Option<u64> {
    match response.status() {
        StatusCode::OK => Some(0),
        StatusCode::PARTIAL_CONTENT => {
            let range = response.headers().get(CONTENT_RANGE)?.to_str().ok()?;
            range.strip_prefix("bytes ")?.split('-').next()?.parse().ok()
        }
        _ => None,
    }
}

async fn remove(path: &Path) {
    // A leftover file is harmless: at worst the next download continues it and finds that it does not match.
    let _ = fs::remove_file(path).await;
}

/// Returns the SHA-256 of a file, in hexadecimal.
fn sha256(path: PathBuf) -> Result<String, HubError> {
    match digest(&path) {
        Ok(sum) => Ok(sum.finalize().iter().map(|byte| format!("{byte:02x}")).collect()),
        Err(source) => Err(HubError::Cache { action: "read", path, source }),
    }
}

fn digest(path: &Path) -> io::Result<Sha256> {
    let mut sum = Sha256::new();
    let mut file = std::fs::File::open(path)?;
    let mut buffer = vec![0; 1 << 17];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(sum),
            length => sum.update(&buffer[..length]),
        }
    }
}

/// The displayed progress of a download, which ends when this is dropped.
struct Shown<'a> {
    progress: &'a dyn Progress,
    file: &'a str,
    size: Option<u64>,
    bytes: u64,
}

impl<'a> Shown<'a> {
    fn begin(progress: &'a dyn Progress, file: &'a str, size: Option<u64>) -> Self {
        progress.began(file, size);
        Self { progress, file, size, bytes: 0 }
    }

    /// Reports the number of bytes present. A number lower than before restarts the progress.
    fn reach(&mut self, bytes: u64) {
        if bytes < self.bytes {
            self.progress.began(self.file, self.size);
            self.bytes = 0;
        }
        if bytes > self.bytes {
            self.progress.advanced(bytes - self.bytes);
        }
        self.bytes = bytes;
    }
}

impl Drop for Shown<'_> {
    fn drop(&mut self) {
        self.progress.ended();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_memory_files_have_a_smaller_limit_than_datasets() {
        assert_eq!(most_bytes("tokenizer.json", true), MOST_BYTES_IN_MEMORY);
        assert_eq!(most_bytes("a/tekken.json", false), MOST_BYTES_IN_MEMORY);
        assert_eq!(most_bytes("a/train.json", true), MOST_BYTES);
        assert_eq!(most_bytes("a/train.json", false), MOST_BYTES_UNTOLD);
    }
}
