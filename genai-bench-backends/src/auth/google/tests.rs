//! The requests to Google's servers, compared with those of google-auth 2.62.2:
//! `fixtures/google/flows.json`.

mod token_server;

use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use http::StatusCode;
use http::header::AUTHORIZATION;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::file::IMPERSONATION_URL;
use super::*;
use token_server::{Asked, TokenServer};

const EMAIL: &str = "bench@demo-project.iam.gserviceaccount.com";
const POOL: &str =
    "//iam.googleapis.com/projects/123/locations/global/workloadIdentityPools/pool/providers/prov";

fn flows() -> Value {
    serde_json::from_str(include_str!("../../../fixtures/google/flows.json")).unwrap()
}

/// Creates a provider that reads `json` from a file, which exists as long as the folder.
fn from(json: &Value) -> (Google, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key.json");
    std::fs::write(&path, json.to_string()).unwrap();
    (Google::from_file(GoogleFile::read(path).unwrap()), folder)
}

fn service_account() -> Value {
    let key = &flows()["private_key_pem"];
    let (label, body) = (key["pem_label"].as_str().unwrap(), key["pem_body"].as_str().unwrap());
    json!({
        "type": "service_account",
        "project_id": "demo-project",
        "private_key_id": "0123456789abcdef0123456789abcdef01234567",
        "private_key": format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n"),
        "client_email": EMAIL,
        "token_uri": "http://127.0.0.1:1/nobody-is-asked",
    })
}

fn user(server: &TokenServer) -> Value {
    json!({
        "type": "authorized_user",
        "client_id": "cid.apps.googleusercontent.com",
        "client_secret": "csecret",
        "refresh_token": "1//refresh",
        "quota_project_id": "qp",
        "token_uri": server.url("/token"),
    })
}

/// Returns the credentials of a federated identity, whose own token is in a file.
fn federated(server: &TokenServer, folder: &TempDir) -> Value {
    let token = folder.path().join("token");
    std::fs::write(&token, "OIDC.TOKEN.VALUE").unwrap();
    json!({
        "type": "external_account",
        "audience": POOL,
        "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
        "token_url": server.url("/v1/token"),
        "credential_source": {"file": token, "format": {"type": "text"}},
    })
}

fn impersonating(server: &TokenServer, email: &str) -> Value {
    json!(server.url(&format!("/v1/projects/-/serviceAccounts/{email}:generateAccessToken")))
}

/// Returns the headers of a request that is authorized now.
async fn authorized(google: &Google) -> HeaderMap {
    let mut request = http::Request::new(Bytes::new());
    google.authorize(&mut request).await.unwrap();
    assert!(request.headers().values().all(HeaderValue::is_sensitive));
    request.into_parts().0.headers
}

/// Returns the content of a request: its route, its method, and its fields in whichever encoding they are.
fn said(method: &str, path: &str, body: &[u8]) -> (String, Value) {
    let json = serde_json::from_slice(body).unwrap_or_else(|_| {
        url::form_urlencoded::parse(body).map(|(name, value)| (name.into_owned(), json!(value))).collect()
    });
    let Value::Object(mut fields) = json else { panic!("no fields") };
    fields.retain(|_, it| !it.is_null());
    fields.sort_keys();
    (format!("{method} {path}"), fields.into())
}

/// Asserts that `asked` holds the requests that google-auth sent.
fn assert_as_recorded(asked: &[Asked], recorded: &[Value]) {
    assert_eq!(asked.len(), recorded.len(), "{asked:?}");
    for (asked, recorded) in asked.iter().zip(recorded) {
        let url: http::Uri = recorded["url"].as_str().unwrap().parse().unwrap();
        let path = url.path_and_query().unwrap().as_str();
        let wanted = said(
            recorded["method"].as_str().unwrap(),
            path,
            recorded["body"].as_str().unwrap_or_default().as_bytes(),
        );
        assert_eq!(said(asked.method.as_str(), &asked.path, &asked.body), wanted);
        for header in ["authorization", "metadata", "metadata-flavor"] {
            if let Some(wanted) = recorded["headers"][header].as_str() {
                assert_eq!(asked.headers[header], wanted, "{header}");
            }
        }
    }
}

fn requests(flow: &str) -> Vec<Value> {
    flows()["cases"][flow]["requests"].as_array().unwrap().clone()
}

/// Returns the header and the claims of a token whose signature is that of the recorded key.
fn verified(token: &str) -> [Value; 2] {
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let pem = flows()["public_key_pem"].as_str().unwrap().to_owned();
    let der =
        BASE64_STANDARD.decode(pem.lines().filter(|it| !it.starts_with('-')).collect::<String>()).unwrap();
    // The DER encoding around the key itself has 24 bytes for a key of 2048 bits.
    let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &der[24..]);
    key.verify(signed.as_bytes(), &BASE64_URL_SAFE_NO_PAD.decode(signature).unwrap()).unwrap();
    let (header, claims) = signed.split_once('.').unwrap();
    [header, claims].map(|it| serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(it).unwrap()).unwrap())
}

