//! Credentials, applied outside the timed span.

use std::fmt;

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
    /// Authorizes `request` in place.
    ///
    /// # Errors
    ///
    /// When there are no credentials to be had; the request then counts as not sent.
    async fn authorize(&self, request: &mut http::Request<Bytes>) -> Result<(), AuthError>;
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

#[async_trait]
impl AuthProvider for Anonymous {
    async fn authorize(&self, _: &mut http::Request<Bytes>) -> Result<(), AuthError> {
        Ok(())
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
        }
        let _ = check;
    }
}
