//! The requests of Azure's library, compared with those of its Python sibling, and the order of the sources.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use azure_core::error::{Error, ErrorKind};
use azure_core::http::headers::Headers;
use azure_core::http::{AsyncRawResponse, Body, HttpClient, Request};
use genai_bench_core::clock;
use genai_bench_core::conformance::{AUTH_LAWS, AuthSubject};
use serde_json::Value;

use super::client::Client;
use super::*;
use crate::auth::{CredentialProvider, Environment};

const SCOPE: &str = "https://cognitiveservices.azure.com/.default";
const SECRET: &str = "s3cr3t";

/// A request for a token: its method, its URL without the query, its query, headers, and form.
type Asked = (String, String, Pairs, Pairs, Pairs);
type Pairs = BTreeMap<String, String>;
/// The response to the request of this number.
type Answer = fn(usize) -> azure_core::Result<AsyncRawResponse>;

/// A stand-in for every server, which records its requests.
struct Recorder {
    requests: Mutex<Vec<Asked>>,
    answer: Answer,
}

impl std::fmt::Debug for Recorder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Recorder")
    }
}

#[async_trait]
impl HttpClient for Recorder {
    async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
        let Body::Bytes(body) = request.body() else { panic!("a form is no stream") };
        let headers =
            request.headers().iter().map(|it| (it.0.as_str().to_owned(), it.1.as_str().to_owned())).collect();
        let mut requests = self.requests.lock().unwrap();
        let (address, query) = parts(request.url().clone());
        requests.push((request.method().to_string(), address, query, headers, form(body)));
        (self.answer)(requests.len())
    }
}

fn parts(mut url: url::Url) -> (String, Pairs) {
    let query = url.query_pairs().into_owned().collect();
    url.set_query(None);
    (url.to_string(), query)
}

fn form(body: &[u8]) -> Pairs {
    url::form_urlencoded::parse(body).into_owned().collect()
}

fn recorder(answer: Answer) -> Arc<Recorder> {
    Arc::new(Recorder { requests: Mutex::default(), answer })
}

fn respond(status: u16, content_type: &'static str, body: String) -> azure_core::Result<AsyncRawResponse> {
    let mut headers = Headers::new();
    headers.insert("content-type", content_type);
    Ok(AsyncRawResponse::from_bytes(status.into(), headers, body))
}

/// Returns the recorded response: it has the fields of all servers.
fn token(text: &str) -> azure_core::Result<AsyncRawResponse> {
    let body = serde_json::json!({
        "access_token": text, "expires_in": 3599, "expires_on": "4102444800", "token_type": "Bearer",
        "resource": "r",
    });
    respond(200, "application/json", body.to_string())
}

fn nobody(_: usize) -> azure_core::Result<AsyncRawResponse> {
    Err(Error::with_message(ErrorKind::Connection, "refused"))
}

fn app(more: &[(&str, &str)]) -> Environment {
    let app = [("AZURE_TENANT_ID", "tenant-1"), ("AZURE_CLIENT_ID", "client-1")];
    app.iter().chain(more).map(|it| (it.0, it.1)).collect()
}

/// Creates a chain of these sources, all of which send their requests to `recorder`.
fn chain(places: &[EntraSource], environment: &Environment, recorder: &Arc<Recorder>) -> SourceChain {
    let candidate = |place: &EntraSource| {
        let candidate = Candidate::new(*place, environment);
        let client =
            Client { inner: Arc::clone(recorder) as _, is_next_door: *place == EntraSource::ManagedIdentity };
        candidate.client.set(Arc::new(client)).unwrap();
        candidate
    };
    SourceChain::new(places.iter().map(candidate).collect(), SCOPE, ". Try something else")
}

fn entra(places: &[EntraSource], environment: &Environment, recorder: &Arc<Recorder>) -> Entra {
    Entra(CredentialCache::new(chain(places, environment, recorder)))
}

