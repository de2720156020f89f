//! The mark that editors on Windows put before a text in UTF-8: no part of it.

const MARK: &[u8] = b"\xef\xbb\xbf";

/// Returns a text without the mark before it.
pub(crate) fn strip(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(MARK).unwrap_or(bytes)
}
