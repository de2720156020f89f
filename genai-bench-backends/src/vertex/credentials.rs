//! Who we are to a service. This is where other ways to prove it belong, such as a key file.

use std::sync::Arc;

use genai_bench_core::auth::AuthProvider;
use http::header::HeaderName;

use super::service::Service;
use crate::auth::{ApiKey, TypedHeader};
use crate::registry::{Settings, SettingsError};

/// The option that holds a token.
pub(super) const ACCESS_TOKEN: &str = "gcp-access-token";
/// The kind of its identity.
pub(super) const TOKEN_KIND: &str = "access token";

const API_KEY_HEADER: HeaderName = HeaderName::from_static("x-goog-api-key");

/// Whoever `settings` say we are to `service`. Where there is a token and a key, Vertex AI gets the token and the
/// Gemini API the key.
///
/// # Errors
///
/// When they say nothing of it, or something that no header can carry.
pub(super) fn of(settings: &Settings, service: &Service) -> Result<Arc<dyn AuthProvider>, SettingsError> {
    let token = settings.options.get(ACCESS_TOKEN).filter(|it| !it.reveal().is_empty());
    let key = settings.api_key.as_ref().filter(|it| !it.reveal().is_empty());
    let wrong = |setting, problem: String| SettingsError { setting, problem };
    let found = match (token, key) {
        (Some(token), None) => (token, true),
        (Some(token), Some(_)) if service.is_vertex() => (token, true),
        (_, Some(key)) => (key, false),
        (None, None) => {
            return if let Some(header) = TypedHeader::among(&settings.headers) {
                Ok(Arc::new(header))
            } else if service.is_vertex() {
                Err(wrong(ACCESS_TOKEN, NOTHING_FOR_VERTEX.to_owned()))
            } else {
                Err(wrong("api_key", NOTHING_FOR_GEMINI.to_owned()))
            };
        }
    };
    Ok(Arc::new(match found {
        (token, true) => {
            ApiKey::bearer(token).map_err(|it| wrong(ACCESS_TOKEN, it.to_string()))?.of_kind(TOKEN_KIND)
        }
        (key, false) => {
            ApiKey::in_header(API_KEY_HEADER, key).map_err(|it| wrong("api_key", it.to_string()))?
        }
    }))
}

const NOTHING_FOR_VERTEX: &str = "neither a token nor a key for Vertex AI: give a token here or in \
    GCP_ACCESS_TOKEN, such as `gcloud auth print-access-token` prints, or a key with --api-key";

const NOTHING_FOR_GEMINI: &str = "no key for the Gemini API: give one here or in GEMINI_API_KEY, or, for Vertex AI, \
    --gcp-project-id and --gcp-access-token";

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::header::AUTHORIZATION;
    use http::{HeaderMap, HeaderValue};

    use super::*;
    use crate::auth::Secret;

    fn settings(token: Option<&str>, key: Option<&str>) -> Settings {
        Settings {
            api_key: key.map(Secret::from),
            options: token.into_iter().map(|it| (ACCESS_TOKEN, Secret::from(it))).collect(),
            ..Settings::default()
        }
    }

    fn both_services() -> [Service; 2] {
        [Service::vertex("p", "global", None).unwrap(), Service::gemini(None).unwrap()]
    }

    /// The headers that Vertex AI and the Gemini API get, by their names.
    fn headers(settings: &Settings) -> [HeaderMap; 2] {
        both_services().map(|service| {
            let auth = of(settings, &service).unwrap();
            let mut request = http::Request::new(Bytes::new());
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            runtime.block_on(auth.authorize(&mut request)).unwrap();
            assert!(!format!("{auth:?} {request:?}").contains("SECRET"));
            request.headers().clone()
        })
    }

    #[test]
    fn a_token_is_a_bearer_and_a_key_has_its_own_header() {
        for headers in headers(&settings(Some("SECRET-token"), None)) {
            assert_eq!((headers[AUTHORIZATION].to_str().unwrap(), headers.len()), ("Bearer SECRET-token", 1));
        }
        for headers in headers(&settings(None, Some("SECRET-key"))) {
            assert_eq!((headers[API_KEY_HEADER].to_str().unwrap(), headers.len()), ("SECRET-key", 1));
        }
        let [vertex, gemini] = headers(&settings(Some("SECRET-token"), Some("SECRET-key")));
        assert_eq!((vertex.len(), vertex.contains_key(AUTHORIZATION)), (1, true));
        assert_eq!((gemini.len(), gemini.contains_key(API_KEY_HEADER)), (1, true));
    }

    #[test]
    fn who_says_nothing_is_told_what_can_be_said() {
        let [vertex, gemini] =
            both_services().map(|it| of(&settings(Some(""), Some("")), &it).unwrap_err().to_string());
        assert!(vertex.starts_with("gcp-access-token: ") && vertex.contains("GCP_ACCESS_TOKEN"), "{vertex}");
        assert!(gemini.starts_with("api_key: ") && gemini.contains("--gcp-project-id"), "{gemini}");
    }

    #[test]
    fn a_header_of_a_person_is_enough() {
        let mut settings = settings(None, None);
        settings.headers.insert(AUTHORIZATION, HeaderValue::from_static("Bearer x"));
        assert!(headers(&settings).iter().all(HeaderMap::is_empty));
    }

    #[test]
    fn what_no_header_can_carry_is_refused_and_not_shown() {
        for (settings, setting) in
            [(settings(Some("SECRET\n"), None), ACCESS_TOKEN), (settings(None, Some("SECRET\n")), "api_key")]
        {
            let [vertex, gemini] = both_services().map(|it| of(&settings, &it).unwrap_err());
            assert_eq!((vertex.setting, gemini.setting), (setting, setting));
            assert!(!vertex.to_string().contains("SECRET"), "{vertex}");
        }
    }
}
