//! Server-sent events, as they come in.
//!
//! The format is that of the HTML standard (§ 9.2.6, "Interpreting an event stream"), with two differences
//! that servers of language models make necessary: an event that the end of the body cuts off before its
//! blank line can be had from [`Sse::finish`], and comments are told of, because they tell a silent server
//! from a dead one.

use genai_bench_core::failure::DecodeError;
use memchr::memchr2;

/// How long a line, or the data of one event, may become: 64 MiB.
pub const LONGEST: usize = 64 << 20;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// One thing that an event stream holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frame<'a> {
    /// An event.
    Event {
        /// Its name; empty when it has none.
        name: &'a [u8],
        /// Its data: all of its `data` lines, joined by line feeds.
        data: &'a [u8],
    },
    /// A line that begins with a colon: the server is still there.
    Comment,
    /// A line that is none of the format's own fields.
    Stray,
}

/// A line or an event that is longer than [`LONGEST`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an event of more than {} MiB", LONGEST >> 20)]
pub struct TooLong;

impl From<TooLong> for DecodeError {
    fn from(error: TooLong) -> Self {
        Self::TooLong(error.to_string().into())
    }
}

/// Cuts a byte stream into server-sent events, however it was cut before.
///
/// An event that lies in one chunk is handed on without a copy. What is carried over to the next chunk is
/// looked at once: bytes that have been searched for the end of their line are not searched again.
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
    /// The beginning of a line whose end has not come yet.
    line: Vec<u8>,
    /// A line ended with a carriage return, the last byte so far: a line feed that follows belongs to it.
    after_cr: bool,
    name: Vec<u8>,
    data: Vec<u8>,
    has_data: bool,
}

impl Sse {
    /// Reads `chunk` and calls `each` with everything that it completes.
    ///
    /// # Errors
    ///
    /// The first error of `each`, or [`TooLong`].
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

    /// Returns the number of bytes that are kept until the event they belong to is whole.
    #[must_use]
    pub fn buffered_bytes(&self) -> usize {
        self.line.len() + self.data.len() + self.name.len()
    }

    /// Closes the stream: calls `each` with the event that was cut off before its blank line, if there is one.
    ///
    /// # Errors
    ///
    /// The first error of `each`, or [`TooLong`].
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
        // Before the first line, and again where a gateway has joined streams.
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

    /// Copies what is held in the chunk, because the chunk goes away or more is to follow it.
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