async fn header(auth: &Entra) -> Result<String, String> {
    let mut request = http::Request::new(Bytes::new());
    auth.authorize(&mut request).await.map_err(|it| it.to_string())?;
    assert!(request.headers()[AUTHORIZATION].is_sensitive());
    Ok(request.headers()[AUTHORIZATION].to_str().unwrap().to_owned())
}

/// Returns the request of the Python library, without the parts that identify the library.
fn recorded(name: &str) -> Asked {
    let all: Value = serde_json::from_slice(include_bytes!("../../../fixtures/azure/entra.json")).unwrap();
    let case = all["cases"].as_array().unwrap().iter().find(|it| it["name"] == name).unwrap();
    let request = &case["requests"][0];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (address, mut query) = parts(text(&request["url"]).parse().unwrap());
    let mut headers: Pairs =
        request["headers"].as_object().unwrap().iter().map(|it| (it.0.clone(), text(it.1))).collect();
    let mut form = form(text(&request["body"]).as_bytes());
    // The Rust library names a later version of the same API, and accepts responses of any type.
    query.remove("api-version");
    headers.remove("accept");
    // For tokens of users: it requests the profile.
    form.remove("client_info");
    if let Some(scope) = form.get_mut("scope") {
        assert_eq!(*scope, text(&case["scope"]));
        SCOPE.clone_into(scope);
    }
    (text(&request["method"]), address, query, headers, form)
}

/// Asserts that one request was sent, equal to the one recorded as `name`.
fn assert_asked_as(name: &str, recorder: &Recorder) {
    let expected = recorded(name);
    let mut requests = recorder.requests.lock().unwrap().clone();
    assert_eq!(requests.len(), 1);
    requests[0].2.remove("api-version");
    requests[0].3.retain(|name, _| expected.3.contains_key(name));
    assert_eq!(requests[0], expected);
}

#[tokio::test]
async fn a_client_secret_is_sent_as_by_the_python_library() {
    let recorder = recorder(|_| token("entra.EXAMPLE"));
    let environment = app(&[("AZURE_CLIENT_SECRET", SECRET)]);
    let auth = entra(&[EntraSource::ClientSecret], &environment, &recorder);
    assert_eq!(header(&auth).await.unwrap(), "Bearer entra.EXAMPLE");
    assert_asked_as("client_secret", &recorder);
    let identity = auth.identity().await.unwrap();
    assert_eq!((identity.kind, &*identity.found), ("Entra client secret", "$AZURE_CLIENT_SECRET"));
    assert_eq!(identity.shown.as_deref(), Some("client-1 of tenant-1"));
    let left = identity.expires.unwrap().duration_since(clock::wall()).unwrap();
    assert!(left > Duration::from_secs(3500) && left < Duration::from_secs(3600), "{left:?}");
    assert_eq!(recorder.requests.lock().unwrap().len(), 1, "one token is enough for both");
}

#[tokio::test]
async fn the_workload_token_is_read_again_for_each_entra_token() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "k8s.oidc.token").unwrap();
    let path = file.path().to_str().unwrap();
    let environment = app(&[("AZURE_FEDERATED_TOKEN_FILE", path), ("AZURE_AUTHORITY_HOST", "login.example")]);
    let recorder = recorder(|number| token(&format!("entra.{number}")));
    let chain = chain(&[EntraSource::WorkloadIdentity], &environment, &recorder);
    let first = chain.fetch().await.unwrap();
    assert_eq!(first.credential.value, "Bearer entra.1");
    assert_eq!(first.credential.identity.found, path);
    std::fs::write(file.path(), "rotated").unwrap();
    let second = chain.fetch().await.unwrap();
    assert_eq!(second.credential.value, "Bearer entra.2");
    let mut requests = recorder.requests.lock().unwrap();
    assert_eq!(requests.pop().unwrap().4["client_assertion"], "rotated");
    assert_eq!(requests[0].1, "https://login.example/tenant-1/oauth2/v2.0/token");
    "https://login.microsoftonline.com/tenant-1/oauth2/v2.0/token".clone_into(&mut requests[0].1);
    drop(requests);
    assert_asked_as("workload_identity_k8s", &recorder);
}

