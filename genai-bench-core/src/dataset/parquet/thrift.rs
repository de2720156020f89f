//! The part of Thrift's compact protocol that is needed to check headers.

use std::io::Read;

/// The maximum nesting depth of structs and lists.
const MAX_DEPTH: usize = 64;

/// The kind of a field or an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    True,
    False,
    Byte,
    Integer,
    Double,
    Binary,
    List,
    Map,
    Struct,
    Uuid,
}

impl Kind {
    fn from_bits(bits: u8) -> Result<Self, String> {
        Ok(match bits {
            1 => Self::True,
            2 => Self::False,
            3 => Self::Byte,
            4..=6 => Self::Integer,
            7 => Self::Double,
            8 => Self::Binary,
            9 | 10 => Self::List,
            11 => Self::Map,
            12 => Self::Struct,
            13 => Self::Uuid,
            _ => return Err(format!("a field of kind {bits}")),
        })
    }
}

/// A reader of values from a stream of limited length.
pub(super) struct Compact<R> {
    from: R,
    limit: u64,
    left: u64,
}

impl<R: Read> Compact<R> {
    /// Creates a reader of at most `limit` bytes.
    pub(super) fn new(from: R, limit: u64) -> Self {
        Self { from, limit, left: limit }
    }

    /// Returns the number of bytes that were read.
    pub(super) fn consumed(&self) -> u64 {
        self.limit - self.left
    }

    /// Counts bytes towards the limit.
    fn count(&mut self, bytes: u64) -> Result<(), String> {
        let left = self.left.checked_sub(bytes);
        self.left = left.ok_or_else(|| format!("a header of more than {} bytes", self.limit))?;
        Ok(())
    }

    fn byte(&mut self) -> Result<u8, String> {
        self.count(1)?;
        let mut byte = [0];
        self.from.read_exact(&mut byte).map_err(|error| format!("a header that is cut off: {error}"))?;
        Ok(byte[0])
    }

    /// Reads an unsigned number of variable length.
    fn unsigned(&mut self) -> Result<u64, String> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err("a number of more than 64 bits".to_owned())
    }

    /// Reads a number of 16, 32 or 64 bits.
    pub(super) fn integer(&mut self) -> Result<i64, String> {
        let bits = self.unsigned()?;
        Ok((bits >> 1).cast_signed() ^ -(bits & 1).cast_signed())
    }

    /// Reads the header of the next field of a struct: its number, relative to `last`, and its kind. `None` at the end.
    pub(super) fn field(&mut self, last: &mut i64) -> Result<Option<(i64, Kind)>, String> {
        let head = self.byte()?;
        if head == 0 {
            return Ok(None);
        }
        *last = match head >> 4 {
            0 => self.integer()?,
            step => last.saturating_add(i64::from(step)),
        };
        Ok(Some((*last, Kind::from_bits(head & 0x0f)?)))
    }

    /// Reads the header of a list: the kind of its elements and their number, which is at most the number of bytes left.
    pub(super) fn list(&mut self) -> Result<(Kind, u64), String> {
        let head = self.byte()?;
        let count = match head >> 4 {
            15 => self.unsigned()?,
            count => u64::from(count),
        };
        if count > self.left {
            return Err(format!("a list of {count} elements in {} bytes", self.left));
        }
        // An empty list may have no kind.
        let kind = if count == 0 { Kind::Byte } else { Kind::from_bits(head & 0x0f)? };
        Ok((kind, count))
    }

    /// Skips the value of a field.
    pub(super) fn skip(&mut self, kind: Kind) -> Result<(), String> {
        match kind {
            // A Boolean field has its value in its header.
            Kind::True | Kind::False => Ok(()),
            other => self.skip_within(other, 0),
        }
    }

    fn skip_within(&mut self, kind: Kind, depth: usize) -> Result<(), String> {
        if depth > MAX_DEPTH {
            return Err(format!("a header that is nested more than {MAX_DEPTH} deep"));
        }
        match kind {
            Kind::True | Kind::False | Kind::Byte => self.byte().map(drop),
            Kind::Integer => self.unsigned().map(drop),
            Kind::Double => self.skip_bytes(8),
            Kind::Uuid => self.skip_bytes(16),
            Kind::Binary => {
                let length = self.unsigned()?;
                self.skip_bytes(length)
            }
            Kind::List => {
                let (kind, count) = self.list()?;
                (0..count).try_for_each(|_| self.skip_within(kind, depth + 1))
            }
            Kind::Map => {
                let count = self.unsigned()?;
                if count == 0 {
                    return Ok(());
                }
                let kinds = self.byte()?;
                let kinds = [Kind::from_bits(kinds >> 4)?, Kind::from_bits(kinds & 0x0f)?];
                (0..count)
                    .try_for_each(|_| kinds.iter().try_for_each(|kind| self.skip_within(*kind, depth + 1)))
            }
            Kind::Struct => {
                let mut last = 0;
                while let Some((_, kind)) = self.field(&mut last)? {
                    if !matches!(kind, Kind::True | Kind::False) {
                        self.skip_within(kind, depth + 1)?;
                    }
                }
                Ok(())
            }
        }
    }

    fn skip_bytes(&mut self, count: u64) -> Result<(), String> {
        self.count(count)?;
        let skipped = std::io::copy(&mut (&mut self.from).take(count), &mut std::io::sink());
        match skipped {
            Ok(skipped) if skipped == count => Ok(()),
            _ => Err("a header that is cut off".to_owned()),
        }
    }
}
