//! Newline-delimited JSON, as a push parser.

use memchr::memchr;

use super::sse::{LONGEST, TooLong};

/// A push parser that splits a byte stream into lines, however the bytes are chunked. Blank lines are skipped.
///
/// ```
/// use genai_bench_backends::wire::ndjson::Ndjson;
/// use genai_bench_backends::wire::sse::TooLong;
///
/// let (mut lines, mut seen) = (Ndjson::default(), Vec::new());
/// for chunk in [&b"{\"a\":"[..], b"1}\n\n{\"a\":2}"] {
///     lines.feed(chunk, |line| Ok::<_, TooLong>(seen.push(line.to_vec())))?;
/// }
/// lines.finish(|line| Ok::<_, TooLong>(seen.push(line.to_vec())))?;
/// assert_eq!(seen, [&b"{\"a\":1}"[..], b"{\"a\":2}"]);
/// # Ok::<(), TooLong>(())
/// ```
#[derive(Debug, Default)]
pub struct Ndjson {
    /// The beginning of an incomplete line.
    begun: Vec<u8>,
}

impl Ndjson {
    /// Reads `chunk` and calls `take` with every line that it completes.
    ///
    /// # Errors
    ///
    /// Returns an error when a line is longer than [`LONGEST`], or the first error of `take`.
    pub fn feed<E: From<TooLong>>(
        &mut self,
        mut chunk: &[u8],
        mut take: impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        while let Some(end) = memchr(b'\n', chunk) {
            let (line, rest) = (&chunk[..end], &chunk[end + 1..]);
            chunk = rest;
            if self.begun.is_empty() {
                hand_on(line, &mut take)?;
            } else {
                self.keep(line)?;
                hand_on(&std::mem::take(&mut self.begun), &mut take)?;
            }
        }
        Ok(self.keep(chunk)?)
    }

    /// Returns the number of bytes buffered until their line ends.
    #[must_use]
    pub fn buffered_bytes(&self) -> usize {
        self.begun.len()
    }

    /// Closes the stream: calls `take` with a last line that has no line end.
    ///
    /// # Errors
    ///
    /// Returns the error of `take`.
    pub fn finish<E>(self, mut take: impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
        hand_on(&self.begun, &mut take)
    }

    fn keep(&mut self, piece: &[u8]) -> Result<(), TooLong> {
        if self.begun.len() + piece.len() > LONGEST {
            return Err(TooLong);
        }
        self.begun.extend_from_slice(piece);
        Ok(())
    }
}

fn hand_on<E>(line: &[u8], take: &mut impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
    let line = line.trim_ascii();
    if line.is_empty() { Ok(()) } else { take(line) }
}
