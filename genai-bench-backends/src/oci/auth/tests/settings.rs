//! The choice of the authentication method, the options that belong to it, and those that are refused.

use std::fs;

use genai_bench_core::auth::Identity;
use serde_json::json;
use tempfile::TempDir;

use super::super::token::token_with_claims;
use super::super::*;
use crate::auth::{Environment, Origin, Secret};

const KEY: &str = include_str!("../../../../fixtures/oci/throwaway_pkcs8.pem");
const ENCRYPTED: &str = include_str!("../../../../fixtures/oci/throwaway_encrypted.pem");

/// Creates a home folder with a key, a token and a config file that ends with `more`.
fn home(more: &str) -> TempDir {
    let home = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| fs::write(home.path().join(".oci").join(name), text).unwrap();
    fs::create_dir(home.path().join(".oci")).unwrap();
    file("key.pem", KEY);
    file("encrypted.pem", ENCRYPTED);
    file(
        "token",
        &format!(
            "{}\n",
            token_with_claims(&json!({"exp": 4_102_444_800_u64, "sub": "ocid1.user.oc1..aaaauser"}))
        ),
    );
    let default = "[DEFAULT]\ntenancy=ocid1.tenancy.oc1..t\nuser=ocid1.user.oc1..aaaaaauser\n\
        fingerprint=20:3b:97:13:55:1c:5b:0d:d3:37:d8:50:4e:c5:3a:34\nkey_file=~/.oci/key.pem\nregion=ord\n";
    file("config", &format!("{default}{more}"));
    home
}

