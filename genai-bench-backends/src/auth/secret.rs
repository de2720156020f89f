//! Secrets, which are never printed.

use std::fmt;

use genai_bench_core::auth::CredentialSource;
use serde::Deserialize;
use zeroize::Zeroizing;

/// A key, a token or a password, with its origin. It prints as stars, and cannot be serialized.
///
/// Its memory is overwritten when it is dropped. Copies of it are not: the values of headers, the copies in
/// HTTP and TLS libraries, and the text that it was created from, if that was a `&str`.
///
/// ```
/// # use genai_bench_backends::auth::{Origin, Secret};
/// let secret = Secret::from("sk-123");
/// assert_eq!(format!("{secret:?} {secret}"), "*** ***");
/// assert_eq!(secret.reveal(), "sk-123");
/// let secret = secret.found(Origin::Variable("OPENAI_API_KEY"));
/// assert_eq!(secret.origin().to_string(), "$OPENAI_API_KEY");
/// ```
#[derive(Clone, Deserialize)]
#[serde(from = "String")]
pub struct Secret {
    text: Zeroizing<String>,
    origin: Origin,
}

/// The origin of a value that the user provides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Origin {
    /// A value set by a program.
    #[default]
    Program,
    /// The command-line option of this name, without its dashes.
    Option(&'static str),
    /// The environment variable of this name.
    Variable(&'static str),
}

impl From<Origin> for CredentialSource {
    fn from(origin: Origin) -> Self {
        match origin {
            Origin::Program | Origin::Option(_) => Self::Given,
            Origin::Variable(name) => Self::Variable(name),
        }
    }
}

/// Formats the origin as the user writes it: `--api-key`, `$API_KEY`.
impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Program => f.write_str("the program"),
            Self::Option(name) => write!(f, "--{name}"),
            Self::Variable(name) => write!(f, "${name}"),
        }
    }
}

/// The number of characters shown at the end of a long secret.
const SHOWN: usize = 4;
/// The length of a secret from which on any characters are shown.
const LONG: usize = 20;

impl Secret {
    /// Returns the text itself, for use on the wire and nowhere else.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.text
    }

    /// Sets the origin of the secret.
    #[must_use]
    pub fn found(mut self, origin: Origin) -> Self {
        self.origin = origin;
        self
    }

    /// Returns the origin of the secret.
    #[must_use]
    pub fn origin(&self) -> Origin {
        self.origin
    }

    /// Returns the last characters after stars, if the secret is so long that they do not help to guess it;
    /// else stars.
    #[must_use]
    pub fn masked(&self) -> String {
        let count = self.text.chars().count();
        let shown = if count < LONG { 0 } else { SHOWN };
        let end: String = self.text.chars().skip(count - shown).collect();
        format!("***{end}")
    }
}

impl<T: Into<String>> From<T> for Secret {
    fn from(text: T) -> Self {
        Self { text: Zeroizing::new(text.into()), origin: Origin::default() }
    }
}

/// Compares the texts, whatever their origins.
impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Secret {}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads the memory of this process to find what is left at the address of the text.
    #[cfg(target_os = "linux")]
    #[test]
    fn memory_is_overwritten_when_a_secret_is_dropped() {
        use std::os::unix::fs::FileExt;

        let text = "do-not-keep-".repeat(400);
        let secret = Secret::from(text.as_str());
        let memory = std::fs::File::open("/proc/self/mem").unwrap();
        // Allocators write into the beginning of freed memory.
        let middle = secret.reveal()[text.len() / 2..].as_ptr().addr() as u64;
        let mut seen = [0; 1_200];
        memory.read_exact_at(&mut seen, middle).unwrap();
        assert_eq!(seen, text.as_bytes()[text.len() / 2..][..seen.len()]);
        drop(secret);
        // The memory may have been returned to the system, and then it cannot be read.
        let is_readable = memory.read_exact_at(&mut seen, middle).is_ok();
        let is_left = seen.windows(12).any(|window| text.as_bytes()[..24].windows(12).any(|it| it == window));
        assert!(!(is_readable && is_left), "the text is still there");
    }

    #[test]
    fn only_the_end_of_a_long_secret_is_shown() {
        assert_eq!(Secret::from("sk-0123456789abcdefXYZW").masked(), "***XYZW");
        assert_eq!(Secret::from("sk-0123456789abcdef").masked(), "***");
        assert_eq!(Secret::from("").masked(), "***");
    }
}
