//! The choice of credentials and their identities, without a network.

use std::path::Path;

use bytes::Bytes;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use serde_json::json;
use tempfile::TempDir;

use super::PROJECT;
use super::*;
use crate::entry::Endpoint;
use crate::vertex::ENTRY;

const VERTEX: &str = "aiplatform.googleapis.com";
const GEMINI: &str = "generativelanguage.googleapis.com";

/// Returns settings with these options and variables.
fn settings(given: &[(&str, &str)]) -> Settings {
    let mut settings = Settings::default();
    let mut variables = Vec::new();
    for (name, value) in given {
        let typed = ENTRY.options.iter().find(|it| it.name == *name);
        let set =
            ENTRY.options.iter().find_map(|it| Some((it.name, it.variables.iter().find(|it| it == &name)?)));
        let key = ENTRY.key_variables.iter().find(|it| it == &name);
        let value = Secret::from(*value);
        if let Some(option) = typed {
            settings.options.insert(option.name, value.found(Origin::Option(option.name)));
        } else if let Some((option, variable)) = set {
            settings.options.insert(option, value.found(Origin::Variable(variable)));
        } else if let Some(variable) = key {
            settings.api_key = Some(value.found(Origin::Variable(variable)));
        } else if *name == "api-key" {
            settings.api_key = Some(value.found(Origin::Option("api-key")));
        } else {
            variables.push(((*name).to_owned(), value));
        }
    }
    settings.environment = variables.into_iter().collect();
    settings
}

fn built(given: &[(&str, &str)]) -> Result<Endpoint, SettingsError> {
    ENTRY.build(&settings(given))
}

/// Returns the host of a request, and its only header with a credential.
fn asked(given: &[(&str, &str)]) -> (String, String) {
    let endpoint = built(given).unwrap();
    let host = endpoint.address.parse::<http::Uri>().unwrap().host().unwrap().replace("us-central1-", "");
    let headers = headers(&*endpoint.auth);
    assert!(headers.len() <= 1, "{headers:?}");
    let text = headers.iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).next();
    (host, text.unwrap_or_default())
}

fn headers(auth: &dyn AuthProvider) -> HeaderMap {
    let mut request = http::Request::new(Bytes::new());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(auth.authorize(&mut request)).unwrap();
    assert!(!format!("{auth:?} {request:?}").contains("SECRET"));
    request.into_parts().0.headers
}

/// Saves the login of a user in `folder`.
fn login(folder: &TempDir, project: &str) -> String {
    let path = folder.path().join("application_default_credentials.json");
    let json = json!({"type": "authorized_user", "client_id": "SECRET-id", "client_secret": "SECRET",
        "refresh_token": "SECRET", "token_uri": "http://127.0.0.1:1/token", "quota_project_id": project});
    std::fs::write(&path, json.to_string()).unwrap();
    path.to_str().unwrap().to_owned()
}

/// Asserts that the request goes to Vertex AI, for this project, with the credentials of a file.
fn assert_by_file(given: &[(&str, &str)], file: &str, project: &str) {
    let endpoint = built(given).unwrap();
    assert!(endpoint.address.contains(&format!("{VERTEX}/v1/projects/{project}/")), "{}", endpoint.address);
    let shown = format!("{:?}", endpoint.auth);
    assert!(shown.contains(file) && shown.contains(Google::USER_ACCOUNT), "{shown}");
    assert!(!shown.contains("SECRET"), "{shown}");
}

#[test]
fn a_token_is_a_bearer_and_a_key_has_its_own_header() {
    let (token, key) = ("authorization: Bearer SECRET-token", "x-goog-api-key: SECRET-key");
    let (give_token, give_key) = ((ACCESS_TOKEN, "SECRET-token"), ("api-key", "SECRET-key"));
    for (given, host, header) in [
        (&[(PROJECT, "p"), give_token] as &[_], VERTEX, token),
        (&[(PROJECT, "p"), give_key], VERTEX, key),
        (&[give_token], GEMINI, token),
        (&[give_key], GEMINI, key),
        (&[(PROJECT, "p"), give_token, give_key], VERTEX, token),
        // A key beside a Google credential is ignored, as in the Python tool.
        (&[give_token, give_key], GEMINI, token),
        // An option wins over a variable.
        (&[(PROJECT, "p"), ("GCP_ACCESS_TOKEN", "t"), give_key], VERTEX, key),
        (&[(PROJECT, "p"), ("GCP_ACCESS_TOKEN", "SECRET-token"), ("GCP_API_KEY", "k")], VERTEX, token),
    ] {
        assert_eq!(asked(given), (host.to_owned(), header.to_owned()), "{given:?}");
    }
}

