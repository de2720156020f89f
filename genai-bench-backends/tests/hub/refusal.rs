//! What a hub refuses, and what is said of it.

use genai_bench_backends::hub::{HubError, Quiet, Repo};

use crate::{ONE, Place, model};

async fn place() -> Place {
    let place = Place::new().await;
    place.server.commit("models/owner/name", "main", ONE, &[("a", b"a")]);
    place
}

#[tokio::test]
async fn a_gate_asks_for_a_token_or_for_a_better_one() {
    let place = place().await;
    place.server.gate("models/owner/name");
    let error = place.hub().file(&model(), "a", &Quiet).await.unwrap_err().to_string();
    assert!(error.contains("owner/name is gated") && error.contains("export HF_TOKEN"), "{error}");
    let hub = place.builder().token("hf_other").build().unwrap();
    let error = hub.file(&model(), "a", &Quiet).await.unwrap_err().to_string();
    assert!(error.contains("has no access") && !error.contains("hf_other"), "{error}");
    let error = hub.files(&model(), &Quiet).await.unwrap_err();
    assert!(matches!(error, HubError::Gated { has_token: true, .. }), "{error}");
}

#[tokio::test]
async fn a_status_alone_says_whether_a_token_is_missing() {
    let place = place().await;
    for status in [401, 403] {
        place.server.faults(|it| it.statuses = [status].into());
        let error = place.hub().file(&model(), "a", &Quiet).await.unwrap_err().to_string();
        assert!(error.contains(&format!("({status}): on purpose")), "{error}");
        assert!(error.contains("export HF_TOKEN"), "{error}");
    }
}

#[tokio::test]
async fn what_is_missing_is_named() {
    let place = place().await;
    let none = Repo::model("nobody/nothing").unwrap();
    let error = place.hub().file(&none, "a", &Quiet).await.unwrap_err().to_string();
    assert!(error.contains("no repository nobody/nothing") && error.contains("export HF_TOKEN"), "{error}");
    let revision = model().at("v2").unwrap();
    let error = place.hub().file(&revision, "a", &Quiet).await.unwrap_err().to_string();
    assert!(error.contains("owner/name") && error.contains("no revision 'v2'"), "{error}");
    let error = place.hub().file(&model(), "b.json", &Quiet).await.unwrap_err().to_string();
    for name in ["owner/name", "'main'", "'b.json'"] {
        assert!(error.contains(name), "{error}");
    }
}

#[tokio::test]
async fn a_hub_that_is_asked_too_often_says_when_to_come_back() {
    let place = place().await;
    place.server.faults(|it| it.statuses = [429].into());
    let error = place.hub().file(&model(), "a", &Quiet).await.unwrap_err().to_string();
    assert!(error.contains("429") && error.ends_with("try again after 7 s"), "{error}");
    assert_eq!(place.server.seen().len(), 1);
}

#[tokio::test]
async fn a_server_that_is_no_hub_is_not_taken_for_one() {
    let place = place().await;
    place.server.faults(|it| it.is_no_hub = true);
    let error = place.hub().file(&model(), "a", &Quiet).await.unwrap_err().to_string();
    assert!(error.contains("HF_ENDPOINT"), "{error}");
    assert_eq!(place.kept(), []);
}
