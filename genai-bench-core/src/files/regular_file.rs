//! Reading of regular files within size limits, also from untrusted folders.

use std::fs::File;
use std::io::{self, BufRead, Read};
use std::path::Path;

/// The folders whose files the kernel generates as they are read: they have no size, and some have no end.
const MADE_AS_READ: [&str; 2] = ["/proc", "/sys"];

/// Opens a regular file, also through a link. Other files may never end, or block forever when they are opened.
///
/// # Errors
///
/// When it cannot be read; [`io::ErrorKind::InvalidInput`] if it is a pipe, a device, a socket, or a file of `/proc`
/// or `/sys`: the message names the kind.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    check(path)?;
    let file = File::open(path)?;
    // The file at the path may have been replaced since.
    if file.metadata()?.is_dir() || file.metadata()?.is_file() {
        return Ok(file);
    }
    Err(refused("no regular file"))
}

/// Reads a regular file of at most `most` bytes.
///
/// # Errors
///
/// Those of [`open`], and [`io::ErrorKind::FileTooLarge`] before anything of a larger file is read.
pub(crate) fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let file = open(path)?;
    let length = file.metadata()?.len();
    if length > most {
        return Err(too_large(most));
    }
    let mut bytes = Vec::new();
    file.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most { Err(too_large(most)) } else { Ok(bytes) }
}

/// Returns the error for a file of more than `most` bytes.
fn too_large(most: u64) -> io::Error {
    let problem = format!("it has more than {} MiB, the maximum for such a file", most >> 20);
    io::Error::new(io::ErrorKind::FileTooLarge, problem)
}

/// Appends the next line with its end to `line`; one byte more than `longest` shows that a line is longer.
///
/// # Errors
///
/// When it cannot be read; [`io::ErrorKind::FileTooLarge`] if the line is longer than `longest` bytes.
pub(crate) fn read_line(from: &mut impl BufRead, line: &mut Vec<u8>, longest: u64) -> io::Result<usize> {
    let read = from.take(longest + 1).read_until(b'\n', line)?;
    if read as u64 > longest {
        let problem = format!("the line is longer than {longest} bytes");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, problem));
    }
    Ok(read)
}

fn check(path: &Path) -> io::Result<()> {
    let metadata = path.metadata()?;
    if let Some(what) = special(&metadata) {
        return Err(refused(what));
    }
    let whole = path.canonicalize()?;
    match MADE_AS_READ.iter().find(|folder| whole.starts_with(folder)) {
        Some(folder) => Err(refused(&format!("a file of {folder}"))),
        None => Ok(()),
    }
}

fn refused(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, format!("it is {what}, and only regular files are read here"))
}

/// Returns the kind of a file that is neither regular nor a folder.
#[cfg(unix)]
fn special(metadata: &std::fs::Metadata) -> Option<&'static str> {
    use std::os::unix::fs::FileTypeExt;

    let kind = metadata.file_type();
    match () {
        () if kind.is_fifo() => Some("a pipe"),
        () if kind.is_socket() => Some("a socket"),
        () if kind.is_char_device() || kind.is_block_device() => Some("a device"),
        () => None,
    }
}

/// Returns the kind of a file that is neither regular nor a folder.
#[cfg(not(unix))]
fn special(metadata: &std::fs::Metadata) -> Option<&'static str> {
    (!metadata.is_file() && !metadata.is_dir()).then_some("no regular file")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn devices_pipes_and_files_of_the_kernel_are_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
        let link = folder.path().join("link");
        std::os::unix::fs::symlink("/dev/zero", &link).unwrap();
        for (path, what) in [
            (pipe.as_path(), "it is a pipe, and only regular files are read here"),
            (Path::new("/dev/zero"), "it is a device, and"),
            (&link, "it is a device, and"),
            (Path::new("/proc/self/environ"), "it is a file of /proc, and"),
        ] {
            let error = open(path).unwrap_err().to_string();
            assert!(error.starts_with(what), "{}: {error}", path.display());
        }
    }

    #[test]
    fn a_file_is_read_up_to_its_limit() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), vec![b'x'; 1 << 20]).unwrap();
        assert_eq!(read(file.path(), 1 << 20).unwrap().len(), 1 << 20);
        let error = read(file.path(), (1 << 20) - 1).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
    }

    #[test]
    fn a_line_is_read_up_to_its_limit() {
        let mut line = Vec::new();
        assert_eq!(read_line(&mut &b"abc\nd"[..], &mut line, 4).unwrap(), 4);
        assert_eq!(line, b"abc\n");
        let error = read_line(&mut &b"abcd\n"[..], &mut Vec::new(), 4).unwrap_err();
        assert_eq!(error.to_string(), "the line is longer than 4 bytes");
    }
}
