//! How the command line names and makes this backend.

use std::collections::BTreeMap;
use std::io::Read;
use std::sync::Arc;

use genai_bench_core::auth::{Anonymous, AuthProvider};
use genai_bench_core::task::Task;
use http::header::{self, AUTHORIZATION, HeaderName, HeaderValue};
use minijinja::context;
use zeroize::Zeroizing;

use super::backend::Custom;
use super::description::Description;
use super::template::Renderer;
use crate::auth::{FixedHeaders, InvalidKey};
use crate::entry::{AuthKind, Credentials, Endpoint, Entry, ProviderOption, Settings, SettingsError};

const DEFAULT_BASE: &str = "http://localhost:8000";
const FILE: &str = "custom-description";
/// The most bytes that a description has.
const MOST_BYTES: u64 = 256 << 10;
/// Headers that say where a request goes or how a connection is used.
const OF_THE_CONNECTION: [HeaderName; 8] = [
    header::HOST,
    header::CONTENT_LENGTH,
    header::TRANSFER_ENCODING,
    header::CONNECTION,
    header::UPGRADE,
    header::TE,
    header::TRAILER,
    header::PROXY_AUTHORIZATION,
];

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
    let text = read(path).map_err(|problem| wrong(FILE, problem))?;
    let description: Description =
        serde_json::from_str(&text).map_err(|it| wrong(FILE, format!("{path} line {}: {it}", it.line())))?;
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
    let (auth, notes) = auth(settings, &secret)?;
    let mut headers = Vec::new();
    for (header, template) in open {
        headers.push((header_name(&header)?, template));
    }
    let custom = Custom::new(&address, description, headers, settings.body.clone());
    let backend = custom.map_err(|it| wrong(FILE, it))?;
    let mut endpoint = Endpoint::new(Arc::new(backend), auth, address);
    endpoint.notes.extend(notes);
    Ok(endpoint)
}

