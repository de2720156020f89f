//! A limit for the bytes of one row of a table.

use std::io::{self, Read};

/// Gives up on a row that does not end: a reader of CSV keeps a row in memory until its last quote is closed.
pub(crate) struct RowLimit<R> {
    from: R,
    most: usize,
    left: usize,
}

impl<R> RowLimit<R> {
    /// Creates a reader of rows of at most `most` bytes.
    pub(crate) fn new(from: R, most: usize) -> Self {
        Self { from, most, left: most }
    }

    /// Begins the next row.
    pub(crate) fn begin_row(&mut self) {
        self.left = self.most;
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
