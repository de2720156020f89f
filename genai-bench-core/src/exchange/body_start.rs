//! The beginning of a response body, for error messages about a body without an answer.

use crate::failure::{DecodeError, Failure, FailureKind, page_title};
use crate::record::RequestRecord;

/// The maximum number of recorded bytes: enough for the head of an HTML page with its title.
const LONGEST: usize = 4 * 1024;
/// The maximum number of bytes in an error message.
const LONGEST_SHOWN: usize = 200;
/// The magic numbers of compressed data, and the names of their formats. Brotli has none.
const COMPRESSED: [(&[u8], &str); 2] = [(b"\x1f\x8b", "gzip"), (b"\x28\xb5\x2f\xfd", "zstd")];
/// The address of the issue tracker, for reports of answers that cannot be read.
const ISSUES: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/issues");

/// The beginning of a body, up to the chunk with the first output.
#[derive(Debug, Default)]
pub(super) struct BodyStart(Vec<u8>);

impl BodyStart {
    /// Adds the next bytes of the body, up to [`LONGEST`].
    pub(super) fn extend(&mut self, bytes: &[u8]) {
        let room = LONGEST.saturating_sub(self.0.len());
        self.0.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }

    /// Returns the failure for `error`: an HTML page or compressed data in place of an answer, else the error
    /// together with the bytes that were read. `chunk` is the chunk that could not be decoded.
    pub(super) fn failure(&self, error: DecodeError, record: &RequestRecord, chunk: &[u8]) -> Failure {
        if record.arrivals.is_empty()
            && let Some(failure) = self.named()
        {
            return failure;
        }
        match error {
            DecodeError::Truncated if record.arrivals.is_empty() => {
                let message = format!("{error}, before any output: {}", shown(&self.0));
                Failure::new(FailureKind::Truncated, message)
            }
            DecodeError::Malformed(_) => {
                let bytes = if record.arrivals.is_empty() { &self.0 } else { chunk };
                let message = format!(
                    "{error}; genai-bench's reader does not know this format: {}; if the server is right, report \
                     it at {ISSUES}",
                    shown(bytes)
                );
                Failure::new(FailureKind::Malformed, message)
            }
            DecodeError::Truncated | DecodeError::TooLong(_) => error.into(),
        }
    }

    /// Returns the failure for a body that is an HTML page or compressed data.
    pub(super) fn named(&self) -> Option<Failure> {
        if let Some(format) = compression(&self.0) {
            return Some(super::refusal::compressed(format));
        }
        let title = page_title(&String::from_utf8_lossy(&self.0))?;
        let message = format!("an HTML page in place of an answer: {title}");
        Some(Failure::new(FailureKind::Malformed, message))
    }

    /// Returns the beginning of the body as text on one line.
    pub(super) fn shown(&self) -> String {
        shown(&self.0)
    }
}

/// Returns the compression format of `bytes`, if their first bytes are a known magic number.
pub(super) fn compression(bytes: &[u8]) -> Option<&'static str> {
    COMPRESSED.iter().find(|(mark, _)| bytes.starts_with(mark)).map(|(_, name)| *name)
}

/// Returns the first bytes as text on one line, with control characters escaped.
fn shown(bytes: &[u8]) -> String {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return "an empty body".to_owned();
    }
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(LONGEST_SHOWN)]);
    let words: Vec<&str> = text.split_whitespace().collect();
    let mut line = String::new();
    for character in words.join(" ").chars() {
        if character.is_control() {
            line.extend(character.escape_default());
        } else {
            line.push(character);
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::Events;
    use crate::units::Offset;

    fn opening(body: &[u8]) -> BodyStart {
        let mut opening = BodyStart::default();
        opening.extend(body);
        opening
    }

    fn malformed() -> DecodeError {
        DecodeError::Malformed("expected value".into())
    }

    #[test]
    fn a_page_under_a_good_status_is_named() {
        let page = b"\n<!DOCTYPE html><html><head><title>Sign in</title></head></html>";
        for error in [malformed(), DecodeError::Truncated] {
            let failure = opening(page).failure(error, &RequestRecord::default(), page);
            assert_eq!(failure.kind, FailureKind::Malformed);
            assert_eq!(failure.message, "an HTML page in place of an answer: Sign in");
        }
    }

    #[test]
    fn compressed_data_is_named_by_its_first_bytes() {
        for (body, format) in [(&b"\x1f\x8b\x08\0\0"[..], "gzip"), (b"\x28\xb5\x2f\xfd\x24", "zstd")] {
            let failure = opening(body).failure(malformed(), &RequestRecord::default(), body);
            assert_eq!(failure.kind, FailureKind::Malformed);
            assert!(failure.message.contains(format), "{failure}");
        }
    }

    #[test]
    fn an_unreadable_answer_names_the_reader_and_shows_the_bytes() {
        let body = b"{\"choices\": \x01\n 7}";
        let failure = opening(body).failure(malformed(), &RequestRecord::default(), body);
        for part in ["expected value", "genai-bench's reader", "{\"choices\": \\u{1} 7}", ISSUES] {
            assert!(failure.message.contains(part), "{part}: {failure}");
        }
        let long = vec![b'x'; 5_000];
        assert!(opening(&long).failure(malformed(), &RequestRecord::default(), &long).message.len() < 500);
    }

    #[test]
    fn after_output_the_chunk_that_cannot_be_read_is_shown() {
        let mut record = RequestRecord::default();
        Events::new(Offset::from_nanos(1), &mut record).text("x");
        let failure = opening(b"first").failure(malformed(), &record, b"last");
        assert!(failure.message.contains("last") && !failure.message.contains("first"), "{failure}");
    }

    #[test]
    fn a_truncated_answer_without_output_shows_the_bytes() {
        let failure = opening(b"data: {}").failure(DecodeError::Truncated, &RequestRecord::default(), b"");
        assert_eq!(failure.kind, FailureKind::Truncated);
        assert!(failure.message.ends_with("data: {}"), "{failure}");
        let empty = opening(b"").failure(DecodeError::Truncated, &RequestRecord::default(), b"");
        assert!(empty.message.ends_with("an empty body"), "{empty}");
    }
}
