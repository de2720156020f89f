//! How the command line names and makes this backend.

use std::sync::Arc;

use genai_bench_core::task::Task;

use super::backend::{Cohere, NAME};
use super::endpoint;
use crate::entry::{AuthKind, Credentials, Endpoint, Entry, Settings, SettingsError};

const DEFAULT_BASE: &str = "https://api.cohere.com";

/// How the command line names and makes this backend.
pub(crate) const ENTRY: Entry = Entry {
    name: NAME,
    tasks: &[
        Task::TextToText,
        Task::TextToEmbeddings,
        Task::TextToRerank,
        Task::ImageTextToText,
        Task::ImageToEmbeddings,
    ],
    default_base: DEFAULT_BASE,
    base_variables: &["CO_API_URL"],
    key_variables: &["MODEL_API_KEY", "CO_API_KEY", "COHERE_API_KEY"],
    auth: AuthKind::USUAL,
    credentials: Credentials::USUAL,
    options: &[],
    build,
    #[cfg(feature = "conformance")]
    subjects: super::cassettes::subjects,
};

fn build(settings: &Settings) -> Result<Endpoint, SettingsError> {
    settings.refuse_those_of_openai(NAME)?;
    let wrong = |setting, problem: String| SettingsError { setting, problem };
    let address = settings.api_base.as_deref().unwrap_or(DEFAULT_BASE);
    let base = endpoint::base(address).map_err(|it| wrong("api_base", format!("'{address}' is {it}")))?;
    let auth = settings.bearer()?;
    let (body, instruction) = settings.body_and_instruction()?;
    let headers = settings.headers.clone();
    let address = base.clone();
    Ok(Endpoint::new(Arc::new(Cohere { base, instruction, headers, body }), auth, address))
}

/// Where a request with the fields of `extra` goes, and what it says, to compare with; or why it cannot be said.
#[cfg(test)]
pub(super) fn encoded(
    request: &genai_bench_core::request::Request,
    extra: &serde_json::Value,
) -> Result<(String, serde_json::Value), String> {
    let body = extra.as_object().expect("an object").clone();
    let endpoint = build(&Settings { body, ..Settings::default() }).expect("it can be made");
    let wire = endpoint.backend.encode(request).map_err(|it| it.to_string())?;
    let said = serde_json::from_slice(wire.body()).expect("it is JSON");
    Ok((wire.uri().path().to_owned(), said))
}

#[cfg(test)]
mod tests {
    use genai_bench_core::request::{OutputLength, Request};

    use super::*;

    #[test]
    fn requests_go_to_the_provider_unless_a_person_says_otherwise() {
        let uri = |api_base: Option<&str>| {
            let settings = Settings { api_base: api_base.map(str::to_owned), ..Settings::default() };
            let backend = build(&settings).unwrap().backend;
            let request = Request::chat("m", "Hello", OutputLength::Free);
            backend.encode(&request).unwrap().uri().to_string()
        };
        assert_eq!(uri(None), "https://api.cohere.com/v2/chat");
        assert_eq!(uri(Some("http://h:8000/v2/")), "http://h:8000/v2/chat");
        let old = Settings { api_base: Some("https://h/v1".to_owned()), ..Settings::default() };
        assert_eq!(build(&old).unwrap_err().setting, "api_base");
    }

    #[test]
    fn what_it_does_not_have_is_refused() {
        let base = Settings::default;
        for (wrong, name) in [
            (Settings { chat_api: Some("completions".into()), ..base() }, "chat_api"),
            (Settings { length_field: Some("max_tokens".into()), ..base() }, "length_field"),
            (Settings { ignore_eos: Some(true), ..base() }, "ignore_eos"),
            (Settings { continuous_usage: true, ..base() }, "continuous_usage"),
        ] {
            let error = build(&wrong).unwrap_err();
            assert!(error.setting == name && error.problem.contains("OpenAI"), "{error}");
        }
        let completion = Request::completion("m", "Hello", OutputLength::Free);
        let refused = encoded(&completion, &serde_json::json!({}));
        assert_eq!(refused, Err("cohere cannot express completions".to_owned()));
    }
}
