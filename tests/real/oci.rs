//! OCI credentials, verified by Oracle's own SDK: every principal, over the transport of benchmarks.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use futures_util::StreamExt;
use genai_bench_backends::auth::Secret;
use genai_bench_backends::entry::Settings;
use genai_bench_backends::oci::auth::{Access, access};
use genai_bench_backends::transport::{Reqwest, ReqwestOptions};
use genai_bench_core::transport::Transport;
use serde_json::{Value, json};

use crate::oci_server::OciServer;

const CHAT: &str = "/20231130/actions/chat";
const BODY: &str = r#"{"chatRequest": "héllo"}"#;

/// Returns the access for credentials of a user, a service or a cluster in the files of the server.
fn known_by(server: &OciServer, options: &[(&'static str, &str)], variables: &[(&str, &str)]) -> Access {
    let metadata = format!("{}/opc/v2", server.url);
    let federation = format!("{}/v1/x509", server.url);
    let own = [("OCI_METADATA_BASE_URL", &*metadata), ("OCI_CLI_FEDERATION_ENDPOINT", &*federation)];
    let settings = Settings {
        options: options.iter().map(|it| (it.0, it.1.into())).collect(),
        environment: own.iter().chain(variables).copied().collect(),
        ..Settings::default()
    };
    access(&settings).expect("the settings are good")
}

async fn authorized(access: &Access, method: &str, url: String) -> http::Request<Bytes> {
    let body = if method == "GET" { "" } else { BODY };
    let request = http::Request::builder().method(method).uri(url).body(body.into());
    let mut request = request.expect("a plain request");
    access.auth.authorize(&mut request).await.expect("there are credentials");
    request
}

async fn answer(request: http::Request<Bytes>) -> Value {
    let transport = Reqwest::new(&ReqwestOptions::default()).expect("connections can be set up");
    let answer = transport.send(request).await.expect("the server answers");
    let pieces: Vec<_> = answer.body.collect().await;
    let bytes: Vec<u8> = pieces.into_iter().flat_map(|it| it.expect("it arrives").bytes.to_vec()).collect();
    serde_json::from_slice(&bytes).expect("the server answers in JSON")
}

/// Returns the principal that the SDK sees.
async fn who(server: &OciServer, access: &Access) -> Value {
    for (method, path) in [("PUT", "/n/b/o?a=b%20c&d='e'"), ("GET", "/n/b/o?a=b%20c")] {
        let request = authorized(access, method, format!("{}{path}", server.url)).await;
        let answer = answer(request).await;
        assert!(answer["who"].is_string(), "{method} {path}: {answer}");
    }
    let answer = answer(authorized(access, "POST", format!("{}{CHAT}", server.url)).await).await;
    answer.get("who").cloned().unwrap_or_else(|| panic!("{answer}"))
}

/// Returns the number of issued tokens of a kind.
async fn count(server: &OciServer, kind: &str) -> u64 {
    let request = http::Request::get(format!("{}/count", server.url)).body(Bytes::new());
    answer(request.expect("a plain request")).await[kind].as_u64().expect("it is counted")
}

/// Sends requests until two more tokens were issued: every request has to be answered, also when a token expires.
async fn goes_on_across_tokens(server: &OciServer, access: &Access, kind: &str, expected: &str) {
    let enough = count(server, kind).await + 2;
    for _ in 0..200 {
        assert_eq!(who(server, access).await, expected);
        if count(server, kind).await >= enough {
            return;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    panic!("no token was renewed");
}

#[tokio::test]
#[ignore = "needs tests/real/setup"]
async fn a_user_is_known_by_a_key() {
    let server = OciServer::start();
    let config = server.file("config");
    for profile in ["DEFAULT", "HIDDEN"] {
        let user = known_by(&server, &[("config-file", &config), ("profile", profile)], &[]);
        assert_eq!(who(&server, &user).await, "user");
        assert_eq!(user.region.as_deref(), Some("us-chicago-1"));
        assert_eq!(user.tenancy.as_deref(), Some("ocid1.tenancy.oc1..aaaatenancy"));
        let mut forged = authorized(&user, "POST", format!("{}{CHAT}", server.url)).await;
        *forged.body_mut() = BODY.replace('é', "e!").into();
        assert_eq!(answer(forged).await["message"], "another body was signed");
    }
}

#[tokio::test]
#[ignore = "needs tests/real/setup"]
async fn a_session_goes_on_when_its_token_ends() {
    let server = OciServer::start();
    let config = server.file("config");
    let session = known_by(&server, &[("config-file", &config), ("profile", "SESSION")], &[]);
    assert_eq!(who(&server, &session).await, "session");
    assert_eq!(session.auth.identity().await.expect("it has one").kind, "OCI session token");
    goes_on_across_tokens(&server, &session, "refresh", "session").await;
}

#[tokio::test]
#[ignore = "needs tests/real/setup"]
async fn an_instance_is_known_by_its_certificate() {
    let server = OciServer::start();
    let instance = known_by(&server, &[("auth", "instance_principal")], &[]);
    assert_eq!(who(&server, &instance).await, "instance");
    assert_eq!(count(&server, "x509").await, 1, "one token serves three requests");
    let identity = instance.auth.identity().await.expect("it has one");
    assert_eq!(identity.shown.as_deref(), Some("tenancy ***ancy"));
    assert!(identity.expires.is_some_and(|it| it > SystemTime::UNIX_EPOCH));
    goes_on_across_tokens(&server, &instance, "x509", "instance").await;
}

#[tokio::test]
#[ignore = "needs tests/real/setup"]
async fn an_instance_acts_on_behalf_of_a_user() {
    let server = OciServer::start();
    let typed = known_by(&server, &[("auth", "instance_obo_user"), ("security-token", "t")], &[]);
    assert_eq!(who(&server, &typed).await, "instance for t");
    let config = server.file("config");
    let options = [("auth", "instance_obo_user"), ("config-file", &*config), ("profile", "DELEGATION")];
    let of_file = known_by(&server, &options, &[]);
    assert_eq!(who(&server, &of_file).await, "instance for a-delegation-token");
}

#[tokio::test]
#[ignore = "needs tests/real/setup"]
async fn a_resource_is_known_by_what_its_service_gives_it() {
    let server = OciServer::start();
    let files = ["rpst", "rp.pem", "pass"].map(|it| server.file(it));
    let values = files.clone().map(|it| std::fs::read_to_string(it).expect("it is there"));
    for [token, key, pass_phrase] in [files, values] {
        let variables = [
            ("OCI_RESOURCE_PRINCIPAL_VERSION", "2.2"),
            ("OCI_RESOURCE_PRINCIPAL_RPST", &token),
            ("OCI_RESOURCE_PRINCIPAL_PRIVATE_PEM", &key),
            ("OCI_RESOURCE_PRINCIPAL_PRIVATE_PEM_PASSPHRASE", &pass_phrase),
            ("OCI_RESOURCE_PRINCIPAL_REGION", "ord"),
        ];
        let resource = known_by(&server, &[], &variables);
        assert_eq!(who(&server, &resource).await, "resource");
        assert_eq!(resource.region.as_deref(), Some("us-chicago-1"));
    }
}

#[tokio::test]
#[ignore = "needs tests/real/setup"]
async fn a_pod_is_known_by_its_service_account() {
    let server = OciServer::start();
    let [account, authorities] = ["account", "ca.crt"].map(|it| server.file(it));
    let variables = [
        ("KUBERNETES_SERVICE_HOST", "127.0.0.1"),
        ("OCI_KUBERNETES_SERVICE_ACCOUNT_TOKEN_PATH", &account),
        ("OCI_KUBERNETES_SERVICE_ACCOUNT_CERT_PATH", &authorities),
    ];
    let pod = known_by(&server, &[("auth", "oke_workload_identity")], &variables);
    goes_on_across_tokens(&server, &pod, "pod", "pod").await;
    // A cluster that another authority vouches for is no cluster of ours.
    let others = concat!(env!("CARGO_MANIFEST_DIR"), "/genai-bench-backends/fixtures/oci/throwaway_leaf.pem");
    let variables = [variables[0], variables[1], (variables[2].0, others)];
    let fooled = known_by(&server, &[("auth", "oke_workload_identity")], &variables);
    let error = fooled.auth.identity().await.expect_err("it is not trusted").to_string();
    assert!(error.contains(":12250/") && !error.contains("eyJ"), "{error}");
}

#[tokio::test]
#[ignore = "needs tests/real/setup"]
async fn a_key_of_the_generative_ai_service_is_a_bearers() {
    let server = OciServer::start();
    let settings =
        Settings { api_key: Some(Secret::from("sk-throwaway-generative-ai")), ..Settings::default() };
    let key = access(&settings).expect("a key is enough");
    assert_eq!(who(&server, &key).await, "API key");
    let nobody = http::Request::post(format!("{}{CHAT}", server.url)).body(Bytes::from(BODY));
    let refusal = answer(nobody.expect("a plain request")).await;
    assert_eq!(refusal, json!({"code": "NotAuthenticated", "message": "there is no signature"}));
}
