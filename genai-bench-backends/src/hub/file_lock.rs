//! A lock that lets one process at a time download a file.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::HubError;
use super::cache::failed;

/// The delay between attempts to acquire a lock that another process holds.
const PAUSE: Duration = Duration::from_millis(100);

/// Waits until no other process, of this program or Python's, holds the lock file at `path`. The lock is
/// held until it is dropped.
///
/// Some shared file systems have no locks, or grant every lock. Then two processes may write the same file:
/// both write the same bytes at the same positions, which costs work but does no harm.
pub(super) async fn lock(path: PathBuf) -> Result<File, HubError> {
    loop {
        let file = open(&path)?;
        match file.try_lock() {
            Ok(()) if is_gone(&file) => {}
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) => tokio::time::sleep(PAUSE).await,
            Err(TryLockError::Error(error)) if error.kind() == std::io::ErrorKind::Unsupported => {
                return Ok(file);
            }
            Err(TryLockError::Error(source)) => return Err(HubError::Cache { action: "lock", path, source }),
        }
    }
}

fn open(path: &Path) -> Result<File, HubError> {
    let folder = path.parent().unwrap_or(path);
    std::fs::create_dir_all(folder).map_err(failed("create", folder))?;
    let mut opening = OpenOptions::new();
    opening.create(true).truncate(false).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut opening, libc::O_NOFOLLOW);
    opening.open(path).map_err(failed("create", path))
}

/// Returns `true` if the last holder removed the file between its opening and its locking here, as Python
/// does: then its lock excludes no one.
#[cfg(unix)]
fn is_gone(file: &File) -> bool {
    use std::os::unix::fs::MetadataExt;
    file.metadata().is_ok_and(|it| it.nlink() == 0)
}

#[cfg(not(unix))]
fn is_gone(_file: &File) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_lock_has_one_holder_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("locks/a.lock");
        let first = lock(path.clone()).await.unwrap();
        let mut second = Box::pin(lock(path.clone()));
        tokio::time::timeout(PAUSE * 5, &mut second).await.unwrap_err();
        drop(first);
        second.await.unwrap();
    }
}
