//! How the command line names and makes this backend.

use std::sync::Arc;

use genai_bench_core::task::Task;

use super::credentials::{self, Credential};
use super::options::{ACCESS_KEY_ID, API, FAMILY, PROFILE, REGION, SECRET_ACCESS_KEY, SESSION_TOKEN};
use super::{BaseUrl, Bedrock, ExtraParams, InvalidBaseUrl, UnknownFamily, openai};
use crate::auth::{Origin, Secret};
use crate::entry::{Endpoint, Entry, Settings, SettingsError};

/// The name that people know it by.
pub(super) const NAME: &str = "aws-bedrock";

/// The name that requests are signed for.
const SERVICE: &str = "bedrock";

/// The same of hosts that have other APIs than Bedrock's own.
const MANTLE: &str = "bedrock-mantle";

const DEFAULT_REGION: &str = "us-east-1";

/// How the command line names and makes this backend.
pub const ENTRY: Entry = Entry {
    name: NAME,
    tasks: &[
        Task::TextToText,
        Task::TextToEmbeddings,
        Task::TextToRerank,
        Task::TextToImage,
        Task::ImageTextToText,
        Task::ImageToEmbeddings,
    ],
    default_base: "https://bedrock-runtime.us-east-1.amazonaws.com",
    base_variables: &["AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "AWS_ENDPOINT_URL"],
    key_variables: &["AWS_BEARER_TOKEN_BEDROCK"],
    auth: credentials::KINDS,
    credentials: credentials::CREDENTIALS,
    options: &[ACCESS_KEY_ID, SECRET_ACCESS_KEY, SESSION_TOKEN, REGION, PROFILE, API, FAMILY],
    build,
    #[cfg(feature = "conformance")]
    subjects: super::cassettes::subjects,
};

fn wrong(setting: &'static str, problem: impl Into<String>) -> SettingsError {
    SettingsError { setting, problem: problem.into() }
}

fn build(settings: &Settings) -> Result<Endpoint, SettingsError> {
    let api = Api::from_settings(settings)?;
    let who = Credential::from_settings(settings)?;
    let given_base = base_setting(settings)?;
    let region = region(settings, given_base.as_ref())?;
    let base = given_base.map_or_else(|| BaseUrl::from_region(&region), Ok);
    let base = base.map_err(|it| wrong(REGION.name, it.to_string()))?;
    let auth = who.auth(settings, &region, if base.is_mantle() { MANTLE } else { SERVICE })?;
    if api == Api::OpenAi {
        return openai::build(settings, &base, auth);
    }
    if base.is_mantle() {
        let problem =
            format!("'{base}' has no such API: give --aws-bedrock-api openai, or an address of the runtime");
        return Err(wrong("api_base", problem));
    }
    settings.refuse_those_of_openai(NAME)?;
    let address = base.to_string();
    let backend = Arc::new(backend(settings, base, api)?);
    Ok(Endpoint::new(backend, auth, address))
}

fn backend(settings: &Settings, base: BaseUrl, api: Api) -> Result<Bedrock, SettingsError> {
    let extra_params = ExtraParams::new(settings.body.clone())
        .map_err(|it| wrong("additional_request_params", it.to_string()))?;
    let mut backend =
        Bedrock::new(base).with_headers(settings.headers.clone()).with_extra_params(extra_params);
    if let Some(family) = settings.option(FAMILY.name) {
        let family = family.parse().map_err(|it: UnknownFamily| wrong(FAMILY.name, it.to_string()))?;
        backend = backend.with_family(family);
    }
    Ok(if api == Api::Invoke { backend.with_invoke_model() } else { backend })
}

/// Where requests go, if that was said.
fn base_setting(settings: &Settings) -> Result<Option<BaseUrl>, SettingsError> {
    let read = |base: &String| {
        base.parse().map_err(|it: InvalidBaseUrl| wrong("api_base", format!("'{base}' is {it}")))
    };
    settings.api_base.as_ref().map(read).transpose()
}

/// The region: that of the option, of an address that AWS has in no other, of a variable, of the profile.
fn region(settings: &Settings, base: Option<&BaseUrl>) -> Result<String, SettingsError> {
    let given = settings.options.get(REGION.name).filter(|it| !it.reveal().is_empty());
    let (by_variable, typed) = match given {
        Some(it) if matches!(it.origin(), Origin::Variable(_)) => (Some(it.reveal()), None),
        it => (None, it.map(Secret::reveal)),
    };
    match typed.or(base.and_then(BaseUrl::region)).or(by_variable) {
        Some(region) => Ok(region.to_owned()),
        None => Ok(credentials::profile_region(settings)?.unwrap_or_else(|| DEFAULT_REGION.to_owned())),
    }
}

/// How conversations are carried.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Api {
    /// `Converse`: one body for the models of all makers.
    #[default]
    Converse,
    /// `InvokeModel`: the models' own bodies.
    Invoke,
    /// `OpenAI`'s API, as Bedrock serves it.
    OpenAi,
}