/// Returns settings with these options and variables, and the home folder.
fn settings(home: &TempDir, options: &[(&'static str, &str)], variables: &[(&str, &str)]) -> Settings {
    let typed = |it: &(&'static str, &str)| (it.0, Secret::from(it.1).found(Origin::Option(it.0)));
    let home = [("HOME", home.path().to_str().unwrap())];
    Settings {
        options: options.iter().map(typed).collect(),
        environment: home.iter().chain(variables).copied().collect(),
        ..Settings::default()
    }
}

fn problem(settings: &Settings) -> (&'static str, String) {
    let error = access(settings).unwrap_err();
    (error.setting, error.problem)
}

async fn identity(settings: &Settings) -> Identity {
    access(settings).unwrap().auth.identity().await.unwrap()
}

const RESOURCE_VARIABLES: [(&str, &str); 4] = [
    ("OCI_RESOURCE_PRINCIPAL_VERSION", "2.2"),
    ("OCI_RESOURCE_PRINCIPAL_RPST", "/nowhere/token"),
    ("OCI_RESOURCE_PRINCIPAL_PRIVATE_PEM", "/nowhere/key"),
    ("OCI_RESOURCE_PRINCIPAL_REGION", "iad"),
];

#[tokio::test]
async fn a_profile_says_who_we_are_and_where() {
    let home = home("[S]\nsecurity_token_file=~/.oci/token\nregion=eu-frankfurt-2");
    let user = access(&settings(&home, &[], &RESOURCE_VARIABLES)).unwrap();
    assert_eq!(user.region.as_deref(), Some("us-chicago-1"));
    assert_eq!(user.tenancy.as_deref(), Some("ocid1.tenancy.oc1..t"));
    let of_user = user.auth.identity().await.unwrap();
    assert_eq!((of_user.kind, of_user.shown.as_deref()), (USER, Some("user ***user")));
    assert!(of_user.found.ends_with(".oci/config, profile DEFAULT") && of_user.expires.is_none());
    let session = settings(&home, &[("profile", "S"), ("region", "PHX")], &[]);
    assert_eq!(access(&session).unwrap().region.as_deref(), Some("us-phoenix-1"));
    let session = identity(&session).await;
    assert_eq!((session.kind, session.shown.as_deref()), (SESSION, Some("user ***user")));
    assert!(session.found.ends_with("profile S") && session.expires.is_some());
    let user = identity(&settings(&home, &[("profile", "S"), ("auth", "user_principal")], &[])).await;
    assert_eq!(user.kind, USER);
}

#[tokio::test]
async fn a_pass_phrase_opens_the_key() {
    let home = home(
        "[A]\nkey_file=~/.oci/encrypted.pem\npass_phrase=throwaway-pass-phrase\n\
        [B]\nkey_file=~/.oci/encrypted.pem\npass_phrase=wrong-one\n[C]\nkey_file=~/.oci/encrypted.pem",
    );
    let of = |profile| settings(&home, &[("profile", profile)], &[]);
    assert_eq!(identity(&of("A")).await.kind, USER);
    for (profile, why) in
        [("B", "cannot be decrypted with this pass phrase"), ("C", "pass_phrase is missing")]
    {
        let error = access(&of(profile)).unwrap().auth.identity().await.unwrap_err().to_string();
        assert!(error.contains("/.oci/encrypted.pem: its key ") && error.contains(why), "{error}");
        assert!(!error.contains("wrong-one"), "{error}");
    }
}

#[tokio::test]
async fn a_key_is_a_bearers_and_wins() {
    let key = Secret::from("sk-0123456789abcdefXYZW").found(Origin::Variable("OCI_GENAI_API_KEY"));
    let home = home("");
    let settings = Settings { api_key: Some(key), ..settings(&home, &[], &[]) };
    let of_key = identity(&settings).await;
    assert_eq!((of_key.kind, &*of_key.found), (ApiKey::KIND, "$OCI_GENAI_API_KEY"));
    let mut settings = settings;
    settings.options.insert("auth", "user_principal".into());
    assert_eq!(identity(&settings).await.kind, USER, "a variable may be meant for something else");
    settings.api_key = Some("sk-typed".into());
    assert_eq!(problem(&settings).0, "api_key");
    settings.options.insert("auth", "api_key".into());
    assert!(access(&settings).is_ok());
    settings.api_key = None;
    assert_eq!(problem(&settings).0, "api_key");
}

#[test]
fn a_profile_may_say_by_what_we_are_known() {
    let home = home(
        "[I]\nauthentication_type=instance_principal\n\
        [D]\nauthentication_type=instance_principal\ndelegation_token_file=~/.oci/token\n\
        [R]\nauthentication_type=resource_principal\n[X]\nauthentication_type=magic",
    );
    let way = |profile| {
        ChosenMethod::from_settings(&settings(&home, &[("profile", profile)], &[])).map(|it| it.method)
    };
    assert_eq!(way("I"), Ok(AuthMethod::InstancePrincipal));
    assert_eq!(way("D"), Ok(AuthMethod::InstanceOboUser));
    assert_eq!(way("R"), Ok(AuthMethod::ResourcePrincipal));
    assert!(way("X").unwrap_err().problem.contains("authentication_type is no authentication method"));
    let delegation = access(&settings(&home, &[("profile", "D")], &[])).unwrap();
    assert_eq!(delegation.region.as_deref(), Some("us-chicago-1"));
}

#[test]
fn a_resource_principal_is_taken_where_there_is_no_file() {
    let empty = tempfile::tempdir().unwrap();
    let access = access(&settings(&empty, &[], &RESOURCE_VARIABLES)).unwrap();
    assert_eq!(access.region.as_deref(), Some("us-ashburn-1"));
    let (setting, said) = problem(&settings(&empty, &[], &[]));
    assert_eq!(setting, "auth");
    assert!(said.contains("--api-key") && said.contains("--profile"), "{said}");
    let old = [("OCI_RESOURCE_PRINCIPAL_VERSION", "1.1")];
    assert!(problem(&settings(&empty, &[], &old)).1.contains("'1.1', of which only 2.2 is known"));
    for way in ["resource_principal", "oke_workload_identity"] {
        assert!(problem(&settings(&empty, &[("auth", way)], &[])).1.contains("is not set"));
    }
}

#[test]
fn what_goes_with_another_way_is_refused() {
    let home = home("");
    let said = |options: &[(&'static str, &str)]| problem(&settings(&home, options, &RESOURCE_VARIABLES));
    assert!(said(&[("auth", "magic")]).1.contains("give one of user_principal, security_token"));
    assert_eq!(said(&[("security-token", "t")]).0, "security-token");
    for way in ["instance_principal", "resource_principal"] {
        assert_eq!(said(&[("auth", way), ("profile", "DEFAULT")]).0, "profile");
        assert_eq!(said(&[("auth", way), ("config-file", "~/.oci/config")]).0, "config-file");
        assert_eq!(said(&[("auth", way), ("security-token", "t")]).0, "security-token");
    }
    let delegation = [("auth", "instance_obo_user"), ("security-token", "t"), ("profile", "DEFAULT")];
    assert_eq!(said(&delegation).0, "profile");
    assert!(said(&delegation[..1]).1.contains("delegation_token_file is missing"));
    assert!(access(&settings(&home, &delegation[..2], &[])).is_ok());
    assert_eq!(said(&[("region", "us chicago")]).0, "region");
    assert!(said(&[("auth", "security_token")]).1.contains("security_token_file is missing"));
    let mut of_variable = settings(&home, &[("auth", "instance_principal")], &[]);
    let variable = Secret::from("WORK").found(Origin::Variable("OCI_CLI_PROFILE"));
    of_variable.options.insert("profile", variable);
    assert!(access(&of_variable).is_ok(), "a variable may be meant for something else");
}

#[tokio::test]
async fn a_header_that_was_typed_is_left_alone() {
    let home = home("");
    let mut settings = settings(&home, &[], &[]);
    settings.headers.insert("authorization", ::http::HeaderValue::from_static("Bearer typed"));
    assert_eq!(identity(&settings).await.kind, TypedHeader::KIND);
    for option in ["auth", "profile", "config-file", "security-token"] {
        settings.options = [(option, "user_principal".into())].into();
        assert_eq!(problem(&settings).0, option);
    }
}

#[test]
fn nothing_is_looked_up_that_was_not_given() {
    let settings = Settings { environment: Environment::default(), ..Settings::default() };
    assert_eq!(problem(&settings).0, "auth");
}
