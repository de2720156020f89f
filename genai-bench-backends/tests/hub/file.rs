//! A file, fetched and found again.

use genai_bench_backends::hub::{Hub, HubError, Quiet, Repo};

use crate::server::{Seen, TOKEN};
use crate::{ONE, Place, TWO, model, text};

fn methods(seen: &[Seen]) -> Vec<&str> {
    seen.iter().map(|it| it.method.as_str()).collect()
}

#[tokio::test]
async fn a_file_is_fetched_once_and_lies_where_python_looks_for_it() {
    let place = Place::new().await;
    place.server.commit("models/owner/name", "main", ONE, &[("sub/config.json", b"{}")]);
    let path = place.hub().file(&model(), "sub/config.json", &Quiet).await.unwrap();
    let folder = place.cache.path().join("models--owner--name");
    assert_eq!(path, folder.join("snapshots").join(ONE).join("sub/config.json"));
    assert_eq!((text(&path), text(&folder.join("refs/main"))), ("{}".to_owned(), ONE.to_owned()));
    #[cfg(unix)]
    assert_eq!(folder.join("blobs").canonicalize().unwrap(), path.canonicalize().unwrap().parent().unwrap());
    assert_eq!(methods(&place.server.seen()), ["HEAD", "GET"]);
    assert_eq!(place.hub().file(&model(), "sub/config.json", &Quiet).await.unwrap(), path);
    assert_eq!(methods(&place.server.seen()), ["HEAD"]);
}

#[tokio::test]
async fn of_a_commit_nothing_is_asked_twice() {
    let place = Place::new().await;
    place.server.commit("datasets/squad", "main", ONE, &[("a.csv", b"a")]);
    let repo = Repo::dataset("squad").unwrap().at(ONE).unwrap();
    place.hub().file(&repo, "a.csv", &Quiet).await.unwrap();
    assert!(matches!(place.hub().file(&repo, "b.csv", &Quiet).await, Err(HubError::NoFile { .. })));
    let seen = place.server.seen();
    assert_eq!(methods(&seen), ["HEAD", "GET", "HEAD"]);
    assert_eq!(seen[0].path, format!("/datasets/squad/resolve/{ONE}/a.csv"));
    place.hub().file(&repo, "a.csv", &Quiet).await.unwrap();
    assert!(matches!(place.hub().file(&repo, "b.csv", &Quiet).await, Err(HubError::NoFile { .. })));
    assert_eq!(place.server.seen(), []);
}

#[tokio::test]
async fn a_new_version_lies_beside_the_old_one() {
    let place = Place::new().await;
    place.server.commit("models/owner/name", "main", ONE, &[("a", b"old"), ("b", b"same")]);
    let old = place.hub().file(&model(), "a", &Quiet).await.unwrap();
    place.hub().file(&model(), "b", &Quiet).await.unwrap();
    place.server.commit("models/owner/name", "main", TWO, &[("a", b"new"), ("b", b"same")]);
    place.server.seen();
    let new = place.hub().file(&model(), "a", &Quiet).await.unwrap();
    assert_eq!((text(&old), text(&new)), ("old".to_owned(), "new".to_owned()));
    assert_eq!(place.blobs("models--owner--name").len(), 3);
    assert_eq!(methods(&place.server.seen()), ["HEAD", "GET"]);
    // What did not change is not fetched again.
    let same = place.hub().file(&model(), "b", &Quiet).await.unwrap();
    assert!(same.to_str().unwrap().contains(TWO));
    assert_eq!(methods(&place.server.seen()), ["HEAD"]);
}

#[tokio::test]
async fn the_token_is_for_the_hub_alone() {
    let place = Place::new().await;
    place.server.commit("models/owner/name", "main", ONE, &[("a.parquet", b"large")]);
    place.server.gate("models/owner/name");
    let hub = place.builder().token(TOKEN).build().unwrap();
    let path = hub.file(&model(), "a.parquet", &Quiet).await.unwrap();
    assert_eq!(text(&path), "large");
    let seen = place.server.seen();
    let who = |it: &Seen| (it.is_hub, it.method.clone(), it.token.is_some());
    let said = |is_hub, method: &str, has_token| (is_hub, method.to_owned(), has_token);
    assert_eq!(
        seen.iter().map(who).collect::<Vec<_>>(),
        [said(true, "HEAD", true), said(true, "GET", true), said(false, "GET", false)]
    );
}

#[tokio::test]
async fn a_redirect_may_lead_neither_in_a_circle_nor_out_of_the_web() {
    let place = Place::new().await;
    place.server.commit("models/owner/name", "main", ONE, &[("a", b"a")]);
    let circle = format!("{}/owner/name/resolve/main/a", place.server.endpoint());
    for (location, problem) in [
        ("file:///etc/passwd", "neither https nor http"),
        ("ftp://127.0.0.1/a", "neither https nor http"),
        (&*circle, "in a circle"),
        ("http://169.254.169.254/latest/meta-data/iam", "to an address of this machine or its network"),
        ("http://[fe80::1]/a", "to an address of this machine or its network"),
    ] {
        place.server.faults(|it| it.redirects = Some(location.to_owned()));
        let error = place.hub().file(&model(), "a", &Quiet).await.unwrap_err();
        assert!(error.to_string().contains(problem), "{error}");
    }
    assert_eq!(place.kept(), []);
}

#[tokio::test]
async fn a_name_that_leaves_the_repository_is_refused() {
    let place = Place::new().await;
    for file in ["../a", "/etc/passwd", "a/../b", "", "a\\b"] {
        let error = place.hub().file(&model(), file, &Quiet).await.unwrap_err();
        assert!(matches!(error, HubError::FileName(_)), "{error}");
    }
    assert_eq!(place.server.seen(), []);
}

#[tokio::test]
async fn two_at_once_fetch_a_file_once() {
    let place = Place::new().await;
    place.server.commit("models/owner/name", "main", ONE, &[("a.parquet", &[7; 100_000])]);
    let fetch = |hub: Hub| async move { hub.file(&model(), "a.parquet", &Quiet).await.unwrap() };
    let (one, two) = (tokio::spawn(fetch(place.hub())), tokio::spawn(fetch(place.hub())));
    assert_eq!(one.await.unwrap(), two.await.unwrap());
    assert_eq!(methods(&place.server.seen()).iter().filter(|it| **it == "GET").count(), 2, "hub and store");
}
