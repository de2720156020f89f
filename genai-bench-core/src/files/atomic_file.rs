//! Files that are written atomically and never through a link.

use std::collections::hash_map::RandomState;
use std::ffi::OsString;
use std::fs::{self, File};
use std::hash::{BuildHasher, Hasher};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// The maximum number of temporary names to try.
const ATTEMPTS: usize = 16;

/// A file that is written under a temporary name beside its final path, and renamed when it is complete.
///
/// The temporary name is random and the file is newly created, so that no link planted by another user of the folder
/// is followed; renaming replaces a link at the final path and leaves its target unchanged. A file that is dropped
/// before [`commit`](Self::commit) is removed.
#[derive(Debug)]
pub(crate) struct AtomicFile {
    place: PathBuf,
    temporary: PathBuf,
    file: BufWriter<File>,
    is_committed: bool,
}

impl AtomicFile {
    /// Creates the temporary file for `place`, with the permissions that the process gives new files (its umask).
    ///
    /// # Errors
    ///
    /// When the folder cannot be written to, or `place` has no file name.
    pub(crate) fn create(place: &Path) -> io::Result<Self> {
        let mut last = io::Error::from(io::ErrorKind::AlreadyExists);
        for _ in 0..ATTEMPTS {
            let temporary = temporary_name(place)?;
            match File::create_new(&temporary) {
                Ok(file) => {
                    let (place, file) = (place.to_owned(), BufWriter::new(file));
                    return Ok(Self { place, temporary, file, is_committed: false });
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => last = error,
                Err(error) => return Err(error),
            }
        }
        Err(last)
    }

    /// Renames the complete file to its final path.
    ///
    /// # Errors
    ///
    /// When the rest of it cannot be written, or the file cannot be renamed.
    pub(crate) fn commit(mut self) -> io::Result<()> {
        self.file.flush()?;
        self.file.get_ref().sync_all()?;
        fs::rename(&self.temporary, &self.place)?;
        self.is_committed = true;
        Ok(())
    }
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for AtomicFile {
    fn drop(&mut self) {
        if !self.is_committed {
            // The partial file is of no use, and the error that prevented the commit is reported already.
            let _ = fs::remove_file(&self.temporary);
        }
    }
}

/// Returns a random name beside `place`.
fn temporary_name(place: &Path) -> io::Result<PathBuf> {
    let name = place.file_name().ok_or_else(|| io::Error::from(io::ErrorKind::InvalidFilename))?;
    // Each state has keys of its own, which come from the operating system.
    let random = RandomState::new().build_hasher().finish();
    let mut temporary = OsString::from(".");
    temporary.push(name);
    temporary.push(format!(".{random:016x}.partial"));
    Ok(place.with_file_name(temporary))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<OsString> {
        let mut names: Vec<_> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_committed_file_is_at_its_final_path() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("a.json");
        let mut file = AtomicFile::create(&place).unwrap();
        file.write_all(b"whole").unwrap();
        assert!(!place.exists());
        file.commit().unwrap();
        assert_eq!(fs::read(&place).unwrap(), b"whole");
        assert_eq!(names(folder.path()), ["a.json"]);
    }

    #[test]
    fn a_dropped_file_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        drop(AtomicFile::create(&folder.path().join("a.json")).unwrap());
        assert_eq!(names(folder.path()), Vec::<OsString>::new());
        assert!(AtomicFile::create(&folder.path().join("..")).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn a_link_in_its_place_is_replaced_and_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let (place, other) = (folder.path().join("a.json"), folder.path().join("other"));
        fs::write(&other, "kept").unwrap();
        std::os::unix::fs::symlink(&other, &place).unwrap();
        let mut file = AtomicFile::create(&place).unwrap();
        file.write_all(b"new").unwrap();
        file.commit().unwrap();
        assert_eq!((fs::read(&place).unwrap(), fs::read(&other).unwrap()), (b"new".into(), b"kept".into()));
    }

    #[test]
    fn temporary_names_differ() {
        let place = Path::new("a.json");
        assert_ne!(temporary_name(place).unwrap(), temporary_name(place).unwrap());
    }
}
