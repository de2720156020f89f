//! API keys in files, which, unlike option values, do not appear in the list of processes.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use genai_bench_backends::auth::{Origin, Secret};

use crate::console::note;
use crate::failure::Failure;

/// The name of the option.
pub(super) const OPTION: &str = "api-key-file";
/// The maximum length of the first line, in bytes. Tokens of services have a few thousand bytes.
const LONGEST_LINE: u64 = 64 << 10;

/// Reads the key in the first line of a file, without a byte order mark and surrounding blanks.
///
/// Only that line is read, so that a pipe may stay open after it.
///
/// # Errors
///
/// Returns an error if the file cannot be read, or has no key.
pub(super) fn read(path: &Path) -> Result<Secret, Failure> {
    let failure = |problem: String| Failure::option(OPTION, format!("{}: {problem}", path.display()));
    let file = File::open(path).map_err(|error| failure(format!("cannot be opened: {error}")))?;
    note_open_permissions(path, &file);
    let mut line = Vec::new();
    let mut reader = BufReader::new(file.take(LONGEST_LINE + 1));
    reader.read_until(b'\n', &mut line).map_err(|error| failure(format!("cannot be read: {error}")))?;
    if line.len() as u64 > LONGEST_LINE {
        return Err(failure(format!("the first line has more than {LONGEST_LINE} bytes, which no key has")));
    }
    let line = String::from_utf8(line).map_err(|_| failure("the first line is not UTF-8 text".to_owned()))?;
    let key = line.strip_prefix('\u{feff}').unwrap_or(&line).trim();
    if key.is_empty() {
        return Err(failure("the first line is empty: put the key there".to_owned()));
    }
    Ok(Secret::from(key).found(Origin::Option(OPTION)))
}

/// Prints a note if other users can read a file.
#[cfg(unix)]
fn note_open_permissions(path: &Path, file: &File) {
    use std::os::unix::fs::PermissionsExt;

    /// The permission bits that let the group and all others read.
    const READ_BY_OTHERS: u32 = 0o044;

    let Ok(metadata) = file.metadata() else { return };
    let mode = metadata.permissions().mode();
    if metadata.is_file() && mode & READ_BY_OTHERS != 0 {
        let path = path.display();
        note(format!("--{OPTION}: other users of this machine can read {path}: chmod 600 hides it"));
    }
}

#[cfg(not(unix))]
fn note_open_permissions(_: &Path, _: &File) {}

#[cfg(test)]
mod tests {
    use super::*;

    fn key_in(bytes: &[u8]) -> Result<String, String> {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("key");
        std::fs::write(&path, bytes).expect("a file");
        read(&path).map(|key| key.reveal().to_owned()).map_err(|error| error.to_string())
    }

    #[test]
    fn the_key_is_the_first_line() {
        for text in ["sk-1", "sk-1\n", "sk-1\r\n", "\u{feff}sk-1\n", "sk-1\nanother\n", " sk-1 \n"] {
            assert_eq!(key_in(text.as_bytes()).as_deref(), Ok("sk-1"), "{text:?}");
        }
    }

    #[test]
    fn a_file_without_a_key_is_refused_and_not_shown() {
        let long = vec![b'k'; 1 << 20];
        for (bytes, problem) in [
            (&b""[..], "empty"),
            (b"\nsk-1\n", "empty"),
            (b"\xff\xfesk", "UTF-8"),
            (&long[..], "more than 65536"),
        ] {
            let error = key_in(bytes).unwrap_err();
            assert!(error.starts_with("--api-key-file: ") && error.contains(problem), "{error}");
            assert!(!error.contains("sk-1"), "{error}");
        }
        assert!(read(Path::new("/")).unwrap_err().to_string().contains("cannot be read"));
        assert!(read(Path::new("/nowhere")).unwrap_err().to_string().contains("cannot be opened"));
    }
}
