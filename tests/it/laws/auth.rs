//! Auth providers that reveal their key.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use genai_bench_backends::auth::{ApiKey, Secret};
use genai_bench_core::auth::{Anonymous, AuthError, AuthProvider};
use genai_bench_core::conformance::{AUTH_LAWS, AuthSubject, Outcome};
use http::HeaderValue;
use http::header::AUTHORIZATION;

use super::Saboteur;

const KEY: &str = "sk-secret-123";
const LAW: &str = "keeps_secrets_out_of_debug";

pub(super) const SABOTEURS: &[Saboteur<AuthSubject>] = &[
    Saboteur {
        law: LAW,
        deed: "a provider whose Debug shows its key",
        subject: || subject(Revealing { key: KEY, sensitive: true }),
    },
    Saboteur {
        law: LAW,
        deed: "a provider whose header is not marked as sensitive",
        subject: || subject(Careless(Revealing { key: KEY, sensitive: false })),
    },
    Saboteur { law: LAW, deed: "a provider that adds no credentials", subject: || subject(Anonymous) },
    Saboteur {
        law: LAW,
        deed: "a subject that names no secrets",
        subject: || AuthSubject { secrets: Vec::new(), ..unbroken() },
    },
];

pub(super) fn unbroken() -> AuthSubject {
    subject(ApiKey::bearer(&Secret::from(KEY)).expect("a plain key is a header"))
}

pub(super) fn check(name: &str, subject: &AuthSubject) -> Outcome {
    let (_, check) = AUTH_LAWS.iter().find(|it| it.0 == name).expect("a saboteur names a law that is there");
    check(subject)
}

fn subject(provider: impl AuthProvider) -> AuthSubject {
    AuthSubject { name: "saboteur", provider: Arc::new(provider), secrets: vec![KEY] }
}

#[derive(Debug)]
struct Revealing {
    key: &'static str,
    sensitive: bool,
}

#[async_trait]
impl AuthProvider for Revealing {
    async fn authorize(&self, request: &mut http::Request<Bytes>) -> Result<(), AuthError> {
        let mut value = HeaderValue::from_static(self.key);
        value.set_sensitive(self.sensitive);
        request.headers_mut().insert(AUTHORIZATION, value);
        Ok(())
    }
}

/// A provider whose own `Debug` is safe, but whose header is not marked as sensitive.
struct Careless(Revealing);

impl std::fmt::Debug for Careless {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Careless")
    }
}

#[async_trait]
impl AuthProvider for Careless {
    async fn authorize(&self, request: &mut http::Request<Bytes>) -> Result<(), AuthError> {
        self.0.authorize(request).await
    }
}