#[tokio::test]
async fn the_metadata_request_equals_that_of_the_python_library() {
    let recorder = recorder(|_| token("entra.EXAMPLE"));
    let auth = entra(&[EntraSource::ManagedIdentity], &Environment::default(), &recorder);
    assert_eq!(header(&auth).await.unwrap(), "Bearer entra.EXAMPLE");
    assert_asked_as("managed_identity_imds", &recorder);
    let identity = auth.identity().await.unwrap();
    assert_eq!((identity.kind, identity.shown), ("managed identity", None));
    assert_eq!(identity.expires, Some(SystemTime::UNIX_EPOCH + Duration::from_secs(4_102_444_800)));
    recorder.requests.lock().unwrap().clear();
    let auth = entra(&[EntraSource::ManagedIdentity], &app(&[]), &recorder);
    assert_eq!(auth.identity().await.unwrap().shown.as_deref(), Some("client-1"));
    assert_eq!(recorder.requests.lock().unwrap()[0].2["client_id"], "client-1");
}

#[test]
fn entra_obeys_the_laws_of_auth_providers() {
    let environment = app(&[("AZURE_CLIENT_SECRET", SECRET)]);
    let provider = entra(&[EntraSource::ClientSecret], &environment, &recorder(|_| token("entra.EXAMPLE")));
    let secrets = vec![SECRET, "entra.EXAMPLE"];
    let subject = AuthSubject { name: "entra", provider: Arc::new(provider), secrets };
    for (name, check) in AUTH_LAWS {
        assert_eq!(check(&subject), Ok(()), "{name}");
    }
}

/// The time by which a test has advanced its clock.
static LATER: AtomicU64 = AtomicU64::new(0);

