//! Every backend of this build, by name.

use std::sync::Arc;

use genai_bench_core::auth::AuthProvider;
use genai_bench_core::backend::Backend;
use genai_bench_core::task::Task;
use http::HeaderMap;
use serde_json::{Map, Value};

use crate::auth::Secret;

/// A backend that can be asked for by name.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Entry {
    /// The name on the command line.
    pub name: &'static str,
    /// What it can do.
    pub tasks: &'static [Task],
    /// Where the server is when nobody says.
    pub default_base: &'static str,
    /// The environment variables that may hold the key, the first one that is set wins.
    pub key_variables: &'static [&'static str],
    /// Makes it.
    pub build: fn(&Settings) -> Result<Endpoint, SettingsError>,
    /// Its recordings, for each of the ways in which it can be set up: by a name, which the usual way has not.
    #[cfg(feature = "conformance")]
    pub subjects: fn() -> Vec<(&'static str, genai_bench_core::conformance::Subject)>,
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
    /// Which API carries conversations, `completions` or `responses`; the backend's own when absent.
    pub chat_api: Option<String>,
    /// The field that names the largest number of tokens wanted; the backend's own when absent.
    pub length_field: Option<String>,
    /// Whether the server is told to go on to that number, with `ignore_eos` and `min_tokens`; as the backend
    /// knows of its servers when absent.
    pub ignore_eos: Option<bool>,
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

/// Every backend, in the order of their names.
pub const ENTRIES: &[Entry] = &[
    #[cfg(feature = "openai")]
    crate::openai::ENTRY,
    #[cfg(feature = "sglang")]
    crate::sglang::ENTRY,
    #[cfg(feature = "simulator")]
    crate::simulated::ENTRY,
    #[cfg(feature = "vllm")]
    crate::vllm::ENTRY,
];

/// The backend of this name, in upper or lower case.
#[must_use]
pub fn find(name: &str) -> Option<&'static Entry> {
    ENTRIES.iter().find(|it| it.name.eq_ignore_ascii_case(name))
}