#[test]
fn a_project_that_is_set_for_all_does_not_take_a_key_from_the_gemini_api() {
    let for_all = ("GOOGLE_CLOUD_PROJECT", "p");
    let place = ("GOOGLE_CLOUD_LOCATION", "eu");
    for (given, host) in [
        (&[for_all, ("GEMINI_API_KEY", "k")] as &[_], GEMINI),
        (&[for_all, place, ("GOOGLE_API_KEY", "k")], GEMINI),
        (&[for_all, ("api-key", "k")], GEMINI),
        (&[for_all, ("GEMINI_API_KEY", "k"), ("GOOGLE_GENAI_USE_VERTEXAI", "True")], VERTEX),
        (&[for_all, ("GEMINI_API_KEY", "k"), ("GOOGLE_GENAI_USE_VERTEXAI", "0")], GEMINI),
        (&[for_all, ("GEMINI_API_KEY", "k"), (ACCESS_TOKEN, "t")], VERTEX),
        (&[for_all, (ACCESS_TOKEN, "t")], VERTEX),
        (&[("GCP_PROJECT_ID", "p"), ("GEMINI_API_KEY", "k")], VERTEX),
        (&[(PROJECT, "p"), ("GEMINI_API_KEY", "k")], VERTEX),
    ] {
        assert_eq!(asked(given).0, host, "{given:?}");
    }
}

#[test]
fn a_file_that_is_typed_means_vertex_ai_and_may_bring_the_project() {
    let folder = tempfile::tempdir().unwrap();
    let file = login(&folder, "q");
    let typed = (CREDENTIALS, &*file);
    assert_by_file(&[typed], &file, "q");
    assert_by_file(&[typed, ("GOOGLE_CLOUD_PROJECT", "p")], &file, "p");
    // Keys and tokens of the environment are not used.
    assert_by_file(&[typed, ("GEMINI_API_KEY", "k"), ("GCP_ACCESS_TOKEN", "t")], &file, "q");
    assert_by_file(&[typed, ("api-key", "SECRET")], &file, "q");
    let error = built(&[typed, (ACCESS_TOKEN, "SECRET")]).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "{ACCESS_TOKEN}: --{CREDENTIALS} is a credential too, and only one is used: leave one of them out"
        )
    );
}

#[test]
fn a_header_beside_a_file_that_is_typed_is_not_replaced_in_silence() {
    let folder = tempfile::tempdir().unwrap();
    let file = login(&folder, "q");
    let mut settings = settings(&[(CREDENTIALS, &file)]);
    settings.headers.insert(AUTHORIZATION, HeaderValue::from_static("Bearer x"));
    let error = ENTRY.build(&settings).unwrap_err();
    assert!(error.setting == CREDENTIALS && error.problem.contains("--header"), "{error}");
}

#[test]
fn a_file_of_the_environment_is_used_where_nothing_else_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let file = login(&folder, "q");
    let set = ("GOOGLE_APPLICATION_CREDENTIALS", &*file);
    let config = ("CLOUDSDK_CONFIG", folder.path().to_str().unwrap());
    for found in [set, config] {
        assert_by_file(&[found], &file, "q");
        assert_by_file(&[found, ("GOOGLE_CLOUD_PROJECT", "p")], &file, "p");
        // Google's SDKs never use a key for the Gemini API with Vertex AI.
        assert_by_file(&[found, (PROJECT, "p"), ("GEMINI_API_KEY", "k")], &file, "p");
        assert_eq!(asked(&[found, ("GEMINI_API_KEY", "k")]).0, GEMINI);
        assert_eq!(asked(&[found, (PROJECT, "p"), ("api-key", "k")]).1, "x-goog-api-key: k");
        assert_eq!(asked(&[found, (PROJECT, "p"), (ACCESS_TOKEN, "t")]).1, "authorization: Bearer t");
    }
    let other = tempfile::tempdir().unwrap();
    assert_by_file(&[set, ("CLOUDSDK_CONFIG", other.path().to_str().unwrap())], &file, "q");
    // The location of gcloud's own file in a home folder.
    let home = tempfile::tempdir().unwrap();
    let gcloud = home.path().join(".config/gcloud");
    std::fs::create_dir_all(&gcloud).unwrap();
    let copy = gcloud.join(Path::new(&file).file_name().unwrap());
    std::fs::copy(&file, &copy).unwrap();
    assert_by_file(&[("HOME", home.path().to_str().unwrap())], copy.to_str().unwrap(), "q");
}

