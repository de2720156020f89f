//! Credentials, applied outside the timed span.

use std::borrow::Cow;
use std::fmt;
use std::time::SystemTime;

use async_trait::async_trait;
use bytes::Bytes;

/// Adds credentials to a request.
///
/// The harness awaits this before the clock of the request starts, so that refreshing a token or signing a
/// body is never measured.
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
    /// extensions for [`authorize`](Self::authorize). It runs on the thread that draws requests, never on the one
    /// that stamps bytes, and may run long before the request is sent. Does nothing by default.
    fn prepare(&self, request: &mut http::Request<Bytes>) {
        let _ = request;
    }

    /// Authorizes `request` in place.
    ///
    /// # Errors
    ///
    /// When there are no credentials to be had; the request then counts as not sent.
    async fn authorize(&self, request: &mut http::Request<Bytes>) -> Result<(), AuthError>;

    /// Returns what requests carry, as far as it is known before anything is fetched: it decides over which connections
    /// they may go. By default a key that was given for this run.
    fn credential(&self) -> Credential {
        Credential::default()
    }

    /// Finds out who requests will come from, which gets the credentials where they have to be fetched.
    ///
    /// # Errors
    ///
    /// When there are no credentials to be had.
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
    /// No credential at all.
    pub const NONE: Self = Self { kind: CredentialKind::None, source: CredentialSource::Given };

    /// A credential of this kind from there.
    #[must_use]
    pub const fn new(kind: CredentialKind, source: CredentialSource) -> Self {
        Self { kind, source }
    }
}

/// The harm that a stolen credential does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum CredentialKind {
    /// There is none.
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
    /// It was given for this run.
    #[default]
    Given,
    /// The environment variable of this name.
    Variable(&'static str),
    /// The files and services of the machine, such as a metadata server.
    Machine,
}

/// Who requests come from, in words that hold no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Identity {
    /// The kind of credential, such as `API key`.
    pub kind: &'static str,
    /// Where it was found, such as the name of an option, a variable or a file.
    pub found: Cow<'static, str>,
    /// As much of it as tells it from others: an account, or a key of which most is stars.
    pub shown: Option<String>,
    /// Until when it is valid, where that is known.
    pub expires: Option<SystemTime>,
}

impl Identity {
    /// A credential of this kind that was found there.
    pub fn new(kind: &'static str, found: impl Into<Cow<'static, str>>) -> Self {
        Self { kind, found: found.into(), shown: None, expires: None }
    }

    /// With what tells it from others, which must hold no secret.
    #[must_use]
    pub fn shown_as(mut self, shown: impl Into<Option<String>>) -> Self {
        self.shown = shown.into();
        self
    }

    /// Valid until then.
    #[must_use]
    pub fn until(mut self, expires: Option<SystemTime>) -> Self {
        self.expires = expires;
        self
    }
}

impl Default for Identity {
    /// Of a provider that says nothing of itself.
    fn default() -> Self {
        Self::new("credentials of the program", "the program")
    }
}

/// Credentials could not be had.
#[derive(Debug, thiserror::Error)]
#[error("no credentials from {provider}: {source}")]
pub struct AuthError {
    /// Who was asked.
    pub provider: &'static str,
    /// Why not. Its text must not contain a secret.
    #[source]
    pub source: Box<dyn std::error::Error + Send + Sync>,
}

/// No credentials at all.
#[derive(Clone, Copy, Debug, Default)]
pub struct Anonymous;

impl Anonymous {
    /// The kind of its identity.
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
