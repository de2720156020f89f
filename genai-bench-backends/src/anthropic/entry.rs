//! How the command line names and makes this backend.

use std::sync::Arc;

use genai_bench_core::auth::AuthProvider;
use genai_bench_core::task::Task;
use http::header::{HeaderMap, HeaderName, HeaderValue};

use super::backend::Anthropic;
use crate::auth::{ApiKey, Secret};
use crate::entry::{AuthKind, Credentials, Endpoint, Entry, ProviderOption, Settings, SettingsError};
use crate::wire::base_url::BaseUrlParts;

pub(super) const NAME: &str = "anthropic";
pub(super) const DEFAULT_BASE: &str = "https://api.anthropic.com";

/// What people copy along.
const ENDPOINTS: [&str; 2] = ["/v1/messages", "/v1"];

const VERSION: &str = "anthropic-version";
const BETA: &str = "anthropic-beta";
const AUTH_HEADER: &str = "anthropic-auth-header";
const PROVIDER: &str = "Anthropic";

/// The version that the provider's SDK 2.12 speaks. The one before, 2023-06-01, still works.
const DEFAULT_VERSION: &str = "2026-10-21";

/// How the command line names and makes this backend.
pub(crate) const ENTRY: Entry = Entry {
    name: NAME,
    tasks: &[Task::TextToText, Task::ImageTextToText],
    default_base: DEFAULT_BASE,
    base_variables: &["ANTHROPIC_BASE_URL"],
    key_variables: &["MODEL_API_KEY", "ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"],
    auth: AuthKind::USUAL,
    credentials: Credentials { headers: &["authorization", "x-api-key"], ..Credentials::USUAL },
    options: &[
        ProviderOption {
            name: VERSION,
            provider: PROVIDER,
            variables: &[],
            value_name: "DATE",
            help: "The version of the Messages API, by default 2026-10-21. That version refuses temperature, top_p \
                   and top_k; 2023-06-01 takes them.",
            is_secret: false,
        },
        ProviderOption {
            name: BETA,
            provider: PROVIDER,
            variables: &[],
            value_name: "NAMES",
            help: "Features that are not in the API for all yet, with commas between them.",
            is_secret: false,
        },
        ProviderOption {
            name: AUTH_HEADER,
            provider: PROVIDER,
            variables: &[],
            value_name: "HEADER",
            help: "The header that carries the key: bearer, which is the default, or x-api-key.",
            is_secret: false,
        },
    ],
    build,
    #[cfg(feature = "conformance")]
    subjects: super::cassettes::subjects,
};

/// Makes the backend.
pub(super) fn build(settings: &Settings) -> Result<Endpoint, SettingsError> {
    settings.refuse_those_of_openai(NAME)?;
    let base = settings.api_base.as_deref().unwrap_or(DEFAULT_BASE);
    let no_address = |it: &dyn std::fmt::Display| wrong("api_base", format!("'{base}' is {it}"));
    let BaseUrlParts { origin, path } =
        BaseUrlParts::parse(base, &ENDPOINTS).map_err(|it| no_address(&it))?;
    let address = format!("{origin}{path}");
    let uri = format!("{address}/v1/messages").parse().map_err(|it| no_address(&it))?;
    let (body, system_message) = settings.body_and_instruction()?;
    let backend = Anthropic { uri, headers: headers(settings)?, system_message, body };
    Ok(Endpoint::new(Arc::new(backend), auth(settings)?, address))
}

/// The version, the features, and what a person adds, which wins.
fn headers(settings: &Settings) -> Result<HeaderMap, SettingsError> {
    let told =
        [(VERSION, Some(settings.option(VERSION).unwrap_or(DEFAULT_VERSION))), (BETA, settings.option(BETA))];
    let mut headers = HeaderMap::new();
    for (name, value) in told {
        let Some(value) = value else { continue };
        let value = HeaderValue::from_str(value)
            .map_err(|_| wrong(name, "a header cannot carry it: give plain ASCII in one line".to_owned()))?;
        headers.insert(HeaderName::from_static(name), value);
    }
    headers.extend(settings.headers.clone());
    Ok(headers)
}

/// The key, in the header that was asked for.
fn auth(settings: &Settings) -> Result<Arc<dyn AuthProvider>, SettingsError> {
    let made: fn(&Secret) -> _ = match settings.option(AUTH_HEADER) {
        None | Some("bearer") => ApiKey::bearer,
        Some("x-api-key") => |key| ApiKey::in_header(HeaderName::from_static("x-api-key"), key),
        Some(other) => return Err(wrong(AUTH_HEADER, format!("'{other}' is neither bearer nor x-api-key"))),
    };
    settings.key_or_nobody(made)
}

