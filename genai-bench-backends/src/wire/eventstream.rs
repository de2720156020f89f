//! AWS's binary event streams, as a push parser.
//!
//! A message is `u32 length | u32 length of its headers | u32 CRC-32 of these eight bytes | headers | payload |
//! u32 CRC-32 of all before`, a header is `u8 length | name | u8 kind | value`, and everything is big-endian: see
//! "Event stream encoding" in the guide of Amazon Transcribe. The limits are those of botocore 1.44.
//!
//! AWS's own decoder, of `aws-smithy-eventstream`, needs the chunks in a buffer of its own and copies each header and
//! payload out of it. This parser borrows messages that lie in one chunk.

use std::borrow::Cow;

use genai_bench_core::failure::DecodeError;

/// The maximum length of a payload: 24 MiB.
pub const LONGEST_PAYLOAD: usize = 24 << 20;

/// The maximum length of the headers of a message: 128 KiB.
pub const LONGEST_HEADERS: usize = 128 << 10;

/// The length of the prelude in bytes: two lengths and their checksum.
const PRELUDE: usize = 12;

/// The length of a checksum in bytes.
const CRC: usize = 4;

/// A message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message<'a> {
    headers: &'a [u8],
    payload: &'a [u8],
}

/// The value of a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// A Boolean.
    Bool(bool),
    /// A number of 8, 16, 32 or 64 bits.
    Integer(i64),
    /// Bytes.
    Bytes(&'a [u8]),
    /// A text.
    Text(&'a str),
    /// Milliseconds since 1970.
    Timestamp(i64),
    /// A UUID.
    Uuid([u8; 16]),
}

/// The error of bytes that are no event stream, with a description.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no event stream: {0}")]
pub struct Malformed(Cow<'static, str>);

/// The error of a stream that ends within a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the stream ended within a message")]
pub struct Cut;

impl From<Malformed> for DecodeError {
    fn from(error: Malformed) -> Self {
        Self::Malformed(error.to_string().into())
    }
}

impl From<Cut> for DecodeError {
    fn from(_: Cut) -> Self {
        Self::Truncated
    }
}

/// A push parser that splits a byte stream into messages, however the bytes are chunked.
///
/// A message that lies in one chunk is passed on without a copy.
///
/// ```
/// use genai_bench_backends::wire::eventstream::{EventStream, Malformed};
///
/// // No headers, and a payload of two bytes.
/// let body = b"\0\0\0\x12\0\0\0\0\x7f\x02\x1b\x8bhi\x54\xa7\xf4\x15";
/// let mut stream = EventStream::default();
/// let mut seen = Vec::new();
/// for chunk in body.chunks(5) {
///     stream.feed(chunk, |message| {
///         seen.push(message.payload().to_vec());
///         Ok::<(), Malformed>(())
///     })?;
/// }
/// assert_eq!(seen, [b"hi"]);
/// assert_eq!(stream.finish(), Ok(()));
/// # Ok::<(), Malformed>(())
/// ```
#[derive(Debug, Default)]
pub struct EventStream {
    /// The beginning of an incomplete message.
    kept: Vec<u8>,
}

impl EventStream {
    /// Reads `chunk` and calls `each` with every message that it completes.
    ///
    /// # Errors
    ///
    /// Returns the first error of `each`, or [`Malformed`].
    pub fn feed<E: From<Malformed>>(
        &mut self,
        chunk: &[u8],
        mut each: impl FnMut(Message<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut rest = chunk;
        while !self.kept.is_empty() {
            let wanted = length(&self.kept)?.unwrap_or(PRELUDE);
            let (part, after) = rest.split_at((wanted - self.kept.len()).min(rest.len()));
            self.kept.extend_from_slice(part);
            rest = after;
            if self.kept.len() < wanted {
                return Ok(());
            }
            // The prelude gives the length and nothing more.
            if wanted > PRELUDE {
                each(Message::read(&self.kept)?)?;
                self.kept.clear();
            }
        }
        while let Some(length) = length(rest)?.filter(|it| *it <= rest.len()) {
            let (message, after) = rest.split_at(length);
            each(Message::read(message)?)?;
            rest = after;
        }
        self.kept.extend_from_slice(rest);
        Ok(())
    }

    /// Returns the number of bytes buffered until their message is complete.
    #[must_use]
    pub fn buffered_bytes(&self) -> usize {
        self.kept.len()
    }

    /// Closes the stream.
    ///
    /// # Errors
    ///
    /// Returns [`Cut`] when a message is incomplete.
    pub fn finish(self) -> Result<(), Cut> {
        if self.kept.is_empty() { Ok(()) } else { Err(Cut) }
    }
}

/// Returns the length of the message that begins with `bytes`, once enough bytes are present.
fn length(bytes: &[u8]) -> Result<Option<usize>, Malformed> {
    let Some(prelude) = bytes.first_chunk::<PRELUDE>() else { return Ok(None) };
    check(&prelude[..PRELUDE - CRC], number(&prelude[PRELUDE - CRC..]), "a prelude")?;
    let (length, headers) = (number(prelude) as usize, number(&prelude[4..]) as usize);
    if headers > LONGEST_HEADERS {
        return Err(malformed(format!("headers of {headers} bytes, {LONGEST_HEADERS} at most")));
    }
    match length.checked_sub(PRELUDE + headers + CRC) {
        None => Err(malformed(format!("a message of {length} bytes with headers of {headers}"))),
        Some(payload) if payload > LONGEST_PAYLOAD => {
            Err(malformed(format!("a payload of {payload} bytes, {LONGEST_PAYLOAD} at most")))
        }
        Some(_) => Ok(Some(length)),
    }
}

/// Returns the big-endian number at the beginning of `bytes`.
fn number(bytes: &[u8]) -> u32 {
    bytes.first_chunk().map_or(0, |it| u32::from_be_bytes(*it))
}

fn check(bytes: &[u8], told: u32, what: &str) -> Result<(), Malformed> {
    let is = crc32fast::hash(bytes);
    if is == told {
        return Ok(());
    }
    Err(malformed(format!("{what} has the checksum {is:08x}, and says {told:08x}")))
}

fn malformed(what: impl Into<Cow<'static, str>>) -> Malformed {
    Malformed(what.into())
}

impl<'a> Message<'a> {
    /// Returns the payload.
    #[must_use]
    pub fn payload(&self) -> &'a [u8] {
        self.payload
    }

    /// Returns the text in the header of this name.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&'a str> {
        self.headers().find_map(|(it, value)| match value {
            Value::Text(text) if it == name => Some(text),
            _ => None,
        })
    }

    /// Returns the headers, in order.
    pub fn headers(&self) -> impl Iterator<Item = (&'a str, Value<'a>)> {
        let mut rest = self.headers;
        std::iter::from_fn(move || {
            let (header, after) = header(rest)?;
            rest = after;
            Some(header)
        })
    }

    /// Parses a whole message, whose prelude is valid.
    fn read(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let (covered, crc) = bytes.split_at(bytes.len() - CRC);
        check(covered, number(crc), "a message")?;
        let (headers, payload) = covered[PRELUDE..].split_at(number(&bytes[4..]) as usize);
        let message = Self { headers, payload };
        message.check_headers()?;
        Ok(message)
    }

    fn check_headers(&self) -> Result<(), Malformed> {
        let mut names = Vec::new();
        let mut rest = self.headers;
        while !rest.is_empty() {
            let ((name, _), after) = header(rest).ok_or_else(|| malformed("a header that cannot be read"))?;
            names.push(name);
            rest = after;
        }
        names.sort_unstable();
        match names.windows(2).find(|it| it[0] == it[1]) {
            Some(twice) => Err(malformed(format!("the header {:?} twice", twice[0]))),
            None => Ok(()),
        }
    }
}

/// Parses the header at the beginning of `bytes`, and returns it with the remaining bytes.
fn header(bytes: &[u8]) -> Option<((&str, Value<'_>), &[u8])> {
    let (length, rest) = bytes.split_first()?;
    let (name, rest) = rest.split_at_checked(usize::from(*length))?;
    let (kind, rest) = rest.split_first()?;
    let (value, rest) = value(*kind, rest)?;
    Some(((std::str::from_utf8(name).ok()?, value), rest))
}

/// Parses the value of this kind at the beginning of `bytes`, and returns it with the remaining bytes.
fn value(kind: u8, bytes: &[u8]) -> Option<(Value<'_>, &[u8])> {
    fn fixed<const N: usize>(bytes: &[u8]) -> Option<([u8; N], &[u8])> {
        bytes.split_first_chunk().map(|(it, rest)| (*it, rest))
    }
    fn counted(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
        let (length, rest) = fixed(bytes)?;
        rest.split_at_checked(usize::from(u16::from_be_bytes(length)))
    }
    Some(match kind {
        0 | 1 => (Value::Bool(kind == 0), bytes),
        2 => fixed(bytes).map(|(it, rest)| (Value::Integer(i8::from_be_bytes(it).into()), rest))?,
        3 => fixed(bytes).map(|(it, rest)| (Value::Integer(i16::from_be_bytes(it).into()), rest))?,
        4 => fixed(bytes).map(|(it, rest)| (Value::Integer(i32::from_be_bytes(it).into()), rest))?,
        5 => fixed(bytes).map(|(it, rest)| (Value::Integer(i64::from_be_bytes(it)), rest))?,
        6 => counted(bytes).map(|(it, rest)| (Value::Bytes(it), rest))?,
        7 => {
            let (text, rest) = counted(bytes)?;
            (Value::Text(std::str::from_utf8(text).ok()?), rest)
        }
        8 => fixed(bytes).map(|(it, rest)| (Value::Timestamp(i64::from_be_bytes(it)), rest))?,
        9 => fixed(bytes).map(|(it, rest)| (Value::Uuid(it), rest))?,
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
