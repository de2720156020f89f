//! How the command line names and makes this backend.

use std::sync::Arc;

use genai_bench_core::task::Task;

use super::backend::{Gemini, NAME};
use super::credentials::{self, Given};
use super::project::{self, PROVIDER};
use super::service::{GEMINI_API, Service};
use super::wanted::Wanted;
use crate::auth::Origin;
use crate::registry::{Endpoint, Entry, ProviderOption, Settings, SettingsError};

const LOCATION: &str = "gcp-location";
/// Where a project is when nobody says: as in the Python tool.
const DEFAULT_LOCATION: &str = "us-central1";
/// It is set for all that asks Google, also where the Gemini API is asked.
const LOCATION_FOR_ALL: &str = "GOOGLE_CLOUD_LOCATION";

/// How the command line names and makes this backend.
pub(crate) const ENTRY: Entry = Entry {
    name: NAME,
    tasks: &[Task::TextToText, Task::TextToEmbeddings, Task::ImageTextToText, Task::VideoTextToText],
    default_base: GEMINI_API,
    key_variables: &["MODEL_API_KEY", "GEMINI_API_KEY", "GOOGLE_API_KEY", "GCP_API_KEY"],
    auth: credentials::KINDS,
    options: &[
        project::PROJECT_OPTION,
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
    ],
    build,
    #[cfg(feature = "conformance")]
    subjects: super::cassettes::subjects,
};

fn build(settings: &Settings) -> Result<Endpoint, SettingsError> {
    settings.refuse_those_of_openai(NAME)?;
    let given = Given::among(settings)?;
    let file = given.file(settings)?;
    let service = service(settings, project::of(settings, &given, file.as_ref())?)?;
    let auth = credentials::of(settings, &service, given, file)?;
    let address = service.address();
    let wanted = Wanted::new(&settings.body)?;
    let backend = Gemini { service, headers: settings.headers.clone(), wanted };
    Ok(Endpoint { backend: Arc::new(backend), auth, address })
}

/// Vertex AI if there is a project, or the Gemini API.
fn service(settings: &Settings, project: Option<String>) -> Result<Service, SettingsError> {
    let location = settings.options.get(LOCATION);
    let name = location.map(|it| it.reveal().trim()).filter(|it| !it.is_empty());
    let name = name.map(|it| project::checked(LOCATION, it)).transpose()?;
    let base = settings.api_base.as_deref();
    let service = match (project, name) {
        (Some(project), name) => Service::vertex(&project, name.unwrap_or(DEFAULT_LOCATION), base),
        (None, Some(_)) if location.is_some_and(|it| it.origin() != Origin::Variable(LOCATION_FOR_ALL)) => {
            let problem = "a location without a project: give --gcp-project-id too, for Vertex AI, or neither, for \
                the Gemini API";
            return Err(SettingsError { setting: LOCATION, problem: problem.to_owned() });
        }
        (None, _) => Service::gemini(base),
    };
    let wrong = |it| format!("'{}' is {it}", base.unwrap_or_default());
    service.map_err(|it| SettingsError { setting: "api_base", problem: wrong(it) })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::project::PROJECT;
    use super::*;
    use crate::auth::Secret;

    fn settings(options: &[(&'static str, &str)]) -> Settings {
        let options = options.iter().map(|(name, value)| (*name, Secret::from(*value))).collect();
        Settings { api_key: Some(Secret::from("k")), options, ..Settings::default() }
    }

    #[test]
    fn a_project_decides_which_service_is_asked() {
        let address = |options| build(&settings(options)).unwrap().address;
        assert_eq!(address(&[]), "https://generativelanguage.googleapis.com/v1beta");
        assert_eq!(address(&[(PROJECT, "")]), "https://generativelanguage.googleapis.com/v1beta");
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
        assert_eq!(build(&at(&[])).unwrap().address, "http://h:1/v1beta");
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
