//! The registry entry of this backend.

use std::sync::Arc;

use genai_bench_core::auth::AuthProvider;
use genai_bench_core::backend::Backend;
use genai_bench_core::task::Task;

use super::anthropic::{self, Claude};
use super::api::{self, Api, given};
use super::backend::ByModel;
use super::credentials::{self, Given};
use super::endpoint::{GEMINI_API, Service};
use super::gemini::Gemini;
use super::openai::{self, ChatCompletions};
use crate::auth::{Origin, Secret};
use crate::entry::{Endpoint, Entry, ProviderOption, Settings, SettingsError};

/// The name of the backend in results, the same as in the Python tool.
pub(super) const NAME: &str = "gcp-vertex";

const LOCATION: &str = "gcp-location";
/// The default location, the same as in the Python tool.
const DEFAULT_LOCATION: &str = "us-central1";
/// The variable of the location for all Google tools. It may be set where the Gemini API is used.
const LOCATION_FOR_ALL: &str = "GOOGLE_CLOUD_LOCATION";
/// The heading of the options in the help.
pub(super) const PROVIDER: &str = "Google Cloud";

/// The registry entry of this backend.
pub(crate) const ENTRY: Entry = Entry {
    name: NAME,
    tasks: &[
        Task::TextToText,
        Task::TextToEmbeddings,
        Task::TextToImage,
        Task::TextToSpeech,
        Task::ImageTextToText,
        Task::VideoTextToText,
    ],
    default_base: GEMINI_API,
    base_variables: &[],
    key_variables: &["MODEL_API_KEY", "GEMINI_API_KEY", "GOOGLE_API_KEY", "GCP_API_KEY"],
    auth: credentials::KINDS,
    credentials: credentials::CREDENTIALS_BESIDE_A_KEY,
    options: &[
        credentials::PROJECT_OPTION,
        ProviderOption {
            name: LOCATION,
            provider: PROVIDER,
            variables: &["GCP_LOCATION", LOCATION_FOR_ALL],
            value_name: "LOCATION",
            help: "Where Vertex AI is asked: a region, us, eu or global. By default us-central1",
            is_secret: false,
        },
        credentials::CREDENTIALS_OPTION,
        credentials::TOKEN_OPTION,
        credentials::QUOTA_PROJECT_OPTION,
        api::OPTION,
        openai::ENDPOINT_OPTION,
        anthropic::VERSION_OPTION,
    ],
    build,
    #[cfg(feature = "conformance")]
    subjects: super::cassettes::subjects,
};

pub(super) fn build(settings: &Settings) -> Result<Endpoint, SettingsError> {
    let given = Given::among(settings);
    let file = given.file(settings)?;
    let service = service(settings, credentials::project(settings, &given, file.as_ref())?)?;
    let auth = credentials::auth_provider(settings, &service, given, file)?;
    let address = service.address();
    let backend = backend(settings, service, Arc::clone(&auth))?;
    Ok(Endpoint::new(backend, auth, address))
}

/// Returns the codec of the named API, or one that chooses the API by model.
fn backend(
    settings: &Settings,
    service: Service,
    auth: Arc<dyn AuthProvider>,
) -> Result<Arc<dyn Backend>, SettingsError> {
    let api = Api::from_settings(settings, &service)?;
    if api != Some(Api::OpenAi) {
        settings.refuse_those_of_openai(NAME).map_err(|it| SettingsError {
            problem: format!("{}, such as Vertex AI with --gcp-vertex-api openai", it.problem),
            ..it
        })?;
    }
    Ok(match api {
        Some(Api::Gemini) => Arc::new(Gemini::new(settings, service)?),
        Some(Api::Anthropic) => Arc::new(Claude::new(settings, service)?),
        Some(Api::OpenAi) => Arc::new(ChatCompletions::new(settings, &service, auth)?),
        None => Arc::new(ByModel {
            claude: Claude::new(settings, service.clone())?,
            others: ChatCompletions::new(settings, &service, auth)?,
            gemini: Gemini::new(settings, service)?,
        }),
    })
}

