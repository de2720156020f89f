//! How the command line names and makes this backend.

use std::sync::Arc;

use genai_bench_core::auth::{Anonymous, AuthProvider};
use genai_bench_core::task::Task;
use http::header::{AUTHORIZATION, HeaderName, HeaderValue};
use minijinja::context;

use super::codec::Custom;
use super::description::Description;
use super::template::Renderer;
use crate::auth::{Credentials, FixedHeaders, InvalidKey};
use crate::registry::{AuthKind, Endpoint, Entry, ProviderOption, Settings, SettingsError};

const DEFAULT_BASE: &str = "http://localhost:8000";
const FILE: &str = "custom-description";

/// How the command line names and makes this backend.
pub(crate) const ENTRY: Entry = Entry {
    name: super::NAME,
    tasks: Task::ALL,
    default_base: DEFAULT_BASE,
    base_variables: &[],
    key_variables: &["MODEL_API_KEY"],
    auth: &[
        AuthKind { name: FixedHeaders::KIND, found: "the description's headers, --header, or the key" },
        AuthKind::NONE,
    ],
    credentials: Credentials::DESCRIBED,
    options: &[ProviderOption {
        name: FILE,
        provider: "Custom server",
        variables: &[],
        value_name: "FILE",
        help: "A JSON file that describes how the server is asked and how its answers are read: \
               `genai-bench backends custom` says how",
        is_secret: false,
    }],
    build,
    #[cfg(feature = "conformance")]
    subjects: super::cassettes::subjects,
};

fn wrong(setting: &'static str, problem: impl Into<String>) -> SettingsError {
    SettingsError { setting, problem: problem.into() }
}

fn build(settings: &Settings) -> Result<Endpoint, SettingsError> {
    let path = settings
        .option(FILE)
        .ok_or_else(|| wrong(FILE, "it is needed: the file that describes the server"))?;
    let text =
        std::fs::read_to_string(path).map_err(|it| wrong(FILE, format!("cannot read {path}: {it}")))?;
    let description: Description = serde_json::from_str(text.trim_start_matches('\u{feff}'))
        .map_err(|it| wrong(FILE, format!("{path} line {}: {it}", it.line())))?;
    let described = [
        ("chat_api", settings.chat_api.is_some()),
        ("length_field", settings.length_field.is_some()),
        ("ignore_eos", settings.ignore_eos == Some(true)),
        ("continuous_usage", settings.continuous_usage),
    ];
    if let Some((setting, _)) = described.into_iter().find(|it| it.1) {
        return Err(wrong(setting, "the description of a custom server says what is sent: leave it out"));
    }
    let address = settings.api_base.clone().unwrap_or_else(|| DEFAULT_BASE.to_owned());
    let (open, secret): (Vec<_>, Vec<_>) =
        description.headers.clone().into_iter().partition(|it| !holds_a_credential(&it.1));
    let auth = auth(settings, &secret)?;
    let name = |it: &str| {
        it.parse::<HeaderName>().map_err(|_| wrong(FILE, format!("'{it}' is no name of a header")))
    };
    let mut headers = Vec::new();
    for (header, template) in open {
        headers.push((name(&header)?, template));
    }
    let custom = Custom::new(&address, description, headers, settings.body.clone());
    let backend = custom.map_err(|it| wrong(FILE, it))?;
    Ok(Endpoint::new(Arc::new(backend), auth, address))
}

/// Whether a template asks for what is secret.
fn holds_a_credential(template: &str) -> bool {
    template.contains("env") || template.contains("api_key")
}

/// The headers that hold credentials, rendered once, and those that a person typed. A key that none of them asks for
/// is a bearer token.
fn auth(settings: &Settings, secret: &[(String, String)]) -> Result<Arc<dyn AuthProvider>, SettingsError> {
    let key = settings.api_key.as_ref();
    let env = settings.environment.variables();
    let with = match key {
        Some(key) => context! { env => env, api_key => key.reveal() },
        None => context! { env => env },
    };
    let renderer = Renderer::new();
    let mut headers: Vec<_> = settings.headers.iter().map(|it| (it.0.clone(), it.1.clone())).collect();
    for (header, template) in secret {
        let problem = |it: &str| wrong(FILE, format!("the header {header}: {it}"));
        let value = renderer.text(template, &with).map_err(|it| problem(&it))?;
        let name: HeaderName = header.parse().map_err(|_| problem("no name of a header"))?;
        let value = HeaderValue::try_from(value).map_err(|_| problem("a value that no header can carry"))?;
        headers.push((name, value));
    }
    if let Some(key) = key.filter(|_| !secret.iter().any(|it| it.1.contains("api_key"))) {
        let bearer = HeaderValue::try_from(format!("Bearer {}", key.reveal()));
        headers
            .push((AUTHORIZATION, bearer.map_err(|_| wrong("api_key", InvalidKey::new(key).to_string()))?));
    }
    if headers.is_empty() { Ok(Arc::new(Anonymous)) } else { Ok(Arc::new(FixedHeaders::new(headers))) }
}

