//! Instance principals: an instance of OCI is known by its certificate.

use std::time::SystemTime;

use async_trait::async_trait;
use genai_bench_core::auth::AuthError;
use genai_bench_core::clock;

use super::failed;
use super::http::Http;
use super::key::PrivateKey;
use super::metadata::Metadata;
use super::pem::blocks;
use super::service::{AuthService, tenancy};
use super::signer::Credential;
use crate::auth::{CredentialProvider, Environment, Expiring};
use crate::entry::SettingsError;

/// Exchanges the instance's certificate, which is read anew each time, for a token.
#[derive(Debug)]
pub(super) struct Instance {
    metadata: Metadata,
    auth: AuthService,
    http: Http,
    clock: fn() -> SystemTime,
}

impl Instance {
    pub(super) fn from_environment(environment: &Environment) -> Result<Self, SettingsError> {
        let (metadata, auth) =
            (Metadata::from_environment(environment), AuthService::from_environment(environment));
        Ok(Self { metadata, auth, http: Http::new()?, clock: clock::wall })
    }

    pub(super) fn found(&self) -> String {
        format!("the metadata service at {}", self.metadata.address())
    }
}

#[async_trait]
impl CredentialProvider for Instance {
    type Credential = Credential;

    async fn fetch(&self) -> Result<Expiring<Credential>, AuthError> {
        let region = self.metadata.region(&self.http).await?;
        let certificates = self.metadata.certificates(&self.http).await?;
        let session = new_key().await?;
        let date = (self.clock)();
        let token = self.auth.exchange(&self.http, &region, &certificates, &session, date).await?;
        let tenancy = blocks(&certificates.leaf).first().and_then(tenancy);
        let credential = Credential::new(token.key_id(), session).with_owner("tenancy", tenancy.as_deref());
        Ok(Expiring::new(credential, Some(token.expires())))
    }
}

/// A key for a session, made on a thread of its own.
pub(super) async fn new_key() -> Result<PrivateKey, AuthError> {
    tokio::task::spawn_blocking(PrivateKey::generate).await.map_err(failed)?.map_err(failed)
}
