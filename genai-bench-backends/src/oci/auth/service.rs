//! OCI's authentication service, which issues tokens.

use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use genai_bench_core::auth::AuthError;
use serde_json::json;
use url::Url;

use super::certificate::subject_values;
use super::http::{Http, post};
use super::key::{PrivateKey, fingerprint};
use super::metadata::Certificates;
use super::pem::{Block, blocks};
use super::signature::Host;
use super::signer::SigningKey;
use super::token::Token;
use super::{failed, file, realm};
use crate::auth::Environment;

/// A client of the authentication service of any region.
#[derive(Clone, Debug)]
pub(super) struct AuthService {
    /// The address of the certificate exchange, where it is not the default.
    federation: Option<String>,
}

impl AuthService {
    /// Creates a client of the service at its default address, or at `OCI_CLI_FEDERATION_ENDPOINT`, Oracle's own
    /// variable for it.
    pub(super) fn from_environment(environment: &Environment) -> Self {
        Self { federation: environment.get("OCI_CLI_FEDERATION_ENDPOINT") }
    }

    /// Requests a token for an instance. Requests with that token are signed by `session`.
    pub(super) async fn exchange(
        &self,
        http: &Http,
        region: &str,
        instance: &Certificates,
        session: &PrivateKey,
        date: SystemTime,
    ) -> Result<Token, AuthError> {
        let leaf = Leaf::fetch(instance).await?;
        let url = self.federation.clone().unwrap_or_else(|| usual(region, "/v1/x509"));
        let intermediate = certificates(&instance.intermediate);
        let intermediate: Vec<&str> = intermediate.iter().map(|it| it.body.as_str()).collect();
        let public = session.public().map_err(failed)?;
        let body = json!({
            "certificate": leaf.body,
            "publicKey": public,
            "intermediateCertificates": intermediate,
        });
        let mut request = post(&url, &body)?;
        leaf.key.sign(&mut request, date, Host::Unsigned).await.map_err(failed)?;
        parsed(&http.token(request).await?)
    }

    /// Requests a newer token of the same session.
    pub(super) async fn refresh(
        &self,
        http: &Http,
        region: &str,
        token: &Token,
        key: Arc<PrivateKey>,
        date: SystemTime,
    ) -> Result<Token, AuthError> {
        const PATH: &str = "/v1/authentication/refresh";
        let beside = self.federation.as_deref().and_then(|it| Url::parse(it).ok()?.join(PATH).ok());
        let url = beside.map_or_else(|| usual(region, PATH), String::from);
        let mut request: http::Request<Bytes> = post(&url, &json!({"currentToken": token.reveal()}))?;
        let key = SigningKey::new(token.key_id(), key);
        key.sign(&mut request, date, Host::Signed).await.map_err(failed)?;
        parsed(&http.token(request).await?)
    }
}

fn usual(region: &str, path: &str) -> String {
    format!("https://auth.{region}.{}{path}", realm::domain_of(region))
}

fn parsed(token: &str) -> Result<Token, AuthError> {
    Token::parse(token).map_err(|it| failed(format!("the authentication service gave {it}")))
}

/// An instance's own certificate, and the key that signs the request for a token.
struct Leaf {
    body: String,
    key: SigningKey,
}

impl Leaf {
    async fn fetch(instance: &Certificates) -> Result<Self, AuthError> {
        let found = certificates(&instance.leaf);
        let block = found.first().ok_or_else(|| failed("the instance has no certificate"))?;
        let told = tenancy(block).zip(fingerprint(block));
        let (tenancy, sum) = told.ok_or_else(|| failed("the instance's certificate names no tenancy"))?;
        let key = file::parse_key(instance.key.clone(), None).await;
        let key = key.map_err(|it| failed(format!("the instance's key: {}", it.source)))?;
        Ok(Self {
            body: block.body.to_string(),
            key: SigningKey::new(format!("{tenancy}/fed-x509/{sum}"), key),
        })
    }
}

fn certificates(text: &str) -> Vec<Block<'_>> {
    let mut found = blocks(text);
    found.retain(|it| it.label == "CERTIFICATE");
    found
}

/// Returns the tenancy that a certificate's subject names.
pub(super) fn tenancy(certificate: &Block<'_>) -> Option<String> {
    let der = certificate.der()?;
    let values = subject_values(&der).ok()?;
    values.into_iter().find_map(tenancy_in).map(str::to_owned)
}

fn tenancy_in(value: &str) -> Option<&str> {
    ["opc-tenant:", "opc-identity:"].into_iter().find_map(|prefix| value.strip_prefix(prefix))
}
