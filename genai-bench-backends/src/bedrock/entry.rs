//! How the command line names and makes this backend.

use std::sync::Arc;

use genai_bench_core::auth::AuthProvider;
use genai_bench_core::task::Task;

use super::api::Api;
use super::options::{ACCESS_KEY_ID, API, FAMILY, PROFILE, REGION, SECRET_ACCESS_KEY, SESSION_TOKEN};
use super::{BaseUrl, Bedrock, Extras, InvalidBaseUrl, UnknownFamily, openai};
use crate::auth::{ApiKey, SigV4};
use crate::registry::{AuthKind, Endpoint, Entry, ProviderOption, Settings, SettingsError};

/// The name that people know it by.
pub(super) const NAME: &str = "aws-bedrock";

/// The name that requests are signed for.
const SERVICE: &str = "bedrock";

/// The same of hosts that have other APIs than Bedrock's own.
const MANTLE: &str = "bedrock-mantle";

const DEFAULT_REGION: &str = "us-east-1";

const KEY_KIND: &str = "Bedrock API key";

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
    key_variables: &["AWS_BEARER_TOKEN_BEDROCK"],
    auth: &[
        AuthKind { name: KEY_KIND, ..AuthKind::KEY },
        AuthKind {
            name: SigV4::KIND,
            found: "--aws-access-key-id and --aws-secret-access-key, or their variables",
        },
    ],
    options: &[ACCESS_KEY_ID, SECRET_ACCESS_KEY, SESSION_TOKEN, REGION, PROFILE, API, FAMILY],
    build,
    #[cfg(feature = "conformance")]
    subjects: super::cassettes::subjects,
};

fn wrong(setting: &'static str, problem: impl Into<String>) -> SettingsError {
    SettingsError { setting, problem: problem.into() }
}

fn build(settings: &Settings) -> Result<Endpoint, SettingsError> {
    let api = Api::of(settings)?;
    let told = settings.option(REGION.name);
    let base = base(settings, told)?;
    let region = told.or(base.region()).unwrap_or(DEFAULT_REGION).to_owned();
    let auth = auth(settings, region, if base.is_mantle() { MANTLE } else { SERVICE })?;
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
    Ok(Endpoint { backend, auth, address })
}

fn backend(settings: &Settings, base: BaseUrl, api: Api) -> Result<Bedrock, SettingsError> {
    let extras = Extras::new(settings.body.clone())
        .map_err(|it| wrong("additional_request_params", it.to_string()))?;
    let mut backend = Bedrock::new(base).with_headers(settings.headers.clone()).with_extras(extras);
    if let Some(family) = settings.option(FAMILY.name) {
        let family = family.parse().map_err(|it: UnknownFamily| wrong(FAMILY.name, it.to_string()))?;
        backend = backend.of_family(family);
    }
    Ok(if api == Api::Invoke { backend.invoking() } else { backend })
}

/// Where requests go: as was said, or to the region that was `told`.
fn base(settings: &Settings, told: Option<&str>) -> Result<BaseUrl, SettingsError> {
    if let Some(base) = &settings.api_base {
        return base.parse().map_err(|it: InvalidBaseUrl| wrong("api_base", format!("'{base}' is {it}")));
    }
    // Without a key of Bedrock's own a profile is no use at all yet, which is said elsewhere.
    let profile = settings.option(PROFILE.name).filter(|_| settings.api_key.is_some());
    if let (None, Some(profile)) = (told, profile) {
        let problem = format!("missing: that of the profile '{profile}' is not read yet");
        return Err(wrong(REGION.name, problem));
    }
    BaseUrl::of_region(told.unwrap_or(DEFAULT_REGION)).map_err(|it| wrong(REGION.name, it.to_string()))
}

/// Who we are: a key of Bedrock's own, else whose access key it is.
fn auth(
    settings: &Settings,
    region: String,
    service: &'static str,
) -> Result<Arc<dyn AuthProvider>, SettingsError> {
    if let Some(key) = &settings.api_key {
        return Ok(Arc::new(
            ApiKey::bearer(key).map_err(|it| wrong("api_key", it.to_string()))?.of_kind(KEY_KIND),
        ));
    }
    let secret = |option: ProviderOption| settings.options.get(option.name);
    let [id, key] = [secret(ACCESS_KEY_ID), secret(SECRET_ACCESS_KEY)];
    if let Some(profile) = secret(PROFILE) {
        let profile = profile.reveal();
        let instead = format!("`aws configure export-credentials --profile {profile} --format env`");
        let problem = if id.is_some() || key.is_some() {
            format!("'{profile}' and an access key were both given, also by the environment: leave one out")
        } else {
            format!("profiles are not read yet: set what {instead} prints, and the region")
        };
        return Err(wrong(PROFILE.name, problem));
    }
    match (id, key) {
        (Some(id), Some(key)) => {
            Ok(Arc::new(SigV4::with_keys(id, key, secret(SESSION_TOKEN), region, service)))
        }
        (Some(_), None) => Err(wrong(SECRET_ACCESS_KEY.name, "missing: the ID of an access key was given")),
        (None, Some(_)) => Err(wrong(ACCESS_KEY_ID.name, "missing: the secret of an access key was given")),
        (None, None) => Err(wrong("api_key", NO_CREDENTIALS)),
    }
}

const NO_CREDENTIALS: &str = "no credentials were given. Give a key of Bedrock's own with --api-key or \
    AWS_BEARER_TOKEN_BEDROCK, or an access key with --aws-access-key-id and --aws-secret-access-key \
    (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY), and with --aws-session-token (AWS_SESSION_TOKEN) where it has one";

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
    async fn a_key_of_its_own_wins_over_an_access_key() {
        let signed = headers(&keys()).await;
        let told = signed[AUTHORIZATION].to_str().unwrap();
        assert!(told.starts_with("AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE/"), "{told}");
        assert!(told.contains("/us-east-1/bedrock/aws4_request"), "{told}");
        let both = Settings { api_key: Some("bedrock-api-key-EXAMPLE".into()), ..keys() };
        assert_eq!(headers(&both).await[AUTHORIZATION], "Bearer bedrock-api-key-EXAMPLE");
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

    #[test]
    fn who_gives_too_little_or_too_much_is_told_what_to_give() {
        let (setting, said) = problem(&Settings::default());
        assert_eq!(setting, "api_key");
        assert!(said.contains("AWS_BEARER_TOKEN_BEDROCK") && said.contains("--aws-access-key-id"), "{said}");
        let half = options([("aws-access-key-id", "AKIAEXAMPLE")]);
        assert_eq!(problem(&half).0, "aws-secret-access-key");
        let half = options([("aws-secret-access-key", "key")]);
        assert_eq!(problem(&half).0, "aws-access-key-id");
        let of_profile = Settings { api_key: Some("key".into()), ..options([("aws-profile", "work")]) };
        assert_eq!(problem(&of_profile).0, "aws-region");
        let (setting, said) = problem(&options([("aws-profile", "work")]));
        assert_eq!(setting, "aws-profile");
        assert!(said.contains("export-credentials --profile work"), "{said}");
        let mut both = keys();
        both.options.insert("aws-profile", "work".into());
        assert!(problem(&both).1.contains("both given"), "{both:?}");
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
