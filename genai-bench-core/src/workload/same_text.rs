//! Copies of a text that differ only in line ends or the byte order mark, as editors and git change them.

use std::fs::File;
use std::io;
use std::path::Path;

use sha2::{Digest, Sha256};

const MARK: &[u8] = b"\xef\xbb\xbf";

/// Returns the SHA-256 of a file in lower-case hexadecimal digits, as `sha256sum` prints it.
///
/// # Errors
///
/// When it cannot be read.
pub fn file_hash(path: &Path) -> io::Result<String> {
    let mut hash = Sha256::new();
    io::copy(&mut File::open(path)?, &mut Writer(&mut hash))?;
    Ok(hex(&hash.finalize()))
}

/// Returns the difference between a text and the one whose SHA-256 is `expected`, if it is only in line ends or the
/// byte order mark.
///
/// ```
/// use genai_bench_core::workload::text_difference;
///
/// // `printf 'a\nb\n' | sha256sum`
/// let expected = "911169ddaaf146aff539f58c26c489af3b892dff0fe283c1c264c65ae5aa59a2";
/// assert_eq!(text_difference(b"a\r\nb\r\n", expected), Some("its line ends are CRLF and not LF"));
/// assert_eq!(text_difference(b"a\nb\nc\n", expected), None);
/// ```
#[must_use]
pub fn text_difference(text: &[u8], expected: &str) -> Option<&'static str> {
    let (has_mark, plain) = match text.strip_prefix(MARK) {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let lines = without_carriage_returns(plain);
    if has_mark && has_hash(plain, expected) {
        return Some("it begins with a byte order mark (BOM)");
    }
    if !has_mark && has_hash_with_mark(plain, expected) {
        return Some("it does not begin with a byte order mark (BOM)");
    }
    if lines.len() < plain.len() && has_hash_with_or_without_mark(&lines, expected) {
        return Some("its line ends are CRLF and not LF");
    }
    has_hash_with_or_without_mark(&with_carriage_returns(&lines), expected)
        .then_some("its line ends are LF and not CRLF")
}

fn has_hash(text: &[u8], expected: &str) -> bool {
    hex(&Sha256::digest(text)) == expected
}

fn has_hash_with_mark(text: &[u8], expected: &str) -> bool {
    has_hash(&[MARK, text].concat(), expected)
}

fn has_hash_with_or_without_mark(text: &[u8], expected: &str) -> bool {
    has_hash(text, expected) || has_hash_with_mark(text, expected)
}

fn without_carriage_returns(text: &[u8]) -> Vec<u8> {
    let mut lines = Vec::with_capacity(text.len());
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        match line.strip_suffix(b"\r\n") {
            Some(line) => {
                lines.extend_from_slice(line);
                lines.push(b'\n');
            }
            None => lines.extend_from_slice(line),
        }
    }
    lines
}

fn with_carriage_returns(text: &[u8]) -> Vec<u8> {
    let mut lines = Vec::with_capacity(text.len());
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        lines.extend_from_slice(line.strip_suffix(b"\n").unwrap_or(line));
        if line.ends_with(b"\n") {
            lines.extend_from_slice(b"\r\n");
        }
    }
    lines
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A writer that hashes its input.
struct Writer<'a>(&'a mut Sha256);

impl io::Write for Writer<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_with_other_line_ends_or_marks_are_recognized() {
        let rows: [(&str, &str, Option<&str>); 8] = [
            ("a\nb", "a\r\nb", Some("its line ends are CRLF and not LF")),
            ("a\r\nb\r\n", "a\nb\n", Some("its line ends are LF and not CRLF")),
            ("a\n", "\u{feff}a\n", Some("it begins with a byte order mark (BOM)")),
            ("\u{feff}a\n", "a\n", Some("it does not begin with a byte order mark (BOM)")),
            ("a\n", "\u{feff}a\r\n", Some("its line ends are CRLF and not LF")),
            ("a\rb\n", "a\rb\r\n", Some("its line ends are CRLF and not LF")),
            ("a\n", "b\r\n", None),
            ("", "a", None),
        ];
        for (locked, found, difference) in rows {
            let expected = hex(&Sha256::digest(locked));
            assert_eq!(text_difference(found.as_bytes(), &expected), difference, "{locked:?} {found:?}");
        }
    }

    #[test]
    fn the_hash_of_a_file_is_that_of_its_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, "abc").unwrap();
        assert_eq!(
            file_hash(&path).unwrap(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
