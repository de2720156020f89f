//! Workload identity: a pod in OCI's Kubernetes authenticates with its service account.

use std::path::{Path, PathBuf};

use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use genai_bench_core::auth::AuthError;
use http::HeaderValue;
use http::header::AUTHORIZATION;
use serde_json::{Value, json};

use super::http::{Http, post};
use super::instance::new_key;
use super::signer::Credential;
use super::token::Token;
use super::{failed, file, wrong};
use crate::auth::{CredentialProvider, Environment, Expiring};
use crate::entry::SettingsError;

const HOST: &str = "KUBERNETES_SERVICE_HOST";
const PORT: u16 = 12250;
const FOLDER: &str = "/var/run/secrets/kubernetes.io/serviceaccount";

/// A provider that exchanges the token of a pod's service account for one of OCI's.
#[derive(Debug)]
pub(super) struct Workload {
    /// The address of the cluster's token service.
    pub(super) url: String,
    token_file: PathBuf,
    authorities: PathBuf,
}

impl Workload {
    pub(super) fn from_environment(environment: &Environment) -> Result<Self, SettingsError> {
        let host = environment.get(HOST);
        let host =
            host.ok_or_else(|| wrong("auth", format!("this is no pod of a cluster: {HOST} is not set")))?;
        let host = if host.contains(':') { format!("[{host}]") } else { host };
        let path =
            |variable, file| environment.path(variable).unwrap_or_else(|| Path::new(FOLDER).join(file));
        Ok(Self {
            url: format!("https://{host}:{PORT}/resourcePrincipalSessionTokens"),
            token_file: path("OCI_KUBERNETES_SERVICE_ACCOUNT_TOKEN_PATH", "token"),
            authorities: path("OCI_KUBERNETES_SERVICE_ACCOUNT_CERT_PATH", "ca.crt"),
        })
    }

    pub(super) fn found(&self) -> String {
        format!("the cluster at {}", self.url)
    }

    /// Requests a token for the owner of the private key that belongs to `public`.
    async fn token(&self, public: &str) -> Result<Token, AuthError> {
        let account = file::read(&self.token_file).await?;
        let authorities = file::read(&self.authorities).await?;
        let mut bearer = HeaderValue::try_from(format!("Bearer {}", account.trim()))
            .map_err(|_| failed(format!("{}: no token", self.token_file.display())))?;
        bearer.set_sensitive(true);
        let mut request = post(&self.url, &json!({ "podKey": public }))?;
        request.headers_mut().insert(AUTHORIZATION, bearer);
        let answer = Http::trusting(&authorities)?.text(request).await?;
        unwrapped(&answer).ok_or_else(|| failed(format!("{}: the response contains no token", self.url)))
    }
}

/// Parses the token in a response: base64 of JSON, with the token behind `ST$`.
fn unwrapped(answer: &str) -> Option<Token> {
    let json = STANDARD.decode(answer.trim().trim_matches('"')).ok()?;
    let answer: Value = serde_json::from_slice(&json).ok()?;
    let token = answer.get("token")?.as_str()?;
    Token::parse(token.strip_prefix("ST$").unwrap_or(token)).ok()
}

#[async_trait]
impl CredentialProvider for Workload {
    type Credential = Credential;

    async fn fetch(&self) -> Result<Expiring<Credential>, AuthError> {
        let key = new_key().await?;
        let token = self.token(&key.public().map_err(failed)?).await?;
        let tenancy = token.claim("res_tenant").or(token.claim("tenant"));
        let credential = Credential::new(token.key_id(), key).with_owner("tenancy", tenancy);
        Ok(Expiring::new(credential, Some(token.expires())))
    }
}
