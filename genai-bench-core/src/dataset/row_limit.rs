//! A limit for the length of a row of a table.

use std::io::{self, Read};

/// A reader that fails in a row that is too long. Without it, an unclosed quote would make a CSV reader buffer the whole file.
pub(crate) struct RowLimit<R> {
    from: R,
    limit: usize,
    left: usize,
}

impl<R> RowLimit<R> {
    /// Creates a reader of rows of at most `limit` bytes.
    pub(crate) fn new(from: R, limit: usize) -> Self {
        Self { from, limit, left: limit }
    }

    /// Resets the limit for the next row.
    pub(crate) fn begin_row(&mut self) {
        self.left = self.limit;
    }
}

impl<R: Read> Read for RowLimit<R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let length = to.len().min(self.left);
        let read = self.from.read(&mut to[..length])?;
        self.left -= read;
        Ok(read)
    }
}