#[test]
fn a_bad_file_is_refused_by_the_name_of_its_option() {
    let folder = tempfile::tempdir().unwrap();
    let bad = folder.path().join("bad.json");
    std::fs::write(&bad, r#"{"type": "SECRET"}"#).unwrap();
    for name in [CREDENTIALS, "GOOGLE_APPLICATION_CREDENTIALS"] {
        let error = built(&[(name, bad.to_str().unwrap())]).unwrap_err();
        assert_eq!(error.setting, CREDENTIALS);
        assert!(error.problem.contains("bad.json has a type that is not known"), "{error}");
        assert!(!error.to_string().contains("SECRET"), "{error}");
    }
    let file = login(&folder, "");
    let error = built(&[(CREDENTIALS, &file)]).unwrap_err();
    assert_eq!(error.setting, PROJECT);
    assert!(error.problem.contains("application_default_credentials.json names none"), "{error}");
}

#[test]
fn the_metadata_server_is_asked_where_nothing_else_is_there() {
    let given = &[(PROJECT, "p"), ("GCE_METADATA_HOST", "127.0.0.1:1")];
    let endpoint = built(given).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let error = runtime.block_on(endpoint.auth.identity()).unwrap_err().to_string();
    assert!(
        error.contains("the metadata server at 127.0.0.1:1: ") && error.contains("gcloud auth"),
        "{error}"
    );
}

#[test]
fn another_project_pays_only_where_it_can() {
    let folder = tempfile::tempdir().unwrap();
    let file = login(&folder, "q");
    let quota = (QUOTA_PROJECT, "payer");
    built(&[(CREDENTIALS, &file), quota]).unwrap();
    built(&[(PROJECT, "p"), quota]).unwrap();
    for given in [&[(PROJECT, "p"), (ACCESS_TOKEN, "t"), quota], &[(PROJECT, "p"), ("api-key", "k"), quota]] {
        let error = built(given).unwrap_err();
        assert_eq!(error.setting, QUOTA_PROJECT);
        assert!(error.problem.contains("x-goog-user-project"), "{error}");
    }
    // Variables set for other programs are no error.
    built(&[("api-key", "k"), ("GOOGLE_CLOUD_QUOTA_PROJECT", "payer")]).unwrap();
    assert_eq!(
        built(&[(CREDENTIALS, &file), (QUOTA_PROJECT, "No Name")]).unwrap_err().setting,
        QUOTA_PROJECT
    );
}

#[test]
fn who_says_nothing_is_told_what_can_be_said() {
    let error = built(&[(ACCESS_TOKEN, ""), ("api-key", "")]).unwrap_err().to_string();
    assert!(error.starts_with("api_key: ") && error.contains("--gcp-credentials-path"), "{error}");
    let error = built(&[("GOOGLE_GENAI_USE_VERTEXAI", "true")]).unwrap_err();
    assert_eq!(error.setting, PROJECT);
}

#[test]
fn a_header_of_a_person_is_enough() {
    for given in [&[(PROJECT, "p")] as &[_], &[]] {
        let mut settings = settings(given);
        settings.headers.insert(AUTHORIZATION, HeaderValue::from_static("Bearer x"));
        assert!(headers(&*ENTRY.build(&settings).unwrap().auth).is_empty());
    }
}

#[test]
fn what_no_header_can_carry_is_refused_and_not_shown() {
    for (name, setting) in [(ACCESS_TOKEN, ACCESS_TOKEN), ("api-key", "api_key")] {
        for given in [&[(PROJECT, "p"), (name, "SECRET\n")] as &[_], &[(name, "SECRET\n")]] {
            let error = built(given).unwrap_err();
            assert_eq!(error.setting, setting);
            assert!(!error.to_string().contains("SECRET"), "{error}");
        }
    }
}

#[test]
fn every_kind_of_file_is_among_those_that_are_listed() {
    let listed: Vec<&str> = ENTRY.auth.iter().map(|it| it.name).collect();
    for kind in [
        Google::SERVICE_ACCOUNT,
        Google::USER_ACCOUNT,
        Google::WORKLOAD_IDENTITY,
        Google::IMPERSONATED,
        Google::METADATA_SERVER,
    ] {
        assert!(listed.contains(&kind), "{kind}");
    }
}
