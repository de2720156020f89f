//! Detection of the content of a file by its first bytes.

/// The number of bytes that are inspected.
pub(super) const FIRST_BYTES: usize = 64 << 10;

/// A kind of content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Content {
    /// Gzip.
    Gzip,
    /// Zstd.
    Zstd,
    /// Apache Parquet.
    Parquet,
    /// Text in little-endian UTF-16.
    Utf16Le,
    /// Text in big-endian UTF-16.
    Utf16Be,
    /// A web page.
    Html,
    /// A kind that is not supported: its name and the remedy.
    Refused(&'static str),
    /// Anything else, which is taken for text.
    Text,
}

/// The kinds of files that are not supported: first bytes, name and remedy.
const REFUSED: [(&[u8], &str); 15] = [
    (b"BZh", "a bzip2 archive: unpack it with bunzip2, or compress it with gzip or zstd"),
    (b"\xfd7zXZ\0", "an xz archive: unpack it with unxz, or compress it with gzip or zstd"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive: unpack it and name the file in it"),
    (b"Rar!\x1a\x07", "a rar archive: unpack it and name the file in it"),
    (b"\x04\x22\x4d\x18", "an lz4 archive: unpack it with unlz4, or compress it with gzip or zstd"),
    (b"%PDF-", "a PDF document: write its texts to a .jsonl file"),
    (b"SQLite format 3\0", "an SQLite database: write its rows to a .csv or .jsonl file"),
    (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        "an Excel workbook or another Office document: save it as CSV UTF-8",
    ),
    (b"ARROW1", "an Arrow file: write it as Parquet, in Python with Dataset.to_parquet"),
    (b"\xff\xff\xff\xff", "an Arrow stream: write it as Parquet, in Python with Dataset.to_parquet"),
    (b"Obj\x01", "an Avro file: write its rows to a .jsonl or .parquet file"),
    (b"ORC", "an ORC file: write its rows to a .jsonl or .parquet file"),
    (b"\x89HDF", "an HDF5 file: write its rows to a .jsonl or .parquet file"),
    (
        b"version https://git-lfs",
        "a Git LFS pointer, not the data: run git lfs pull in the folder of the repository",
    ),
    (b"PARE", "an encrypted Parquet file: decrypt it"),
];
/// The first bytes of zip archives, also of empty and split ones.
const ZIP: [&[u8]; 3] = [b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"];
/// The names of entries that Office documents, which are zip archives, begin with.
const OFFICE: [&[u8]; 4] = [b"[Content_Types].xml", b"xl/", b"docProps/", b"mimetypeapplication/vnd.oasis"];
/// The position of the magic bytes of a tar archive.
const TAR: std::ops::Range<usize> = 257..262;

impl Content {
    /// Detects the content of a file by its first bytes.
    pub(super) fn recognize(bytes: &[u8]) -> Self {
        if bytes.starts_with(b"\x1f\x8b") {
            return Self::Gzip;
        }
        if bytes.starts_with(b"\x28\xb5\x2f\xfd") {
            return Self::Zstd;
        }
        if bytes.starts_with(b"PAR1") {
            return Self::Parquet;
        }
        if let Some((_, what)) = REFUSED.iter().find(|(start, what)| is_refused(bytes, start, what)) {
            return Self::Refused(what);
        }
        if ZIP.iter().any(|start| bytes.starts_with(start)) {
            return Self::Refused(zip(bytes));
        }
        if bytes.get(TAR) == Some(b"ustar") {
            return Self::Refused("a tar archive: unpack it and name the file or folder in it");
        }
        match bytes {
            [0xff, 0xfe, ..] => Self::Utf16Le,
            [0xfe, 0xff, ..] => Self::Utf16Be,
            _ if is_html(bytes) => Self::Html,
            _ if is_mostly_zero(bytes) => Self::Refused(
                "no text, it has zero bytes in it: is it UTF-16 without its mark? Save the file as UTF-8",
            ),
            _ => Self::Text,
        }
    }
}

/// Returns `true` if a file with these first bytes is of the kind that begins with `start`. A start of letters alone may be
/// that of a text, so the file must contain a byte that no text has.
fn is_refused(bytes: &[u8], start: &[u8], what: &str) -> bool {
    let is_word = start.iter().all(u8::is_ascii_alphanumeric);
    bytes.starts_with(start) && (!is_word || what.starts_with("a Git") || has_binary(bytes))
}

/// Returns `true` if there is a byte that no text has.
fn has_binary(bytes: &[u8]) -> bool {
    bytes.iter().any(|byte| *byte < 9)
        || std::str::from_utf8(bytes).is_err_and(|error| error.error_len().is_some())
}

/// Returns `true` if more bytes are zero than stray zeros in a text would explain.
fn is_mostly_zero(bytes: &[u8]) -> bool {
    bytes.iter().filter(|byte| **byte == 0).count() * 8 > bytes.len()
}

/// Returns the kind and the remedy of a zip archive.
fn zip(bytes: &[u8]) -> &'static str {
    if OFFICE.iter().any(|name| bytes.windows(name.len()).any(|window| window == *name)) {
        "an Excel workbook or another Office document: save it as CSV UTF-8"
    } else {
        "a zip archive: unpack it and name the file or folder in it"
    }
}

fn is_html(bytes: &[u8]) -> bool {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    starts_ignoring_case(text, b"<!doctype html") || starts_ignoring_case(text, b"<html")
}

fn starts_ignoring_case(text: &[u8], start: &[u8]) -> bool {
    text.get(..start.len()).is_some_and(|found| found.eq_ignore_ascii_case(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unsupported_files_are_detected_by_their_first_bytes() {
        let mut tar = vec![0; 512];
        tar[..5].copy_from_slice(b"a.csv");
        tar[TAR].copy_from_slice(b"ustar");
        let cases: [(&[u8], &str); 13] = [
            (b"PK\x03\x04\x14\0\0\0a.csv", "a zip archive"),
            (b"PK\x03\x04\x14\0\0\0[Content_Types].xml", "an Excel workbook"),
            (b"BZh91AY&SY\x01\x02", "a bzip2"),
            (b"\xfd7zXZ\0\0", "an xz"),
            (b"7z\xbc\xaf\x27\x1c\0", "a 7z"),
            (&tar, "a tar"),
            (b"%PDF-1.7\n", "a PDF"),
            (b"SQLite format 3\0", "an SQLite"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Excel workbook"),
            (b"ARROW1\0\0", "an Arrow"),
            (b"\xff\xff\xff\xff\x10\0\0\0", "an Arrow stream"),
            (b"version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 2\n", "a Git LFS pointer"),
            (b"i\0d\0,\0", "no text, it has zero bytes"),
        ];
        for (bytes, name) in cases {
            let content = Content::recognize(bytes);
            assert!(
                matches!(content, Content::Refused(what) if what.starts_with(name)),
                "{name}: {content:?}"
            );
        }
    }

    #[test]
    fn supported_files_are_detected_by_their_first_bytes() {
        let cases: [(&[u8], Content); 9] = [
            (b"\x1f\x8b\x08", Content::Gzip),
            (b"\x28\xb5\x2f\xfd\0", Content::Zstd),
            (b"PAR1\x15", Content::Parquet),
            (b"\xff\xfei\0", Content::Utf16Le),
            (b"\xfe\xff\0i", Content::Utf16Be),
            (b"\xef\xbb\xbf\n<!DOCTYPE HTML>", Content::Html),
            (b"<HTML lang=en>", Content::Html),
            (b"ORC, goblin\nelf", Content::Text),
            ("BZh is how it begins: \u{e9}".as_bytes(), Content::Text),
        ];
        for (bytes, content) in cases {
            assert_eq!(Content::recognize(bytes), content, "{}", bytes.escape_ascii());
        }
    }
}
