//! Fingerprints of tokenizers: hashes of everything that decides their counts.

use sha2::{Digest, Sha256};

/// Returns the SHA-256 of `parts` and of their lengths, so that different lists of parts have different hashes; in
/// lower-case hexadecimal digits. A single part is hashed as it is: the fingerprint of a file is the output of
/// `sha256sum`.
pub(super) fn from_parts<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> String {
    let mut parts = parts.into_iter().peekable();
    let mut hash = Sha256::new();
    let Some(first) = parts.next() else { return hex(&hash.finalize()) };
    if parts.peek().is_none() {
        return hex(&Sha256::digest(first));
    }
    for part in std::iter::once(first).chain(parts) {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hex(&hash.finalize())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|it| format!("{it:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from_texts(parts: &[&str]) -> String {
        from_parts(parts.iter().map(|it| it.as_bytes()))
    }

    #[test]
    fn a_single_part_is_hashed_as_sha256sum_does() {
        // `printf abc | sha256sum`, which is also the first example of FIPS 180-2.
        assert_eq!(
            from_parts([b"abc".as_slice()]),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn parts_are_told_apart() {
        assert_ne!(from_texts(&["ab", "c"]), from_texts(&["a", "bc"]));
        assert_ne!(from_texts(&["ab", ""]), from_texts(&["ab"]));
    }
}
