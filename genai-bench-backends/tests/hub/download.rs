//! Downloads that do not go well.

use genai_bench_backends::hub::{HubError, Quiet};

use crate::{ONE, Place, Told, model, text};

const FILE: &str = "a.parquet";

async fn place() -> Place {
    let place = Place::new().await;
    place.server.commit("models/owner/name", "main", ONE, &[(FILE, b"0123456789")]);
    place
}

/// Which ranges were asked for of the host that keeps the file.
fn ranges(place: &Place) -> Vec<Option<String>> {
    place.server.seen().into_iter().filter(|it| !it.is_hub).map(|it| it.range).collect()
}

#[tokio::test]
async fn a_cut_download_goes_on_where_it_was() {
    let place = place().await;
    place.server.faults(|it| it.cuts = [3, 4].into());
    let told = Told::default();
    let path = place.hub().file(&model(), FILE, &told).await.unwrap();
    assert_eq!(text(&path), "0123456789");
    let asked = [None, Some("bytes=3-".to_owned()), Some("bytes=7-".to_owned())];
    assert_eq!(ranges(&place), asked);
    assert_eq!(told.all(), ["began a.parquet 10", "advanced 3", "advanced 4", "advanced 3", "ended"]);
    assert_eq!(place.blobs("models--owner--name").len(), 1);
}

#[tokio::test]
async fn a_download_that_was_given_up_goes_on_the_next_time() {
    let place = place().await;
    place.server.faults(|it| it.cuts = [3, 1, 1].into());
    let error = place.hub().file(&model(), FILE, &Quiet).await.unwrap_err();
    assert!(matches!(error, HubError::Unreachable { .. }), "{error}");
    assert!(!error.to_string().contains("secret"), "{error}");
    ranges(&place);
    let told = Told::default();
    let path = place.hub().file(&model(), FILE, &told).await.unwrap();
    assert_eq!(text(&path), "0123456789");
    assert_eq!(ranges(&place), [Some("bytes=5-".to_owned())]);
    assert_eq!(told.all(), ["began a.parquet 10", "advanced 5", "advanced 5", "ended"]);
}

#[tokio::test]
async fn a_server_that_cannot_go_on_begins_again() {
    let place = place().await;
    place.server.faults(|it| {
        it.cuts = [3].into();
        it.ignores_ranges = true;
    });
    let told = Told::default();
    let path = place.hub().file(&model(), FILE, &told).await.unwrap();
    assert_eq!(text(&path), "0123456789");
    assert_eq!(
        told.all(),
        ["began a.parquet 10", "advanced 3", "began a.parquet 10", "advanced 10", "ended"]
    );
}

#[tokio::test]
async fn a_server_that_goes_on_elsewhere_is_not_followed() {
    let place = Place::new().await;
    // Without a checksum nothing else would show it.
    place.server.commit("models/owner/name", "main", ONE, &[("a.txt", b"0123456789")]);
    place.server.faults(|it| {
        it.cuts = [3].into();
        it.late_ranges = 1;
    });
    assert_eq!(text(&place.hub().file(&model(), "a.txt", &Quiet).await.unwrap()), "0123456789");
}

#[tokio::test]
async fn what_has_the_wrong_checksum_is_not_kept() {
    let place = place().await;
    place.server.faults(|it| it.corrupts = true);
    let error = place.hub().file(&model(), FILE, &Quiet).await.unwrap_err();
    assert!(matches!(error, HubError::Checksum { .. }), "{error}");
    assert_eq!(place.kept(), []);
    place.server.faults(|it| it.corrupts = false);
    assert_eq!(text(&place.hub().file(&model(), FILE, &Quiet).await.unwrap()), "0123456789");
}

#[tokio::test]
async fn what_an_earlier_download_left_is_not_trusted() {
    for (left, ranges_asked) in [("xxx", Some("bytes=3-".to_owned())), ("longer than the file", None)] {
        let place = place().await;
        place.server.faults(|it| it.cuts = [1, 1, 1].into());
        place.hub().file(&model(), FILE, &Quiet).await.unwrap_err();
        std::fs::write(&place.blobs("models--owner--name")[0], left).unwrap();
        ranges(&place);
        let first = place.hub().file(&model(), FILE, &Quiet).await;
        let is_resumed = ranges_asked.is_some();
        assert_eq!(ranges(&place), [ranges_asked]);
        if is_resumed {
            assert!(matches!(first, Err(HubError::Checksum { .. })));
            assert_eq!(place.kept(), []);
        }
        assert_eq!(text(&place.hub().file(&model(), FILE, &Quiet).await.unwrap()), "0123456789");
    }
}

#[tokio::test]
async fn a_file_that_is_whole_already_is_only_checked() {
    let place = place().await;
    place.server.faults(|it| it.cuts = [9, 0, 0].into());
    place.hub().file(&model(), FILE, &Quiet).await.unwrap_err();
    std::fs::write(&place.blobs("models--owner--name")[0], "0123456789").unwrap();
    ranges(&place);
    assert_eq!(text(&place.hub().file(&model(), FILE, &Quiet).await.unwrap()), "0123456789");
    assert_eq!(ranges(&place), []);
}

#[tokio::test]
async fn what_has_the_wrong_length_is_not_kept() {
    let place = place().await;
    place.server.faults(|it| it.adds_to_length = 1);
    let error = place.hub().file(&model(), FILE, &Quiet).await.unwrap_err();
    assert!(matches!(error, HubError::Length { expected: 11, actual: 10, .. }), "{error}");
    assert_eq!(place.kept(), []);
}

#[tokio::test]
async fn an_empty_file_is_a_file() {
    let place = Place::new().await;
    place.server.commit("models/owner/name", "main", ONE, &[("empty.parquet", b""), ("empty", b"")]);
    for file in ["empty.parquet", "empty"] {
        assert_eq!(text(&place.hub().file(&model(), file, &Quiet).await.unwrap()), "");
    }
}

#[tokio::test]
async fn a_server_in_trouble_is_asked_again_a_few_times() {
    let place = place().await;
    place.server.faults(|it| it.statuses = [503, 502].into());
    place.hub().file(&model(), FILE, &Quiet).await.unwrap();
    place.server.faults(|it| it.statuses = [500, 500, 500, 200].into());
    let error = place.hub().file(&model(), "b", &Quiet).await.unwrap_err().to_string();
    assert!(error.contains("answered 500: on purpose") && error.contains("is not in"), "{error}");
}

#[tokio::test]
async fn a_file_that_is_larger_than_any_of_its_kind_is_not_begun() {
    let place = Place::new().await;
    place.server.commit("models/owner/name", "main", ONE, &[("a.parquet", b"a")]);
    place.server.faults(|it| it.adds_to_length = 200 << 30);
    let error = place.hub().file(&model(), "a.parquet", &Quiet).await.unwrap_err().to_string();
    assert!(error.contains("a.parquet of owner/name has more than"), "{error}");
    assert_eq!(place.kept(), []);
}
