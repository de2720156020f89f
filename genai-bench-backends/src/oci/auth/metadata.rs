//! OCI's instance metadata service, version 2.

use bytes::Bytes;
use genai_bench_core::auth::AuthError;
use http::header::AUTHORIZATION;
use zeroize::Zeroizing;

use super::http::Http;
use super::{failed, region};
use crate::auth::Environment;

const USUAL: &str = "http://169.254.169.254/opc/v2";

/// The base address of the metadata service.
#[derive(Clone, Debug)]
pub(super) struct Metadata(String);

/// The certificates and the key of an instance, in PEM form. They change several times a day.
pub(super) struct Certificates {
    pub(super) leaf: String,
    pub(super) key: Zeroizing<String>,
    pub(super) intermediate: String,
}

impl Metadata {
    /// Creates a client of the service at its fixed address, or at `OCI_METADATA_BASE_URL`.
    pub(super) fn from_environment(environment: &Environment) -> Self {
        let told = environment.get("OCI_METADATA_BASE_URL");
        let base = told.as_deref().map(str::trim).filter(|it| !it.is_empty()).unwrap_or(USUAL);
        Self(base.trim_end_matches('/').to_owned())
    }

    /// Returns the address of the service.
    pub(super) fn address(&self) -> &str {
        &self.0
    }

    /// Returns the region of this instance.
    pub(super) async fn region(&self, http: &Http) -> Result<String, AuthError> {
        let text = self.get(http, "/instance/region").await?;
        region::parse(&text).map_err(|it| failed(format!("{}/instance/region: {it}", self.0)))
    }

    /// Returns the certificates of this instance.
    pub(super) async fn certificates(&self, http: &Http) -> Result<Certificates, AuthError> {
        Ok(Certificates {
            leaf: self.get(http, "/identity/cert.pem").await?,
            key: self.get(http, "/identity/key.pem").await?.into(),
            intermediate: self.get(http, "/identity/intermediate.pem").await?,
        })
    }

    async fn get(&self, http: &Http, path: &str) -> Result<String, AuthError> {
        let request = http::Request::get(format!("{}{path}", self.0)).header(AUTHORIZATION, "Bearer Oracle");
        let request = request.body(Bytes::new()).map_err(|it| failed(format!("{}: {it}", self.0)))?;
        let hint = "instances of OCI have a metadata service, and nobody else does";
        http.text(request).await.map_err(|it| failed(format!("{} ({hint})", it.source)))
    }
}