/// Asserts that a header carries a token that the service account signed itself, valid for ten seconds more
/// on either side than google-auth's.
fn assert_self_signed(header: &str) {
    let [mut header, mut claims] = verified(header.strip_prefix("Bearer ").unwrap());
    let [mut wanted_header, mut wanted] = ["header", "payload"]
        .map(|it| flows()["cases"]["service_account_self_signed_jwt_scope"]["decoded"][it].clone());
    let life = |claims: &Value| claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap();
    assert_eq!(life(&claims), life(&wanted) + 20);
    for claims in [&mut claims, &mut wanted, &mut header, &mut wanted_header] {
        let claims = claims.as_object_mut().unwrap();
        claims.retain(|name, it| !(it.is_null() || ["iat", "exp"].contains(&&**name)));
        claims.sort_keys();
    }
    assert_eq!((header, claims), (wanted_header, wanted));
}

#[tokio::test]
async fn a_service_account_signs_its_own_token_without_a_request() {
    let (google, _folder) = from(&service_account());
    let headers = authorized(&google).await;
    assert_self_signed(headers[AUTHORIZATION].to_str().unwrap());
    assert_eq!(headers.len(), 1);
    assert_eq!(authorized(&google).await, headers, "one token is used until it is renewed");
    let identity = google.identity().await.unwrap();
    assert_eq!((identity.kind, identity.shown.as_deref()), (Google::SERVICE_ACCOUNT, Some(EMAIL)));
    assert!(identity.found.ends_with("/key.json"));
}

#[tokio::test]
async fn a_user_refreshes_as_recorded_and_sends_the_billed_project() {
    let server = TokenServer::start(3599).await;
    let (google, _folder) = from(&user(&server));
    let headers = authorized(&google).await;
    assert_as_recorded(&server.asked(), &requests("authorized_user_refresh"));
    assert_eq!(headers[AUTHORIZATION], "Bearer ya29.1");
    assert_eq!(headers[QUOTA_PROJECT], "qp");
    let google = from(&user(&server)).0.with_quota_project(HeaderValue::from_static("other"));
    assert_eq!(authorized(&google).await[QUOTA_PROJECT], "other");
    assert_eq!(google.identity().await.unwrap().shown.as_deref(), Some("***.com"));
}

#[tokio::test]
async fn a_token_in_a_file_is_exchanged_as_recorded() {
    let server = TokenServer::start(3600).await;
    let folder = tempfile::tempdir().unwrap();
    let (google, _folder) = from(&federated(&server, &folder));
    assert_eq!(authorized(&google).await[AUTHORIZATION], "Bearer federated.EXAMPLE");
    assert_as_recorded(&server.asked(), &requests("workload_identity_file_direct"));
    assert_eq!(google.identity().await.unwrap().kind, Google::WORKLOAD_IDENTITY);
}

#[tokio::test]
async fn a_federated_identity_impersonates_as_recorded() {
    let server = TokenServer::start(3600).await;
    let folder = tempfile::tempdir().unwrap();
    let mut json = federated(&server, &folder);
    json[IMPERSONATION_URL] = impersonating(&server, EMAIL);
    json["service_account_impersonation"] = json!({"token_lifetime_seconds": 2800});
    let (google, _folder) = from(&json);
    assert_eq!(authorized(&google).await[AUTHORIZATION], "Bearer impersonated.EXAMPLE");
    assert_as_recorded(&server.asked(), &requests("workload_identity_file_with_impersonation"));
    assert_eq!(google.identity().await.unwrap().shown.as_deref(), Some(EMAIL));
}

#[tokio::test]
async fn a_token_at_a_url_is_exchanged_as_recorded() {
    let server = TokenServer::start(3600).await;
    let folder = tempfile::tempdir().unwrap();
    let mut json = federated(&server, &folder);
    json["credential_source"] = json!({
        "url": server.url("/metadata/identity/oauth2/token?api-version=2018-02-01&resource=api://x"),
        "headers": {"Metadata": "True"},
        "format": {"type": "json", "subject_token_field_name": "access_token"},
    });
    let (google, _folder) = from(&json);
    assert_eq!(authorized(&google).await[AUTHORIZATION], "Bearer federated.EXAMPLE");
    assert_as_recorded(&server.asked(), &requests("workload_identity_url_azure"));
}

