//! Which of what is there is taken, and what is refused.

use bytes::Bytes;
use genai_bench_core::auth::Identity;
use http::HeaderValue;
use http::header::AUTHORIZATION;

use super::*;
use crate::azure::ENTRY;

const SERVICE: [(&str, &str); 3] =
    [("AZURE_TENANT_ID", "tenant"), ("AZURE_CLIENT_ID", "client"), ("AZURE_CLIENT_SECRET", "hush-hush")];

fn by_variable(value: &str) -> Secret {
    Secret::from(value).found(Origin::Variable("V"))
}

fn by_option(value: &str) -> Secret {
    Secret::from(value).found(Origin::Option("o"))
}

/// A token, a key and a client secret, all from variables, and `chosen` to be used.
fn all_set(chosen: Option<&str>) -> Settings {
    let chosen = chosen.map(|it| (CREDENTIAL, by_option(it)));
    Settings {
        api_key: Some(by_variable("the-key")),
        options: [(AD_TOKEN, by_variable("the-token"))].into_iter().chain(chosen).collect(),
        environment: SERVICE.into_iter().collect(),
        ..Settings::default()
    }
}

async fn identity(settings: &Settings) -> Identity {
    auth_provider(settings, true).unwrap().identity().await.unwrap()
}

fn problem(settings: &Settings) -> String {
    auth_provider(settings, true).unwrap_err().to_string()
}

#[tokio::test]
async fn without_a_choice_a_token_goes_before_a_key_a_key_before_a_header() {
    let mut settings = all_set(None);
    settings.headers.insert(AUTHORIZATION, HeaderValue::from_static("Bearer x"));
    assert_eq!(identity(&settings).await.kind, TOKEN_KIND);
    settings.options.clear();
    assert_eq!(identity(&settings).await.kind, ApiKey::KIND);
    settings.api_key = None;
    assert_eq!(identity(&settings).await.kind, TypedHeader::KIND);
}

#[tokio::test]
async fn a_typed_key_wins_over_a_token_of_the_environment() {
    let mut settings = all_set(None);
    settings.api_key = Some(by_option("the-key"));
    settings.options.insert("azure-endpoint", by_option("https://res.openai.azure.com"));
    let endpoint = ENTRY.build(&settings).unwrap();
    assert_eq!(endpoint.auth.identity().await.unwrap().kind, ApiKey::KIND);
    settings.api_key = None;
    settings.headers.insert(AUTHORIZATION, HeaderValue::from_static("Bearer x"));
    let endpoint = ENTRY.build(&settings).unwrap();
    assert_eq!(endpoint.auth.identity().await.unwrap().kind, TypedHeader::KIND);
}

#[tokio::test]
async fn with_nothing_given_entra_is_asked_but_its_token_not_sent_without_https() {
    let settings = Settings { environment: SERVICE.into_iter().collect(), ..Settings::default() };
    let debug = format!("{:?}", auth_provider(&settings, true).unwrap());
    assert!(debug.starts_with("Entra(") && !debug.contains("hush-hush"), "{debug}");
    assert_eq!(auth_provider(&settings, false).unwrap().identity().await.unwrap().kind, Anonymous::KIND);
    let forced = Settings { options: all_set(Some("chain")).options, ..settings };
    assert!(format!("{:?}", auth_provider(&forced, false).unwrap()).starts_with("Entra("));
}

#[tokio::test]
async fn what_is_chosen_is_used_whatever_else_the_environment_says() {
    assert_eq!(identity(&all_set(Some("key"))).await.kind, ApiKey::KIND);
    assert_eq!(identity(&all_set(Some("token"))).await.kind, TOKEN_KIND);
    assert_eq!(identity(&all_set(Some("none"))).await.kind, Anonymous::KIND);
    for chosen in ["chain", "client-secret"] {
        let debug = format!("{:?}", auth_provider(&all_set(Some(chosen)), true).unwrap());
        assert!(debug.contains("ClientSecret") && !debug.contains("hush-hush"), "{debug}");
        assert_eq!(debug.contains("ManagedIdentity"), chosen == "chain", "{debug}");
    }
    let mut request = http::Request::new(Bytes::new());
    auth_provider(&all_set(Some("key")), true).unwrap().authorize(&mut request).await.unwrap();
    assert_eq!((request.headers()["api-key"].to_str().unwrap(), request.headers().len()), ("the-key", 1));
}

#[test]
fn what_was_chosen_and_is_not_there_is_named() {
    let nothing = |chosen: &str| Settings {
        options: [(CREDENTIAL, by_option(chosen))].into_iter().collect(),
        ..Settings::default()
    };
    for (chosen, named) in [
        ("client-secret", "$AZURE_TENANT_ID, $AZURE_CLIENT_ID and $AZURE_CLIENT_SECRET are not set"),
        ("workload-identity", "$AZURE_FEDERATED_TOKEN_FILE are not set"),
        ("key", "--api-key, or in MODEL_API_KEY or AZURE_OPENAI_API_KEY"),
        ("token", "--azure-ad-token, or in AZURE_AD_TOKEN or AZURE_OPENAI_AD_TOKEN"),
        ("guess", "'guess' is none of key, token, chain, client-secret, workload-identity"),
    ] {
        let problem = problem(&nothing(chosen));
        assert!(problem.starts_with("azure-credential: ") && problem.contains(named), "{problem}");
    }
}

#[test]
fn what_was_typed_and_would_not_be_used_is_refused() {
    for chosen in ["chain", "client-secret", "none"] {
        let mut settings = all_set(Some(chosen));
        settings.api_key = Some(by_option("the-key"));
        let refused = problem(&settings);
        assert!(refused.starts_with("api_key: not used with --azure-credential "), "{refused}");
        settings.options.insert(AD_TOKEN, by_option("the-token"));
        assert!(problem(&settings).starts_with("azure-ad-token: not used with"), "{chosen}");
    }
    let mut header = all_set(Some("cli"));
    header.headers.insert(AUTHORIZATION, HeaderValue::from_static("Bearer x"));
    assert!(problem(&header).contains("--header"));
    let mut scope = all_set(None);
    scope.options.insert(SCOPE, by_option("https://ai.azure.com/.default"));
    assert!(problem(&scope).starts_with("azure-scope: only tokens that Entra ID is asked for"));
    scope.options.insert(SCOPE, by_variable("https://ai.azure.com/.default"));
    assert!(auth_provider(&scope, true).is_ok());
}

#[test]
fn a_scope_has_to_end_as_scopes_do() {
    let mut settings = all_set(Some("chain"));
    settings.options.insert(SCOPE, by_option("https://ai.azure.com"));
    assert!(problem(&settings).starts_with("azure-scope: 'https://ai.azure.com' does not end in /.default"));
    settings.options.insert(SCOPE, by_option("https://ai.azure.com/.default"));
    assert!(
        format!("{:?}", auth_provider(&settings, true).unwrap()).contains("https://ai.azure.com/.default")
    );
}

#[tokio::test]
async fn every_identity_is_of_a_kind_that_the_entry_lists_in_the_order_of_precedence() {
    let listed: Vec<&str> = ENTRY.auth.iter().map(|it| it.name).collect();
    assert_eq!(listed[..3], [TOKEN_KIND, ApiKey::KIND, TypedHeader::KIND]);
    assert_eq!(listed[3..7], EntraSource::ALL.map(EntraSource::kind));
    assert_eq!(listed[7..], [Anonymous::KIND]);
}
