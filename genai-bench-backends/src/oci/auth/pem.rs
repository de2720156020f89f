//! PEM blocks, the format of key files and certificates.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

/// The content between `-----BEGIN LABEL-----` and `-----END LABEL-----`.
pub(super) struct Block<'a> {
    pub(super) label: &'a str,
    /// The content in base64, without line breaks.
    pub(super) body: Zeroizing<String>,
    /// `true` if a header marks the block as encrypted, as OpenSSL did before PKCS#8.
    pub(super) is_legacy_encrypted: bool,
}

impl Block<'_> {
    /// Returns the decoded bytes, or `None` if the base64 is invalid.
    pub(super) fn der(&self) -> Option<Zeroizing<Vec<u8>>> {
        STANDARD.decode(self.body.as_bytes()).ok().map(Zeroizing::new)
    }
}

/// Returns every complete block, and ignores other lines: OCI's console puts a line `OCI_API_KEY` after a key.
pub(super) fn blocks(text: &str) -> Vec<Block<'_>> {
    let mut found = Vec::new();
    let mut open: Option<Block<'_>> = None;
    for line in text.lines().map(str::trim) {
        if let Some(label) = dashed(line, "BEGIN ") {
            open = Some(Block { label, body: Zeroizing::default(), is_legacy_encrypted: false });
        } else if dashed(line, "END ").is_some() {
            found.extend(open.take());
        } else if let Some(block) = &mut open {
            match line.split_once(':') {
                // RFC 1421: `Proc-Type: 4,ENCRYPTED`, and `DEK-Info` after it.
                Some((_, value)) => block.is_legacy_encrypted |= value.ends_with("ENCRYPTED"),
                None => block.body.push_str(line),
            }
        }
    }
    found
}

fn dashed<'a>(line: &'a str, word: &str) -> Option<&'a str> {
    line.strip_prefix("-----")?.strip_prefix(word)?.strip_suffix("-----")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_found_among_other_lines() {
        let text = "# a key\r\n-----BEGIN A B-----\r\nAQ\r\nID\r\n-----END A B-----\r\nOCI_API_KEY\r\n-----BEGIN C-----\n!\n-----END C-----\n-----BEGIN D-----\nAQID";
        let found = blocks(text);
        assert_eq!(found.iter().map(|it| it.label).collect::<Vec<_>>(), ["A B", "C"]);
        assert_eq!(found[0].der().map(|it| it.to_vec()), Some(vec![1, 2, 3]));
        assert_eq!(found[1].der(), None);
    }
}
