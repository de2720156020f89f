//! AWS's Signature Version 4.

use std::borrow::Cow;
use std::fmt;
use std::time::SystemTime;

use async_trait::async_trait;
use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use bytes::Bytes;
use genai_bench_core::auth::{AuthError, AuthProvider, Identity};
use genai_bench_core::clock;

use super::Secret;

/// What is changed on the way, or put there by whoever sends.
const UNSIGNED: [&str; 16] = [
    "authorization",
    "baggage",
    "connection",
    "expect",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "traceparent",
    "tracestate",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "x-amzn-trace-id",
];

/// Signs every request for one service in one region, at the time at which it is sent.
///
/// The signature covers the address, the headers and the body. Where keys come from is asked for every request:
/// a provider of AWS's own SDK can stand in for fixed keys.
///
/// ```
/// use genai_bench_backends::auth::SigV4;
///
/// let auth = SigV4::with_keys(&"AKIAEXAMPLE".into(), &"secret".into(), None, "us-east-1", "bedrock");
/// assert!(!format!("{auth:?}").contains("secret"));
/// ```
#[derive(Clone)]
pub struct SigV4 {
    keys: SharedCredentialsProvider,
    region: Cow<'static, str>,
    service: &'static str,
    found: Cow<'static, str>,
    clock: fn() -> SystemTime,
}

impl SigV4 {
    /// The kind of its identity.
    pub const KIND: &'static str = "AWS access key";

    /// Signs with what `keys` provides, such as the chain of AWS's own SDK. It is asked before every request, so
    /// it should remember what it found.
    pub fn new(
        keys: impl ProvideCredentials + 'static,
        region: impl Into<Cow<'static, str>>,
        service: &'static str,
    ) -> Self {
        let keys = SharedCredentialsProvider::new(keys);
        let found = Cow::Borrowed("the program");
        Self { keys, region: region.into(), service, found, clock: clock::wall }
    }

    /// The same, with keys that were found there.
    #[must_use]
    pub fn found(mut self, place: impl Into<Cow<'static, str>>) -> Self {
        self.found = place.into();
        self
    }

    /// Signs with an access key, and with the token of a session where the key belongs to one.
    #[must_use]
    pub fn with_keys(
        id: &Secret,
        secret: &Secret,
        session_token: Option<&Secret>,
        region: impl Into<Cow<'static, str>>,
        service: &'static str,
    ) -> Self {
        let token = session_token.map(|it| it.reveal().to_owned());
        let keys = Credentials::new(id.reveal(), secret.reveal(), token, None, "given");
        Self::new(keys, region, service).found(id.origin().to_string())
    }

    /// The same by another clock than the machine's.
    #[must_use]
    pub fn at(mut self, clock: fn() -> SystemTime) -> Self {
        self.clock = clock;
        self
    }

    async fn keys(&self) -> Result<Credentials, AuthError> {
        let keys = self.keys.provide_credentials().await;
        keys.map_err(|it| AuthError { provider: "AWS", source: Unsignable(shown(&it)).into() })
    }

    fn sign(&self, request: &mut http::Request<Bytes>, keys: Credentials) -> Result<(), Unsignable> {
        // Of an earlier signature.
        for header in ["authorization", "x-amz-date", "x-amz-security-token"] {
            request.headers_mut().remove(header);
        }
        let mut settings = SigningSettings::default();
        settings.excluded_headers = Some(UNSIGNED.map(Cow::Borrowed).to_vec());
        let identity = keys.into();
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name(self.service)
            .time((self.clock)())
            .settings(settings)
            .build()
            .map_err(|it| Unsignable(it.to_string()))?;
        let uri = request.uri().to_string();
        let mut headers = Vec::with_capacity(request.headers().len());
        for (name, value) in request.headers() {
            let text = std::str::from_utf8(value.as_bytes());
            let text = text.map_err(|_| Unsignable(format!("the header {name} is no UTF-8")))?;
            headers.push((name.as_str(), text));
        }
        let body = SignableBody::Bytes(request.body());
        let signable = SignableRequest::new(request.method().as_str(), uri, headers.into_iter(), body);
        let signed = signable.and_then(|it| sign(it, &parameters.into()));
        let (instructions, _) = signed.map_err(|it| Unsignable(shown(&it)))?.into_parts();
        instructions.apply_to_request_http1x(request);
        for header in ["authorization", "x-amz-security-token"] {
            if let Some(value) = request.headers_mut().get_mut(header) {
                value.set_sensitive(true);
            }
        }
        Ok(())
    }
}

