//! The server to benchmark: a backend, credentials and a transport.

use std::sync::Arc;

use bytes::Bytes;

use crate::auth::{Anonymous, AuthProvider};
use crate::backend::{Backend, Unsupported};
use crate::request::Request;
use crate::transport::Transport;
use crate::units::Tokens;

/// A server to benchmark.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Target {
    /// The wire format of the server.
    pub backend: Arc<dyn Backend>,
    /// The source of credentials.
    pub auth: Arc<dyn AuthProvider>,
    /// The HTTP client.
    pub transport: Arc<dyn Transport>,
    /// The maximum number of output tokens that the fields of the backend request every time, in place of the
    /// request's own.
    pub output_limit: Option<Tokens>,
}

impl Target {
    /// Creates a target without credentials. Both can be owned or in an [`Arc`].
    #[must_use]
    pub fn new(backend: impl Backend, transport: impl Transport) -> Self {
        Self {
            backend: Arc::new(backend),
            auth: Arc::new(Anonymous),
            transport: Arc::new(transport),
            output_limit: None,
        }
    }

    /// Encodes `request` and prepares it for authorization.
    pub(crate) fn encode(&self, request: &Request) -> Result<http::Request<Bytes>, Unsupported> {
        if request.uses_tools() && !self.backend.sends_tools() {
            return Err(Unsupported::new(self.backend.name(), "definitions, calls or results of tools"));
        }
        let mut wire = self.backend.encode(request)?;
        self.auth.prepare(&mut wire);
        Ok(wire)
    }

    /// Sets the maximum number of output tokens that the backend requests regardless of the request: answers are
    /// checked against it.
    #[must_use]
    pub fn with_output_limit(mut self, limit: Option<Tokens>) -> Self {
        self.output_limit = limit;
        self
    }

    /// Sets the credentials of requests.
    #[must_use]
    pub fn with_auth(mut self, auth: impl AuthProvider) -> Self {
        self.auth = Arc::new(auth);
        self
    }
}
