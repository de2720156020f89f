//! Which credentials win, and what is refused.

use bytes::Bytes;
use http::HeaderMap;
use http::header::AUTHORIZATION;

use super::*;
use crate::auth::Environment;

/// Settings with these options, each with the variable that it comes from unless it was typed.
fn settings<const N: usize>(given: [(&'static str, Option<&'static str>, &str); N]) -> Settings {
    let secret = |variable: Option<&'static str>, it| {
        let origin = variable.map_or(Origin::Option("typed"), Origin::Variable);
        Secret::from(it).found(origin)
    };
    let options = given.into_iter().map(|(name, variable, it)| (name, secret(variable, it))).collect();
    Settings { options, ..Settings::default() }
}

fn of_variables() -> Settings {
    settings([
        ("aws-access-key-id", Some("AWS_ACCESS_KEY_ID"), "AKIAOFTHEENVIRONMENT"),
        ("aws-secret-access-key", Some("AWS_SECRET_ACCESS_KEY"), "key"),
        ("aws-session-token", Some("AWS_SESSION_TOKEN"), "token"),
    ])
}

fn with(mut settings: Settings, typed: &[(&'static str, &str)]) -> Settings {
    settings.options.extend(typed.iter().map(|(name, it)| (*name, Secret::from(*it))));
    settings
}

fn of(settings: &Settings) -> Result<Arc<dyn AuthProvider>, SettingsError> {
    Credential::from_settings(settings)?.auth(settings, "us-east-1", "bedrock")
}

async fn headers(settings: &Settings) -> HeaderMap {
    let mut request = http::Request::post("http://localhost/").body(Bytes::new()).unwrap();
    of(settings).unwrap().authorize(&mut request).await.unwrap();
    request.into_parts().0.headers
}

/// The problem with settings that are wrong.
fn problem(settings: &Settings) -> (&'static str, String) {
    let error = of(settings).unwrap_err();
    (error.setting, error.problem)
}

#[tokio::test]
async fn a_key_of_its_own_wins_over_what_variables_say() {
    let signed = headers(&of_variables()).await;
    let told = signed[AUTHORIZATION].to_str().unwrap();
    assert!(told.starts_with("AWS4-HMAC-SHA256 Credential=AKIAOFTHEENVIRONMENT/"), "{told}");
    assert!(told.contains("/us-east-1/bedrock/aws4_request"), "{told}");
    assert_eq!(signed["x-amz-security-token"], "token");
    let both = Settings { api_key: Some("bedrock-api-key-EXAMPLE".into()), ..of_variables() };
    assert_eq!(headers(&both).await[AUTHORIZATION], "Bearer bedrock-api-key-EXAMPLE");
}

#[tokio::test]
async fn a_typed_key_takes_no_token_of_another() {
    let pair = [("aws-access-key-id", "AKIATYPED"), ("aws-secret-access-key", "typed")];
    let signed = headers(&with(of_variables(), &pair)).await;
    assert!(signed[AUTHORIZATION].to_str().unwrap().contains("AKIATYPED"));
    assert!(!signed.contains_key("x-amz-security-token"));
    let token = [pair[0], pair[1], ("aws-session-token", "of the typed one")];
    assert_eq!(headers(&with(of_variables(), &token)).await["x-amz-security-token"], "of the typed one");
    // A part that a person does not want to type.
    let signed = headers(&with(of_variables(), &pair[..1])).await;
    assert!(!signed.contains_key("x-amz-security-token"));
}

#[tokio::test]
async fn an_identity_says_where_a_key_was_found_and_shows_its_end_alone() {
    let identity = of(&of_variables()).unwrap().identity().await.unwrap();
    assert_eq!((identity.kind, &*identity.found), (SigV4::KIND, "$AWS_ACCESS_KEY_ID"));
    assert_eq!(identity.shown.as_deref(), Some("***MENT"));
    let key = Settings { api_key: Some("bedrock".into()), ..Settings::default() };
    let identity = of(&key).unwrap().identity().await.unwrap();
    assert_eq!(identity.kind, KEY_KIND);
}

#[test]
fn what_is_typed_as_empty_undoes_a_variable() {
    let undone = with(of_variables(), &[("aws-access-key-id", ""), ("aws-secret-access-key", "")]);
    assert!(matches!(Credential::from_settings(&undone), Ok(Credential::Found { by_profile: false })));
    assert!(matches!(
        Credential::from_settings(&with(undone, &[("aws-profile", "")])),
        Ok(Credential::Found { by_profile: false })
    ));
    let undone = with(of_variables(), &[("aws-session-token", "")]);
    assert!(matches!(Credential::from_settings(&undone), Ok(Credential::Keys { session_token: None, .. })));
}

#[test]
fn a_part_of_a_key_is_not_enough() {
    for (given, missing) in [
        (settings([("aws-access-key-id", None, "AKIA")]), "aws-secret-access-key"),
        (settings([("aws-secret-access-key", Some("AWS_SECRET_ACCESS_KEY"), "key")]), "aws-access-key-id"),
        (settings([("aws-session-token", None, "token")]), "aws-access-key-id"),
    ] {
        assert_eq!(problem(&given).0, missing);
    }
}

#[test]
fn a_profile_beside_an_access_key_is_refused_by_both_names() {
    let both = [("aws-profile", "work"), ("aws-access-key-id", "AKIA"), ("aws-secret-access-key", "key")];
    let error = CREDENTIALS.choose(&with(Settings::default(), &both)).unwrap_err();
    assert_eq!(error.setting, "aws-profile");
    assert!(error.problem.contains("--aws-access-key-id"), "{error}");
}

#[test]
fn what_is_typed_wins_over_every_variable() {
    let key = Secret::from("bedrock").found(Origin::Variable("AWS_BEARER_TOKEN_BEDROCK"));
    let of_environment = Settings { api_key: Some(key), ..of_variables() };
    let pair = [("aws-access-key-id", "AKIATYPED"), ("aws-secret-access-key", "key")];
    let (chosen, _) = CREDENTIALS.choose(&with(of_environment.clone(), &pair)).unwrap();
    assert!(
        matches!(Credential::from_settings(&chosen), Ok(Credential::Keys { id, .. }) if id.reveal() == "AKIATYPED")
    );
    let (chosen, _) = CREDENTIALS.choose(&with(of_environment, &[("aws-profile", "work")])).unwrap();
    assert!(matches!(Credential::from_settings(&chosen), Ok(Credential::Found { by_profile: true })));
}

#[test]
fn a_key_beside_a_profile_is_ignored_with_a_note() {
    let dummy = Settings { api_key: Some("dummy".into()), ..Settings::default() };
    let (chosen, note) = CREDENTIALS.choose(&with(dummy, &[("aws-profile", "production")])).unwrap();
    assert!(matches!(Credential::from_settings(&chosen), Ok(Credential::Found { by_profile: true })));
    assert!(note.is_some_and(|it| it.contains("--aws-profile")));
}

#[test]
fn who_keeps_the_environment_closed_has_to_give_a_key() {
    let (setting, said) = problem(&Settings::default());
    assert_eq!(setting, "api_key");
    assert!(said.contains("AWS_BEARER_TOKEN_BEDROCK") && said.contains("--aws-access-key-id"), "{said}");
    // A named profile is taken, and not the key of the environment.
    let named = with(of_variables(), &[("aws-profile", "work")]);
    let (setting, said) = problem(&CREDENTIALS.choose(&named).unwrap().0);
    assert_eq!(setting, "aws-profile");
    assert!(said.contains("give an access key"), "{said}");
    // The token of another program alone is no part of a key of ours.
    let token = settings([("aws-session-token", Some("AWS_SESSION_TOKEN"), "token")]);
    assert_eq!(problem(&token).0, "api_key");
}

#[test]
fn nothing_is_fetched_and_no_file_has_to_be_there_to_make_it() {
    let settings = Settings { environment: Environment::of_the_process(), ..Settings::default() };
    // Of the machine that this runs on nothing else can be said.
    if settings.environment.get("AWS_PROFILE").is_none() {
        assert!(of(&settings).is_ok());
    }
    let named = with(settings, &[("aws-profile", "nobody has named one so")]);
    assert_eq!(problem(&named).0, "aws-profile");
}
