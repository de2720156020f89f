//! A builder of hub clients.

use std::path::PathBuf;
use std::time::Duration;

use http::HeaderValue;
use url::Url;
use zeroize::Zeroizing;

use super::client::Client;
use super::environment;
use super::{Hub, HubError};
use crate::auth::provider_hosts::Provider;
use crate::auth::{Origin, Secret};
use crate::entry::exposure;

/// A builder of a [`Hub`].
///
/// ```
/// use genai_bench_backends::hub::HubBuilder;
///
/// let hub = HubBuilder::new("/var/cache/hub").endpoint("https://hub.example").token("hf_123").offline(true).build()?;
/// assert!(!format!("{hub:?}").contains("hf_123"));
/// # Ok::<(), genai_bench_backends::hub::HubError>(())
/// ```
#[derive(Clone)]
pub struct HubBuilder {
    cache: PathBuf,
    // May hold a password until it has been checked.
    endpoint: Secret,
    token: Option<Secret>,
    is_offline: bool,
    retries: u32,
    back_off: Duration,
}

impl std::fmt::Debug for HubBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HubBuilder")
            .field("cache", &self.cache)
            .field("is_offline", &self.is_offline)
            .finish_non_exhaustive()
    }
}

impl HubBuilder {
    /// Creates a builder for <https://huggingface.co> without a token, with the cache folder `cache`.
    /// Python's `huggingface_hub` has its own in `~/.cache/huggingface/hub`.
    #[must_use]
    pub fn new(cache: impl Into<PathBuf>) -> Self {
        Self {
            cache: cache.into(),
            endpoint: "https://huggingface.co".into(),
            token: None,
            is_offline: false,
            retries: 4,
            back_off: Duration::from_millis(500),
        }
    }

    /// Creates a builder from the environment: `HF_TOKEN` or the file `HF_TOKEN_PATH` (`$HF_HOME/token` by
    /// default), `HF_ENDPOINT`, `HF_HUB_CACHE` (`$HF_HOME/hub` by default), `HF_HOME`
    /// (`$XDG_CACHE_HOME/huggingface` or `~/.cache/huggingface` by default) and `HF_HUB_OFFLINE`.
    ///
    /// # Errors
    ///
    /// Returns an error if there is neither a home folder nor a variable with the cache folder, or if the
    /// token file cannot be read.
    pub fn from_env() -> Result<Self, HubError> {
        environment::read(&|name| std::env::var_os(name), std::env::home_dir().as_deref())
    }

    /// Sets the cache folder.
    #[must_use]
    pub fn cache(mut self, folder: impl Into<PathBuf>) -> Self {
        self.cache = folder.into();
        self
    }

    /// Removes the token, whatever the environment has.
    #[must_use]
    pub fn without_token(mut self) -> Self {
        self.token = None;
        self
    }

    /// Sets the address of the hub.
    #[must_use]
    pub fn endpoint(mut self, address: impl Into<String>) -> Self {
        self.endpoint = Secret::from(address);
        self
    }

    /// Sets the token. It is sent to no other host than the hub.
    #[must_use]
    pub fn token(mut self, token: impl Into<Secret>) -> Self {
        self.token = Some(token.into());
        self
    }

    /// Sets offline mode, in which only the cache is used.
    #[must_use]
    pub fn offline(mut self, is_offline: bool) -> Self {
        self.is_offline = is_offline;
        self
    }

    /// Sets the maximum number of retries after a broken connection or a status of 500 and above, 4 by
    /// default, and the delay before the first one, 500 ms by default; each further delay is twice as long.
    #[must_use]
    pub fn retries(mut self, retries: u32, back_off: Duration) -> Self {
        self.retries = retries;
        self.back_off = back_off;
        self
    }

    /// Builds the client. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// Returns an error for an endpoint that is not a URL, a token that no header can carry, or a system
    /// without certificates.
    pub fn build(self) -> Result<Hub, HubError> {
        let endpoint = endpoint(self.endpoint.reveal())?;
        let token_note = self.token.as_ref().filter(|_| !self.is_offline).and_then(|it| note(it, &endpoint));
        let token = self.token.map(|it| bearer(&it)).transpose()?;
        let client = Client::new(endpoint, token, self.retries, self.back_off)?;
        Ok(Hub { client, cache: self.cache, is_offline: self.is_offline, token_note })
    }
}

/// Returns the error for an invalid `HF_ENDPOINT`.
fn invalid_endpoint(message: &str) -> HubError {
    HubError::Setting { name: "HF_ENDPOINT", message: message.to_owned() }
}

fn endpoint(text: &str) -> Result<Url, HubError> {
    let url = Url::parse(text.trim_end_matches('/')).map_err(|_| {
        invalid_endpoint("it is no address: expected https://HOST, as in https://huggingface.co")
    })?;
    if !matches!(url.scheme(), "http" | "https") {
        Err(invalid_endpoint("expected an address that begins with https:// or http://"))
    } else if !url.username().is_empty() || url.password().is_some() {
        Err(invalid_endpoint("a name and a password do not belong in the address: set HF_TOKEN"))
    } else if url.query().is_some() || url.fragment().is_some() {
        Err(invalid_endpoint("expected an address without '?' and '#'"))
    } else {
        Ok(url)
    }
}

/// Returns a note for the user if the token leaves Hugging Face or TLS.
fn note(token: &Secret, endpoint: &Url) -> Option<String> {
    let subject = match token.origin() {
        Origin::Variable(name) => format!("the token in ${name}"),
        Origin::Program | Origin::Option(_) => "the token of the hub".to_owned(),
    };
    exposure::note(&subject, endpoint, Provider::of_variable("HF_TOKEN"))
}

fn bearer(token: &Secret) -> Result<HeaderValue, HubError> {
    let text = Zeroizing::new(format!("Bearer {}", token.reveal()));
    let mut value = HeaderValue::from_str(&text).map_err(|_| {
        let message = "the token has a character that no header can carry, such as a line break".to_owned();
        HubError::Setting { name: "HF_TOKEN", message }
    })?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_with_a_password_is_refused_and_not_repeated() {
        for text in ["https://me:sesame@hub", "sesame", "ftp://hub/sesame", "https://hub?key=sesame"] {
            let builder = HubBuilder::new("/c").endpoint(text);
            assert!(!format!("{builder:?}").contains("sesame"));
            let error = builder.build().unwrap_err().to_string();
            assert!(error.starts_with("HF_ENDPOINT") && !error.contains("sesame"), "{error}");
        }
    }

    #[test]
    fn a_token_that_goes_to_another_hub_is_named() {
        let note = |endpoint: &str| {
            let token = Secret::from("hf_1").found(Origin::Variable("HF_TOKEN"));
            let hub = HubBuilder::new("/c").endpoint(endpoint).token(token.clone());
            assert_eq!(hub.clone().offline(true).build().unwrap().token_note(), None);
            assert_eq!(hub.clone().without_token().build().unwrap().token_note(), None);
            hub.build().unwrap().token_note().map(str::to_owned)
        };
        assert_eq!(note("https://huggingface.co"), None);
        let mirror = "the token in $HF_TOKEN goes to hub.example, which is no host of Hugging Face";
        assert_eq!(note("https://hub.example").as_deref(), Some(mirror));
        assert!(note("http://hub.example").is_some_and(|it| it.contains("over plain http")));
    }

    #[test]
    fn a_token_that_cannot_be_sent_is_refused_and_not_repeated() {
        let error = HubBuilder::new("/c").token("ses\name").build().unwrap_err().to_string();
        assert!(error.starts_with("HF_TOKEN") && !error.contains("name"), "{error}");
    }
}
