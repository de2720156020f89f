//! Downloads that fail or are continued.

use genai_bench_backends::hub::{HubError, Quiet};

use crate::{ONE, RecordedProgress, TestHub, model, text};

const FILE: &str = "a.parquet";

async fn test_hub() -> TestHub {
    let test_hub = TestHub::new().await;
    test_hub.server.commit("models/owner/name", "main", ONE, &[(FILE, b"0123456789")]);
    test_hub
}

/// Returns the ranges requested from the host that stores the file.
fn ranges(test_hub: &TestHub) -> Vec<Option<String>> {
    test_hub.server.seen().into_iter().filter(|it| !it.is_hub).map(|it| it.range).collect()
}

#[tokio::test]
async fn a_broken_download_is_continued() {
    let test_hub = test_hub().await;
    test_hub.server.faults(|it| it.cuts = [3, 4].into());
    let progress = RecordedProgress::default();
    let path = test_hub.hub().file(&model(), FILE, &progress).await.unwrap();
    assert_eq!(text(&path), "0123456789");
    let expected = [None, Some("bytes=3-".to_owned()), Some("bytes=7-".to_owned())];
    assert_eq!(ranges(&test_hub), expected);
    assert_eq!(progress.all(), ["began a.parquet 10", "advanced 3", "advanced 4", "advanced 3", "ended"]);
    assert_eq!(test_hub.blobs("models--owner--name").len(), 1);
}

#[tokio::test]
async fn an_abandoned_download_is_continued_the_next_time() {
    let test_hub = test_hub().await;
    test_hub.server.faults(|it| it.cuts = [3, 1, 1].into());
    let error = test_hub.hub().file(&model(), FILE, &Quiet).await.unwrap_err();
    assert!(matches!(error, HubError::Unreachable { .. }), "{error}");
    assert!(!error.to_string().contains("secret"), "{error}");
    ranges(&test_hub);
    let progress = RecordedProgress::default();
    let path = test_hub.hub().file(&model(), FILE, &progress).await.unwrap();
    assert_eq!(text(&path), "0123456789");
    assert_eq!(ranges(&test_hub), [Some("bytes=5-".to_owned())]);
    assert_eq!(progress.all(), ["began a.parquet 10", "advanced 5", "advanced 5", "ended"]);
}

#[tokio::test]
async fn without_ranges_a_download_starts_over() {
    let test_hub = test_hub().await;
    test_hub.server.faults(|it| {
        it.cuts = [3].into();
        it.ignores_ranges = true;
    });
    let progress = RecordedProgress::default();
    let path = test_hub.hub().file(&model(), FILE, &progress).await.unwrap();
    assert_eq!(text(&path), "0123456789");
    assert_eq!(
        progress.all(),
        ["began a.parquet 10", "advanced 3", "began a.parquet 10", "advanced 10", "ended"]
    );
}

#[tokio::test]
async fn a_range_at_another_position_is_refused() {
    let test_hub = TestHub::new().await;
    // Without a checksum no other check would detect it.
    test_hub.server.commit("models/owner/name", "main", ONE, &[("a.txt", b"0123456789")]);
    test_hub.server.faults(|it| {
        it.cuts = [3].into();
        it.late_ranges = 1;
    });
    assert_eq!(text(&test_hub.hub().file(&model(), "a.txt", &Quiet).await.unwrap()), "0123456789");
}

#[tokio::test]
async fn a_file_with_a_wrong_checksum_is_removed() {
    let test_hub = test_hub().await;
    test_hub.server.faults(|it| it.corrupts = true);
    let error = test_hub.hub().file(&model(), FILE, &Quiet).await.unwrap_err();
    assert!(matches!(error, HubError::Checksum { .. }), "{error}");
    assert_eq!(test_hub.cached_files(), []);
    test_hub.server.faults(|it| it.corrupts = false);
    assert_eq!(text(&test_hub.hub().file(&model(), FILE, &Quiet).await.unwrap()), "0123456789");
}

#[tokio::test]
async fn a_partial_download_is_verified() {
    for (left, ranges_asked) in [("xxx", Some("bytes=3-".to_owned())), ("longer than the file", None)] {
        let test_hub = test_hub().await;
        test_hub.server.faults(|it| it.cuts = [1, 1, 1].into());
        test_hub.hub().file(&model(), FILE, &Quiet).await.unwrap_err();
        std::fs::write(&test_hub.blobs("models--owner--name")[0], left).unwrap();
        ranges(&test_hub);
        let first = test_hub.hub().file(&model(), FILE, &Quiet).await;
        let is_resumed = ranges_asked.is_some();
        assert_eq!(ranges(&test_hub), [ranges_asked]);
        if is_resumed {
            assert!(matches!(first, Err(HubError::Checksum { .. })));
            assert_eq!(test_hub.cached_files(), []);
        }
        assert_eq!(text(&test_hub.hub().file(&model(), FILE, &Quiet).await.unwrap()), "0123456789");
    }
}

#[tokio::test]
async fn a_complete_partial_file_is_only_verified() {
    let test_hub = test_hub().await;
    test_hub.server.faults(|it| it.cuts = [9, 0, 0].into());
    test_hub.hub().file(&model(), FILE, &Quiet).await.unwrap_err();
    std::fs::write(&test_hub.blobs("models--owner--name")[0], "0123456789").unwrap();
    ranges(&test_hub);
    assert_eq!(text(&test_hub.hub().file(&model(), FILE, &Quiet).await.unwrap()), "0123456789");
    assert_eq!(ranges(&test_hub), []);
}

#[tokio::test]
async fn a_file_with_a_wrong_length_is_removed() {
    let test_hub = test_hub().await;
    test_hub.server.faults(|it| it.adds_to_length = 1);
    let error = test_hub.hub().file(&model(), FILE, &Quiet).await.unwrap_err();
    assert!(matches!(error, HubError::Length { expected: 11, actual: 10, .. }), "{error}");
    assert_eq!(test_hub.cached_files(), []);
}

#[tokio::test]
async fn an_empty_file_is_a_file() {
    let test_hub = TestHub::new().await;
    test_hub.server.commit("models/owner/name", "main", ONE, &[("empty.parquet", b""), ("empty", b"")]);
    for file in ["empty.parquet", "empty"] {
        assert_eq!(text(&test_hub.hub().file(&model(), file, &Quiet).await.unwrap()), "");
    }
}

#[tokio::test]
async fn server_errors_are_retried_a_few_times() {
    let test_hub = test_hub().await;
    test_hub.server.faults(|it| it.statuses = [503, 502].into());
    test_hub.hub().file(&model(), FILE, &Quiet).await.unwrap();
    test_hub.server.faults(|it| it.statuses = [500, 500, 500, 200].into());
    let error = test_hub.hub().file(&model(), "b", &Quiet).await.unwrap_err().to_string();
    assert!(error.contains("answered 500: on purpose") && error.contains("is not in"), "{error}");
}

#[tokio::test]
async fn a_file_above_the_size_limit_is_not_downloaded() {
    let test_hub = TestHub::new().await;
    test_hub.server.commit("models/owner/name", "main", ONE, &[("a.parquet", b"a")]);
    test_hub.server.faults(|it| it.adds_to_length = 200 << 30);
    let error = test_hub.hub().file(&model(), "a.parquet", &Quiet).await.unwrap_err().to_string();
    assert!(error.contains("a.parquet of owner/name has more than"), "{error}");
    assert_eq!(test_hub.cached_files(), []);
}