/// Azure's library remembers tokens by the machine's clock, by which none of these ends.
#[tokio::test(start_paused = true)]
async fn a_renewal_gets_a_new_token_not_the_one_cached_by_the_library() {
    fn now() -> SystemTime {
        clock::wall() + Duration::from_secs(LATER.load(Ordering::Relaxed))
    }
    let recorder = recorder(|number| token(&format!("entra.{number}")));
    let environment = app(&[("AZURE_CLIENT_SECRET", SECRET)]);
    let auth =
        Entra(CredentialCache::with_clock(chain(&[EntraSource::ClientSecret], &environment, &recorder), now));
    for (later, used) in [(0, "1"), (3200, "1"), (3310, "1"), (3320, "2"), (3580, "2")] {
        LATER.store(later, Ordering::Relaxed);
        assert_eq!(header(&auth).await.unwrap(), format!("Bearer entra.{used}"), "after {later} s");
        // The renewal in progress has ended when the next request is sent.
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

#[tokio::test]
async fn the_first_configured_source_is_used_from_then_on() {
    fn second_answers(number: usize) -> azure_core::Result<AsyncRawResponse> {
        if number == 1 { respond(404, "text/html", String::new()) } else { token("entra.EXAMPLE") }
    }
    let recorder = recorder(second_answers);
    let file = tempfile::NamedTempFile::new().unwrap();
    let environment = app(&[("AZURE_FEDERATED_TOKEN_FILE", file.path().to_str().unwrap())]);
    let places = [EntraSource::ClientSecret, EntraSource::ManagedIdentity, EntraSource::WorkloadIdentity];
    let chain = chain(&places, &environment, &recorder);
    for _ in 0..2 {
        let token = chain.fetch().await.unwrap();
        assert_eq!(token.credential.identity.kind, "Entra workload identity");
    }
    let requests = recorder.requests.lock().unwrap();
    let hosts = requests.iter().map(|it| it.1.contains("169.254")).collect::<Vec<_>>();
    assert_eq!(hosts, [true, false, false], "a source without a token is not tried again");
}

#[tokio::test]
async fn a_refused_explicit_source_is_final_and_its_secret_is_hidden() {
    let recorder = recorder(|_| {
        let error = r#"{"error_codes": [7000215], "error_description": "AADSTS7000215: not s3cr3t\r\n RequestRecord: 1"}"#;
        respond(401, "application/json", error.to_owned())
    });
    let environment = app(&[("AZURE_CLIENT_SECRET", SECRET)]);
    let auth = entra(&EntraSource::ALL, &environment, &recorder);
    let error = header(&auth).await.unwrap_err();
    let expected =
        "no credentials from Entra ID: Entra client secret: AADSTS7000215: not *** RequestRecord: 1";
    assert_eq!(error, expected);
    assert_eq!(recorder.requests.lock().unwrap().len(), 1);
    assert!(!format!("{auth:?}").contains(SECRET));
}

#[tokio::test]
async fn without_a_source_the_error_lists_every_missing_setting() {
    let recorder = recorder(nobody);
    let environment = [("AZURE_TENANT_ID", "t"), ("AZURE_CLIENT_CERTIFICATE_PATH", "/c.pem")];
    let auth = entra(&EntraSource::ALL, &environment.into_iter().collect(), &recorder);
    let error = header(&auth).await.unwrap_err();
    let expected = "no credentials from Entra ID: \
        Entra client secret: $AZURE_CLIENT_ID and $AZURE_CLIENT_SECRET are not set (a certificate, as in \
        $AZURE_CLIENT_CERTIFICATE_PATH, is not supported); \
        Entra workload identity: $AZURE_CLIENT_ID and $AZURE_FEDERATED_TOKEN_FILE are not set; \
        managed identity: nothing answers at 169.254.169.254; \
        Azure CLI: $PATH is read from the process, where this program may not look. \
        Try something else";
    assert_eq!(error, expected);
    assert_eq!(recorder.requests.lock().unwrap().len(), 1);
}

#[test]
fn a_variable_of_azures_libraries_restricts_the_chain() {
    let chain =
        |says: &'static str| EntraSource::chain(&[("AZURE_TOKEN_CREDENTIALS", says)].into_iter().collect());
    assert_eq!(EntraSource::chain(&Environment::default()).unwrap(), EntraSource::ALL);
    assert_eq!(chain("prod").unwrap(), EntraSource::ALL[..3]);
    assert_eq!(chain("DEV").unwrap(), [EntraSource::Cli]);
    assert_eq!(chain("ManagedIdentityCredential").unwrap(), [EntraSource::ManagedIdentity]);
    assert!(chain("AzurePowerShellCredential").unwrap_err().contains("AzureCliCredential"));
}

#[test]
fn variables_read_by_the_library_must_equal_the_given_ones() {
    let environment = [("IDENTITY_ENDPOINT", "http://h/"), ("IDENTITY_HEADER", "h")];
    let candidate = Candidate::new(EntraSource::ManagedIdentity, &environment.into_iter().collect());
    assert!(candidate.missing().unwrap().starts_with("$IDENTITY_ENDPOINT is read from the process"));
    assert_eq!(Candidate::new(EntraSource::Cli, &Environment::of_the_process()).missing(), None);
}

#[tokio::test]
async fn errors_name_a_missing_file_and_a_host_without_https() {
    let recorder = recorder(nobody);
    let missing = app(&[("AZURE_FEDERATED_TOKEN_FILE", "/no/such/file")]);
    let error = header(&entra(&[EntraSource::WorkloadIdentity], &missing, &recorder)).await.unwrap_err();
    assert!(error.contains("/no/such/file"), "{error}");
    let plain = app(&[("AZURE_CLIENT_SECRET", SECRET), ("AZURE_AUTHORITY_HOST", "http://login.example")]);
    let error = header(&entra(&[EntraSource::ClientSecret], &plain, &recorder)).await.unwrap_err();
    assert!(error.contains("http://login.example") && error.contains("HTTPS"), "{error}");
    assert!(recorder.requests.lock().unwrap().is_empty());
    assert!(!Path::new("/no/such/file").exists());
}
