//! User principals: a user is known by a key that was uploaded to OCI.

use std::path::PathBuf;

use async_trait::async_trait;
use genai_bench_core::auth::AuthError;

use super::file;
use super::profile::Profile;
use super::signer::Credential;
use crate::auth::{Issued, Issuer, Secret};
use crate::entry::SettingsError;

/// The key of a user, which is valid until somebody takes it back.
#[derive(Debug)]
pub(super) struct User {
    id: String,
    user: String,
    key_file: PathBuf,
    pass_phrase: Option<Secret>,
}

impl User {
    pub(super) fn of(profile: &Profile) -> Result<Self, SettingsError> {
        let [tenancy, user] = [profile.ocid("tenancy")?, profile.ocid("user")?];
        let fingerprint = profile.fingerprint()?.to_ascii_lowercase();
        Ok(Self {
            id: format!("{tenancy}/{user}/{fingerprint}"),
            user: user.to_owned(),
            key_file: profile.path("key_file")?,
            pass_phrase: profile.secret("pass_phrase"),
        })
    }
}

#[async_trait]
impl Issuer for User {
    type Credential = Credential;

    async fn issue(&self) -> Result<Issued<Credential>, AuthError> {
        let key = file::key(&self.key_file, self.pass_phrase.clone()).await?;
        let credential = Credential::new(self.id.clone(), key).of("user", Some(&self.user));
        Ok(Issued::new(credential, None))
    }
}