#[tokio::test]
async fn a_service_account_impersonates_with_a_token_of_its_own() {
    let server = TokenServer::start(3600).await;
    let (google, _folder) = from(&json!({
        "type": "impersonated_service_account",
        IMPERSONATION_URL: impersonating(&server, "target@demo-project.iam.gserviceaccount.com"),
        "source_credentials": service_account(),
    }));
    assert_eq!(authorized(&google).await[AUTHORIZATION], "Bearer impersonated.EXAMPLE");
    // google-auth exchanges its first token; here the token that the account signs is enough.
    let mut recorded = requests("impersonated_service_account").remove(1);
    recorded["headers"].as_object_mut().unwrap().remove("authorization");
    let asked = server.asked();
    assert_as_recorded(&asked, &[recorded]);
    assert_self_signed(asked[0].headers[AUTHORIZATION].to_str().unwrap());
}

#[tokio::test]
async fn a_token_that_arrives_expired_is_an_error() {
    let server = TokenServer::start(0).await;
    let (google, _folder) = from(&json!({
        "type": "impersonated_service_account",
        IMPERSONATION_URL: impersonating(&server, EMAIL),
        "source_credentials": service_account(),
    }));
    let text = google.identity().await.unwrap_err().to_string();
    assert!(text.contains("clock"), "{text}");
    assert!(google.authorize(&mut http::Request::new(Bytes::new())).await.is_err());
}

#[tokio::test]
async fn the_metadata_request_is_as_recorded() {
    let server = TokenServer::start(3599).await;
    let google = Google::from_metadata_server(Some(server.host.clone()));
    assert_eq!(authorized(&google).await[AUTHORIZATION], "Bearer mds.EXAMPLE");
    // google-auth first lists the accounts.
    assert_as_recorded(&server.asked(), &requests("metadata_server_token")[1..]);
    let identity = google.identity().await.unwrap();
    assert_eq!((identity.kind, identity.shown), (Google::METADATA_SERVER, None));
    assert!(identity.found.ends_with(&server.host));
}

#[tokio::test]
async fn a_request_with_an_expired_token_waits_for_the_next() {
    let server = TokenServer::start(1).await;
    let (google, _folder) = from(&user(&server));
    let first = authorized(&google).await;
    assert_eq!(first[AUTHORIZATION], "Bearer ya29.1");
    tokio::time::sleep(Duration::from_millis(1100)).await;
    // The crate retries every ten seconds while tokens live that short.
    let all = futures_util::future::join_all((0..8).map(|_| authorized(&google))).await;
    assert!(all.iter().all(|it| it[AUTHORIZATION] == "Bearer ya29.2"), "{all:?}");
    assert_eq!(server.asked().len(), 2, "all wait for the same one");
}

#[tokio::test]
async fn a_lazily_fetched_token_outlives_the_runtime_of_its_request() {
    let server = TokenServer::start(3599).await;
    let (google, _folder) = from(&user(&server));
    let google = std::sync::Arc::new(google);
    assert_eq!(server.asked().len(), 0);
    let first = std::sync::Arc::clone(&google);
    let asks = move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(authorized(&first))
    };
    let headers = tokio::task::spawn_blocking(asks).await.unwrap();
    assert_eq!(authorized(&google).await, headers);
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn a_refusal_has_no_secrets_and_is_retried_later() {
    let server = TokenServer::start(3599).await;
    let (google, _folder) = from(&user(&server));
    let refusal =
        r#"{"error": "invalid_grant", "error_description": "Expired.", "echo": "1//refresh csecret"}"#;
    server.refuse(Some((StatusCode::BAD_REQUEST, refusal.to_owned())));
    let error = google.identity().await.unwrap_err();
    let text = format!("{error} {error:?} {google:?}");
    assert!(
        text.contains("key.json: ") && text.contains("400") && text.contains("invalid_grant: Expired."),
        "{text}"
    );
    assert!(!text.contains("1//refresh") && !text.contains("csecret"), "{text}");
    server.refuse(None);
    // An immediate retry returns the same error without a request.
    assert_eq!(google.identity().await.unwrap_err().to_string(), error.to_string());
    assert_eq!(server.asked().len(), 1);
    tokio::time::sleep(PAUSE).await;
    assert_eq!(authorized(&google).await[AUTHORIZATION], "Bearer ya29.2");
}

#[tokio::test]
async fn the_error_for_an_unreachable_server_has_no_secrets() {
    let mut json = user(&TokenServer::start(1).await);
    json["token_uri"] = json!("http://127.0.0.1:1/token?key=csecret");
    let error = from(&json).0.identity().await.unwrap_err().to_string();
    assert!(error.contains("127.0.0.1:1/token)") && error.contains("refused"), "{error}");
    assert!(!error.contains("csecret"), "{error}");
}
