//! Google's access tokens, from any of the credentials that Google's tools use.

mod error_text;
mod file;
mod source;

use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::FutureExt;
use genai_bench_core::auth::{
    AuthError, AuthProvider, Credential, CredentialKind, CredentialSource, Identity,
};
use genai_bench_core::clock;
use google_cloud_auth::credentials::{CacheableResource, Credentials};
use google_cloud_auth::errors::CredentialsError;
use http::{Extensions, HeaderMap, HeaderName, HeaderValue};
use rustls::crypto::{self, CryptoProvider};

use super::background_runtime::BackgroundRuntime;
pub use file::{GoogleFile, InvalidGoogleFile};
use source::Source;

/// The host of the metadata server on Google's machines.
const METADATA_HOST: &str = "metadata.google.internal";
/// The timeout of the metadata server: it is near, or it does not exist.
const NEAR: Duration = Duration::from_secs(10);
/// The timeout of all other sources: longer than the longest one of a program that returns a token.
const FAR: Duration = Duration::from_secs(150);
/// The pause after a refusal before the next request for a token.
const PAUSE: Duration = Duration::from_secs(1);
const WRONG_TIME: &str = "the token had expired on arrival: correct the clock of this machine";
const QUOTA_PROJECT: HeaderName = HeaderName::from_static("x-goog-user-project");

/// Google's access token in every request, fetched by the official crate `google-cloud-auth`.
///
/// That crate caches the token and renews it in the background, four minutes before it expires, or every ten
/// seconds if its lifetime is shorter. A request with an expired token waits for the next one; it waits
/// before its clock starts. Nothing is fetched before the first request.
///
/// Signing and TLS need a cryptography provider of rustls for the whole process. A program without one gets
/// aws-lc-rs when the first token is fetched; to use another one, install it before.
pub struct Google {
    source: Source,
    quota_project: Option<HeaderValue>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The runtime, which outlives the credentials: these may be created anew.
    background: Option<BackgroundRuntime>,
    credentials: Option<Credentials>,
    /// The time and the reason of a final refusal.
    refused: Option<(SystemTime, String)>,
}

impl Google {
    /// The kind of an identity that signs its own tokens with a key.
    pub const SERVICE_ACCOUNT: &'static str = "service account";
    /// The kind of a user who is logged in, such as with gcloud.
    pub const USER_ACCOUNT: &'static str = "user account";
    /// The kind of an identity of another provider.
    pub const WORKLOAD_IDENTITY: &'static str = "workload identity federation";
    /// The kind of an identity that acts as a service account.
    pub const IMPERSONATED: &'static str = "impersonated service account";
    /// The kind of the machine's own identity.
    pub const METADATA_SERVER: &'static str = "metadata server";

    /// Creates a provider with the credentials of a file.
    #[must_use]
    pub fn from_file(file: GoogleFile) -> Self {
        let quota_project = file.quota_project().and_then(|it| HeaderValue::try_from(it).ok());
        Self { source: Source::File(Box::new(file)), quota_project, state: Mutex::default() }
    }

    /// Creates a provider with the identity of the machine, from its metadata server at `host` or at the
    /// address on Google's machines.
    #[must_use]
    pub fn from_metadata_server(host: Option<String>) -> Self {
        let host = host.unwrap_or_else(|| METADATA_HOST.to_owned());
        Self { source: Source::Metadata { host }, quota_project: None, state: Mutex::default() }
    }

    /// Sets the project that is billed in place of the identity's own.
    #[must_use]
    pub fn with_quota_project(mut self, project: HeaderValue) -> Self {
        self.quota_project = Some(project);
        self
    }

    /// Returns the headers for a request that is sent now.
    async fn headers(&self) -> Result<HeaderMap, AuthError> {
        let credentials = self.credentials().map_err(|it| self.failed(&it))?;
        let patience = if matches!(self.source, Source::Metadata { .. }) { NEAR } else { FAR };
        // Where the server's clock differs from this machine's, the renewal task of the crate panics, and
        // with it the requests that wait for it.
        let request = AssertUnwindSafe(credentials.headers(Extensions::new())).catch_unwind();
        let headers = tokio::time::timeout(patience, request).await;
        let headers = headers.map(|it| {
            it.unwrap_or_else(|_| {
                self.forget(WRONG_TIME);
                Err(CredentialsError::from_msg(true, WRONG_TIME))
            })
        });
        let mut headers = match headers {
            Ok(Ok(CacheableResource::New { data, .. })) => data,
            // `NotModified` is only returned for requests with an entity tag.
            Ok(Ok(CacheableResource::NotModified)) => return Err(self.failed("no token was given")),
            Ok(Err(error)) => {
                let why = error_text::describe(&error);
                // Google's crate never retries after such an error.
                if !error.is_transient() {
                    self.forget(&why);
                }
                return Err(self.failed(&why));
            }
            Err(_) => return Err(self.failed(&format!("no token after {} s", patience.as_secs()))),
        };
        if let Some(project) = &self.quota_project {
            headers.insert(QUOTA_PROJECT, project.clone());
        }
        headers.values_mut().for_each(|it| it.set_sensitive(true));
        Ok(headers)
    }

    /// Returns the current credentials, or else new ones, unless they were just refused.
    fn credentials(&self) -> Result<Credentials, String> {
        let mut state = self.state();
        if let Some(credentials) = &state.credentials {
            return Ok(credentials.clone());
        }
        if let Some((at, why)) = &state.refused
            && clock::wall().duration_since(*at).is_ok_and(|ago| ago < PAUSE)
        {
            return Err(why.clone());
        }
        if CryptoProvider::get_default().is_none() {
            // Another task may create them at the same moment, which does no harm.
            drop(crypto::aws_lc_rs::default_provider().install_default());
        }
        let background = match &state.background {
            Some(background) => background,
            None => state
                .background
                .insert(BackgroundRuntime::start().map_err(|it| format!("no thread for it: {it}"))?),
        };
        let credentials = background.build_inside(|| self.source.credentials())?;
        state.credentials = Some(credentials.clone());
        Ok(credentials)
    }

    fn forget(&self, why: &str) {
        let mut state = self.state();
        state.credentials = None;
        state.refused = Some((clock::wall(), why.to_owned()));
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn failed(&self, why: &str) -> AuthError {
        let why = format!("{}: {why}{}", self.source.found(), self.source.hint());
        AuthError { provider: "Google", source: why.into() }
    }
}

#[async_trait]
impl AuthProvider for Google {
    async fn authorize(&self, request: &mut http::Request<Bytes>) -> Result<(), AuthError> {
        let headers = self.headers().await?;
        for (name, value) in &headers {
            request.headers_mut().insert(name, value.clone());
        }
        Ok(())
    }

    fn credential(&self) -> Credential {
        Credential::new(CredentialKind::Cloud, CredentialSource::Machine)
    }

    async fn identity(&self) -> Result<Identity, AuthError> {
        self.headers().await?;
        Ok(self.source.identity())
    }
}

impl fmt::Debug for Google {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Google").field("source", &self.source).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
