//! Session tokens, as `oci session authenticate` writes them.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use async_trait::async_trait;
use genai_bench_core::auth::AuthError;
use genai_bench_core::clock;

use super::http::Http;
use super::key::PrivateKey;
use super::profile::Profile;
use super::service::AuthService;
use super::signer::Credential;
use super::token::Token;
use super::{failed, file};
use crate::auth::{CredentialProvider, Environment, Expiring, Secret};
use crate::entry::SettingsError;

/// The token of a session: read again when it expires, and renewed if the file has no newer one.
///
/// A renewed token is not written to the file, which belongs to the `oci` command.
#[derive(Debug)]
pub(super) struct Session {
    token_file: PathBuf,
    key_file: PathBuf,
    pass_phrase: Option<Secret>,
    region: String,
    auth: AuthService,
    http: Http,
    clock: fn() -> SystemTime,
    /// The last token that was returned.
    last: Mutex<Option<Token>>,
}

impl Session {
    /// Creates the session of a profile, in `region`.
    pub(super) fn from_profile(
        profile: &Profile,
        region: Option<&str>,
        environment: &Environment,
    ) -> Result<Self, SettingsError> {
        let region = region
            .ok_or_else(|| profile.wrong("region", "is missing: a session is renewed in its region"))?;
        Ok(Self {
            token_file: profile.path("security_token_file")?,
            key_file: profile.path("key_file")?,
            pass_phrase: profile.secret("pass_phrase"),
            region: region.to_owned(),
            auth: AuthService::from_environment(environment),
            http: Http::new()?,
            clock: clock::wall,
            last: Mutex::default(),
        })
    }

    /// Returns a token that is newer than the last one: from the file, else from OCI.
    async fn newer(&self, key: &Arc<PrivateKey>) -> Result<Token, AuthError> {
        let read = Token::read(&self.token_file).await?;
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let now = (self.clock)();
        let last = last.filter(|it| read.expires() <= it.expires());
        if last.as_ref().unwrap_or(&read).expires() <= now {
            return Err(failed(format!("{}: the session has ended: {BEGIN}", self.token_file.display())));
        }
        let Some(last) = last else { return Ok(read) };
        let refreshed = self.auth.refresh(&self.http, &self.region, &last, Arc::clone(key), now).await;
        refreshed.map_err(|it| failed(format!("the session cannot be renewed: {}: {BEGIN}", it.source)))
    }
}

const BEGIN: &str = "begin a new one with `oci session authenticate`";

#[async_trait]
impl CredentialProvider for Session {
    type Credential = Credential;

    async fn fetch(&self) -> Result<Expiring<Credential>, AuthError> {
        let key = Arc::new(file::read_key(&self.key_file, self.pass_phrase.clone()).await?);
        let token = self.newer(&key).await?;
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(token.clone());
        let credential = Credential::new(token.key_id(), key).with_owner("user", token.claim("sub"));
        Ok(Expiring::new(credential, Some(token.expires())))
    }
}