impl Api {
    /// What a person wants.
    ///
    /// # Errors
    ///
    /// When there is no such way.
    pub(super) fn from_settings(settings: &Settings) -> Result<Self, SettingsError> {
        match settings.option(API.name) {
            None | Some("converse") => Ok(Self::Converse),
            Some("invoke") => Ok(Self::Invoke),
            Some("openai") => Ok(Self::OpenAi),
            Some(other) => {
                let problem = format!("'{other}' is none of converse, invoke and openai");
                Err(SettingsError { setting: API.name, problem })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use bytes::Bytes;
    use http::HeaderMap;
    use http::header::AUTHORIZATION;
    use serde_json::json;

    use super::*;
    use crate::auth::Secret;

    fn options<const N: usize>(given: [(&'static str, &str); N]) -> Settings {
        let options: BTreeMap<_, _> = given.into_iter().map(|(name, it)| (name, Secret::from(it))).collect();
        Settings { options, ..Settings::default() }
    }

    fn keys() -> Settings {
        options([("aws-access-key-id", "AKIAEXAMPLE"), ("aws-secret-access-key", "key")])
    }

    /// The problem with settings that are wrong.
    fn problem(settings: &Settings) -> (&'static str, String) {
        let error = build(settings).unwrap_err();
        (error.setting, error.problem)
    }

    async fn headers(settings: &Settings) -> HeaderMap {
        let endpoint = build(settings).unwrap();
        let mut request = http::Request::post(endpoint.address).body(Bytes::new()).unwrap();
        endpoint.auth.authorize(&mut request).await.unwrap();
        request.into_parts().0.headers
    }

    #[tokio::test]
    async fn the_region_is_in_the_address_and_in_the_signature() {
        let mut settings = keys();
        settings.options.insert("aws-region", "eu-west-1".into());
        assert_eq!(build(&settings).unwrap().address, "https://bedrock-runtime.eu-west-1.amazonaws.com");
        let of_base = "https://bedrock-runtime.ap-south-1.amazonaws.com";
        for (base, told, region) in [
            (of_base, None, "ap-south-1"),
            (of_base, Some("eu-west-1"), "eu-west-1"),
            ("http://localhost:8000", Some("eu-west-1"), "eu-west-1"),
            ("http://localhost:8000", None, "us-east-1"),
        ] {
            let mut settings = Settings { api_base: Some(base.into()), ..keys() };
            settings.options.extend(told.map(|it| ("aws-region", it.into())));
            let headers = headers(&settings).await;
            let signed = headers[AUTHORIZATION].to_str().unwrap();
            assert!(signed.contains(&format!("/{region}/bedrock/")), "{base} {told:?}: {signed}");
            assert_eq!(build(&settings).unwrap().address, base);
        }
    }

    #[tokio::test]
    async fn the_region_is_what_is_said_of_this_program_before_what_is_said_to_all() {
        let home = tempfile::tempdir().unwrap();
        let files = "[default]\nregion = eu-west-1\n[profile work]\nregion = eu-west-2\n[profile odd]\nregion = a b\n";
        let file = home.path().join("config");
        std::fs::write(&file, files).unwrap();
        let settings = |base: Option<&str>, option: Option<Secret>, profile: Option<&str>| {
            let environment = [("AWS_CONFIG_FILE", file.to_str().unwrap())].into_iter();
            let environment = environment.chain(profile.map(|it| ("AWS_PROFILE", it))).collect();
            let mut settings = Settings { api_base: base.map(Into::into), environment, ..keys() };
            settings.options.extend(option.map(|it| ("aws-region", it)));
            settings
        };
        let base = Some("https://bedrock-runtime.ap-south-1.amazonaws.com");
        let typed = || Some(Secret::from("ca-west-1"));
        let variable = || Some(Secret::from("us-west-2").found(Origin::Variable("AWS_REGION")));
        for (base, option, profile, expected) in [
            (base, typed(), None, "ca-west-1"),
            (base, variable(), None, "ap-south-1"),
            (None, variable(), Some("work"), "us-west-2"),
            (None, None, Some("work"), "eu-west-2"),
            (None, None, None, "eu-west-1"),
        ] {
            let settings = settings(base, option, profile);
            let signed = headers(&settings).await[AUTHORIZATION].to_str().unwrap().to_owned();
            assert!(signed.contains(&format!("/{expected}/bedrock/")), "{expected}: {signed}");
        }
        assert_eq!(problem(&settings(None, None, Some("wrok"))).0, "aws-profile");
        assert_eq!(problem(&settings(None, None, Some("odd"))).0, "aws-region");
        assert_eq!(problem(&options([("aws-region", "nowhere/")])).0, "aws-region");
    }

    #[test]
    fn what_only_other_backends_have_is_refused() {
        for (settings, setting) in [
            (Settings { chat_api: Some("responses".into()), ..keys() }, "chat_api"),
            (Settings { length_field: Some("max_tokens".into()), ..keys() }, "length_field"),
            (Settings { continuous_usage: true, ..keys() }, "continuous_usage"),
            (Settings { ignore_eos: Some(true), ..keys() }, "ignore_eos"),
        ] {
            let (wrong, said) = problem(&settings);
            assert_eq!(wrong, setting);
            assert!(said.contains("OpenAI"), "{said}");
        }
        assert!(build(&Settings { ignore_eos: Some(false), ..keys() }).is_ok());
        let body = json!({"stream": 1}).as_object().unwrap().clone();
        assert_eq!(problem(&Settings { body, ..keys() }).0, "additional_request_params");
    }
}
