//! AWS's Signature Version 4.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use async_trait::async_trait;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use bytes::Bytes;
use genai_bench_core::auth::{
    AuthError, AuthProvider, Credential, CredentialKind, CredentialSource, Identity,
};
use genai_bench_core::clock;

use super::{AwsChain, AwsKeys, with_causes};
use crate::auth::body_hash::BodyHash;
use crate::auth::{CredentialCache, Expiring, Secret};

/// The headers that change on the way, or that the HTTP client sets.
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

/// A signer of every request for one service in one region, with the time at which it is sent.
///
/// The signature covers the URL, the headers and the body.
///
/// ```
/// use genai_bench_backends::auth::SigV4;
///
/// let auth = SigV4::with_keys(&"AKIAEXAMPLE".into(), &"secret".into(), None, "us-east-1", "bedrock");
/// assert!(!format!("{auth:?}").contains("secret"));
/// ```
#[derive(Clone)]
pub struct SigV4 {
    keys: Keys,
    region: Cow<'static, str>,
    service: &'static str,
    clock: fn() -> SystemTime,
    source: CredentialSource,
}

#[derive(Clone)]
enum Keys {
    Given(Arc<Expiring<AwsKeys>>),
    CredentialCache(Arc<CredentialCache<AwsChain>>),
}

impl SigV4 {
    /// The kind of the identity, unless an [`AwsChain`] finds another.
    pub const KIND: &'static str = "AWS access key";

    /// Creates a signer with an access key, and with a session token if the key belongs to a session.
    #[must_use]
    pub fn with_keys(
        id: &Secret,
        secret: &Secret,
        session_token: Option<&Secret>,
        region: impl Into<Cow<'static, str>>,
        service: &'static str,
    ) -> Self {
        let keys = Expiring::new(AwsKeys::given(id, secret, session_token), None);
        Self::new(Keys::Given(Arc::new(keys)), region.into(), service, secret.origin().into())
    }

    /// Creates a signer with the keys of a chain, which are renewed before they expire.
    #[must_use]
    pub fn with_chain(chain: AwsChain, region: impl Into<Cow<'static, str>>, service: &'static str) -> Self {
        let keys = Keys::CredentialCache(Arc::new(CredentialCache::new(chain)));
        Self::new(keys, region.into(), service, CredentialSource::Machine)
    }

    fn new(keys: Keys, region: Cow<'static, str>, service: &'static str, source: CredentialSource) -> Self {
        Self { keys, region, service, clock: clock::wall, source }
    }

    /// Sets another clock than the machine's.
    #[must_use]
    pub fn at(mut self, clock: fn() -> SystemTime) -> Self {
        self.clock = clock;
        self
    }

    async fn keys(&self) -> Result<Arc<Expiring<AwsKeys>>, AuthError> {
        match &self.keys {
            Keys::Given(keys) => Ok(Arc::clone(keys)),
            Keys::CredentialCache(keys) => keys.current().await,
        }
    }

    fn sign(&self, request: &mut http::Request<Bytes>, keys: &AwsKeys) -> Result<(), Unsignable> {
        // The headers of an earlier signature.
        for header in ["authorization", "x-amz-date", "x-amz-security-token"] {
            request.headers_mut().remove(header);
        }
        let mut settings = SigningSettings::default();
        settings.excluded_headers = Some(UNSIGNED.map(Cow::Borrowed).to_vec());
        let identity = keys.credentials.clone().into();
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
        let body = SignableBody::Precomputed(hex(BodyHash::sha256_of(request)));
        let signable = SignableRequest::new(request.method().as_str(), uri, headers.into_iter(), body);
        let signed = signable.and_then(|it| sign(it, &parameters.into()));
        let (instructions, _) = signed.map_err(|it| Unsignable(with_causes(&it)))?.into_parts();
        instructions.apply_to_request_http1x(request);
        for header in ["authorization", "x-amz-security-token"] {
            if let Some(value) = request.headers_mut().get_mut(header) {
                value.set_sensitive(true);
            }
        }
        Ok(())
    }
}

#[async_trait]
impl AuthProvider for SigV4 {
    fn prepare(&self, request: &mut http::Request<Bytes>) {
        BodyHash::prepare(request);
    }

    async fn authorize(&self, request: &mut http::Request<Bytes>) -> Result<(), AuthError> {
        let keys = self.keys().await?;
        let signed = self.sign(request, &keys.credential);
        signed.map_err(|it| AuthError { provider: "AWS", source: it.into() })
    }

    fn credential(&self) -> Credential {
        Credential::new(CredentialKind::Cloud, self.source)
    }

    async fn identity(&self) -> Result<Identity, AuthError> {
        Ok(self.keys().await?.credential.identity())
    }
}

fn hex(hash: [u8; 32]) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl fmt::Debug for SigV4 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("SigV4");
        shown.field("region", &self.region).field("service", &self.service).finish_non_exhaustive()
    }
}

/// The reason for which a request cannot be signed.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Unsignable(String);

#[cfg(test)]
mod tests;
