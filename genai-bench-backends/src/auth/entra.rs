//! Tokens of Entra ID, fetched by Azure's own library and renewed while requests are sent.
//!
//! Azure's library for Rust has no default chain as in its other languages: the chain here tries the same
//! sources in the same order, as far as the library supports them.

mod chain;
mod client;
mod configured_source;
mod credential_source;

use async_trait::async_trait;
use bytes::Bytes;
use genai_bench_core::auth::{
    AuthError, AuthProvider, Credential, CredentialKind, CredentialSource, Identity,
};
use http::header::AUTHORIZATION;

use super::CredentialCache;
use chain::SourceChain;

pub(crate) use chain::Candidate;
pub(crate) use credential_source::EntraSource;

/// An Entra ID token in every request, from the first of several sources that returns one.
#[derive(Debug)]
pub(crate) struct Entra(CredentialCache<SourceChain>);

impl Entra {
    /// Creates a provider for `scope`, such as `https://cognitiveservices.azure.com/.default`. `advice` is
    /// appended to the error when no source has a token.
    pub(crate) fn new(candidates: Vec<Candidate>, scope: &str, advice: &'static str) -> Self {
        Self(CredentialCache::new(SourceChain::new(candidates, scope, advice)))
    }
}

#[async_trait]
impl AuthProvider for Entra {
    async fn authorize(&self, request: &mut http::Request<Bytes>) -> Result<(), AuthError> {
        let token = self.0.current().await?;
        request.headers_mut().insert(AUTHORIZATION, token.credential.value.clone());
        Ok(())
    }

    fn credential(&self) -> Credential {
        Credential::new(CredentialKind::Cloud, CredentialSource::Machine)
    }

    async fn identity(&self) -> Result<Identity, AuthError> {
        let token = self.0.current().await?;
        Ok(token.credential.identity.clone().until(token.expires))
    }
}

#[cfg(test)]
mod tests;
