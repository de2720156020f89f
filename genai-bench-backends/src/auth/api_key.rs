//! A fixed key in a header.

use std::fmt;

use async_trait::async_trait;
use bytes::Bytes;
use genai_bench_core::auth::{AuthError, AuthProvider, Credential, CredentialKind, Identity};
use http::header::{AUTHORIZATION, HeaderName, HeaderValue};
use zeroize::Zeroizing;

use super::{Origin, Secret};

/// A fixed key in a header of every request.
#[derive(Clone, Debug)]
pub struct ApiKey {
    header: HeaderName,
    // Marked as sensitive, so that its `Debug` output hides it.
    value: HeaderValue,
    identity: Identity,
    credential: Credential,
}

impl ApiKey {
    /// The kind of the key's identity, unless [`of_kind`](Self::of_kind) sets another.
    pub const KIND: &'static str = "API key";

    /// Creates the header `Authorization: Bearer KEY`.
    ///
    /// # Errors
    ///
    /// Returns an error if the key has a character that no header can carry.
    pub fn bearer(key: &Secret) -> Result<Self, InvalidKey> {
        Self::new(AUTHORIZATION, &format_args!("Bearer {}", key.reveal()), key)
    }

    /// Creates the header `HEADER: KEY`.
    ///
    /// # Errors
    ///
    /// Returns an error if the key has a character that no header can carry.
    pub fn in_header(header: HeaderName, key: &Secret) -> Result<Self, InvalidKey> {
        Self::new(header, &key.reveal(), key)
    }

    fn new(header: HeaderName, value: &dyn fmt::Display, key: &Secret) -> Result<Self, InvalidKey> {
        let text = Zeroizing::new(value.to_string());
        let value = HeaderValue::from_str(&text).ok().filter(|_| text.is_ascii());
        let mut value = value.ok_or_else(|| InvalidKey::new(key))?;
        value.set_sensitive(true);
        let identity = Identity::new(Self::KIND, key.origin().to_string()).shown_as(key.masked());
        let credential = Credential::new(CredentialKind::Key, key.origin().into());
        Ok(Self { header, value, identity, credential })
    }

    /// Sets the kind of the identity, for credentials that are no API key: a token of a cloud.
    #[must_use]
    pub fn of_kind(mut self, kind: &'static str) -> Self {
        self.identity.kind = kind;
        self.credential.kind = CredentialKind::Cloud;
        self
    }
}

#[async_trait]
impl AuthProvider for ApiKey {
    async fn authorize(&self, request: &mut http::Request<Bytes>) -> Result<(), AuthError> {
        request.headers_mut().insert(self.header.clone(), self.value.clone());
        Ok(())
    }

    fn credential(&self) -> Credential {
        self.credential
    }

    async fn identity(&self) -> Result<Identity, AuthError> {
        Ok(self.identity.clone())
    }
}

/// An error for a key that no header can carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidKey {
    origin: Origin,
}

impl InvalidKey {
    pub(crate) fn new(key: &Secret) -> Self {
        Self { origin: key.origin() }
    }
}

/// Prints the variable that holds the key, and never the key.
impl fmt::Display for InvalidKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.origin {
            Origin::Variable(_) => write!(f, "the key in {}", self.origin)?,
            Origin::Program | Origin::Option(_) => f.write_str("the key")?,
        }
        f.write_str(" has a character that no header can carry, such as a line break or one outside ASCII")
    }
}

impl std::error::Error for InvalidKey {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_for_an_invalid_key_names_its_variable() {
        let problem = |key: Secret| ApiKey::bearer(&key).unwrap_err().to_string();
        let key = || Secret::from("sk-1\n2");
        assert!(problem(key()).starts_with("the key has a character that no header can carry"));
        let found = problem(key().found(Origin::Variable("OPENAI_API_KEY")));
        assert!(found.starts_with("the key in $OPENAI_API_KEY has a character"), "{found}");
        assert!(!found.contains("sk-1"));
        // Such as quotes that were copied along, and the replacement of bytes that are not UTF-8.
        for text in ["“sk-1”", "sk\u{fffd}1"] {
            assert!(problem(text.into()).contains("outside ASCII"), "{text}");
        }
    }
}
