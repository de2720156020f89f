//! A fixed key in a header.

use async_trait::async_trait;
use bytes::Bytes;
use genai_bench_core::auth::{AuthError, AuthProvider};
use http::header::{AUTHORIZATION, HeaderName, HeaderValue};

use super::Secret;

/// Puts a fixed key into a header of every request.
#[derive(Clone, Debug)]
pub struct ApiKey {
    header: HeaderName,
    // Marked as sensitive, so that it prints as that word.
    value: HeaderValue,
}

impl ApiKey {
    /// `Authorization: Bearer KEY`.
    ///
    /// # Errors
    ///
    /// When the key has a character that no header can carry.
    pub fn bearer(key: &Secret) -> Result<Self, InvalidKey> {
        Self::in_header(AUTHORIZATION, &format!("Bearer {}", key.reveal()))
    }

    /// `HEADER: VALUE`.
    ///
    /// # Errors
    ///
    /// When the value has a character that no header can carry.
    pub fn in_header(header: HeaderName, value: &str) -> Result<Self, InvalidKey> {
        let mut value = HeaderValue::from_str(value).map_err(|_| InvalidKey)?;
        value.set_sensitive(true);
        Ok(Self { header, value })
    }
}

#[async_trait]
impl AuthProvider for ApiKey {
    async fn authorize(&self, request: &mut http::Request<Bytes>) -> Result<(), AuthError> {
        request.headers_mut().insert(self.header.clone(), self.value.clone());
        Ok(())
    }
}

/// A key that no header can carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the key has a character that no header can carry, such as a line break or one outside ASCII")]
pub struct InvalidKey;
