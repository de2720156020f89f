//! How the command line names and makes this backend.

use std::sync::Arc;

use genai_bench_core::auth::{Anonymous, AuthProvider};
use genai_bench_core::task::Task;
use serde_json::Value;

use super::{BaseUrl, Dialect, OpenAi};
use crate::auth::ApiKey;
use crate::registry::{Endpoint, Entry, Settings, SettingsError};

const DEFAULT_BASE: &str = "https://api.openai.com/v1";

/// How the command line names and makes this backend.
pub const ENTRY: Entry = Entry {
    name: "openai",
    tasks: &[Task::TextToText],
    default_base: DEFAULT_BASE,
    key_variables: &["MODEL_API_KEY", "OPENAI_API_KEY"],
    build: |settings| build(settings, Dialect::openai(), DEFAULT_BASE),
    #[cfg(feature = "conformance")]
    subject: || super::subject(Dialect::openai()),
};

/// Makes a backend that speaks `dialect`, and more as `settings` say.
pub(crate) fn build(
    settings: &Settings,
    mut dialect: Dialect,
    default_base: &str,
) -> Result<Endpoint, SettingsError> {
    let base = settings.api_base.as_deref().unwrap_or(default_base);
    let wrong = |setting, problem: String| SettingsError { setting, problem };
    let base: BaseUrl =
        base.parse().map_err(|it: super::InvalidBaseUrl| wrong("api_base", format!("'{base}' is {it}")))?;
    let auth: Arc<dyn AuthProvider> = match &settings.api_key {
        Some(key) => Arc::new(ApiKey::bearer(key).map_err(|it| wrong("api_key", it.to_string()))?),
        None => Arc::new(Anonymous),
    };
    dialect.continuous_usage = settings.continuous_usage;
    dialect.headers.extend(settings.headers.clone());
    dialect.body = settings.body.clone();
    // The Python tool's two special names: one is an instruction, the other would replace the workload.
    dialect.body.shift_remove("messages");
    match dialect.body.shift_remove("system_message") {
        None => {}
        Some(Value::String(text)) => dialect.system_message = Some(text),
        Some(_) => return Err(wrong("additional_request_params", "system_message is no text".to_owned())),
    }
    let address = base.to_string();
    Ok(Endpoint { backend: Arc::new(OpenAi::new(base, dialect)), auth, address })
}
