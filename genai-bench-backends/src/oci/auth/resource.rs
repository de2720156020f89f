//! Resource principals, version 2.2: a function or a job receives a token and a key from the service that runs it.

use std::path::PathBuf;

use async_trait::async_trait;
use genai_bench_core::auth::AuthError;
use zeroize::Zeroizing;

use super::key::PrivateKey;
use super::signer::Credential;
use super::token::Token;
use super::{failed, file, wrong};
use crate::auth::{CredentialProvider, Environment, Expiring, Secret};
use crate::entry::SettingsError;

/// The variable that marks the presence and the version of a resource principal.
pub(super) const VERSION: &str = "OCI_RESOURCE_PRINCIPAL_VERSION";
/// The variable with the token, or with the path of its file.
pub(super) const TOKEN: &str = "OCI_RESOURCE_PRINCIPAL_RPST";
const KEY: &str = "OCI_RESOURCE_PRINCIPAL_PRIVATE_PEM";
const PASS_PHRASE: &str = "OCI_RESOURCE_PRINCIPAL_PRIVATE_PEM_PASSPHRASE";
/// The variable with the region.
pub(super) const REGION: &str = "OCI_RESOURCE_PRINCIPAL_REGION";

/// The value of a variable: the content itself, or the path of a file that another program keeps up to date.
#[derive(Debug)]
enum Given {
    Value(Secret),
    File(PathBuf),
}

impl Given {
    fn from_environment(environment: &Environment, variable: &str) -> Option<Self> {
        // Only a path may be invalid Unicode.
        Some(match environment.get(variable) {
            Some(value) if !value.starts_with('/') => Self::Value(value.into()),
            _ => Self::File(environment.path(variable)?),
        })
    }

    fn required(environment: &Environment, variable: &str) -> Result<Self, SettingsError> {
        Self::from_environment(environment, variable)
            .ok_or_else(|| wrong("auth", format!("{variable} is not set")))
    }

    async fn text(&self) -> Result<Zeroizing<String>, AuthError> {
        match self {
            Self::Value(value) => Ok(value.reveal().to_owned().into()),
            Self::File(path) => file::read(path).await,
        }
    }
}

/// The token and the key of a resource, read again when the token expires.
#[derive(Debug)]
pub(super) struct Resource {
    token: Given,
    key: Given,
    pass_phrase: Option<Given>,
}

impl Resource {
    pub(super) fn from_environment(environment: &Environment) -> Result<Self, SettingsError> {
        match environment.get(VERSION).as_deref() {
            Some("2.2") => {}
            Some(other) => {
                return Err(wrong("auth", format!("{VERSION} is '{other}', of which only 2.2 is known")));
            }
            None => {
                let problem = format!("there is no resource principal: {VERSION} is not set");
                return Err(wrong("auth", problem));
            }
        }
        Ok(Self {
            token: Given::required(environment, TOKEN)?,
            key: Given::required(environment, KEY)?,
            pass_phrase: Given::from_environment(environment, PASS_PHRASE),
        })
    }

    /// Returns the tenancy that the token names, where the token can be read already.
    pub(super) fn tenancy(&self) -> Option<String> {
        let text = match &self.token {
            Given::Value(value) => Zeroizing::new(value.reveal().to_owned()),
            Given::File(path) => Zeroizing::new(std::fs::read_to_string(path).ok()?),
        };
        tenancy(&Token::parse(&text).ok()?).map(str::to_owned)
    }

    async fn private_key(&self) -> Result<PrivateKey, AuthError> {
        let pass_phrase = match &self.pass_phrase {
            Some(it) => Some(Secret::from(it.text().await?.trim_end_matches(['\r', '\n']))),
            None => None,
        };
        let key = file::parse_key(self.key.text().await?, pass_phrase).await;
        key.map_err(|it| failed(format!("${KEY}: {}", it.source)))
    }
}

fn tenancy(token: &Token) -> Option<&str> {
    token.claim("res_tenant")
}

#[async_trait]
impl CredentialProvider for Resource {
    type Credential = Credential;

    async fn fetch(&self) -> Result<Expiring<Credential>, AuthError> {
        let token = Token::parse(&self.token.text().await?);
        let token = token.map_err(|it| failed(format!("${TOKEN}: {it}")))?;
        let key = self.private_key().await?;
        let credential = Credential::new(token.key_id(), key).with_owner("tenancy", tenancy(&token));
        Ok(Expiring::new(credential, Some(token.expires())))
    }
}
