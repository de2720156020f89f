//! Credentials, applied outside the timed span.

use std::borrow::Cow;
use std::fmt;
use std::time::SystemTime;

use async_trait::async_trait;
use bytes::Bytes;

/// A source of credentials that authorizes requests.
///
/// The harness awaits [`authorize`](Self::authorize) before the clock of the request starts, so that the time to
/// refresh a token or to sign a body is never measured.
///
/// ```
/// use async_trait::async_trait;
/// use bytes::Bytes;
/// use genai_bench_core::auth::{AuthError, AuthProvider};
///
/// #[derive(Debug)]
/// struct Tenant(&'static str);
///
/// #[async_trait]
/// impl AuthProvider for Tenant {
///     async fn authorize(&self, request: &mut http::Request<Bytes>) -> Result<(), AuthError> {
///         request.headers_mut().insert("x-tenant", http::HeaderValue::from_static(self.0));
///         Ok(())
///     }
/// }
/// ```
#[async_trait]
pub trait AuthProvider: fmt::Debug + Send + Sync + 'static {
    /// Computes what depends on the request alone, such as the hash of its body, and leaves it in the request's
    /// extensions for [`authorize`](Self::authorize). It runs on the thread that samples requests, never on the one
    /// that timestamps chunks, and may run long before the request is sent. Does nothing by default.
    fn prepare(&self, request: &mut http::Request<Bytes>) {
        let _ = request;
    }

    /// Authorizes `request` in place.
    ///
    /// # Errors
    ///
    /// When no credentials are available; the request then counts as not sent.
    async fn authorize(&self, request: &mut http::Request<Bytes>) -> Result<(), AuthError>;

    /// Returns the kind and source of the credential, as far as they are known before anything is fetched: they
    /// decide which connections are allowed. By default a key that was given for this run.
    fn credential(&self) -> Credential {
        Credential::default()
    }

    /// Returns the identity that requests are sent under. Credentials that have to be fetched are fetched for it.
    ///
    /// # Errors
    ///
    /// When no credentials are available.
    async fn identity(&self) -> Result<Identity, AuthError> {
        Ok(Identity::default())
    }
}

/// The kind of a credential and where it comes from, without the credential itself.
///
/// ```
/// use genai_bench_core::auth::{Credential, CredentialKind, CredentialSource};
///
/// let key = Credential::new(CredentialKind::Key, CredentialSource::Variable("ACME_API_KEY"));
/// assert_ne!(key, Credential::default());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Credential {
    /// The kind.
    pub kind: CredentialKind,
    /// The place where it was found.
    pub source: CredentialSource,
}

impl Credential {
    /// The absence of a credential.
    pub const NONE: Self = Self { kind: CredentialKind::None, source: CredentialSource::Given };

    /// Creates the description of a credential of this kind from this source.
    #[must_use]
    pub const fn new(kind: CredentialKind, source: CredentialSource) -> Self {
        Self { kind, source }
    }
}

/// The kind of a credential, by the damage that its theft would do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum CredentialKind {
    /// No credential.
    None,
    /// A key or a header of one service.
    #[default]
    Key,
    /// A token or a signature of a cloud, which may open more than the service that is measured.
    Cloud,
}

/// The place where a credential was found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum CredentialSource {
    /// Given for this run.
    #[default]
    Given,
    /// An environment variable of this name.
    Variable(&'static str),
    /// The files and services of the machine, such as a metadata server.
    Machine,
}

/// The identity that requests are sent under, as text without secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Identity {
    /// The kind of credential, such as `API key`.
    pub kind: &'static str,
    /// The source, such as the name of an option, a variable or a file.
    pub found: Cow<'static, str>,
    /// The part that distinguishes it from others: an account, or a key that is mostly masked.
    pub shown: Option<String>,
    /// The end of its validity, if it is known.
    pub expires: Option<SystemTime>,
}

impl Identity {
    /// Creates an identity from a credential of this kind and the place where it was found.
    pub fn new(kind: &'static str, found: impl Into<Cow<'static, str>>) -> Self {
        Self { kind, found: found.into(), shown: None, expires: None }
    }

    /// Sets the part that distinguishes it from others, which must hold no secret.
    #[must_use]
    pub fn shown_as(mut self, shown: impl Into<Option<String>>) -> Self {
        self.shown = shown.into();
        self
    }

    /// Sets the end of its validity.
    #[must_use]
    pub fn until(mut self, expires: Option<SystemTime>) -> Self {
        self.expires = expires;
        self
    }
}

impl Default for Identity {
    /// Returns the identity of a provider that does not report one.
    fn default() -> Self {
        Self::new("credentials of the program", "the program")
    }
}

/// A failure to get credentials.
#[derive(Debug, thiserror::Error)]
#[error("no credentials from {provider}: {source}")]
pub struct AuthError {
    /// The provider of credentials that failed.
    pub provider: &'static str,
    /// The cause. Its text must not contain a secret.
    #[source]
    pub source: Box<dyn std::error::Error + Send + Sync>,
}

/// A provider that adds no credentials.
#[derive(Clone, Copy, Debug, Default)]
pub struct Anonymous;

impl Anonymous {
    /// The [`kind`](Identity::kind) of its identity.
    pub const KIND: &'static str = "none";
}

#[async_trait]
impl AuthProvider for Anonymous {
    async fn authorize(&self, _: &mut http::Request<Bytes>) -> Result<(), AuthError> {
        Ok(())
    }

    fn credential(&self) -> Credential {
        Credential::NONE
    }

    async fn identity(&self) -> Result<Identity, AuthError> {
        Ok(Identity::new(Self::KIND, "nothing was given"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provider_is_an_object_and_its_future_can_move() {
        fn movable<T: Send>(_: T) {}
        fn check(auth: &dyn AuthProvider, request: &mut http::Request<Bytes>) {
            movable(auth.authorize(request));
            movable(auth.identity());
        }
        let _ = check;
    }
}
