//! Entries of the registry: what the command line has to know of a backend, and what it makes the backend of.

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

/// A backend that can be asked for by name.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Entry {
    /// The name on the command line.
    pub name: &'static str,
    /// What it can do.
    pub tasks: &'static [Task],
    /// Where the server is when nobody says; empty where somebody has to.
    pub default_base: &'static str,
    /// The environment variables that may say where it is, the first one that is set wins.
    pub base_variables: &'static [&'static str],
    /// The environment variables that may hold the key, the first one that is set wins.
    pub key_variables: &'static [&'static str],
    /// How it can know us: the first of these that is there wins.
    pub auth: &'static [AuthKind],
    /// Which credential is used where several are given.
    pub credentials: Credentials,
    /// What can be said of it beside what can be said of all.
    pub options: &'static [ProviderOption],
    /// Makes it by settings with one credential, or none.
    pub(crate) build: fn(&Settings) -> Result<Endpoint, SettingsError>,
    /// Its recordings, for each of the ways in which it can be set up: by a name, which the usual way has not.
    #[cfg(feature = "conformance")]
    pub subjects: fn() -> Vec<(&'static str, genai_bench_core::conformance::Subject)>,
}

impl Entry {
    /// Makes the backend. Of several credentials in `settings` the one is used that [`Credentials`] describes.
    ///
    /// # Errors
    ///
    /// When a setting is wrong, when two credentials of different kinds are given, or when a credential of a cloud would go
    /// over plain HTTP to another machine.
    pub fn build(&self, settings: &Settings) -> Result<Endpoint, SettingsError> {
        let (settings, note) = self.credentials.choose(settings)?;
        let built = (self.build)(&settings);
        // A problem quotes what was given, which may be an address with a password.
        let mut endpoint =
            built.map_err(|error| SettingsError { problem: redact_urls(&error.problem), ..error })?;
        endpoint.notes.extend(note);
        endpoint.notes.extend(exposure::check(self.name, &endpoint, &settings)?);
        Ok(endpoint)
    }
}

/// A way in which a server can know us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuthKind {
    /// What its identities are called: [`Identity::kind`](genai_bench_core::auth::Identity::kind).
    pub name: &'static str,
    /// Where it is looked for.
    pub found: &'static str,
}

impl AuthKind {
    /// A key, which all but some clouds have.
    pub const KEY: Self =
        Self { name: ApiKey::KIND, found: "--api-key, --model-api-key, --api-key-file, or a variable" };
    /// A header that a person writes out.
    pub const HEADER: Self = Self { name: TypedHeader::KIND, found: "--header" };
    /// Nothing, which servers of one's own may put up with.
    pub const NONE: Self = Self { name: Anonymous::KIND, found: "nothing was given" };
    /// What most have.
    pub const USUAL: &[Self] = &[Self::KEY, Self::HEADER, Self::NONE];
}

/// An option that only some backends have, such as a region.
///
/// Several backends may have the same one: then its name, its variables and its text are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProviderOption {
    /// The name on the command line, without dashes in front, such as `acme-region`.
    pub name: &'static str,
    /// Whose it is: the heading that it stands under in the help.
    pub provider: &'static str,
    /// The environment variables that may hold it, the first one that is set wins. What is typed wins over them.
    pub variables: &'static [&'static str],
    /// What stands for its value in the help, such as `NAME`.
    pub value_name: &'static str,
    /// What it is, in a sentence.
    pub help: &'static str,
    /// Whether its value is written nowhere.
    pub is_secret: bool,
}

