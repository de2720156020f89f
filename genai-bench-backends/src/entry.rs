//! Entries of the backend registry: the properties of a backend for the command line, and the settings to build it.

use std::collections::BTreeMap;
use std::sync::Arc;

use genai_bench_core::auth::{Anonymous, AuthProvider};
use genai_bench_core::backend::Backend;
use genai_bench_core::redact_urls;
use genai_bench_core::task::Task;
use http::HeaderMap;
use serde_json::{Map, Value};

use crate::auth::{ApiKey, Environment, InvalidKey, Secret, TypedHeader};

pub(crate) mod exposure;
mod precedence;

pub use self::precedence::{Credentials, OwnCredential};

/// A registered backend.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Entry {
    /// The name on the command line.
    pub name: &'static str,
    /// The supported tasks.
    pub tasks: &'static [Task],
    /// The default address of the server; empty where the address is required.
    pub default_base: &'static str,
    /// The environment variables with the address of the server. The first one that is set wins.
    pub base_variables: &'static [&'static str],
    /// The environment variables with the key. The first one that is set wins.
    pub key_variables: &'static [&'static str],
    /// The authentication methods. The first one with a credential wins.
    pub auth: &'static [AuthKind],
    /// The rule that chooses among several credentials.
    pub credentials: Credentials,
    /// The options of this backend in addition to those of all backends.
    pub options: &'static [ProviderOption],
    /// Builds the backend from settings with at most one credential.
    pub(crate) build: fn(&Settings) -> Result<Endpoint, SettingsError>,
    /// The recordings for the conformance laws, one set for each configuration of the backend. The default
    /// configuration has an empty name.
    #[cfg(feature = "conformance")]
    pub subjects: fn() -> Vec<(&'static str, genai_bench_core::conformance::Subject)>,
}

impl Entry {
    /// Builds the backend. Where `settings` hold several credentials, the rule of [`Credentials`] chooses one.
    ///
    /// # Errors
    ///
    /// Returns an error when a setting is invalid, when two credentials of different kinds are given, or when a cloud
    /// credential would be sent over plain HTTP to another machine.
    pub fn build(&self, settings: &Settings) -> Result<Endpoint, SettingsError> {
        let (settings, note) = self.credentials.choose(settings)?;
        let built = (self.build)(&settings);
        // A problem quotes the given value, which may be an address with a password.
        let mut endpoint =
            built.map_err(|error| SettingsError { problem: redact_urls(&error.problem), ..error })?;
        endpoint.notes.extend(note);
        endpoint.notes.extend(exposure::check(self.name, &endpoint, &settings)?);
        Ok(endpoint)
    }
}

/// An authentication method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuthKind {
    /// The kind of its identities: [`Identity::kind`](genai_bench_core::auth::Identity::kind).
    pub name: &'static str,
    /// The place of its credentials.
    pub found: &'static str,
}

impl AuthKind {
    /// A key, the method of all backends except some clouds.
    pub const KEY: Self =
        Self { name: ApiKey::KIND, found: "--api-key, --model-api-key, --api-key-file, or a variable" };
    /// A header given by the user.
    pub const HEADER: Self = Self { name: TypedHeader::KIND, found: "--header" };
    /// No credential, which self-hosted servers may accept.
    pub const NONE: Self = Self { name: Anonymous::KIND, found: "nothing was given" };
    /// The methods of most backends.
    pub const USUAL: &[Self] = &[Self::KEY, Self::HEADER, Self::NONE];
}

/// An option of some backends only, such as a region.
///
/// Several backends may share an option: then its name, its variables and its help are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProviderOption {
    /// The name on the command line, without dashes in front, such as `acme-region`.
    pub name: &'static str,
    /// The provider, the heading of the option in the help.
    pub provider: &'static str,
    /// The environment variables with the value. The first one that is set wins, and the option wins over all.
    pub variables: &'static [&'static str],
    /// The placeholder of the value in the help, such as `NAME`.
    pub value_name: &'static str,
    /// The description, one sentence.
    pub help: &'static str,
    /// `true` if the value must never be written to a file or a log.
    pub is_secret: bool,
}

/// The settings of a backend.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The address of the server; `None` for the backend's default.
    pub api_base: Option<String>,
    /// The key, where one is needed.
    pub api_key: Option<Secret>,
    /// Headers added to every request.
    pub headers: HeaderMap,
    /// Fields added to the body of every request, in place of the backend's own fields of the same name.
    pub body: Map<String, Value>,
    /// `true` if token counts are requested in every chunk of a stream.
    pub continuous_usage: bool,
    /// `true` if streams are requested without `stream_options`, which some servers refuse; then only servers that
    /// report token counts unasked report them.
    pub no_stream_options: bool,
    /// The API of conversations, `completions` or `responses`; `None` for the backend's default.
    pub chat_api: Option<String>,
    /// The field with the maximum number of output tokens; `None` for the backend's default.
    pub length_field: Option<String>,
    /// `true` if requests carry `ignore_eos` and `min_tokens`, so that the server generates exactly that number; `None`
    /// for the backend's default.
    pub ignore_eos: Option<bool>,
    /// The backend's own options by name, limited to those of its entry.
    pub options: BTreeMap<&'static str, Secret>,
    /// The environment variables that a description of the `custom` backend may send to the server.
    pub allowed_variables: Vec<String>,
    /// `true` if cloud credentials may be sent over plain HTTP to other machines.
    pub allow_insecure: bool,
    /// The environment of a provider's own credential chain.
    pub environment: Environment,
}

