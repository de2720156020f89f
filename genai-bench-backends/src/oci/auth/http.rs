//! The HTTP client for credentials. Its requests are not part of the measurement.

use std::time::Duration;

use bytes::Bytes;
use genai_bench_core::auth::AuthError;
use http::header::CONTENT_TYPE;
use serde_json::Value;

use super::{failed, wrong};
use crate::entry::SettingsError;
use crate::transport::chain;

/// The timeout of a connection attempt, that of Oracle's SDKs.
const CONNECT: Duration = Duration::from_secs(10);
const WHOLE: Duration = Duration::from_secs(60);

/// An HTTP client for token services: follows no redirect and uses no proxy.
#[derive(Clone, Debug)]
pub(super) struct Http(reqwest::Client);

impl Http {
    /// Creates a client that trusts the system's certificate authorities. Reading them is slow.
    pub(super) fn new() -> Result<Self, SettingsError> {
        builder().build().map(Self).map_err(|it| wrong("auth", unprepared(&it)))
    }

    /// Creates a client that trusts only `authorities`, in PEM form.
    pub(super) fn trusting(authorities: &str) -> Result<Self, AuthError> {
        let authorities = reqwest::Certificate::from_pem_bundle(authorities.as_bytes());
        let authorities = authorities.map_err(|it| failed(format!("no certificates: {}", chain(&it))))?;
        let client = builder().tls_certs_only(authorities).build();
        client.map(Self).map_err(|it| failed(unprepared(&it)))
    }

    /// Returns the text of the response to `request`.
    pub(super) async fn text(&self, request: http::Request<Bytes>) -> Result<String, AuthError> {
        let what = format!("{} {}", request.method(), request.uri());
        let request = reqwest::Request::try_from(request).map_err(|it| failed_request(&what, &it))?;
        let answer = self.0.execute(request).await.map_err(|it| failed_request(&what, &it))?;
        let status = answer.status();
        let text = answer.text().await.map_err(|it| failed_request(&what, &it))?;
        if status.is_success() {
            return Ok(text);
        }
        Err(failed(format!("{what}: {status}{}", explanation(&text))))
    }

    /// Returns the token in the JSON response to `request`.
    pub(super) async fn token(&self, request: http::Request<Bytes>) -> Result<String, AuthError> {
        let what = format!("{} {}", request.method(), request.uri());
        let answer: Option<Value> = serde_json::from_str(&self.text(request).await?).ok();
        let token = answer.as_ref().and_then(|it| it.get("token")?.as_str());
        token.map(str::to_owned).ok_or_else(|| failed(format!("{what}: the response contains no token")))
    }
}

/// Creates a request that posts JSON.
pub(super) fn post(url: &str, body: &Value) -> Result<http::Request<Bytes>, AuthError> {
    let request = http::Request::post(url).header(CONTENT_TYPE, "application/json");
    request.body(Bytes::from(body.to_string())).map_err(|it| failed(format!("{url}: {it}")))
}

fn builder() -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .user_agent(concat!("genai-bench/", env!("CARGO_PKG_VERSION")))
        .http1_only()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .connect_timeout(CONNECT)
        .timeout(WHOLE)
}

fn failed_request(what: &str, error: &reqwest::Error) -> AuthError {
    failed(format!("{what}: {}", chain(error)))
}

fn unprepared(error: &reqwest::Error) -> String {
    format!("TLS cannot be set up: {}", chain(error))
}

/// Returns the explanation in the body of an unsuccessful response: `{"code": …, "message": …}`.
fn explanation(text: &str) -> String {
    let body: Value = serde_json::from_str(text).unwrap_or_default();
    let parts = ["code", "message"].into_iter().filter_map(|name| body.get(name)?.as_str());
    parts.map(|part| format!(", {part}")).collect()
}
