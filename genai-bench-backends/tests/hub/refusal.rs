//! Refusals of a hub, and their errors.

use genai_bench_backends::hub::{HubError, Quiet, Repo};

use crate::{ONE, TestHub, model};

async fn test_hub() -> TestHub {
    let test_hub = TestHub::new().await;
    test_hub.server.commit("models/owner/name", "main", ONE, &[("a", b"a")]);
    test_hub
}

#[tokio::test]
async fn a_gated_repository_requires_a_token_with_access() {
    let test_hub = test_hub().await;
    test_hub.server.gate("models/owner/name");
    let error = test_hub.hub().file(&model(), "a", &Quiet).await.unwrap_err().to_string();
    assert!(error.contains("owner/name is gated") && error.contains("export HF_TOKEN"), "{error}");
    let hub = test_hub.builder().token("hf_other").build().unwrap();
    let error = hub.file(&model(), "a", &Quiet).await.unwrap_err().to_string();
    assert!(error.contains("has no access") && !error.contains("hf_other"), "{error}");
    let error = hub.files(&model(), &Quiet).await.unwrap_err();
    assert!(matches!(error, HubError::Gated { has_token: true, .. }), "{error}");
}

#[tokio::test]
async fn a_bare_status_distinguishes_a_missing_token() {
    let test_hub = test_hub().await;
    for status in [401, 403] {
        test_hub.server.faults(|it| it.statuses = [status].into());
        let error = test_hub.hub().file(&model(), "a", &Quiet).await.unwrap_err().to_string();
        assert!(error.contains(&format!("({status}): on purpose")), "{error}");
        assert!(error.contains("export HF_TOKEN"), "{error}");
    }
}

#[tokio::test]
async fn missing_repositories_revisions_and_files_are_named() {
    let test_hub = test_hub().await;
    let none = Repo::model("nobody/nothing").unwrap();
    let error = test_hub.hub().file(&none, "a", &Quiet).await.unwrap_err().to_string();
    assert!(error.contains("no repository nobody/nothing") && error.contains("export HF_TOKEN"), "{error}");
    let revision = model().at("v2").unwrap();
    let error = test_hub.hub().file(&revision, "a", &Quiet).await.unwrap_err().to_string();
    assert!(error.contains("owner/name") && error.contains("no revision 'v2'"), "{error}");
    let error = test_hub.hub().file(&model(), "b.json", &Quiet).await.unwrap_err().to_string();
    for name in ["owner/name", "'main'", "'b.json'"] {
        assert!(error.contains(name), "{error}");
    }
}

#[tokio::test]
async fn the_rate_limit_error_has_the_time_of_the_next_try() {
    let test_hub = test_hub().await;
    test_hub.server.faults(|it| it.statuses = [429].into());
    let error = test_hub.hub().file(&model(), "a", &Quiet).await.unwrap_err().to_string();
    assert!(error.contains("429") && error.ends_with("try again after 7 s"), "{error}");
    assert_eq!(test_hub.server.seen().len(), 1);
}

#[tokio::test]
async fn a_server_that_is_no_hub_is_an_error() {
    let test_hub = test_hub().await;
    test_hub.server.faults(|it| it.is_no_hub = true);
    let error = test_hub.hub().file(&model(), "a", &Quiet).await.unwrap_err().to_string();
    assert!(error.contains("HF_ENDPOINT"), "{error}");
    assert_eq!(test_hub.cached_files(), []);
}
