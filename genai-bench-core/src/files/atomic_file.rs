//! Files that are never half there, and never written through a link.

use std::collections::hash_map::RandomState;
use std::ffi::OsString;
use std::fs::{self, File};
use std::hash::{BuildHasher, Hasher};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// How often another temporary name is tried where one is taken.
const ATTEMPTS: usize = 16;

/// A file that is written under a temporary name beside its place, and renamed into its place when it is whole.
///
/// The temporary name cannot be foreseen, and the file under it is a new one, so that no link that another user of the
/// folder has planted is followed; renaming replaces a link at the place and leaves alone what the link points to. A file that is
/// dropped before [`commit`](Self::commit) is removed.
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

    /// Puts the file in its place.
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
            // What is half there is of no use; why it was not committed is what matters.
            let _ = fs::remove_file(&self.temporary);
        }
    }
}

/// Returns a name beside `place` that nobody can foresee.
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
    fn a_file_is_in_its_place_when_it_is_whole() {
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
    fn a_file_that_is_given_up_leaves_nothing() {
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