impl Settings {
    /// Returns a provider of the key as a bearer token, or of no credential.
    ///
    /// # Errors
    ///
    /// Returns an error when no header can carry the key.
    pub fn bearer(&self) -> Result<Arc<dyn AuthProvider>, SettingsError> {
        self.key_or_nobody(ApiKey::bearer)
    }

    /// Returns a provider of the key in the form that `made` creates, else of a header given by the user, else of no
    /// credential.
    ///
    /// # Errors
    ///
    /// Returns an error when no header can carry the key.
    pub fn key_or_nobody(
        &self,
        made: impl FnOnce(&Secret) -> Result<ApiKey, InvalidKey>,
    ) -> Result<Arc<dyn AuthProvider>, SettingsError> {
        Ok(match (&self.api_key, TypedHeader::among(&self.headers)) {
            (Some(key), _) => {
                Arc::new(made(key).map_err(|it| SettingsError::new("api_key", it.to_string()))?)
            }
            (None, Some(header)) => Arc::new(header),
            (None, None) => Arc::new(Anonymous),
        })
    }

    /// Returns the value of one of the backend's own options, if it was given.
    #[must_use]
    pub fn option(&self, name: &str) -> Option<&str> {
        self.options.get(name).map(Secret::reveal)
    }

    /// Refuses the settings that only the `openai` family supports, for a backend with another API.
    ///
    /// # Errors
    ///
    /// Returns an error about the first such setting.
    #[cfg(any(
        feature = "anthropic",
        feature = "bedrock",
        feature = "cohere",
        feature = "oci",
        feature = "vertex"
    ))]
    pub(crate) fn refuse_those_of_openai(&self, backend: &str) -> Result<(), SettingsError> {
        let given = [
            ("chat_api", self.chat_api.is_some()),
            ("length_field", self.length_field.is_some()),
            // `false` requests the default behaviour of other servers.
            ("ignore_eos", self.ignore_eos == Some(true)),
            ("continuous_usage", self.continuous_usage),
        ];
        given.into_iter().find(|it| it.1).map_or(Ok(()), |(setting, _)| {
            let problem = format!("{backend} has no such thing: only the servers of OpenAI's API have it");
            Err(SettingsError { setting, problem })
        })
    }

    /// Returns the fields of every body without the Python tool's two special names, and the system instruction. The
    /// instruction is `system_message`; `messages`, which would replace the workload, is left out.
    ///
    /// # Errors
    ///
    /// Returns an error when the instruction is no text.
    #[cfg(any(feature = "anthropic", feature = "cohere", feature = "openai"))]
    pub(crate) fn body_and_instruction(&self) -> Result<(Map<String, Value>, Option<String>), SettingsError> {
        let mut body = self.body.clone();
        body.shift_remove("messages");
        match body.shift_remove("system_message") {
            None => Ok((body, None)),
            Some(Value::String(text)) => Ok((body, Some(text))),
            Some(_) => Err(SettingsError {
                setting: "additional_request_params",
                problem: "system_message is no text".to_owned(),
            }),
        }
    }
}

/// A backend with its credentials and its address.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Endpoint {
    /// The codec of the server's API.
    pub backend: Arc<dyn Backend>,
    /// The provider of credentials.
    pub auth: Arc<dyn AuthProvider>,
    /// The address of the server.
    pub address: String,
    /// Notes for the user before the first request, such as an option that is not used: one sentence each.
    pub notes: Vec<String>,
}

impl Endpoint {
    /// Creates an endpoint at `address`, without notes.
    pub fn new(backend: Arc<dyn Backend>, auth: Arc<dyn AuthProvider>, address: String) -> Self {
        Self { backend, auth, address, notes: Vec::new() }
    }
}

/// A setting from which a backend cannot be built.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{setting}: {problem}")]
pub struct SettingsError {
    /// The invalid field of [`Settings`], or the name of an option.
    pub setting: &'static str,
    /// The problem, and a valid value.
    pub problem: String,
}

impl SettingsError {
    /// Creates an error about `setting`.
    pub(crate) fn new(setting: &'static str, problem: impl Into<String>) -> Self {
        Self { setting, problem: problem.into() }
    }
}
