//! The choice among the APIs of Vertex AI.

use genai_bench_core::request::{Input, Request};

use super::anthropic::VERSION;
use super::endpoint::Service;
use super::entry::PROVIDER;
use super::openai::ENDPOINT;
use crate::entry::{ProviderOption, Settings, SettingsError};

const OPTION_NAME: &str = "gcp-vertex-api";

/// The option that names the API.
pub(super) const OPTION: ProviderOption = ProviderOption {
    name: OPTION_NAME,
    provider: PROVIDER,
    variables: &[],
    value_name: "API",
    help: "The API that conversations on Vertex AI are held by: gemini, anthropic or openai. By default it follows from \
        the model: claude-... and anthropic/... have anthropic, other publishers' models, such as meta/llama-..., \
        have openai, and all others gemini",
    is_secret: false,
};

/// An API of Vertex AI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Api {
    /// `generateContent` and the other methods of Google's models.
    Gemini,
    /// Anthropic's messages API.
    Anthropic,
    /// `OpenAI`'s chat completions.
    OpenAi,
}

impl Api {
    /// Returns the API that `settings` name, or that an endpoint implies; `None` if it follows from the model.
    ///
    /// # Errors
    ///
    /// Returns an error when the service or the API does not support what the settings name.
    pub(super) fn from_settings(
        settings: &Settings,
        service: &Service,
    ) -> Result<Option<Self>, SettingsError> {
        let wrong = |setting, problem| Err(SettingsError { setting, problem });
        if !service.is_vertex() {
            let is_foreign = |it: &&str| given(settings, it).is_some_and(|it| it != "gemini");
            let foreign = [OPTION_NAME, ENDPOINT, VERSION].into_iter().find(is_foreign);
            return foreign.map_or(Ok(Some(Self::Gemini)), |option| {
                wrong(option, "only Vertex AI has it: give --gcp-project-id too".to_owned())
            });
        }
        let api = match given(settings, OPTION_NAME) {
            None => given(settings, ENDPOINT).map(|_| Self::OpenAi),
            Some("gemini") => Some(Self::Gemini),
            Some("anthropic") => Some(Self::Anthropic),
            Some("openai") => Some(Self::OpenAi),
            Some(other) => {
                return wrong(OPTION_NAME, format!("'{other}' is none of gemini, anthropic and openai"));
            }
        };
        for (option, its) in [(ENDPOINT, Self::OpenAi), (VERSION, Self::Anthropic)] {
            if given(settings, option).is_some() && api.is_some_and(|it| it != its) {
                return wrong(
                    option,
                    "another API is asked for, which has no such thing: leave it out".to_owned(),
                );
            }
        }
        Ok(api)
    }

    /// Returns the default API of `request`. Only conversations have several.
    pub(super) fn for_request(request: &Request) -> Self {
        if !matches!(request.input, Input::Chat { .. }) {
            return Self::Gemini;
        }
        match publisher(&request.model) {
            None if request.model.starts_with("claude") => Self::Anthropic,
            None | Some("google") => Self::Gemini,
            Some("anthropic") => Self::Anthropic,
            Some(_) => Self::OpenAi,
        }
    }
}

/// Returns the value of an option that is given and not empty.
pub(super) fn given<'a>(settings: &'a Settings, option: &str) -> Option<&'a str> {
    settings.option(option).map(str::trim).filter(|it| !it.is_empty())
}

/// Returns the publisher in a model's name, `None` for tuned or deployed models.
pub(super) fn publisher(model: &str) -> Option<&str> {
    if let Some((_, rest)) = model.split_once("publishers/") {
        return rest.split('/').next();
    }
    match model.split_once('/') {
        None | Some(("projects" | "endpoints" | "models" | "tunedModels", _)) => None,
        Some((publisher, _)) => Some(publisher),
    }
}

#[cfg(test)]
mod tests {
    use genai_bench_core::request::OutputLength;

    use super::*;
    use crate::auth::Secret;

    #[test]
    fn the_api_follows_from_the_model() {
        for (model, api) in [
            ("gemini-x", Api::Gemini),
            ("google/gemini-x", Api::Gemini),
            ("publishers/google/models/gemini-x", Api::Gemini),
            ("endpoints/123", Api::Gemini),
            ("projects/p/locations/l/endpoints/123", Api::Gemini),
            ("claude-x@20250929", Api::Anthropic),
            ("anthropic/claude-x", Api::Anthropic),
            ("publishers/anthropic/models/claude-x", Api::Anthropic),
            ("projects/p/locations/l/publishers/anthropic/models/claude-x", Api::Anthropic),
            ("meta/llama-x", Api::OpenAi),
            ("openai/gpt-oss-x", Api::OpenAi),
            ("publishers/mistralai/models/mistral-x", Api::OpenAi),
        ] {
            assert_eq!(Api::for_request(&Request::chat(model, "Hello", OutputLength::Free)), api, "{model}");
            let speech = Request::new(model, Input::Speech { text: "Hello".into() });
            assert_eq!(Api::for_request(&speech), Api::Gemini, "{model}");
        }
    }

    fn asked_for(options: &[(&'static str, &str)], service: &Service) -> Result<Option<Api>, String> {
        let options = options.iter().map(|(name, it)| (*name, Secret::from(*it))).collect();
        let settings = Settings { options, ..Settings::default() };
        Api::from_settings(&settings, service).map_err(|it| it.to_string())
    }

    #[test]
    fn the_api_can_be_asked_for_and_an_endpoint_has_one() {
        let vertex = Service::vertex("p", "global", None).unwrap();
        for (options, api) in [
            (vec![], None),
            (vec![(OPTION_NAME, "gemini")], Some(Api::Gemini)),
            (vec![(OPTION_NAME, "anthropic"), (VERSION, "vertex-2023-10-16")], Some(Api::Anthropic)),
            (vec![(VERSION, "vertex-2023-10-16")], None),
            (vec![(OPTION_NAME, "openai")], Some(Api::OpenAi)),
            (vec![(ENDPOINT, "123")], Some(Api::OpenAi)),
            (vec![(OPTION_NAME, " "), (ENDPOINT, "")], None),
        ] {
            assert_eq!(asked_for(&options, &vertex), Ok(api), "{options:?}");
        }
    }

    #[test]
    fn what_another_api_or_service_has_is_refused_by_its_name() {
        let vertex = Service::vertex("p", "global", None).unwrap();
        let gemini = Service::gemini(None).unwrap();
        for (service, options, start) in [
            (&vertex, vec![(OPTION_NAME, "palm")], "gcp-vertex-api: 'palm' is none"),
            (&vertex, vec![(OPTION_NAME, "gemini"), (ENDPOINT, "1")], "gcp-endpoint-id: another API"),
            (&vertex, vec![(OPTION_NAME, "openai"), (VERSION, "x")], "gcp-anthropic-version: another API"),
            (&vertex, vec![(ENDPOINT, "1"), (VERSION, "x")], "gcp-anthropic-version: another API"),
            (&gemini, vec![(OPTION_NAME, "openai")], "gcp-vertex-api: only Vertex AI"),
            (&gemini, vec![(ENDPOINT, "1")], "gcp-endpoint-id: only Vertex AI"),
            (&gemini, vec![(VERSION, "x")], "gcp-anthropic-version: only Vertex AI"),
        ] {
            let refused = asked_for(&options, service).unwrap_err();
            assert!(refused.starts_with(start), "{refused}");
        }
        for options in [vec![], vec![(OPTION_NAME, "gemini")]] {
            assert_eq!(asked_for(&options, &gemini), Ok(Some(Api::Gemini)));
        }
    }
}
