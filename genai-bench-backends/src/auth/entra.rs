//! Tokens of Entra ID, which Azure's own library gets and which are renewed while requests go on.
//!
//! Azure's library has no chain that looks everywhere, as its other languages have: the one here takes the same
//! places in the same order, as far as the library knows them.

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

/// Puts a token of Entra ID into every request, from the first of some places that gives one.
#[derive(Debug)]
pub(crate) struct Entra(CredentialCache<SourceChain>);

impl Entra {
    /// For what `scope` names, such as `https://cognitiveservices.azure.com/.default`. `advice` follows on what is
    /// said where no place has a token.
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
