//! Traits forwarded through [`Arc`], so that shared objects are accepted wherever owned ones are.
//!
//! Each method is forwarded by hand: a method with a default that is not forwarded would silently lose its meaning.
#![deny(clippy::missing_trait_methods)]

use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;

use crate::auth::{AuthError, AuthProvider, Credential, Identity};
use crate::backend::{Backend, Decoder, Unsupported};
use crate::failure::Failure;
use crate::request::{Request, Session, SessionSpec};
use crate::rng::Rng;
use crate::sampler::{SampleError, Sampler};
use crate::tokenizer::{TokenizeError, Tokenizer};
use crate::transport::{Answer, Transport, TransportError};
use crate::units::Tokens;

/// The future of a method of an object.
type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

impl<B: Backend + ?Sized> Backend for Arc<B> {
    fn name(&self) -> &str {
        (**self).name()
    }

    fn encode(&self, request: &Request) -> Result<http::Request<Bytes>, Unsupported> {
        (**self).encode(request)
    }

    fn sends_tools(&self) -> bool {
        (**self).sends_tools()
    }

    fn decoder(&self, request: &Request, head: &http::response::Parts) -> Box<dyn Decoder> {
        (**self).decoder(request, head)
    }

    fn failure(&self, head: &http::response::Parts, body: &[u8]) -> Failure {
        (**self).failure(head, body)
    }
}

impl<T: Transport + ?Sized> Transport for Arc<T> {
    // Written out, where `async_trait` would put a second box around the future of each request.
    fn send<'life, 'future>(
        &'life self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'future, Result<Answer, TransportError>>
    where
        'life: 'future,
        Self: 'future,
    {
        (**self).send(request)
    }
}

impl<A: AuthProvider + ?Sized> AuthProvider for Arc<A> {
    fn prepare(&self, request: &mut http::Request<Bytes>) {
        (**self).prepare(request);
    }

    fn authorize<'life, 'request, 'future>(
        &'life self,
        request: &'request mut http::Request<Bytes>,
    ) -> BoxFuture<'future, Result<(), AuthError>>
    where
        'life: 'future,
        'request: 'future,
        Self: 'future,
    {
        (**self).authorize(request)
    }

    fn credential(&self) -> Credential {
        (**self).credential()
    }

    fn identity<'life, 'future>(&'life self) -> BoxFuture<'future, Result<Identity, AuthError>>
    where
        'life: 'future,
        Self: 'future,
    {
        (**self).identity()
    }
}

impl<S: Sampler + ?Sized> Sampler for Arc<S> {
    fn sample(&self, wanted: &SessionSpec, rng: &mut Rng) -> Result<Session, SampleError> {
        (**self).sample(wanted, rng)
    }

    fn sessions(&self) -> Option<u64> {
        (**self).sessions()
    }
}

impl<T: Tokenizer + ?Sized> Tokenizer for Arc<T> {
    fn name(&self) -> &str {
        (**self).name()
    }

    fn fingerprint(&self) -> String {
        (**self).fingerprint()
    }

    fn encode(&self, text: &str) -> Result<Vec<u32>, TokenizeError> {
        (**self).encode(text)
    }

    fn decode(&self, ids: &[u32]) -> Result<String, TokenizeError> {
        (**self).decode(ids)
    }

    fn words(&self) -> Vec<String> {
        (**self).words()
    }

    fn added_tokens(&self) -> Tokens {
        (**self).added_tokens()
    }

    fn is_estimate(&self) -> bool {
        (**self).is_estimate()
    }

    fn count(&self, text: &str) -> Result<Tokens, TokenizeError> {
        (**self).count(text)
    }
}
