//! The chain of token sources, which uses the first source that returns a token from then on.

use std::error::Error;
use std::iter::successors;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use azure_core::http::HttpClient;
use genai_bench_core::auth::{AuthError, Identity};
use http::HeaderValue;

use super::client::Client;
use super::configured_source::ConfiguredSource;
use super::credential_source::EntraSource;
use crate::auth::{CredentialProvider, Environment, Expiring};

/// The timeout of a source, including all retries of Azure's library.
const PATIENCE: Duration = Duration::from_secs(30);

/// The sources of tokens, in order.
#[derive(Debug)]
pub(super) struct SourceChain {
    candidates: Vec<Candidate>,
    scope: String,
    advice: &'static str,
    /// The source of the first token: all further tokens are for the same identity.
    chosen: OnceLock<usize>,
}

/// A source to try.
#[derive(Debug)]
pub(crate) struct Candidate {
    place: EntraSource,
    source: Result<ConfiguredSource, String>,
    /// The client, created once: reading the machine's certificates takes a while, and tokens are renewed
    /// while requests are sent.
    pub(super) client: OnceLock<Arc<Client>>,
}

/// A token in the form of its header, and its identity.
pub(super) struct Bearer {
    /// Marked as sensitive.
    pub(super) value: HeaderValue,
    pub(super) identity: Identity,
}

impl Candidate {
    /// Creates the source with the settings of `environment`.
    pub(crate) fn new(place: EntraSource, environment: &Environment) -> Self {
        Self { place, source: place.source(environment), client: OnceLock::new() }
    }

    /// Returns the setting that the source lacks, if it lacks one.
    pub(crate) fn missing(&self) -> Option<&str> {
        self.source.as_ref().err().map(String::as_str)
    }

    fn client(&self, source: &ConfiguredSource) -> Result<Arc<dyn HttpClient>, String> {
        if let Some(made) = self.client.get() {
            return Ok(Arc::clone(made) as _);
        }
        let made = Client::new(source.is_next_door()).map_err(|it| cause(&it))?;
        Ok(Arc::clone(self.client.get_or_init(|| Arc::new(made))) as _)
    }

    async fn token(&self, scope: &str) -> Result<Expiring<Bearer>, String> {
        let source = self.source.as_ref().map_err(Clone::clone)?;
        let client = self.client(source)?;
        let request = async { source.credential(client)?.get_token(&[scope], None).await };
        let token = match tokio::time::timeout(PATIENCE, request).await {
            Ok(Ok(token)) => token,
            Ok(Err(error)) => return Err(without(source.secret(), cause(&error))),
            Err(_) => return Err(format!("no answer within {} s", PATIENCE.as_secs())),
        };
        let value = HeaderValue::try_from(format!("Bearer {}", token.token.secret()));
        let mut value = value.map_err(|_| "the token has a character that no header can carry".to_owned())?;
        value.set_sensitive(true);
        Ok(Expiring::new(Bearer { value, identity: source.identity() }, Some(token.expires_on.into())))
    }
}

impl SourceChain {
    pub(super) fn new(candidates: Vec<Candidate>, scope: &str, advice: &'static str) -> Self {
        Self { candidates, scope: scope.to_owned(), advice, chosen: OnceLock::new() }
    }

    async fn first_token(&self) -> Result<Expiring<Bearer>, AuthError> {
        let mut failures = Vec::new();
        for (index, candidate) in self.candidates.iter().enumerate() {
            match candidate.token(&self.scope).await {
                Ok(token) => {
                    // No other task sets it: calls are serialized.
                    self.chosen.get_or_init(|| index);
                    return Ok(token);
                }
                Err(why) => failures.push(format!("{}: {why}", candidate.place.kind())),
            }
            if candidate.source.as_ref().is_ok_and(ConfiguredSource::is_meant) {
                return Err(refused(failures.join("; ")));
            }
        }
        Err(refused(format!("{}{}", failures.join("; "), self.advice)))
    }
}

#[async_trait]
impl CredentialProvider for SourceChain {
    type Credential = Bearer;

    async fn fetch(&self) -> Result<Expiring<Bearer>, AuthError> {
        let Some(chosen) = self.chosen.get().and_then(|it| self.candidates.get(*it)) else {
            return self.first_token().await;
        };
        let token = chosen.token(&self.scope).await;
        token.map_err(|why| refused(format!("{}: {why}", chosen.place.kind())))
    }
}

fn refused(why: String) -> AuthError {
    AuthError { provider: "Entra ID", source: why.into() }
}

/// Returns the cause of an error in one line, without the texts around it, which name types of Azure's
/// library.
fn cause(error: &(dyn Error + 'static)) -> String {
    let causes: Vec<_> = successors(Some(error), |it| (*it).source()).collect();
    let host =
        |it: &(dyn Error + 'static)| Some(it.downcast_ref::<reqwest::Error>()?.url()?.host_str()?.to_owned());
    let text = match (causes.iter().find_map(|it| host(*it)), &causes[..]) {
        (Some(host), [.., last]) => format!("cannot ask {host}: {last}"),
        // An error of the system does not name its file.
        (None, [.., about, last]) if last.is::<std::io::Error>() => format!("{about}: {last}"),
        (_, [.., last]) => last.to_string(),
        (_, []) => String::new(),
    };
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Removes `secret` from a text in which a server may have repeated it.
fn without(secret: Option<&str>, text: String) -> String {
    match secret {
        Some(secret) => text.replace(secret, "***"),
        None => text,
    }
}