fn wrong(setting: &'static str, problem: String) -> SettingsError {
    SettingsError { setting, problem }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use bytes::Bytes;
    use genai_bench_core::request::{Input, OutputLength, Request};
    use genai_bench_core::units::Tokens;
    use serde_json::{Value, json};

    use super::*;

    fn given(options: &[(&'static str, &str)]) -> Settings {
        let options: BTreeMap<_, _> = options.iter().map(|(name, it)| (*name, Secret::from(*it))).collect();
        Settings { api_key: Some(Secret::from("sk-ant-EXAMPLE")), options, ..Settings::default() }
    }

    fn hello() -> Request {
        Request::chat("claude-x", "Hello", OutputLength::AtMost(Tokens(64)))
    }

    /// What is sent for `request`, key included.
    fn sent(settings: &Settings, request: &Request) -> http::Request<Bytes> {
        let Endpoint { backend, auth, .. } = build(settings).unwrap();
        let mut wire = backend.encode(request).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(auth.authorize(&mut wire)).unwrap();
        wire
    }

    fn body(wire: &http::Request<Bytes>) -> Value {
        serde_json::from_slice(wire.body()).unwrap()
    }

    #[test]
    fn the_provider_is_asked_as_its_own_sdk_asks() {
        let sdk: Value =
            serde_json::from_slice(include_bytes!("../../fixtures/anthropic/sdk_request.json")).unwrap();
        let wire = sent(&given(&[]), &hello());
        assert_eq!((wire.method().as_str(), wire.uri().path()), ("POST", sdk["path"].as_str().unwrap()));
        assert_eq!(wire.uri().host(), Some("api.anthropic.com"));
        let headers: BTreeMap<_, _> =
            wire.headers().iter().map(|(name, it)| (name.as_str(), it.to_str().unwrap())).collect();
        assert_eq!(json!(headers), sdk["headers"]);
        assert_eq!(body(&wire), sdk["json"]);
    }

    #[test]
    fn the_key_can_go_into_the_older_header_and_is_never_shown() {
        let wire = sent(&given(&[(AUTH_HEADER, "x-api-key")]), &hello());
        assert_eq!(wire.headers().get("x-api-key").unwrap(), "sk-ant-EXAMPLE");
        assert!(!wire.headers().contains_key("authorization"));
        assert!(!format!("{wire:?}").contains("EXAMPLE"));
        let error = build(&given(&[(AUTH_HEADER, "basic")])).unwrap_err().to_string();
        assert_eq!(error, "anthropic-auth-header: 'basic' is neither bearer nor x-api-key");
    }

    #[test]
    fn version_and_features_are_headers_and_a_persons_own_headers_win() {
        let mut settings = given(&[(VERSION, "2023-06-01"), (BETA, "a,b")]);
        let wire = sent(&settings, &hello());
        assert_eq!(
            (&wire.headers()[VERSION], &wire.headers()[BETA]),
            (&"2023-06-01".parse().unwrap(), &"a,b".parse().unwrap())
        );
        settings.headers.insert(VERSION, HeaderValue::from_static("2027-01-01"));
        let versions: Vec<_> = sent(&settings, &hello()).headers().get_all(VERSION).iter().cloned().collect();
        assert_eq!(versions, ["2027-01-01"]);
        assert_eq!(build(&given(&[(BETA, "a\nb")])).unwrap_err().setting, BETA);
    }

    #[test]
    fn extra_fields_win() {
        let extra = json!({"max_tokens": 5, "stream": false, "top_k": 5, "messages": [], "system_message": "Be brief"});
        let settings = Settings { body: extra.as_object().unwrap().clone(), ..Settings::default() };
        let expected = json!({"model": "claude-x", "system": "Be brief", "max_tokens": 5, "stream": false, "top_k": 5,
            "messages": [{"role": "user", "content": "Hello"}]});
        assert_eq!(body(&sent(&settings, &hello())), expected);
        let unstreamed = body(&sent(&given(&[]), &hello().unstreamed()));
        assert_eq!(unstreamed.get("stream"), None);
    }

    #[test]
    fn an_address_may_have_a_path_and_what_was_copied_along() {
        for (base, uri) in [
            ("https://h", "https://h/v1/messages"),
            ("https://h/v1/", "https://h/v1/messages"),
            ("http://h:8000/anthropic/v1/messages", "http://h:8000/anthropic/v1/messages"),
        ] {
            let settings = Settings { api_base: Some(base.to_owned()), ..Settings::default() };
            assert_eq!(sent(&settings, &hello()).uri(), uri);
        }
        let settings = Settings { api_base: Some("ftp://h".to_owned()), ..Settings::default() };
        assert_eq!(build(&settings).unwrap_err().setting, "api_base");
    }

    #[test]
    fn what_only_other_apis_can_be_told_is_refused() {
        let told = [
            Settings { chat_api: Some("completions".to_owned()), ..Settings::default() },
            Settings { length_field: Some("max_tokens".to_owned()), ..Settings::default() },
            Settings { ignore_eos: Some(true), ..Settings::default() },
            Settings { continuous_usage: true, ..Settings::default() },
        ];
        let refused = told.map(|it| build(&it).unwrap_err().setting);
        assert_eq!(refused, ["chat_api", "length_field", "ignore_eos", "continuous_usage"]);
    }

    #[test]
    fn nothing_but_conversations_can_be_had() {
        let backend = build(&Settings::default()).unwrap().backend;
        let inputs = [
            Input::Completion { prompt: "p".into(), output: OutputLength::Free },
            Input::Embeddings { texts: vec!["a".into()], images: vec![] },
            Input::Rerank { query: "q".into(), documents: vec!["d".into()] },
            Input::Images { prompt: "p".into(), size: None, count: 1 },
            Input::Speech { text: "t".into() },
        ];
        for input in inputs {
            assert!(backend.encode(&Request::new("m", input.clone())).is_err(), "{input:?}");
        }
    }
}
