//! The cache without a hub.

use genai_bench_backends::hub::{HubError, Quiet};

use crate::{ONE, RecordedProgress, TWO, TestHub, model, text};

async fn test_hub() -> TestHub {
    let test_hub = TestHub::new().await;
    test_hub.server.commit("models/owner/name", "main", ONE, &[("a", b"a")]);
    test_hub
}

#[tokio::test]
async fn offline_mode_sends_no_request() {
    let test_hub = test_hub().await;
    let error = test_hub.offline().file(&model(), "a", &Quiet).await.unwrap_err().to_string();
    assert!(error.contains("a of owner/name is not in") && error.contains("HF_HUB_OFFLINE"), "{error}");
    let error = test_hub.offline().files(&model(), &Quiet).await.unwrap_err();
    assert!(matches!(error, HubError::NotInCache { why: None, .. }), "{error}");
    assert_eq!(test_hub.server.seen(), []);

    let path = test_hub.hub().file(&model(), "a", &Quiet).await.unwrap();
    test_hub.server.seen();
    assert_eq!(test_hub.offline().file(&model(), "a", &Quiet).await.unwrap(), path);
    let listed = test_hub.offline().files(&model(), &Quiet).await.unwrap();
    assert_eq!(listed.iter().map(|it| (it.path.as_str(), it.size)).collect::<Vec<_>>(), [("a", 1)]);
    assert_eq!(test_hub.server.seen(), []);
}

#[tokio::test]
async fn the_fallback_to_the_cache_is_reported() {
    let test_hub = test_hub().await;
    let error = test_hub.unreachable().file(&model(), "a", &Quiet).await.unwrap_err().to_string();
    assert!(error.contains("is not in") && error.contains("127.0.0.1:1"), "{error}");

    let path = test_hub.hub().file(&model(), "a", &Quiet).await.unwrap();
    let progress = RecordedProgress::default();
    assert_eq!(test_hub.unreachable().file(&model(), "a", &progress).await.unwrap(), path);
    let reports = progress.all();
    assert!(reports.len() == 1 && reports[0].starts_with("fell back 'a': 127.0.0.1:1: "), "{reports:?}");
    test_hub.unreachable().files(&model(), &progress).await.unwrap();
    assert!(progress.all()[0].starts_with("fell back '': 127.0.0.1:1: "));
}

#[tokio::test]
async fn a_file_that_the_hub_refuses_comes_from_the_cache() {
    let test_hub = test_hub().await;
    test_hub.hub().file(&model(), "a", &Quiet).await.unwrap();
    test_hub.server.gate("models/owner/name");
    let progress = RecordedProgress::default();
    let path = test_hub.hub().file(&model(), "a", &progress).await.unwrap();
    assert_eq!(text(&path), "a");
    assert!(progress.all()[0].contains("is gated"));
}

#[tokio::test]
async fn a_file_missing_in_the_latest_version_is_an_error() {
    let test_hub = test_hub().await;
    test_hub.hub().file(&model(), "a", &Quiet).await.unwrap();
    test_hub.server.commit("models/owner/name", "main", TWO, &[("b", b"b")]);
    let error = test_hub.hub().file(&model(), "a", &Quiet).await.unwrap_err();
    assert!(matches!(error, HubError::NoFile { .. }), "{error}");
}