/// Returns Vertex AI if there is a project, else the Gemini API.
fn service(settings: &Settings, project: Option<String>) -> Result<Service, SettingsError> {
    let location = given(settings, LOCATION);
    if let Some(name) = location.filter(|it| !is_name(it)) {
        return Err(SettingsError::new(LOCATION, credentials::no_name(name)));
    }
    let is_for_all =
        |name| settings.options.get(name).map(Secret::origin) == Some(Origin::Variable(LOCATION_FOR_ALL));
    let base = settings.api_base.as_deref();
    let service = match (project, location) {
        (Some(project), location) => Service::vertex(&project, location.unwrap_or(DEFAULT_LOCATION), base),
        (None, Some(_)) if !is_for_all(LOCATION) => {
            let problem = "a location without a project: give --gcp-project-id too, for Vertex AI, or neither, for \
                the Gemini API";
            return Err(SettingsError::new(LOCATION, problem.to_owned()));
        }
        (None, _) => Service::gemini(base),
    };
    service.map_err(|it| SettingsError::new("api_base", format!("'{}' is {it}", base.unwrap_or_default())))
}

/// Returns `true` if a text can be the name of a location or an endpoint: one segment of a host or path.
pub(super) fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'-')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::credentials::PROJECT;
    use super::*;

    fn settings(options: &[(&'static str, &str)]) -> Settings {
        let options = options.iter().map(|(name, value)| (*name, Secret::from(*value))).collect();
        Settings { api_key: Some(Secret::from("k")), options, ..Settings::default() }
    }

    #[test]
    fn a_project_decides_which_service_is_asked() {
        let address = |options| build(&settings(options)).unwrap().address;
        assert_eq!(address(&[]), "https://generativelanguage.googleapis.com/v1");
        assert_eq!(address(&[(PROJECT, "")]), "https://generativelanguage.googleapis.com/v1");
        assert_eq!(
            address(&[(PROJECT, "p-1")]),
            "https://us-central1-aiplatform.googleapis.com/v1/projects/p-1/locations/us-central1"
        );
        assert_eq!(
            address(&[(PROJECT, "example.com:p"), (LOCATION, "global")]),
            "https://aiplatform.googleapis.com/v1/projects/example.com:p/locations/global"
        );
    }

    #[test]
    fn a_base_replaces_the_host_of_either_service() {
        let at = |options| Settings { api_base: Some("http://h:1".to_owned()), ..settings(options) };
        assert_eq!(build(&at(&[])).unwrap().address, "http://h:1/v1");
        let vertex = build(&at(&[(PROJECT, "p")])).unwrap().address;
        assert_eq!(vertex, "http://h:1/v1/projects/p/locations/us-central1");
    }

    #[test]
    fn what_leads_nowhere_is_refused_by_its_name() {
        let error = |settings: &Settings| build(settings).unwrap_err();
        for (wrong, setting) in [
            (settings(&[(LOCATION, "eu")]), LOCATION),
            (settings(&[(PROJECT, "My Project")]), PROJECT),
            (settings(&[(PROJECT, "p"), (LOCATION, "evil.example/")]), LOCATION),
            (settings(&[(PROJECT, "p"), (LOCATION, "evil.example")]), LOCATION),
            (settings(&[(PROJECT, "p..q")]), PROJECT),
            (settings(&[(PROJECT, "p"), ("gcp-endpoint-id", "a/../b")]), "gcp-endpoint-id"),
            (Settings { api_base: Some("h:1".to_owned()), ..settings(&[]) }, "api_base"),
            (Settings { ignore_eos: Some(true), ..settings(&[]) }, "ignore_eos"),
            (Settings { chat_api: Some("responses".to_owned()), ..settings(&[]) }, "chat_api"),
            (Settings { length_field: Some("max_tokens".to_owned()), ..settings(&[]) }, "length_field"),
            (Settings { continuous_usage: true, ..settings(&[]) }, "continuous_usage"),
        ] {
            assert_eq!(error(&wrong).setting, setting, "{wrong:?}");
        }
        let body = json!({"generationConfig": []}).as_object().unwrap().clone();
        assert_eq!(error(&Settings { body, ..settings(&[]) }).setting, "additional_request_params");
    }
}
