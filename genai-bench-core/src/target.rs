//! What is benchmarked: a backend, who we are to it, and the way there.

use std::sync::Arc;

use bytes::Bytes;

use crate::auth::{Anonymous, AuthProvider};
use crate::backend::{Backend, Unsupported};
use crate::request::Request;
use crate::transport::Transport;

/// A server to benchmark.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Target {
    /// How it is spoken to.
    pub backend: Arc<dyn Backend>,
    /// Who we are.
    pub auth: Arc<dyn AuthProvider>,
    /// The way there.
    pub transport: Arc<dyn Transport>,
}

impl Target {
    /// A server that asks for no credentials.
    #[must_use]
    pub fn new(backend: Arc<dyn Backend>, transport: Arc<dyn Transport>) -> Self {
        Self { backend, auth: Arc::new(Anonymous), transport }
    }

    /// Encodes `request`, and computes what credentials depend on.
    pub(crate) fn encode(&self, request: &Request) -> Result<http::Request<Bytes>, Unsupported> {
        let mut wire = self.backend.encode(request)?;
        self.auth.prepare(&mut wire);
        Ok(wire)
    }

    /// The same server, with credentials.
    #[must_use]
    pub fn with_auth(mut self, auth: Arc<dyn AuthProvider>) -> Self {
        self.auth = auth;
        self
    }
}
