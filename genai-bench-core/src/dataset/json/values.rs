//! Splitting of a stream of bytes into JSON values.

use std::io::{self, Read};

use super::super::error::{Fault, Place};
use super::super::json_problem::TRAILING_COMMA;
use super::super::rows::LONGEST_ROW;

/// The number of bytes that are read at a time.
const PIECE: u64 = 1 << 16;

/// A reader that finds the bounds of values, which `serde_json` then parses.
///
/// Its memory is that of the longest value and one piece.
pub(super) struct Values<R> {
    from: R,
    buffer: Vec<u8>,
    /// The first byte of `buffer` that has not been consumed.
    at: usize,
    /// The number of bytes that were read and dropped before `buffer`.
    dropped: u64,
    /// The line of the byte at `at`.
    line: u64,
    /// `true` if the last byte that was consumed by itself is a comma.
    follows_comma: bool,
}

impl<R: Read> Values<R> {
    /// Creates a reader of `from`, which begins at byte `offset` and line `line` of its file.
    pub(super) fn new(from: R, offset: u64, line: u64) -> Self {
        Self { from, buffer: Vec::new(), at: 0, dropped: offset, line, follows_comma: false }
    }

    /// Skips the byte order mark at the beginning of a file.
    pub(super) fn skip_byte_order_mark(&mut self) -> io::Result<()> {
        while self.buffer.len() < 3 && self.more()? {}
        if self.buffer.starts_with(b"\xef\xbb\xbf") {
            self.at = 3;
        }
        Ok(())
    }

    /// Returns the offset of the next byte in the file.
    pub(super) fn offset(&self) -> u64 {
        self.dropped + self.at as u64
    }

    /// Returns the line of the next byte.
    pub(super) fn line(&self) -> u64 {
        self.line
    }

    /// Returns the next byte that is no space, without consuming it.
    pub(super) fn peek(&mut self) -> io::Result<Option<u8>> {
        loop {
            while let Some(&byte) = self.buffer.get(self.at) {
                if !byte.is_ascii_whitespace() {
                    return Ok(Some(byte));
                }
                self.line += u64::from(byte == b'\n');
                self.at += 1;
            }
            if !self.more()? {
                return Ok(None);
            }
        }
    }

    /// Consumes the next byte that is no space if it is `expected`, and returns `true` if it is.
    pub(super) fn accept(&mut self, expected: u8) -> Result<bool, Fault> {
        let found = self.peek()? == Some(expected);
        self.at += usize::from(found);
        self.follows_comma = if found { expected == b',' } else { self.follows_comma };
        Ok(found)
    }

    /// Consumes the next byte that is no space, which must be `expected`.
    pub(super) fn expect(&mut self, expected: u8) -> Result<(), Fault> {
        if self.accept(expected)? {
            Ok(())
        } else {
            Err(self.unexpected(&format!("`{}`", expected as char))?)
        }
    }

    /// Returns the fault of a next byte that is not `expected`.
    pub(super) fn unexpected(&mut self, expected: &str) -> io::Result<Fault> {
        let message = match self.peek()? {
            Some(b']' | b'}') if self.follows_comma => {
                format!("not JSON: {TRAILING_COMMA}")
            }
            Some(found) => format!("not JSON: expected {expected} before `{}`", found.escape_ascii()),
            None => format!("not JSON: expected {expected}, but the file ends: is it cut off?"),
        };
        Ok(Fault::at_line(self.line, message))
    }

    /// Consumes the next value. Returns its line and its bytes; `None` at the end of the file.
    pub(super) fn value(&mut self) -> Result<Option<(u64, &[u8])>, Fault> {
        let Some(first) = self.peek()? else { return Ok(None) };
        if b",:]}".contains(&first) {
            return Err(self.unexpected("a value")?);
        }
        let line = self.line;
        let mut extent = Extent::new(first);
        let mut seen = 0;
        let length = loop {
            let unseen = &self.buffer[self.at + seen..];
            if let Some(end) = extent.end_in(unseen) {
                break seen + end;
            }
            seen += unseen.len();
            if seen > LONGEST_ROW {
                return Err(Fault::at_line(line, "a value of more than 64 MiB"));
            }
            if !self.more()? {
                if extent.is_scalar {
                    break seen;
                }
                return Err(Fault::at_line(
                    line,
                    "not JSON: the file ends within this value: is it cut off?",
                ));
            }
        };
        self.follows_comma = false;
        let value = &self.buffer[self.at..self.at + length];
        self.at += length;
        self.line += value.iter().filter(|byte| **byte == b'\n').count() as u64;
        Ok(Some((line, value)))
    }

