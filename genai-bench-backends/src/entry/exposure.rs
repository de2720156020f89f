//! The exposure of an endpoint's credential: the connection and the host that it is sent to.
//!
//! A cloud credential opens more than the measured service, so it is refused over plain HTTP. A key of one service is
//! not: servers inside a cluster commonly use plain HTTP, with a key or a dummy. Requests use no proxy (see
//! [`Reqwest`](crate::transport::Reqwest)), so only the network can read them.

use genai_bench_core::auth::{Credential, CredentialKind, CredentialSource};
use url::Url;

use super::{Endpoint, Settings, SettingsError};
use crate::auth::TypedHeader;
use crate::auth::loopback::is_loopback;
use crate::auth::provider_hosts::Provider;

/// Returns notes for the user about the exposure of the credential of `endpoint`, if any.
///
/// `backend` is the name of the entry that built the endpoint.
///
/// # Errors
///
/// Returns an error when a cloud credential would be sent over plain HTTP to another machine without permission.
pub(super) fn check(
    backend: &str,
    endpoint: &Endpoint,
    settings: &Settings,
) -> Result<Option<String>, SettingsError> {
    // An address that is no URL has been refused before, or no request uses it.
    let Ok(address) = Url::parse(&endpoint.address) else { return Ok(None) };
    let credential = endpoint.auth.credential();
    let Some(subject) = subject(backend, credential, settings) else { return Ok(None) };
    let destination = Destination::new(&address);
    if credential.kind == CredentialKind::Cloud && destination.is_exposed && !settings.allow_insecure {
        let problem = format!(
            "{subject} would go to {} over plain http, and everyone on the way could use it: give an address with \
             https, or --allow-insecure where the network is trusted",
            destination.host
        );
        return Err(SettingsError { setting: "api_base", problem });
    }
    let provider = match credential.source {
        CredentialSource::Variable(name) => Provider::of_variable(name),
        CredentialSource::Machine => Provider::of_backend(backend),
        _ => None,
    };
    Ok(note(&subject, &address, provider))
}

/// Returns a note about `subject`, which is sent to `address`, where that is over plain HTTP to another machine or to a
/// host that does not belong to `provider`.
pub(crate) fn note(subject: &str, address: &Url, provider: Option<&Provider>) -> Option<String> {
    let destination = Destination::new(address);
    let stranger_to =
        provider.filter(|it| !address.host_str().is_some_and(|host| it.has_host(host))).map(|it| it.name);
    let host = &destination.host;
    let hint = "everyone on the way can read it";
    match (stranger_to, destination.is_exposed) {
        (None, false) => None,
        (None, true) => Some(format!("{subject} goes to {host} over plain http: {hint}")),
        (Some(name), false) => Some(format!("{subject} goes to {host}, which is no host of {name}")),
        (Some(name), true) => {
            Some(format!("{subject} goes to {host}, which is no host of {name}, over plain http: {hint}"))
        }
    }
}

/// The host of requests.
struct Destination {
    /// The host, with its port unless that is the default.
    host: String,
    /// `true` if requests cross a network in plain text.
    is_exposed: bool,
}

impl Destination {
    fn new(address: &Url) -> Self {
        let name = address.host_str().unwrap_or_default();
        let host = address.port().map_or_else(|| name.to_owned(), |port| format!("{name}:{port}"));
        let is_local = address.host().is_some_and(|host| is_loopback(&host));
        Self { host, is_exposed: address.scheme() == "http" && !is_local }
    }
}

