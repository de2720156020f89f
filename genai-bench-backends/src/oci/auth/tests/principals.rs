//! The requests of each principal for its credentials, and the validity of these.

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use ::http::header::{AUTHORIZATION, HOST};
use bytes::Bytes;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::super::profile::Profile;
use super::super::token::token_with_claims;
use super::super::*;
use super::fake::Fake;
use crate::auth::{CredentialProvider, Environment, Origin, Secret};

const LEAF: &str = include_str!("../../../../fixtures/oci/throwaway_leaf.pem");
const KEY: &str = include_str!("../../../../fixtures/oci/throwaway_pkcs8.pem");
const ENCRYPTED: &str = include_str!("../../../../fixtures/oci/throwaway_encrypted.pem");
const END: u64 = 4_102_444_800;

fn at(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

fn token(end: u64) -> String {
    token_with_claims(
        &json!({"exp": end, "sub": "ocid1.user.oc1..aaaaaauser", "res_tenant": "ocid1.tenancy.oc1..tttttenant"}),
    )
}

fn environment(fake: &Fake) -> Environment {
    let metadata = format!("{}/opc/v2/", fake.url);
    let federation = format!("{}/v1/x509", fake.url);
    [("OCI_METADATA_BASE_URL", metadata), ("OCI_CLI_FEDERATION_ENDPOINT", federation)].into_iter().collect()
}

fn settings(environment: Environment, options: &[(&'static str, &str)]) -> Settings {
    let typed = |it: &(&'static str, &str)| (it.0, Secret::from(it.1).found(Origin::Option(it.0)));
    Settings { options: options.iter().map(typed).collect(), environment, ..Settings::default() }
}

/// Returns the `authorization` of a request to the Generative AI service, and the request.
async fn authorized(access: &Access) -> (String, ::http::Request<Bytes>) {
    let url = "https://inference.generativeai.us-chicago-1.oci.oraclecloud.com/20231130/actions/chat";
    let mut request = ::http::Request::post(url).body(Bytes::from("{}")).unwrap();
    access.auth.authorize(&mut request).await.unwrap();
    assert!(!format!("{request:?} {access:?}").contains("eyJ"), "a token is shown");
    (request.headers()[AUTHORIZATION].to_str().unwrap().to_owned(), request)
}

#[tokio::test]
async fn an_instance_exchanges_its_certificate_for_a_token() {
    let fake = Fake::start().await;
    fake.gives(&token(END));
    let access = access(&settings(environment(&fake), &[("auth", "instance_principal")])).unwrap();
    let identity = access.auth.identity().await.unwrap();
    assert_eq!((identity.kind, identity.expires), (INSTANCE, Some(at(END))));
    assert_eq!(identity.found, format!("the metadata service at {}/opc/v2", fake.url));
    assert_eq!(identity.shown.as_deref(), Some("tenancy ***ancy"));
    let (told, _) = authorized(&access).await;
    assert!(told.contains(&format!(r#"keyId="ST${}""#, token(END))), "{told}");
    let seen = fake.seen();
    let paths: Vec<&str> = seen.iter().map(|it| &*it.path).collect();
    let asked = ["instance/region", "identity/cert.pem", "identity/key.pem", "identity/intermediate.pem"];
    assert_eq!(paths[..4], asked.map(|it| format!("/opc/v2/{it}")));
    assert!(seen[..4].iter().all(|it| it.headers[AUTHORIZATION] == "Bearer Oracle"));
    let [.., exchange] = &seen[..] else { panic!("nothing was exchanged") };
    assert_eq!((seen.len(), &*exchange.path), (5, "/v1/x509"));
    assert!(LEAF.replace('\n', "").contains(exchange.body["certificate"].as_str().unwrap()));
    assert_eq!(exchange.body["intermediateCertificates"].as_array().map(Vec::len), Some(1));
    let told = exchange.headers[AUTHORIZATION].to_str().unwrap();
    let names = "date (request-target) content-length content-type x-content-sha256";
    assert!(told.contains(&format!(r#"headers="{names}""#)), "{told}");
    assert!(told.contains("ocid1.tenancy.oc1..exampletenancy/fed-x509/AB:E3:A3:07:0B:88:"), "{told}");
}

#[tokio::test]
async fn an_instance_makes_a_new_key_and_reads_its_certificates_anew_each_time() {
    let fake = Fake::start().await;
    fake.gives(&token(END));
    let instance = Instance::from_environment(&environment(&fake)).unwrap();
    let [first, second] = [instance.fetch().await.unwrap(), instance.fetch().await.unwrap()];
    assert_eq!([first.expires, second.expires], [Some(at(END)); 2]);
    let seen = fake.seen();
    assert_eq!(seen.len(), 10);
    assert_ne!(seen[4].body["publicKey"], seen[9].body["publicKey"]);
    fake.refuses();
    let error = instance.fetch().await.err().unwrap().to_string();
    assert!(error.contains("/opc/v2/instance/region: 401 Unauthorized, NotAuthenticated, no such session"));
    assert!(error.contains("nobody else does"), "{error}");
}

#[tokio::test]
async fn a_delegation_token_is_sent_and_signed_and_ends_when_the_first_of_both_does() {
    let fake = Fake::start().await;
    fake.gives(&token(END));
    let of_user = token(END - 60);
    let typed = [("auth", "instance_obo_user"), ("security-token", &*of_user)];
    let access = access(&settings(environment(&fake), &typed)).unwrap();
    let (told, request) = authorized(&access).await;
    assert!(told.contains(r#"headers="date (request-target) host opc-obo-token content-length"#), "{told}");
    assert_eq!(request.headers()["opc-obo-token"], of_user);
    let identity = access.auth.identity().await.unwrap();
    assert_eq!((identity.kind, identity.expires), (DELEGATION, Some(at(END - 60))));
    assert!(identity.found.starts_with("--security-token, and the metadata service"), "{}", identity.found);
}

/// Creates a home folder with the profile of a session.
fn session_home(token: &str) -> TempDir {
    let home = tempfile::tempdir().unwrap();
    fs::create_dir(home.path().join(".oci")).unwrap();
    let file = |name: &str, text: &str| fs::write(home.path().join(".oci").join(name), text).unwrap();
    file("key.pem", KEY);
    file("token", token);
    file("config", "[DEFAULT]\nkey_file=~/.oci/key.pem\nsecurity_token_file=~/.oci/token\nregion=iad\n");
    home
}

fn session(home: &Path, fake: &Fake) -> Session {
    let variables = [
        ("HOME", home.to_str().unwrap().to_owned()),
        ("OCI_CLI_FEDERATION_ENDPOINT", format!("{}/v1/x509", fake.url)),
    ];
    let settings = settings(variables.into_iter().collect(), &[]);
    let profile = Profile::open(&settings).unwrap();
    Session::from_profile(&profile, Some("us-ashburn-1"), &settings.environment).unwrap()
}

#[tokio::test]
async fn a_session_is_read_again_and_renewed_only_if_nobody_else_did() {
    let fake = Fake::start().await;
    let home = session_home(&format!("{}\n", token(END)));
    let session = session(home.path(), &fake);
    assert_eq!(session.fetch().await.unwrap().expires, Some(at(END)));
    fs::write(home.path().join(".oci/token"), token(END + 1)).unwrap();
    assert_eq!(session.fetch().await.unwrap().expires, Some(at(END + 1)));
    assert!(fake.seen().is_empty(), "the file was newer");
    for end in [END + 3600, END + 7200] {
        fake.gives(&token(end));
        assert_eq!(session.fetch().await.unwrap().expires, Some(at(end)));
    }
    let seen = fake.seen();
    let asked: Vec<&Value> = seen.iter().map(|it| &it.body["currentToken"]).collect();
    assert_eq!(asked, [&json!(token(END + 1)), &json!(token(END + 3600))]);
    assert!(seen.iter().all(|it| it.path == "/v1/authentication/refresh"));
    let signed = seen[0].headers[AUTHORIZATION].to_str().unwrap();
    assert!(signed.contains(&format!(r#"keyId="ST${}""#, token(END + 1))), "{signed}");
    assert_eq!(seen[0].headers[HOST], fake.url.trim_start_matches("http://"));
    assert_eq!(fs::read_to_string(home.path().join(".oci/token")).unwrap(), token(END + 1));
}

#[tokio::test]
async fn a_session_that_has_ended_says_how_to_begin_another() {
    let fake = Fake::start().await;
    let home = session_home(&token(1_000_000_000));
    let said = |session: Session| async move { session.fetch().await.err().unwrap().to_string() };
    let error = said(session(home.path(), &fake)).await;
    assert!(
        error.contains("/.oci/token: the session has ended") && error.contains("oci session authenticate")
    );
    assert!(fake.seen().is_empty());
    fs::write(home.path().join(".oci/token"), token(END)).unwrap();
    let ending = session(home.path(), &fake);
    ending.fetch().await.unwrap();
    fake.refuses();
    let error = said(ending).await;
    assert!(error.contains("cannot be renewed: POST http") && error.contains("no such session"), "{error}");
    assert!(!error.contains("eyJ"), "{error}");
    fs::write(home.path().join(".oci/token"), "SECRET").unwrap();
    let error = said(session(home.path(), &fake)).await;
    assert!(error.contains("token: no JSON web token") && !error.contains("SECRET"), "{error}");
}

#[tokio::test]
async fn a_resource_is_given_its_token_and_its_key_as_values_or_in_files() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        fs::write(folder.path().join(name), text).unwrap();
        folder.path().join(name).to_str().unwrap().to_owned()
    };
    let files = [
        ("OCI_RESOURCE_PRINCIPAL_VERSION", "2.2".to_owned()),
        ("OCI_RESOURCE_PRINCIPAL_RPST", file("rpst", &format!("{}\n", token(END)))),
        ("OCI_RESOURCE_PRINCIPAL_PRIVATE_PEM", file("key", ENCRYPTED)),
        ("OCI_RESOURCE_PRINCIPAL_PRIVATE_PEM_PASSPHRASE", file("pass", "throwaway-pass-phrase\n")),
    ];
    let values = [
        ("OCI_RESOURCE_PRINCIPAL_VERSION", "2.2".to_owned()),
        ("OCI_RESOURCE_PRINCIPAL_RPST", token(END)),
        ("OCI_RESOURCE_PRINCIPAL_PRIVATE_PEM", KEY.to_owned()),
    ];
    for environment in [files.into_iter().collect(), values.into_iter().collect::<Environment>()] {
        let access = access(&settings(environment.clone(), &[])).unwrap();
        assert_eq!(access.tenancy.as_deref(), Some("ocid1.tenancy.oc1..tttttenant"));
        let identity = access.auth.identity().await.unwrap();
        assert_eq!((identity.kind, identity.expires), (RESOURCE, Some(at(END))));
        assert_eq!(identity.shown.as_deref(), Some("tenancy ***nant"));
        assert!(authorized(&access).await.0.contains(&format!(r#"keyId="ST${}""#, token(END))));
        let resource = Resource::from_environment(&environment).unwrap();
        file("rpst", &token(END + 5));
        let again = resource.fetch().await.unwrap().expires.unwrap();
        assert!(again == at(END + 5) || again == at(END), "only files change");
    }
}

/// Over plain HTTP, which no cluster supports: `tests/real/oci.rs` has one with TLS.
#[tokio::test]
async fn a_pod_exchanges_the_token_of_its_account() {
    let fake = Fake::start().await;
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        fs::write(folder.path().join(name), text).unwrap();
        folder.path().join(name).to_str().unwrap().to_owned()
    };
    let variables = [
        ("KUBERNETES_SERVICE_HOST", "fd00::1".to_owned()),
        ("OCI_KUBERNETES_SERVICE_ACCOUNT_TOKEN_PATH", file("token", "an-account\n")),
        ("OCI_KUBERNETES_SERVICE_ACCOUNT_CERT_PATH", file("ca.crt", LEAF)),
    ];
    let mut pod = Workload::from_environment(&variables.into_iter().collect()).unwrap();
    assert_eq!(pod.found(), "the cluster at https://[fd00::1]:12250/resourcePrincipalSessionTokens");
    pod.url = format!("{}/resourcePrincipalSessionTokens", fake.url);
    fake.gives(&token(END));
    let issued = pod.fetch().await.unwrap();
    assert_eq!(issued.expires, Some(at(END)));
    assert_eq!(issued.credential.whose.as_deref(), Some("tenancy ***nant"));
    let seen = &fake.seen()[0];
    assert_eq!(seen.headers[AUTHORIZATION], "Bearer an-account");
    assert!(seen.body["podKey"].as_str().is_some_and(|it| it.starts_with("MIIB")));
    fake.gives("SECRET");
    let error = pod.fetch().await.err().unwrap().to_string();
    assert!(error.ends_with("the response contains no token") && !error.contains("SECRET"), "{error}");
    file("ca.crt", "nothing");
    assert!(pod.fetch().await.is_err());
}