    /// Reads a piece. Returns `false` at the end of the file.
    fn more(&mut self) -> io::Result<bool> {
        self.dropped += self.at as u64;
        self.buffer.drain(..self.at);
        self.at = 0;
        Ok((&mut self.from).take(PIECE).read_to_end(&mut self.buffer)? > 0)
    }
}

/// The state of the search for the end of a value.
struct Extent {
    is_scalar: bool,
    depth: u32,
    in_text: bool,
    is_escaped: bool,
}

impl Extent {
    /// Creates the state of a value that begins with `first`.
    fn new(first: u8) -> Self {
        Self { is_scalar: !b"{[\"".contains(&first), depth: 0, in_text: false, is_escaped: false }
    }

    /// Returns the end of the value in the next bytes, if it is there.
    fn end_in(&mut self, bytes: &[u8]) -> Option<usize> {
        if self.is_scalar {
            return bytes.iter().position(|byte| b",:]}[{\" \t\r\n".contains(byte));
        }
        let mut at = 0;
        while at < bytes.len() {
            if self.is_escaped {
                self.is_escaped = false;
            } else if self.in_text {
                at += bytes[at..].iter().position(|&byte| byte == b'"' || byte == b'\\')?;
                self.is_escaped = bytes[at] == b'\\';
                self.in_text = self.is_escaped;
            } else {
                at += bytes[at..].iter().position(|byte| b"\"{[]}".contains(byte))?;
                match bytes[at] {
                    b'"' => self.in_text = true,
                    b'{' | b'[' => self.depth += 1,
                    _ => self.depth = self.depth.saturating_sub(1),
                }
            }
            at += 1;
            if self.depth == 0 && !self.in_text {
                return Some(at);
            }
        }
        None
    }
}

/// A reader of the elements of an array.
pub(super) struct Elements<R> {
    values: Values<R>,
    has_opened: bool,
    has_begun: bool,
    has_ended: bool,
}

impl<R: Read> Elements<R> {
    /// Creates a reader of the array that is the next value.
    pub(super) fn new(values: Values<R>) -> Self {
        Self { values, has_opened: false, has_begun: false, has_ended: false }
    }

    /// Returns the line and the bytes of the next element; `None` at the end of the array.
    pub(super) fn next(&mut self) -> Result<Option<(u64, &[u8])>, Fault> {
        if self.is_at_end()? {
            return Ok(None);
        }
        if self.has_begun && !self.values.accept(b',')? {
            return Err(self.values.unexpected("`,` or `]`")?);
        }
        self.has_begun = true;
        match self.values.peek()? {
            Some(_) => self.values.value(),
            None => Err(self.values.unexpected("a value")?),
        }
    }

    /// Consumes the opening bracket, and the closing one if it is next. Returns `true` at the end of the array.
    fn is_at_end(&mut self) -> Result<bool, Fault> {
        if !self.has_opened {
            self.values.expect(b'[')?;
            self.has_opened = true;
        }
        self.has_ended = self.has_ended || self.values.accept(b']')?;
        Ok(self.has_ended)
    }

    /// Returns the next element of an array that must be the last value of the file.
    pub(super) fn next_of_all(&mut self) -> Result<Option<(u64, &[u8])>, Fault> {
        if self.is_at_end()? && self.values.peek()?.is_some() {
            return Err(self.values.unexpected("the end of the file")?);
        }
        self.next()
    }

    /// Returns the reader of the values after the array.
    pub(super) fn rest(self) -> Values<R> {
        self.values
    }
}

/// A member of an object that is an array.
#[derive(Debug)]
pub(super) struct ArrayMember {
    pub(super) name: String,
    pub(super) offset: u64,
    pub(super) line: u64,
    pub(super) length: u64,
}

