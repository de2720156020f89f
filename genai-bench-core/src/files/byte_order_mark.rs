//! The byte order mark that Windows editors put before UTF-8 text.

const MARK: &[u8] = b"\xef\xbb\xbf";

/// Returns a text without a leading byte order mark.
pub(crate) fn strip(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(MARK).unwrap_or(bytes)
}
