//! Server-sent events, as a push parser.
//!
//! The format is that of the HTML standard (§ 9.2.6, "Interpreting an event stream"), with two differences that servers
//! of language models make necessary: [`Sse::finish`] returns an event that the end of the body cuts off before its
//! blank line, and comments are reported, because they distinguish a silent server from a dead one.

use genai_bench_core::failure::DecodeError;
use memchr::memchr2;

/// The maximum length of a line, or of the data of one event: 64 MiB.
pub const LONGEST: usize = 64 << 20;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// An element of an event stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frame<'a> {
    /// An event.
    Event {
        /// Its name; empty when it has none.
        name: &'a [u8],
        /// Its data: all of its `data` lines, joined by line feeds.
        data: &'a [u8],
    },
    /// A line that begins with a colon, sent as a keep-alive.
    Comment,
    /// A line without a known field.
    Stray,
}

/// The error of a line or an event that is longer than [`LONGEST`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an event of more than {} MiB", LONGEST >> 20)]
pub struct TooLong;

impl From<TooLong> for DecodeError {
    fn from(error: TooLong) -> Self {
        Self::TooLong(error.to_string().into())
    }
}

/// A push parser that splits a byte stream into server-sent events, however the bytes are chunked.
///
/// An event that lies in one chunk is passed on without a copy. Bytes carried over to the next chunk are not searched
/// again for the end of their line.
///
/// ```
/// use genai_bench_backends::wire::sse::{Frame, Sse, TooLong};
///
/// let mut sse = Sse::default();
/// let mut seen = Vec::new();
/// for chunk in [&b"data: hel"[..], b"lo\n\n: ping\n"] {
///     sse.feed(chunk, |frame| {
///         if let Frame::Event { data, .. } = frame {
///             seen.push(data.to_vec());
///         }
///         Ok::<(), TooLong>(())
///     })?;
/// }
/// assert_eq!(seen, [b"hello"]);
/// # Ok::<(), TooLong>(())
/// ```
#[derive(Debug, Default)]
pub struct Sse {
    /// The beginning of an incomplete line.
    line: Vec<u8>,
    /// `true` if the last byte so far is a carriage return that ended a line: a line feed that follows belongs to it.
    after_cr: bool,
    name: Vec<u8>,
    data: Vec<u8>,
    has_data: bool,
}

impl Sse {
    /// Reads `chunk` and calls `each` with every frame that it completes.
    ///
    /// # Errors
    ///
    /// Returns the first error of `each`, or [`TooLong`].
    pub fn feed<E: From<TooLong>>(
        &mut self,
        chunk: &[u8],
        mut each: impl FnMut(Frame<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut rest = chunk;
        // Data of the event being read that still lies in this chunk.
        let mut held: Option<&[u8]> = None;
        if self.after_cr && !rest.is_empty() {
            self.after_cr = false;
            rest = rest.strip_prefix(b"\n").unwrap_or(rest);
        }
        while let Some(end) = memchr2(b'\n', b'\r', rest) {
            let (line, ended) = rest.split_at(end);
            rest = &ended[1..];
            if ended[0] == b'\r' {
                self.after_cr = rest.is_empty();
                rest = rest.strip_prefix(b"\n").unwrap_or(rest);
            }
            if self.line.is_empty() {
                self.take_line(line, &mut held, &mut each)?;
            } else {
                self.carry(line)?;
                let whole = std::mem::take(&mut self.line);
                // It lies outside the chunk, so nothing of it can be held.
                let mut copied = None;
                self.keep(&mut held)?;
                self.take_line(&whole, &mut copied, &mut each)?;
                self.keep(&mut copied)?;
                self.line = whole;
                self.line.clear();
            }
        }
        self.keep(&mut held)?;
        Ok(self.carry(rest)?)
    }

    /// Returns the number of bytes buffered until their event is complete.
    #[must_use]
    pub fn buffered_bytes(&self) -> usize {
        self.line.len() + self.data.len() + self.name.len()
    }

    /// Closes the stream: calls `each` with the event that was cut off before its blank line, if there is one.
    ///
    /// # Errors
    ///
    /// Returns the first error of `each`, or [`TooLong`].
    pub fn finish<E: From<TooLong>>(
        mut self,
        mut each: impl FnMut(Frame<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut held = None;
        let line = std::mem::take(&mut self.line);
        if !line.is_empty() {
            self.take_line(&line, &mut held, &mut each)?;
        }
        self.dispatch(held, &mut each)
    }

    fn take_line<'a, E: From<TooLong>>(
        &mut self,
        line: &'a [u8],
        held: &mut Option<&'a [u8]>,
        each: &mut impl FnMut(Frame<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        // Before the first line, and again where a gateway has concatenated streams.
        let line = line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line);
        if line.is_empty() {
            return self.dispatch(held.take(), each);
        }
        let (field, value) = match line.iter().position(|it| *it == b':') {
            Some(0) => return each(Frame::Comment),
            Some(colon) => (&line[..colon], &line[colon + 1..]),
            None => (line, &b""[..]),
        };
        let value = value.strip_prefix(b" ").unwrap_or(value);
        match field {
            b"data" if !self.has_data => {
                self.has_data = true;
                *held = Some(value);
            }
            b"data" => {
                self.keep(held)?;
                self.data.push(b'\n');
                self.append(value)?;
            }
            b"event" => {
                self.name.clear();
                self.name.extend_from_slice(value);
            }
            b"id" | b"retry" => {}
            _ => return each(Frame::Stray),
        }
        Ok(())
    }

    fn dispatch<E>(
        &mut self,
        held: Option<&[u8]>,
        each: &mut impl FnMut(Frame<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut outcome = Ok(());
        if self.has_data {
            outcome = each(Frame::Event { name: &self.name, data: held.unwrap_or(&self.data) });
        }
        self.has_data = false;
        self.name.clear();
        self.data.clear();
        outcome
    }

    /// Copies the data held in the chunk, because the chunk ends or more data follows.
    fn keep(&mut self, held: &mut Option<&[u8]>) -> Result<(), TooLong> {
        held.take().map_or(Ok(()), |data| self.append(data))
    }

    fn append(&mut self, data: &[u8]) -> Result<(), TooLong> {
        if self.data.len() + data.len() > LONGEST {
            return Err(TooLong);
        }
        self.data.extend_from_slice(data);
        Ok(())
    }

    fn carry(&mut self, part: &[u8]) -> Result<(), TooLong> {
        if self.line.len() + part.len() > LONGEST {
            return Err(TooLong);
        }
        self.line.extend_from_slice(part);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