/// Reads a description.
fn read(path: &str) -> Result<String, String> {
    let unreadable = |error: std::io::Error| format!("cannot read {path}: {error}");
    let mut text = String::new();
    let file = std::fs::File::open(path).map_err(unreadable)?;
    file.take(MOST_BYTES + 1).read_to_string(&mut text).map_err(unreadable)?;
    if text.len() as u64 > MOST_BYTES {
        return Err(format!("{path} has more than {MOST_BYTES} bytes, which no description needs"));
    }
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

/// Returns the name of a header that a description may set.
fn header_name(name: &str) -> Result<HeaderName, SettingsError> {
    let parsed = name.parse::<HeaderName>().ok();
    let parsed = parsed.ok_or_else(|| wrong(FILE, format!("'{name}' is no name of a header")))?;
    if OF_THE_CONNECTION.contains(&parsed) {
        let problem = format!("the header {name}: a description does not choose the host or the connection");
        return Err(wrong(FILE, problem));
    }
    Ok(parsed)
}

/// Whether a template asks for what is secret.
fn holds_a_credential(template: &str) -> bool {
    template.contains("env") || template.contains("api_key")
}

/// Returns the headers that hold credentials, rendered once, and those that a person typed; and which environment variables
/// are sent. A key that no header asks for is a bearer token.
fn auth(
    settings: &Settings,
    secret: &[(String, String)],
) -> Result<(Arc<dyn AuthProvider>, Vec<String>), SettingsError> {
    let key = settings.api_key.as_ref();
    let allowed = settings.allowed_variables.iter();
    let env: BTreeMap<&str, String> =
        allowed.filter_map(|name| Some((name.as_str(), settings.environment.get(name)?))).collect();
    let with = match key {
        Some(key) => context! { env => env, api_key => key.reveal() },
        None => context! { env => env },
    };
    let renderer = Renderer::compile(secret.iter().map(|(_, template)| template.as_str()));
    let renderer = renderer.map_err(|problem| wrong(FILE, problem))?;
    let mut headers: Vec<_> = settings.headers.iter().map(|it| (it.0.clone(), it.1.clone())).collect();
    let mut notes = Vec::new();
    for (header, template) in secret {
        let problem = |text: String| wrong(FILE, format!("the header {header}: {text}"));
        for variable in variables_in(&renderer, template).map_err(problem)? {
            if !settings.allowed_variables.contains(&variable) {
                let text = format!(
                    "it sends the environment variable {variable} to the server: --allow-env {variable} allows it"
                );
                return Err(problem(text));
            }
            notes.push(format!("the description sends ${variable} in the header {header}"));
        }
        let value = renderer.text(template, &with).map_err(problem)?;
        let value = HeaderValue::try_from(value);
        let value = value.map_err(|_| problem("a value that no header can carry".to_owned()))?;
        headers.push((header_name(header)?, value));
    }
    if let Some(key) = key.filter(|_| !secret.iter().any(|it| it.1.contains("api_key"))) {
        let bearer = HeaderValue::from_str(&Zeroizing::new(format!("Bearer {}", key.reveal())));
        let bearer = bearer.ok().filter(|_| key.reveal().is_ascii());
        let bearer = bearer.ok_or_else(|| wrong("api_key", InvalidKey::new(key).to_string()))?;
        headers.push((AUTHORIZATION, bearer));
    }
    let auth: Arc<dyn AuthProvider> =
        if headers.is_empty() { Arc::new(Anonymous) } else { Arc::new(FixedHeaders::new(headers)) };
    Ok((auth, notes))
}

/// Returns the environment variables that a template names.
///
/// # Errors
///
/// When it reads the environment without a name.
fn variables_in(renderer: &Renderer, template: &str) -> Result<Vec<String>, String> {
    let mut variables = Vec::new();
    for name in renderer.names_in(template) {
        match name.split_once('.') {
            None if name == "env" => return Err("it reads the whole environment: give env.NAME".to_owned()),
            Some(("env", rest)) => variables.push(rest.split('.').next().unwrap_or(rest).to_owned()),
            _ => {}
        }
    }
    variables.dedup();
    Ok(variables)
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

    #[tokio::test]
    async fn variables_are_sent_where_a_person_allows_it_and_named() {
        let (_folder, mut settings) =
            settings(&described(&json!({"x-team": "{{ env.TEAM }}{{ env.TEAM }}"})));
        settings.environment = [("TEAM", "blue"), ("OTHER", "SECRET")].into_iter().collect();
        assert!(build(&settings).unwrap_err().to_string().contains("--allow-env TEAM"));
        settings.allowed_variables = vec!["TEAM".to_owned()];
        let endpoint = build(&settings).unwrap();
        assert_eq!(endpoint.notes, ["the description sends $TEAM in the header x-team"]);
        assert_eq!(wire(&endpoint, OutputLength::Free).await.headers()["x-team"], "blueblue");
    }

    #[tokio::test]
    async fn a_path_that_changes_the_host_is_not_sent() {
        let described = |path: &str| settings(&json!({"path": path, "answer": {"text": "/a"}}));
        for path in ["@127.0.0.2/", ".evil.com/"] {
            let (_folder, settings) = described(path);
            let error = build(&settings).unwrap_err().to_string();
            assert!(error.contains("slash"), "{error}");
        }
        let (_folder, settings) = described("{{ model }}");
        let endpoint = build(&settings).unwrap();
        let request = Request::chat("@evil.com/", "x", OutputLength::Free);
        let error = endpoint.backend.encode(&request).unwrap_err().to_string();
        assert!(error.contains("slash"), "{error}");
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
            (json!({"method": "CONNECT", "answer": {}}), "GET, POST, PUT and PATCH"),
            (described(&json!({"x": "{{ env.SECRET }}"})), "--allow-env SECRET"),
            (described(&json!({"x": "{{ env['SECRET'] }}"})), "the header x"),
            (described(&json!({"x": "{{ env }}"})), "the header x"),
            (described(&json!({"Host": "other"})), "does not choose the host"),
            (described(&json!({"host": "{{ api_key }}"})), "the header host"),
            (json!({"path": "{{ unclosed", "answer": {}}), "unclosed"),
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
