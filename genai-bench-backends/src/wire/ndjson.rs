//! Lines of JSON, as they come in.

use memchr::memchr;

use super::sse::{LONGEST, TooLong};

/// Cuts a byte stream into lines, however it was cut before. Blank lines are left out.
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
    /// The beginning of a line whose end has not come yet.
    begun: Vec<u8>,
}

impl Ndjson {
    /// Hands on every line that `chunk` ends.
    ///
    /// # Errors
    ///
    /// When a line is longer than [`LONGEST`], or `take` gives up.
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

    /// Returns the number of bytes that are kept until their line ends.
    #[must_use]
    pub fn buffered_bytes(&self) -> usize {
        self.begun.len()
    }

    /// Hands on what the end of the body cut off: a last line without its end.
    ///
    /// # Errors
    ///
    /// When `take` gives up.
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
