//! Request signatures with the key of any credential provider.

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use async_trait::async_trait;
use bytes::Bytes;
use genai_bench_core::auth::{self, AuthError, AuthProvider, CredentialKind, CredentialSource, Identity};
use genai_bench_core::clock;
use http::HeaderValue;
use zeroize::Zeroizing;

use super::failed;
use super::key::PrivateKey;
use super::signature::{Draft, Host, ON_BEHALF_OF, Unsignable, covers_body};
use crate::auth::body_hash::BodyHash;
use crate::auth::{CredentialCache, CredentialProvider, Secret};

/// A key, and its identifier for OCI.
pub(super) struct SigningKey {
    // The identifier may hold a token.
    id: Zeroizing<String>,
    key: Arc<PrivateKey>,
}

impl SigningKey {
    pub(super) fn new(id: String, key: impl Into<Arc<PrivateKey>>) -> Self {
        Self { id: id.into(), key: key.into() }
    }

    /// Signs `request` as of `date`.
    ///
    /// The computation runs on another thread, since this one may be timestamping bytes that arrive.
    pub(super) async fn sign(
        &self,
        request: &mut http::Request<Bytes>,
        date: SystemTime,
        host: Host,
    ) -> Result<(), Unsignable> {
        let draft = Draft::new(request, date, host)?;
        let key = Arc::clone(&self.key);
        let signing = tokio::task::spawn_blocking(move || (key.sign(&draft.text), draft));
        let (signature, draft) = signing.await.map_err(|it| Unsignable::Key(it.to_string()))?;
        let signature = signature.map_err(|it| Unsignable::Key(it.to_string()))?;
        draft.signed(request, &self.id, &signature)
    }
}

/// The credential that a principal's requests are signed with.
pub(super) struct Credential {
    pub(super) key: SigningKey,
    /// The printable part of the owner's identity.
    pub(super) whose: Option<String>,
    /// The token of the user for whom requests are sent.
    pub(super) on_behalf_of: Option<HeaderValue>,
}

impl Credential {
    pub(super) fn new(id: String, key: impl Into<Arc<PrivateKey>>) -> Self {
        Self { key: SigningKey::new(id, key), whose: None, on_behalf_of: None }
    }

    /// Sets the owner: a user or a tenancy, of whose OCID the end is shown.
    pub(super) fn with_owner(mut self, what: &str, ocid: Option<&str>) -> Self {
        self.whose = ocid.map(|it| format!("{what} {}", Secret::from(it).masked()));
        self
    }
}

/// A provider of signatures: each request is signed at the time it is sent.
pub(super) struct Signer<I: CredentialProvider> {
    keys: CredentialCache<I>,
    identity: Identity,
    clock: fn() -> SystemTime,
}

impl<I: CredentialProvider<Credential = Credential>> Signer<I> {
    /// Creates a signer for a principal of this kind, found at `found`, with the keys of `provider`.
    pub(super) fn new(kind: &'static str, found: String, provider: I) -> Arc<Self> {
        let identity = Identity::new(kind, found);
        Arc::new(Self { keys: CredentialCache::new(provider), identity, clock: clock::wall })
    }
}

#[async_trait]
impl<I: CredentialProvider<Credential = Credential>> AuthProvider for Signer<I> {
    fn prepare(&self, request: &mut http::Request<Bytes>) {
        if covers_body(request) {
            BodyHash::prepare(request);
        }
    }

    async fn authorize(&self, request: &mut http::Request<Bytes>) -> Result<(), AuthError> {
        let issued = self.keys.current().await?;
        let credential = &issued.credential;
        if let Some(token) = &credential.on_behalf_of {
            request.headers_mut().insert(ON_BEHALF_OF, token.clone());
        }
        credential.key.sign(request, (self.clock)(), Host::Signed).await.map_err(failed)
    }

    fn credential(&self) -> auth::Credential {
        auth::Credential::new(CredentialKind::Cloud, CredentialSource::Machine)
    }

    async fn identity(&self) -> Result<Identity, AuthError> {
        let issued = self.keys.current().await?;
        let shown = issued.credential.whose.clone();
        Ok(self.identity.clone().shown_as(shown).until(issued.expires))
    }
}

impl<I: CredentialProvider> fmt::Debug for Signer<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer").field("keys", &self.keys).field("identity", &self.identity).finish()
    }
}