/// An error with what caused it, of which AWS's own texts say nothing.
fn shown(error: &dyn std::error::Error) -> String {
    error.source().map_or_else(|| error.to_string(), |it| format!("{error}: {it}"))
}

#[async_trait]
impl AuthProvider for SigV4 {
    async fn authorize(&self, request: &mut http::Request<Bytes>) -> Result<(), AuthError> {
        let keys = self.keys().await?;
        self.sign(request, keys).map_err(|it| AuthError { provider: "AWS", source: it.into() })
    }

    async fn identity(&self) -> Result<Identity, AuthError> {
        let keys = self.keys().await?;
        let shown = Secret::from(keys.access_key_id()).masked();
        Ok(Identity::new(Self::KIND, self.found.clone()).shown_as(shown).until(keys.expiry()))
    }
}

impl fmt::Debug for SigV4 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("SigV4");
        shown.field("region", &self.region).field("service", &self.service).finish_non_exhaustive()
    }
}

/// A request that cannot be signed: why not.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Unsignable(String);

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http::header::AUTHORIZATION;
    use serde_json::Value;

    use super::*;

    /// 2026-11-23T08:00:00Z.
    fn recorded() -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_420_800)
    }

    fn request(case: &Value) -> http::Request<Bytes> {
        let mut request = http::Request::post(case["url"].as_str().unwrap());
        for (name, value) in case["headers"].as_object().unwrap() {
            if !["authorization", "x-amz-date", "x-amz-security-token"].contains(&&**name) {
                request = request.header(name, value.as_str().unwrap());
            }
        }
        request.body(Bytes::from(case["body"].as_str().unwrap().to_owned())).unwrap()
    }

    async fn signed(case: &Value, keys: &Value, request: &mut http::Request<Bytes>) {
        let secret = |value: &Value| Secret::from(value.as_str().unwrap());
        let token = case["session_token"].as_str().map(Secret::from);
        let service = if case["service"] == "bedrock" { "bedrock" } else { "bedrock-mantle" };
        let region = case["region"].as_str().unwrap().to_owned();
        let (id, key) = (secret(&keys["access_key"]), secret(&keys["secret_key"]));
        let auth = SigV4::with_keys(&id, &key, token.as_ref(), region, service).at(recorded);
        auth.authorize(request).await.unwrap();
    }

    #[tokio::test]
    async fn requests_are_signed_as_boto3_signs_them() {
        let recorded: Value =
            serde_json::from_str(include_str!("../../fixtures/bedrock/sigv4.json")).unwrap();
        let mut signatures = 0;
        for case in recorded["cases"].as_array().unwrap().iter().filter(|it| it["service"].is_string()) {
            let mut wire = request(case);
            // What goes out beside: it is no part of the signature.
            wire.headers_mut().insert("user-agent", http::HeaderValue::from_static("genai-bench"));
            // A second signature replaces the first.
            for _ in 0..2 {
                signed(case, &recorded, &mut wire).await;
            }
            for (name, value) in case["headers"].as_object().unwrap() {
                let is = wire.headers()[name].to_str().unwrap();
                assert_eq!(is, value.as_str().unwrap(), "{}: {name}", case["name"]);
            }
            assert!(wire.headers()[AUTHORIZATION].is_sensitive());
            signatures += 1;
        }
        assert_eq!(signatures, 10);
    }

    #[tokio::test]
    async fn a_signature_covers_the_body_and_the_address() {
        let recorded: Value =
            serde_json::from_str(include_str!("../../fixtures/bedrock/sigv4.json")).unwrap();
        let case = &recorded["cases"][0];
        let mut all = std::collections::HashSet::new();
        for (url, body) in
            [("/model/a/converse", "{}"), ("/model/b/converse", "{}"), ("/model/a/converse", "[]")]
        {
            let mut wire = request(case);
            *wire.uri_mut() =
                format!("https://bedrock-runtime.us-east-1.amazonaws.com{url}").parse().unwrap();
            *wire.body_mut() = body.into();
            signed(case, &recorded, &mut wire).await;
            all.insert(wire.headers()[AUTHORIZATION].clone());
        }
        assert_eq!(all.len(), 3);
    }

    #[tokio::test]
    async fn what_cannot_be_signed_says_why() {
        let auth = SigV4::with_keys(&"id".into(), &"key".into(), None, "us-east-1", "bedrock");
        let header = http::HeaderValue::from_bytes(b"\xff").unwrap();
        let mut wire =
            http::Request::post("http://localhost/").header("x-odd", header).body(Bytes::new()).unwrap();
        let error = auth.authorize(&mut wire).await.unwrap_err();
        assert_eq!(error.to_string(), "no credentials from AWS: the header x-odd is no UTF-8");
    }
}