/// Consumes the object that is the next value. Returns its members that are arrays, and the reader of the values after it.
pub(super) fn array_members<R: Read>(mut values: Values<R>) -> Result<(Vec<ArrayMember>, Values<R>), Fault> {
    let mut arrays = Vec::new();
    values.expect(b'{')?;
    let mut is_first = true;
    while !values.accept(b'}')? {
        if !is_first && !values.accept(b',')? {
            return Err(values.unexpected("`,` or `}`")?);
        }
        is_first = false;
        if values.peek()? != Some(b'"') {
            return Err(values.unexpected("a name in quotes")?);
        }
        let Some((line, name)) = values.value()? else { return Err(values.unexpected("a name in quotes")?) };
        let name = serde_json::from_slice(name)
            .map_err(|error| Fault::json(Place::line(line), &error, name).into_fatal())?;
        values.expect(b':')?;
        match values.peek()? {
            Some(b'[') => {
                let (offset, line) = (values.offset(), values.line());
                let mut elements = Elements::new(values);
                let mut length = 0;
                while elements.next()?.is_some() {
                    length += 1;
                }
                arrays.push(ArrayMember { name, offset, line, length });
                values = elements.rest();
            }
            Some(_) => drop(values.value()?),
            None => return Err(values.unexpected("a value")?),
        }
    }
    Ok((arrays, values))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    /// A reader that returns pieces of the given sizes in turn.
    struct InPieces<'a> {
        bytes: &'a [u8],
        sizes: std::iter::Cycle<std::slice::Iter<'a, usize>>,
    }

    impl Read for InPieces<'_> {
        fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
            let length = to.len().min(self.bytes.len()).min(*self.sizes.next().unwrap());
            to[..length].copy_from_slice(&self.bytes[..length]);
            self.bytes = &self.bytes[length..];
            Ok(length)
        }
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            "[a\"\\\\{}\\[\\],:\n é]{0,12}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::vec(("[a\"\\\\{}\\[\\]]{0,6}", inner), 0..5)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn the_elements_of_an_array_are_those_serde_finds(
            items in prop::collection::vec(any_json(), 0..12),
            is_pretty: bool,
            sizes in prop::collection::vec(1_usize..40, 1..8),
        ) {
            let whole = Value::from(items.clone());
            let text = if is_pretty { serde_json::to_string_pretty(&whole) } else { serde_json::to_string(&whole) };
            let text = text.unwrap();
            let from = InPieces { bytes: text.as_bytes(), sizes: sizes.iter().cycle() };
            let mut elements = Elements::new(Values::new(from, 0, 1));
            let mut found: Vec<Value> = Vec::new();
            while let Some((_, element)) = elements.next_of_all().unwrap() {
                found.push(serde_json::from_slice(element).unwrap());
            }
            prop_assert_eq!(found, items);
            prop_assert_eq!(elements.values.line, 1 + text.matches('\n').count() as u64);
            prop_assert_eq!(elements.values.offset(), text.len() as u64);
        }

        #[test]
        fn the_arrays_of_an_object_are_found_where_they_are(
            members in prop::collection::vec(any_json(), 0..6),
            sizes in prop::collection::vec(1_usize..40, 1..8),
        ) {
            let members = members.into_iter().enumerate().map(|(number, value)| (format!("\"{number}"), value));
            let whole = Value::Object(members.collect());
            let text = serde_json::to_string_pretty(&whole).unwrap();
            let from = InPieces { bytes: text.as_bytes(), sizes: sizes.iter().cycle() };
            let (found, _) = array_members(Values::new(from, 0, 1)).unwrap();
            let arrays = whole.as_object().unwrap().iter().filter(|it| it.1.is_array());
            prop_assert_eq!(arrays.clone().count(), found.len());
            for ((name, array), found) in arrays.zip(found) {
                let before = &text[..found.offset as usize];
                let mut here = serde_json::Deserializer::from_str(&text[before.len()..]).into_iter::<Value>();
                prop_assert_eq!(&here.next().unwrap().unwrap(), array);
                prop_assert_eq!(&found.name, name);
                prop_assert_eq!(found.length, array.as_array().unwrap().len() as u64);
                prop_assert_eq!(found.line, 1 + before.matches('\n').count() as u64);
            }
        }

        #[test]
        fn an_array_that_is_cut_off_is_an_error(
            items in prop::collection::vec(any_json(), 0..8),
            cut in any::<prop::sample::Index>(),
        ) {
            let text = serde_json::to_string(&items).unwrap();
            let text = &text.as_bytes()[..cut.index(text.len())];
            let mut elements = Elements::new(Values::new(text, 0, 1));
            let error = loop {
                match elements.next() {
                    Ok(Some(_)) => {}
                    other => break other.map(|it| it.is_some()),
                }
            };
            prop_assert!(error.is_err());
        }
    }
}
