//! The HTTP client of token sources.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use azure_core::error::{Error, ErrorKind};
use azure_core::http::{AsyncRawResponse, HttpClient, RawResponse, Request, StatusCode};
use serde_json::Value;

/// The timeout of connecting to a server: a local one accepts at once, or never.
const CONNECT: Duration = Duration::from_secs(20);
const CONNECT_NEXT_DOOR: Duration = Duration::from_secs(1);

/// An HTTP client for servers on the internet, through the proxy of the environment, or for a local server.
/// It tells final errors from those worth a retry.
///
/// Azure's library retries a missing metadata server for more than a minute. And it cannot read the reason
/// of a refusal of Entra ID that has a line break: it borrows from text that has to be unescaped.
#[derive(Debug)]
pub(super) struct Client {
    pub(super) inner: Arc<dyn HttpClient>,
    pub(super) is_next_door: bool,
}

impl Client {
    /// Creates a client with the settings of Azure's library, which would panic where this fails.
    ///
    /// # Errors
    ///
    /// Returns an error if TLS is not available, such as on a machine without certificates.
    pub(super) fn new(is_next_door: bool) -> reqwest::Result<Self> {
        let builder = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
        let builder = match is_next_door {
            true => builder.no_proxy().connect_timeout(CONNECT_NEXT_DOOR),
            false => builder.connect_timeout(CONNECT),
        };
        Ok(Self { inner: Arc::new(builder.build()?), is_next_door })
    }
}

#[async_trait]
impl HttpClient for Client {
    async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
        let host = request.url().host_str().unwrap_or_default();
        let answer = self.inner.execute_request(request).await.map_err(|it| match it.kind() {
            ErrorKind::Connection if self.is_next_door => is_final(format!("nothing answers at {host}")),
            _ => it,
        })?;
        if !answer.status().is_client_error() {
            return Ok(answer);
        }
        let answer = answer.try_into_raw_response().await?;
        match why_not(&answer, host) {
            Some(why) => Err(is_final(why)),
            None => {
                let (status, headers, body) = answer.deconstruct();
                Ok(AsyncRawResponse::from_bytes(status, headers, body))
            }
        }
    }
}

/// Returns an error of a kind that is not retried.
fn is_final(why: String) -> Error {
    Error::with_message(ErrorKind::Other, why)
}

/// Returns the reason for which there will be no token, unless a retry may succeed.
fn why_not(answer: &RawResponse, host: &str) -> Option<String> {
    let Ok(body) = serde_json::from_slice::<Value>(answer.body()) else {
        let is_late = matches!(answer.status(), StatusCode::RequestTimeout | StatusCode::TooManyRequests);
        return (!is_late)
            .then(|| format!("what answers at {host} is not of Azure (HTTP {})", answer.status()));
    };
    let is_no =
        matches!(answer.status(), StatusCode::BadRequest | StatusCode::Unauthorized | StatusCode::Forbidden);
    let description = body["error_description"].as_str().or_else(|| body["error"].as_str());
    description.filter(|_| is_no).map(str::to_owned)
}
