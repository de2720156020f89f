//! User principals: a user authenticates with a key that was uploaded to OCI.

use std::path::PathBuf;

use async_trait::async_trait;
use genai_bench_core::auth::AuthError;

use super::file;
use super::profile::Profile;
use super::signer::Credential;
use crate::auth::{CredentialProvider, Expiring, Secret};
use crate::entry::SettingsError;

/// The key of a user, valid until it is revoked.
#[derive(Debug)]
pub(super) struct User {
    id: String,
    user: String,
    key_file: PathBuf,
    pass_phrase: Option<Secret>,
}

impl User {
    pub(super) fn from_profile(profile: &Profile) -> Result<Self, SettingsError> {
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
impl CredentialProvider for User {
    type Credential = Credential;

    async fn fetch(&self) -> Result<Expiring<Credential>, AuthError> {
        let key = file::read_key(&self.key_file, self.pass_phrase.clone()).await?;
        let credential = Credential::new(self.id.clone(), key).with_owner("user", Some(&self.user));
        Ok(Expiring::new(credential, None))
    }
}
