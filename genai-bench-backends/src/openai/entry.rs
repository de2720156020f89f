//! The registry entry of this backend.

use std::sync::Arc;

use genai_bench_core::auth::AuthProvider;
use genai_bench_core::task::Task;
use http::HeaderValue;

use super::{BaseUrl, ChatApi, Dialect, ExactLength, InvalidBaseUrl, LengthField, OpenAi};
use crate::entry::{AuthKind, Credentials, Endpoint, Entry, ProviderOption, Settings, SettingsError};

const DEFAULT_BASE: &str = "https://api.openai.com/v1";

/// The registry entry of this backend.
pub const ENTRY: Entry = Entry {
    name: "openai",
    tasks: &[
        Task::TextToText,
        Task::TextToEmbeddings,
        Task::TextToImage,
        Task::TextToSpeech,
        Task::ImageTextToText,
    ],
    default_base: DEFAULT_BASE,
    base_variables: &["OPENAI_BASE_URL"],
    key_variables: &["MODEL_API_KEY", "OPENAI_API_KEY"],
    auth: AuthKind::USUAL,
    credentials: Credentials::USUAL,
    options: OPTIONS,
    build: build_own,
    #[cfg(feature = "conformance")]
    subjects: || super::subjects(Dialect::openai()),
};

const PROVIDER: &str = "OpenAI";

/// Options with the names of the headers that carry them.
const HEADERS: [&str; 2] = ["openai-organization", "openai-project"];

const OPTIONS: &[ProviderOption] = &[
    ProviderOption {
        name: HEADERS[0],
        provider: PROVIDER,
        variables: &["OPENAI_ORG_ID"],
        value_name: "ID",
        help: "The organization that requests are counted for, where a key belongs to several",
        is_secret: false,
    },
    ProviderOption {
        name: HEADERS[1],
        provider: PROVIDER,
        variables: &["OPENAI_PROJECT_ID"],
        value_name: "ID",
        help: "The project that requests are counted for, where a key belongs to several",
        is_secret: false,
    },
];

/// Builds the backend of the provider itself.
fn build_own(settings: &Settings) -> Result<Endpoint, SettingsError> {
    let mut settings = settings.clone();
    for name in HEADERS {
        let Some(value) = settings.option(name).filter(|it| !it.is_empty()) else { continue };
        let value = HeaderValue::from_str(value)
            .map_err(|_| wrong(name, "a header cannot carry it: give plain ASCII in one line".to_owned()))?;
        // A header given by the user is not replaced.
        settings.headers.entry(name).or_insert(value);
    }
    build(&settings, Dialect::openai(), DEFAULT_BASE)
}

/// Builds a backend for `dialect` with the further properties in `settings`; a key is sent as a bearer token.
pub(crate) fn build(
    settings: &Settings,
    dialect: Dialect,
    default_base: &str,
) -> Result<Endpoint, SettingsError> {
    let base = settings.api_base.as_deref().unwrap_or(default_base);
    let base = base.parse().map_err(|it: InvalidBaseUrl| wrong("api_base", format!("'{base}' is {it}")))?;
    build_at(base, settings.bearer()?, settings, dialect)
}

/// Builds a backend for a server at `base`, with the credentials of `auth`.
pub(crate) fn build_at(
    base: BaseUrl,
    auth: Arc<dyn AuthProvider>,
    settings: &Settings,
    mut dialect: Dialect,
) -> Result<Endpoint, SettingsError> {
    if settings.no_stream_options && settings.continuous_usage {
        let problem = "counts on every chunk are asked for in stream_options: leave one of the two out";
        return Err(wrong("continuous_usage", problem.to_owned()));
    }
    dialect.include_usage &= !settings.no_stream_options;
    dialect.continuous_usage = settings.continuous_usage;
    match settings.chat_api.as_deref() {
        None => {}
        Some("completions") => dialect.chat_api = ChatApi::Completions,
        Some("responses") => dialect.chat_api = ChatApi::Responses,
        Some(other) => {
            return Err(wrong("chat_api", format!("'{other}' is neither completions nor responses")));
        }
    }
    match settings.length_field.as_deref() {
        None => {}
        Some("max_completion_tokens") => dialect.length_field = LengthField::MaxCompletionTokens,
        Some("max_tokens") => dialect.length_field = LengthField::MaxTokens,
        Some(other) => {
            let problem = format!("'{other}' is neither max_completion_tokens nor max_tokens");
            return Err(wrong("length_field", problem));
        }
    }
    match settings.ignore_eos {
        None => {}
        Some(true) => dialect.exact_length = ExactLength::IgnoreEosAndMinTokens,
        Some(false) => dialect.exact_length = ExactLength::Unknown,
    }
    dialect.headers.extend(settings.headers.clone());
    let (extra, instruction) = settings.body_and_instruction()?;
    dialect.body = extra;
    dialect.system_message = instruction.or(dialect.system_message);
    let address = base.to_string();
    Ok(Endpoint::new(Arc::new(OpenAi::new(base, dialect)), auth, address))
}