/// Returns a description of the credential; `None` where requests carry none.
fn subject(backend: &str, credential: Credential, settings: &Settings) -> Option<String> {
    let cloud = Provider::of_backend(backend).map_or("the cloud", |provider| provider.name);
    Some(match (credential.kind, credential.source) {
        (CredentialKind::None, _) => {
            format!("the header {}", TypedHeader::named_like_a_credential(&settings.headers)?)
        }
        (CredentialKind::Cloud, CredentialSource::Variable(name)) => format!("the credential in ${name}"),
        (CredentialKind::Cloud, CredentialSource::Machine) => {
            format!("a credential of this machine for {cloud}")
        }
        (CredentialKind::Cloud, _) => format!("a credential of {cloud}"),
        (_, CredentialSource::Variable(name)) => format!("the key of ${name}"),
        _ => match &settings.api_key {
            Some(key) => match key.origin() {
                crate::auth::Origin::Program => "the key".to_owned(),
                origin => format!("the key of {origin}"),
            },
            None => match TypedHeader::named_like_a_credential(&settings.headers) {
                Some(name) => format!("the header {name}"),
                None => "a credential".to_owned(),
            },
        },
    })
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue};

    use crate::auth::{Origin, Secret};
    use crate::entry::{Settings, SettingsError};
    use crate::registry;

    fn notes(backend: &str, settings: &Settings) -> Result<Vec<String>, SettingsError> {
        registry::find(backend).unwrap().build(settings).map(|it| it.notes)
    }

    fn at(base: &str, key: Option<Secret>) -> Settings {
        Settings { api_base: Some(base.to_owned()), api_key: key, ..Settings::default() }
    }

    fn of_variable(name: &'static str) -> Option<Secret> {
        Some(Secret::from("sk-1").found(Origin::Variable(name)))
    }

    #[cfg(feature = "openai")]
    #[test]
    fn a_key_of_a_variable_is_named_where_its_host_is_no_providers() {
        let openai = |base: &str| notes("openai", &at(base, of_variable("OPENAI_API_KEY"))).unwrap();
        assert!(openai("https://api.openai.com/v1").is_empty());
        let stranger = "the key of $OPENAI_API_KEY goes to example.org, which is no host of OpenAI";
        assert_eq!(openai("https://example.org"), [stranger]);
        let local = "the key of $OPENAI_API_KEY goes to 127.0.0.1:8000, which is no host of OpenAI";
        assert_eq!(openai("http://127.0.0.1:8000"), [local]);
        let plain = openai("http://10.0.0.1:8000").concat();
        assert!(plain.contains("no host of OpenAI, over plain http: everyone"), "{plain}");
        assert!(openai("https://api.openai.com.evil.org").concat().contains("no host of OpenAI"));
        // The shared variable has no provider.
        assert!(
            notes("openai", &at("https://example.org", of_variable("MODEL_API_KEY"))).unwrap().is_empty()
        );
    }

    #[cfg(feature = "openai")]
    #[test]
    fn a_typed_key_or_header_over_plain_http_is_warned_of() {
        let typed = || Some(Secret::from("sk-1").found(Origin::Option("api-key")));
        let text = "the key of --api-key goes to vllm:8000 over plain http: everyone on the way can read it";
        assert_eq!(notes("openai", &at("http://vllm:8000", typed())).unwrap(), [text]);
        for base in ["https://vllm", "http://localhost:8000", "http://[::1]", "http://0.0.0.0:8000"] {
            assert!(notes("openai", &at(base, typed())).unwrap().is_empty(), "{base}");
        }
        assert!(notes("openai", &at("http://vllm", None)).unwrap().is_empty());
        for (name, is_named) in
            [("authorization", true), ("x-goog-api-key", true), ("x-my-token", true), ("x-tenant", false)]
        {
            let headers = HeaderMap::from_iter([(name.parse().unwrap(), HeaderValue::from_static("s"))]);
            let settings = Settings { headers, ..at("http://vllm", None) };
            let notes = notes("openai", &settings).unwrap().concat();
            assert_eq!(notes.starts_with(&format!("the header {name} goes to vllm")), is_named, "{notes}");
        }
    }

    #[cfg(feature = "bedrock")]
    #[test]
    fn credentials_of_clouds_are_refused_over_plain_http() {
        let pair = |origin: Origin| {
            ["aws-access-key-id", "aws-secret-access-key"].map(|it| (it, Secret::from("s").found(origin)))
        };
        let typed = || pair(Origin::Option("aws-secret-access-key")).into();
        let mut keys = Settings { options: typed(), ..at("http://10.0.0.1:9000", None) };
        let mut token = at("http://10.0.0.1:9000", of_variable("AWS_BEARER_TOKEN_BEDROCK"));
        for (settings, subject) in
            [(&mut keys, "a credential of AWS"), (&mut token, "the credential in $AWS_BEARER_TOKEN_BEDROCK")]
        {
            let refused = notes("aws-bedrock", settings).unwrap_err();
            assert_eq!(refused.setting, "api_base");
            assert!(
                refused.problem.starts_with(&format!("{subject} would go to 10.0.0.1:9000")),
                "{refused}"
            );
            assert!(refused.problem.contains("--allow-insecure"), "{refused}");
            settings.allow_insecure = true;
            let allowed = notes("aws-bedrock", settings).unwrap().concat();
            assert!(allowed.contains("over plain http"), "{allowed}");
            settings.allow_insecure = false;
            for base in ["http://127.0.0.1:9000", "https://10.0.0.1"] {
                settings.api_base = Some(base.to_owned());
                assert!(notes("aws-bedrock", settings).is_ok(), "{base}");
            }
        }
    }

    #[cfg(all(feature = "azure", feature = "oci", feature = "vertex"))]
    #[test]
    fn every_cloud_keeps_its_tokens_from_plain_http() {
        let base = || Some("http://10.0.0.1".to_owned());
        let token = |name: &'static str, value: &str| [(name, Secret::from(value))];
        let azure = Settings { options: token("azure-ad-token", "t").into(), ..at("http://10.0.0.1", None) };
        let chain =
            Settings { options: token("azure-credential", "managed-identity").into(), ..azure.clone() };
        let google = Settings {
            options: token("gcp-access-token", "t").into(),
            api_base: base(),
            ..Settings::default()
        };
        let adc = Settings { options: token("gcp-project-id", "p").into(), ..google.clone() };
        let mut instance = Settings { options: token("auth", "instance_principal").into(), ..google.clone() };
        let compartment = Secret::from("ocid1.compartment.oc1..example");
        instance.options.extend([("oci-compartment-id", compartment)]);
        for (backend, settings) in [
            ("azure-openai", &azure),
            ("azure-openai", &chain),
            ("gcp-vertex", &google),
            ("gcp-vertex", &adc),
            ("oci-cohere", &instance),
        ] {
            let refused = notes(backend, settings).unwrap_err();
            assert!(refused.problem.contains("--allow-insecure"), "{backend} {refused}");
        }
        // A key is not a cloud credential: a gateway in a cluster may require one.
        let key = Settings { api_key: Some("k".into()), ..at("http://10.0.0.1", None) };
        assert!(notes("azure-openai", &key).unwrap().concat().contains("over plain http"));
    }
}