/// What a person can say about a backend.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Where the server is; the backend's own default when absent.
    pub api_base: Option<String>,
    /// The key, where one is needed.
    pub api_key: Option<Secret>,
    /// Headers added to every request.
    pub headers: HeaderMap,
    /// Fields added to the body of every request, in place of the backend's own where the name is the same.
    pub body: Map<String, Value>,
    /// Whether every chunk of a stream is asked to carry token counts.
    pub continuous_usage: bool,
    /// Whether a stream is asked for without any `stream_options`, which some servers refuse; then only servers that count
    /// tokens unasked report counts.
    pub no_stream_options: bool,
    /// Which API carries conversations, `completions` or `responses`; the backend's own when absent.
    pub chat_api: Option<String>,
    /// The field that names the largest number of tokens wanted; the backend's own when absent.
    pub length_field: Option<String>,
    /// Whether the server is told to go on to that number, with `ignore_eos` and `min_tokens`; as the backend
    /// knows of its servers when absent.
    pub ignore_eos: Option<bool>,
    /// The backend's own options, by their names: only those that its entry has.
    pub options: BTreeMap<&'static str, Secret>,
    /// The environment variables that a description of the `custom` backend may send to the server.
    pub allowed_variables: Vec<String>,
    /// Whether credentials of clouds may go over plain HTTP to other machines.
    pub allow_insecure: bool,
    /// Where the variables are looked up that a provider's own chain of credentials knows.
    pub environment: Environment,
}

impl Settings {
    /// The key as a bearer's, else nobody.
    ///
    /// # Errors
    ///
    /// When the key is such that no header can carry it.
    pub fn bearer(&self) -> Result<Arc<dyn AuthProvider>, SettingsError> {
        self.key_or_nobody(ApiKey::bearer)
    }

    /// The key as `made` puts it, else nobody but who a header says.
    ///
    /// # Errors
    ///
    /// When the key is such that no header can carry it.
    pub fn key_or_nobody(
        &self,
        made: impl FnOnce(&Secret) -> Result<ApiKey, InvalidKey>,
    ) -> Result<Arc<dyn AuthProvider>, SettingsError> {
        let wrong = |it: InvalidKey| SettingsError { setting: "api_key", problem: it.to_string() };
        Ok(match (&self.api_key, TypedHeader::among(&self.headers)) {
            (Some(key), _) => Arc::new(made(key).map_err(wrong)?),
            (None, Some(header)) => Arc::new(header),
            (None, None) => Arc::new(Anonymous),
        })
    }

    /// One of the backend's own options, if it was given.
    #[must_use]
    pub fn option(&self, name: &str) -> Option<&str> {
        self.options.get(name).map(Secret::reveal)
    }

    /// Refuses what can be said only to servers of the `openai` family, for a backend that has another API.
    ///
    /// # Errors
    ///
    /// The first such setting that is there.
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
            // Not to be told is what other servers are used to.
            ("ignore_eos", self.ignore_eos == Some(true)),
            ("continuous_usage", self.continuous_usage),
        ];
        given.into_iter().find(|it| it.1).map_or(Ok(()), |(setting, _)| {
            let problem = format!("{backend} has no such thing: only the servers of OpenAI's API have it");
            Err(SettingsError { setting, problem })
        })
    }

    /// The fields for every body, and the instruction among them. These are the Python tool's two special names:
    /// `system_message` is the instruction, and `messages`, which would replace the workload, is left out.
    ///
    /// # Errors
    ///
    /// When the instruction is no text.
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

/// A backend, and who we are to it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Endpoint {
    /// How the server is spoken to.
    pub backend: Arc<dyn Backend>,
    /// Who we are.
    pub auth: Arc<dyn AuthProvider>,
    /// Where the server is.
    pub address: String,
    /// What a person should know before the first request, such as what was given and is not used: a sentence each.
    pub notes: Vec<String>,
}

impl Endpoint {
    /// An endpoint at `address` about which there is nothing to note.
    pub fn new(backend: Arc<dyn Backend>, auth: Arc<dyn AuthProvider>, address: String) -> Self {
        Self { backend, auth, address, notes: Vec::new() }
    }
}

/// A setting that a backend cannot be made with.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{setting}: {problem}")]
pub struct SettingsError {
    /// Which field of [`Settings`] is wrong.
    pub setting: &'static str,
    /// What is wrong with it, and what would be right.
    pub problem: String,
}