fn wrong(setting: &'static str, problem: String) -> SettingsError {
    SettingsError { setting, problem }
}

#[cfg(test)]
mod tests {
    use genai_bench_core::request::{OutputLength, Request};
    use genai_bench_core::units::Tokens;
    use serde_json::Value;

    use super::*;
    use crate::auth::Secret;

    fn body(settings: &Settings) -> Value {
        let backend = build(settings, Dialect::openai(), DEFAULT_BASE).unwrap().backend;
        let request = Request::chat("m", "Hello", OutputLength::Exactly(Tokens(9)));
        serde_json::from_slice(backend.encode(&request).unwrap().body()).unwrap()
    }

    #[test]
    fn a_server_can_be_told_of_by_what_it_knows() {
        let by_default = body(&Settings::default());
        assert_eq!((&by_default["max_completion_tokens"], by_default.get("ignore_eos")), (&9.into(), None));
        let settings = Settings {
            length_field: Some("max_tokens".into()),
            ignore_eos: Some(true),
            ..Settings::default()
        };
        let told = body(&settings);
        assert_eq!(
            (&told["max_tokens"], &told["min_tokens"], &told["ignore_eos"]),
            (&9.into(), &9.into(), &true.into())
        );
        let told = body(&Settings { no_stream_options: true, ..Settings::default() });
        assert_eq!((&told["stream"], told.get("stream_options")), (&true.into(), None));
        let wrong = Settings { length_field: Some("tokens".into()), ..Settings::default() };
        assert_eq!(build(&wrong, Dialect::openai(), DEFAULT_BASE).unwrap_err().setting, "length_field");
    }

    #[test]
    fn whom_requests_are_counted_for_is_in_headers_unless_a_person_wrote_them() {
        let options = HEADERS.map(|it| (it, Secret::from("of-option"))).into();
        let mut settings = Settings { options, ..Settings::default() };
        settings.headers.insert(HEADERS[1], HeaderValue::from_static("written"));
        let backend = build_own(&settings).unwrap().backend;
        let wire = backend.encode(&Request::chat("m", "Hello", OutputLength::Free)).unwrap();
        let said: Vec<_> = HEADERS.iter().map(|it| wire.headers()[*it].to_str().unwrap()).collect();
        assert_eq!(said, ["of-option", "written"]);
        settings.options.insert(HEADERS[0], "a\nb".into());
        assert_eq!(build_own(&settings).unwrap_err().setting, HEADERS[0]);
    }

    #[test]
    fn conversations_can_go_through_the_other_api() {
        let settings = Settings { chat_api: Some("responses".into()), ..Settings::default() };
        assert_eq!(body(&settings)["max_output_tokens"], 9);
        let wrong = Settings { chat_api: Some("response".into()), ..Settings::default() };
        let error = build(&wrong, Dialect::openai(), DEFAULT_BASE).unwrap_err().to_string();
        assert_eq!(error, "chat_api: 'response' is neither completions nor responses");
    }

    #[test]
    fn what_the_python_tool_treats_apart_is_treated_so_here() {
        let extra = serde_json::json!({"system_message": "Be brief", "messages": [], "seed": 1});
        let told = body(&Settings { body: extra.as_object().unwrap().clone(), ..Settings::default() });
        assert_eq!((&told["messages"][0]["content"], &told["seed"]), (&"Be brief".into(), &1.into()));
        assert_eq!((told["messages"].as_array().unwrap().len(), told.get("system_message")), (2, None));
    }
}
