//! A text that is never shown.

use std::fmt;

use genai_bench_core::auth::CredentialSource;
use serde::Deserialize;
use zeroize::Zeroizing;

/// A key, a token, a password: it prints as stars, and cannot be serialised. It knows where it was found.
///
/// Its memory is overwritten when it is dropped. What is made of it is not: the values of headers, the copies of HTTP and
/// TLS libraries, and the text that it was made of, if that was a `&str`.
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

/// Where something that a person says was found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Origin {
    /// A program said it.
    #[default]
    Program,
    /// The option of this name, without its dashes.
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

/// How a person would write it: `--api-key`, `$API_KEY`.
impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Program => f.write_str("the program"),
            Self::Option(name) => write!(f, "--{name}"),
            Self::Variable(name) => write!(f, "${name}"),
        }
    }
}

/// How many characters of a long secret are shown at its end.
const SHOWN: usize = 4;
/// How long a secret is of which any are shown.
const LONG: usize = 20;

impl Secret {
    /// The text itself, to be put on the wire and nowhere else.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.text
    }

    /// The same, found there.
    #[must_use]
    pub fn found(mut self, origin: Origin) -> Self {
        self.origin = origin;
        self
    }

    /// Where it was found.
    #[must_use]
    pub fn origin(&self) -> Origin {
        self.origin
    }

    /// Its last characters behind stars, where it is so long that they help nobody to guess it; else stars.
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

/// Wherever they were found.
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

    /// The system's view of this process shows what is left where the text was.
    #[cfg(target_os = "linux")]
    #[test]
    fn memory_is_overwritten_when_a_secret_is_dropped() {
        use std::os::unix::fs::FileExt;

        let text = "do-not-keep-".repeat(400);
        let secret = Secret::from(text.as_str());
        let memory = std::fs::File::open("/proc/self/mem").unwrap();
        // Allocators write into the beginning of what is freed.
        let middle = secret.reveal()[text.len() / 2..].as_ptr().addr() as u64;
        let mut seen = [0; 1_200];
        memory.read_exact_at(&mut seen, middle).unwrap();
        assert_eq!(seen, text.as_bytes()[text.len() / 2..][..seen.len()]);
        drop(secret);
        // It may have been given back, and then it cannot be read.
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
