//! A header that a person wrote out.

use async_trait::async_trait;
use bytes::Bytes;
use genai_bench_core::auth::{AuthError, AuthProvider, Identity};
use genai_bench_core::is_secret_name;
use http::{HeaderMap, HeaderName};

/// The headers that services look for credentials in.
const OF_CREDENTIALS: [&str; 4] = ["authorization", "api-key", "x-api-key", "x-goog-api-key"];

/// Says who we are in a header that is in every request already.
#[derive(Clone, Copy, Debug)]
pub struct TypedHeader(&'static str);

impl TypedHeader {
    /// The kind of its identity.
    pub const KIND: &'static str = "header";

    /// If one of `headers` holds a credential.
    #[must_use]
    pub fn among(headers: &HeaderMap) -> Option<Self> {
        OF_CREDENTIALS.into_iter().find(|it| headers.contains_key(*it)).map(Self)
    }

    /// Returns the name of the first of `headers` whose name says that it holds a credential.
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