#[cfg(test)]
mod tests {
    use genai_bench_core::request::{OutputLength, Request};
    use genai_bench_core::units::Tokens;
    use serde_json::{Value, json};

    use super::*;
    use crate::auth::Secret;

    fn settings(description: &Value) -> (tempfile::TempDir, Settings) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("server.json");
        std::fs::write(&path, description.to_string()).unwrap();
        let options = [(FILE, Secret::from(path.to_str().unwrap()))].into();
        let api_base = Some("http://h:1/".to_owned());
        (folder, Settings { api_base, options, ..Settings::default() })
    }

    fn described(headers: &Value) -> Value {
        json!({"path": "/generate", "headers": headers, "answer": {"framing": "json", "text": "/text"},
            "body": {"inputs": "{{ prompt }}", "max": "{{ max_tokens }}", "stop": null}})
    }

    async fn wire(endpoint: &Endpoint, output: OutputLength) -> http::Request<bytes::Bytes> {
        let request = Request::chat("m", "Say \"hi\"", output);
        let mut wire = endpoint.backend.encode(&request).unwrap();
        endpoint.auth.authorize(&mut wire).await.unwrap();
        wire
    }

    #[tokio::test]
    async fn a_request_is_made_as_it_is_described() {
        let (_folder, mut settings) = settings(&described(&json!({"x-model": "{{ model }}"})));
        settings.api_key = Some("sk-1".into());
        let endpoint = build(&settings).unwrap();
        let sent = wire(&endpoint, OutputLength::AtMost(Tokens(7))).await;
        assert_eq!(sent.uri(), "http://h:1/generate");
        assert_eq!(
            (&sent.headers()["x-model"], &sent.headers()[AUTHORIZATION]),
            (&"m".parse().unwrap(), &"Bearer sk-1".parse().unwrap())
        );
        let body: Value = serde_json::from_slice(sent.body()).unwrap();
        assert_eq!(body, json!({"inputs": "Say \"hi\"", "max": 7, "stop": null}));
        let free: Value = serde_json::from_slice(wire(&endpoint, OutputLength::Free).await.body()).unwrap();
        assert_eq!(free.get("max"), None);
    }

    #[tokio::test]
    async fn a_key_goes_where_the_description_says_and_is_shown_nowhere() {
        let (_folder, mut settings) = settings(&described(&json!({"x-key": "Key {{ api_key }}"})));
        settings.api_key = Some("sk-1".into());
        let endpoint = build(&settings).unwrap();
        let sent = wire(&endpoint, OutputLength::Free).await;
        assert_eq!(
            (&sent.headers()["x-key"], sent.headers().get(AUTHORIZATION)),
            (&"Key sk-1".parse().unwrap(), None)
        );
        assert!(!format!("{endpoint:?} {sent:?}").contains("sk-1"));
    }

    #[test]
    fn a_description_that_is_none_is_refused_by_file_and_line() {
        let refused = |description: &Value| {
            let (_folder, settings) = settings(description);
            build(&settings).unwrap_err().to_string()
        };
        for (description, hint) in [
            (json!({"answer": {"text": "no pointer"}}), "JSON pointer"),
            (json!({"answer": {"txt": "/a"}}), "txt"),
            (json!({"method": "GE T", "answer": {}}), "HTTP method"),
            (described(&json!({"x": "{{ env.NO_SUCH_VARIABLE_IS_SET }}"})), "header x"),
        ] {
            let error = refused(&description);
            assert!(error.contains(hint) && error.starts_with(FILE), "{error}");
        }
        assert!(build(&Settings::default()).unwrap_err().to_string().contains("it is needed"));
        let (_folder, settings) = settings(&described(&json!({})));
        let dropped = Settings { ignore_eos: Some(true), ..settings };
        assert_eq!(build(&dropped).unwrap_err().setting, "ignore_eos");
    }
}
