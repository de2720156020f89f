//! Instance principals: an OCI instance authenticates with its certificate. It may act for a user, with that user's
//! token.

use std::path::PathBuf;
use std::time::SystemTime;

use async_trait::async_trait;
use genai_bench_core::auth::AuthError;
use genai_bench_core::clock;
use http::HeaderValue;

use super::http::Http;
use super::key::PrivateKey;
use super::metadata::Metadata;
use super::pem::blocks;
use super::service::{AuthService, tenancy};
use super::signer::Credential;
use super::token::Token;
use super::{failed, file};
use crate::auth::{CredentialProvider, Environment, Expiring, Secret};
use crate::entry::SettingsError;

/// A provider of tokens, exchanged for the instance's certificate. The certificate is read anew for each token.
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

/// Creates a session key on a thread of its own.
pub(super) async fn new_key() -> Result<PrivateKey, AuthError> {
    tokio::task::spawn_blocking(PrivateKey::generate).await.map_err(failed)?.map_err(failed)
}

/// The source of the user's token.
#[derive(Debug)]
pub(super) enum UserToken {
    /// The token itself.
    Typed(Secret),
    /// A file that another program keeps up to date.
    File(PathBuf),
}

/// An instance principal's credentials, with the token of a user.
#[derive(Debug)]
pub(super) struct Delegation {
    pub(super) instance: Instance,
    pub(super) token: UserToken,
}

#[async_trait]
impl CredentialProvider for Delegation {
    type Credential = Credential;

    async fn fetch(&self) -> Result<Expiring<Credential>, AuthError> {
        let text = match &self.token {
            UserToken::Typed(token) => token.reveal().to_owned().into(),
            UserToken::File(path) => file::read(path).await?,
        };
        let mut header = HeaderValue::try_from(text.trim())
            .map_err(|_| failed("the delegation token has a character that no header can carry"))?;
        header.set_sensitive(true);
        let mut issued = self.instance.fetch().await?;
        issued.credential.on_behalf_of = Some(header);
        // A token without an expiry is valid as long as the instance's own.
        let end = Token::parse(&text).ok().map(|it| it.expires());
        issued.expires = [issued.expires, end].into_iter().flatten().min();
        Ok(issued)
    }
}
