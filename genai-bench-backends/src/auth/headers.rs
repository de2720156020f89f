//! Credentials in headers that a user or a description file provides.

use async_trait::async_trait;
use bytes::Bytes;
use genai_bench_core::auth::{AuthError, AuthProvider, Identity};
use genai_bench_core::is_secret_name;
use http::{HeaderMap, HeaderName};

/// The headers that commonly carry credentials.
const OF_CREDENTIALS: [&str; 4] = ["authorization", "api-key", "x-api-key", "x-goog-api-key"];

/// The identity in a header that every request already has.
#[derive(Clone, Copy, Debug)]
pub struct TypedHeader(&'static str);

impl TypedHeader {
    /// The kind of the identity.
    pub const KIND: &'static str = "header";

    /// Creates the identity, if one of `headers` holds a credential.
    #[must_use]
    pub fn among(headers: &HeaderMap) -> Option<Self> {
        OF_CREDENTIALS.into_iter().find(|it| headers.contains_key(*it)).map(Self)
    }

    /// Returns the name of the first of `headers` whose name is one of those that carry credentials.
    pub(crate) fn named_like_a_credential(headers: &HeaderMap) -> Option<&HeaderName> {
        headers.keys().find(|name| is_secret_name(name.as_str()))
    }
}

#[async_trait]
impl AuthProvider for TypedHeader {
    async fn authorize(&self, _: &mut http::Request<Bytes>) -> Result<(), AuthError> {
        Ok(())
    }

    async fn identity(&self) -> Result<Identity, AuthError> {
        Ok(Identity::new(Self::KIND, "--header").shown_as(format!("{}: ***", self.0)))
    }
}

/// Fixed headers with credentials in every request.
#[cfg(feature = "custom")]
#[derive(Clone, Debug)]
pub struct FixedHeaders(Vec<(HeaderName, http::HeaderValue)>);

#[cfg(feature = "custom")]
impl FixedHeaders {
    /// The kind of the identity.
    pub const KIND: &'static str = "headers";

    /// Creates a provider of these headers, none of which is ever shown.
    #[must_use]
    pub fn new(mut headers: Vec<(HeaderName, http::HeaderValue)>) -> Self {
        // Marked as sensitive, so that `Debug` output hides them, and so are their values in responses.
        headers.iter_mut().for_each(|it| it.1.set_sensitive(true));
        Self(headers)
    }
}

#[cfg(feature = "custom")]
#[async_trait]
impl AuthProvider for FixedHeaders {
    async fn authorize(&self, request: &mut http::Request<Bytes>) -> Result<(), AuthError> {
        request.headers_mut().extend(self.0.iter().cloned());
        Ok(())
    }

    async fn identity(&self) -> Result<Identity, AuthError> {
        let names: Vec<String> = self.0.iter().map(|it| format!("{}: ***", it.0)).collect();
        Ok(Identity::new(Self::KIND, "the description, --header or --api-key").shown_as(names.join(", ")))
    }
}
