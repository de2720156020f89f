//! Decompression and decoding of files.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use flate2::read::MultiGzDecoder;

/// The number of bytes of UTF-16 that are decoded at a time.
const PIECE: usize = 16 << 10;

/// A decoded stream of bytes.
pub(super) type Bytes = Box<dyn Read + Send>;

/// The compression and the encoding of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Coding {
    pub(super) compression: Option<Compression>,
    pub(super) utf16: Option<ByteOrder>,
}

/// A compression format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compression {
    /// Gzip, with one or more members.
    Gzip,
    /// Zstd, with one or more frames.
    Zstd,
}

/// The order of the two bytes of a unit of UTF-16.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ByteOrder {
    /// The least significant byte first.
    Little,
    /// The most significant byte first.
    Big,
}

impl Compression {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        }
    }
}

impl Coding {
    /// Opens a file as decoded text, at the byte `offset` of the text.
    pub(super) fn open(self, path: &Path, offset: u64) -> io::Result<Bytes> {
        let mut file = File::open(path)?;
        if self == Self::default() {
            file.seek(SeekFrom::Start(offset))?;
            return Ok(Box::new(file));
        }
        let mut bytes: Bytes = match self.compression {
            None => Box::new(file),
            Some(kind) => {
                let from: Bytes = match kind {
                    Compression::Gzip => Box::new(MultiGzDecoder::new(BufReader::new(file))),
                    Compression::Zstd => Box::new(zstd::Decoder::new(file)?),
                };
                Box::new(Decompressed { from, kind })
            }
        };
        if let Some(order) = self.utf16 {
            bytes = Box::new(Utf16::new(bytes, order));
        }
        io::copy(&mut (&mut bytes).take(offset), &mut io::sink())?;
        Ok(bytes)
    }
}

/// A decompressor that names its format in errors.
struct Decompressed {
    from: Bytes,
    kind: Compression,
}

impl Read for Decompressed {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        self.from.read(to).map_err(|error| {
            let message = format!("the {} data is cut off or damaged: {error}", self.kind.name());
            io::Error::new(error.kind(), message)
        })
    }
}

/// A reader that converts UTF-16 to UTF-8.
struct Utf16<R> {
    from: R,
    order: ByteOrder,
    /// The bytes of a unit or of a pair of surrogates that is not complete yet.
    pending: Vec<u8>,
    text: Vec<u8>,
    /// The first byte of `text` that has not been read.
    at: usize,
}

impl<R: Read> Utf16<R> {
    fn new(from: R, order: ByteOrder) -> Self {
        Self { from, order, pending: Vec::new(), text: Vec::new(), at: 0 }
    }

    /// Decodes the next piece. Returns `false` at the end.
    fn decode_piece(&mut self) -> io::Result<bool> {
        let read = (&mut self.from).take(PIECE as u64).read_to_end(&mut self.pending)?;
        let mut units: Vec<u16> = self.pending.chunks_exact(2).map(|pair| self.unit(pair)).collect();
        if read > 0 && units.last().is_some_and(|unit| (0xd800..0xdc00).contains(unit)) {
            units.pop();
        }
        let rest = self.pending.split_off(units.len() * 2);
        self.pending = rest;
        if read == 0 && !self.pending.is_empty() {
            return Err(not_utf16());
        }
        let text = String::from_utf16(&units).map_err(|_| not_utf16())?;
        (self.text, self.at) = (text.into_bytes(), 0);
        Ok(read > 0)
    }

    fn unit(&self, pair: &[u8]) -> u16 {
        let pair = [pair[0], pair[1]];
        match self.order {
            ByteOrder::Little => u16::from_le_bytes(pair),
            ByteOrder::Big => u16::from_be_bytes(pair),
        }
    }
}

fn not_utf16() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "not UTF-16: save the file as UTF-8")
}

impl<R: Read> Read for Utf16<R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        while self.at == self.text.len() {
            if !self.decode_piece()? {
                return Ok(0);
            }
        }
        let length = to.len().min(self.text.len() - self.at);
        to[..length].copy_from_slice(&self.text[self.at..self.at + length]);
        self.at += length;
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(text: &str, order: ByteOrder) -> io::Result<String> {
        let bytes: Vec<u8> = text
            .encode_utf16()
            .flat_map(|unit| match order {
                ByteOrder::Little => unit.to_le_bytes(),
                ByteOrder::Big => unit.to_be_bytes(),
            })
            .collect();
        io::read_to_string(Utf16::new(bytes.as_slice(), order))
    }

    #[test]
    fn utf16_is_decoded_across_pieces() {
        let odd = format!("a{}", "\u{1f600}\u{e9}".repeat(PIECE));
        for order in [ByteOrder::Little, ByteOrder::Big] {
            assert_eq!(decoded(&odd, order).unwrap(), odd);
            assert_eq!(decoded("", order).unwrap(), "");
        }
    }

    #[test]
    fn utf16_that_is_cut_off_is_an_error() {
        for cut in [b"a\0b".as_slice(), b"a\0\x3d\xd8", b"\x3d\xd8a\0"] {
            assert!(io::read_to_string(Utf16::new(cut, ByteOrder::Little)).is_err(), "{cut:?}");
        }
    }
}
