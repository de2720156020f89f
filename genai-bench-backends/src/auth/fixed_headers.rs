//! Headers that say who we are, the same in every request.

use async_trait::async_trait;
use bytes::Bytes;
use genai_bench_core::auth::{AuthError, AuthProvider, Identity};
use http::header::{HeaderName, HeaderValue};

/// Puts fixed headers with credentials into every request.
#[derive(Clone, Debug)]
pub struct FixedHeaders(Vec<(HeaderName, HeaderValue)>);

impl FixedHeaders {
    /// The kind of its identity.
    pub const KIND: &'static str = "headers";

    /// These headers, none of which is ever shown.
    #[must_use]
    pub fn new(mut headers: Vec<(HeaderName, HeaderValue)>) -> Self {
        // So they print as that word, and what a server repeats of them is hidden.
        headers.iter_mut().for_each(|it| it.1.set_sensitive(true));
        Self(headers)
    }
}

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
