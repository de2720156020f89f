//! What there is without a hub.

use genai_bench_backends::hub::{HubError, Quiet};

use crate::{ONE, Place, TWO, Told, model, text};

async fn place() -> Place {
    let place = Place::new().await;
    place.server.commit("models/owner/name", "main", ONE, &[("a", b"a")]);
    place
}

#[tokio::test]
async fn offline_nothing_is_asked() {
    let place = place().await;
    let error = place.offline().file(&model(), "a", &Quiet).await.unwrap_err().to_string();
    assert!(error.contains("a of owner/name is not in") && error.contains("HF_HUB_OFFLINE"), "{error}");
    let error = place.offline().files(&model(), &Quiet).await.unwrap_err();
    assert!(matches!(error, HubError::NotInCache { why: None, .. }), "{error}");
    assert_eq!(place.server.seen(), []);

    let path = place.hub().file(&model(), "a", &Quiet).await.unwrap();
    place.server.seen();
    assert_eq!(place.offline().file(&model(), "a", &Quiet).await.unwrap(), path);
    let listed = place.offline().files(&model(), &Quiet).await.unwrap();
    assert_eq!(listed.iter().map(|it| (it.path.as_str(), it.size)).collect::<Vec<_>>(), [("a", 1)]);
    assert_eq!(place.server.seen(), []);
}

#[tokio::test]
async fn a_hub_that_cannot_be_reached_is_done_without_and_that_is_said() {
    let place = place().await;
    let error = place.unreachable().file(&model(), "a", &Quiet).await.unwrap_err().to_string();
    assert!(error.contains("is not in") && error.contains("127.0.0.1:1"), "{error}");

    let path = place.hub().file(&model(), "a", &Quiet).await.unwrap();
    let told = Told::default();
    assert_eq!(place.unreachable().file(&model(), "a", &told).await.unwrap(), path);
    let said = told.all();
    assert!(said.len() == 1 && said[0].starts_with("fell back 'a': 127.0.0.1:1: "), "{said:?}");
    place.unreachable().files(&model(), &told).await.unwrap();
    assert!(told.all()[0].starts_with("fell back '': 127.0.0.1:1: "));
}

#[tokio::test]
async fn what_the_hub_no_longer_gives_is_taken_from_the_cache() {
    let place = place().await;
    place.hub().file(&model(), "a", &Quiet).await.unwrap();
    place.server.gate("models/owner/name");
    let told = Told::default();
    let path = place.hub().file(&model(), "a", &told).await.unwrap();
    assert_eq!(text(&path), "a");
    assert!(told.all()[0].contains("is gated"));
}

#[tokio::test]
async fn a_file_that_the_latest_version_lacks_is_not_taken_from_an_older_one() {
    let place = place().await;
    place.hub().file(&model(), "a", &Quiet).await.unwrap();
    place.server.commit("models/owner/name", "main", TWO, &[("b", b"b")]);
    let error = place.hub().file(&model(), "a", &Quiet).await.unwrap_err();
    assert!(matches!(error, HubError::NoFile { .. }), "{error}");
}
