//! A reader that computes the SHA-256 of what is read.

use std::io::{self, Read};

use sha2::{Digest, Sha256};

/// A reader that hashes the bytes that pass through it.
pub(super) struct Hashing<R> {
    from: R,
    hash: Sha256,
}

impl<R: Read> Hashing<R> {
    pub(super) fn new(from: R) -> Self {
        Self { from, hash: Sha256::new() }
    }

    /// Returns the SHA-256 of all bytes that were read, in hexadecimal.
    pub(super) fn finish(self) -> String {
        self.hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.from.read(buffer)?;
        self.hash.update(&buffer[..length]);
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_that_of_the_bytes_read() {
        let mut hashing = Hashing::new(&b"abc"[..]);
        let mut read = String::new();
        hashing.read_to_string(&mut read).unwrap();
        assert_eq!(read, "abc");
        // The example of FIPS 180-4.
        assert!(hashing.finish().starts_with("ba7816bf8f01cfea414140de5dae2223b00361a396177a9c"));
    }
}
