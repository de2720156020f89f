//! Files that are downloaded and cached.

use genai_bench_backends::hub::{Hub, HubError, Quiet, Repo};

use crate::server::{Seen, TOKEN};
use crate::{ONE, TWO, TestHub, model, text};

fn methods(seen: &[Seen]) -> Vec<&str> {
    seen.iter().map(|it| it.method.as_str()).collect()
}

#[tokio::test]
async fn a_file_is_downloaded_once_into_pythons_layout() {
    let test_hub = TestHub::new().await;
    test_hub.server.commit("models/owner/name", "main", ONE, &[("sub/config.json", b"{}")]);
    let path = test_hub.hub().file(&model(), "sub/config.json", &Quiet).await.unwrap();
    let folder = test_hub.cache.path().join("models--owner--name");
    assert_eq!(path, folder.join("snapshots").join(ONE).join("sub/config.json"));
    assert_eq!((text(&path), text(&folder.join("refs/main"))), ("{}".to_owned(), ONE.to_owned()));
    #[cfg(unix)]
    assert_eq!(folder.join("blobs").canonicalize().unwrap(), path.canonicalize().unwrap().parent().unwrap());
    assert_eq!(methods(&test_hub.server.seen()), ["HEAD", "GET"]);
    assert_eq!(test_hub.hub().file(&model(), "sub/config.json", &Quiet).await.unwrap(), path);
    assert_eq!(methods(&test_hub.server.seen()), ["HEAD"]);
}

#[tokio::test]
async fn a_file_of_a_commit_is_requested_once() {
    let test_hub = TestHub::new().await;
    test_hub.server.commit("datasets/squad", "main", ONE, &[("a.csv", b"a")]);
    let repo = Repo::dataset("squad").unwrap().at(ONE).unwrap();
    test_hub.hub().file(&repo, "a.csv", &Quiet).await.unwrap();
    assert!(matches!(test_hub.hub().file(&repo, "b.csv", &Quiet).await, Err(HubError::NoFile { .. })));
    let seen = test_hub.server.seen();
    assert_eq!(methods(&seen), ["HEAD", "GET", "HEAD"]);
    assert_eq!(seen[0].path, format!("/datasets/squad/resolve/{ONE}/a.csv"));
    test_hub.hub().file(&repo, "a.csv", &Quiet).await.unwrap();
    assert!(matches!(test_hub.hub().file(&repo, "b.csv", &Quiet).await, Err(HubError::NoFile { .. })));
    assert_eq!(test_hub.server.seen(), []);
}

#[tokio::test]
async fn a_new_version_is_cached_beside_the_old_one() {
    let test_hub = TestHub::new().await;
    test_hub.server.commit("models/owner/name", "main", ONE, &[("a", b"old"), ("b", b"same")]);
    let old = test_hub.hub().file(&model(), "a", &Quiet).await.unwrap();
    test_hub.hub().file(&model(), "b", &Quiet).await.unwrap();
    test_hub.server.commit("models/owner/name", "main", TWO, &[("a", b"new"), ("b", b"same")]);
    test_hub.server.seen();
    let new = test_hub.hub().file(&model(), "a", &Quiet).await.unwrap();
    assert_eq!((text(&old), text(&new)), ("old".to_owned(), "new".to_owned()));
    assert_eq!(test_hub.blobs("models--owner--name").len(), 3);
    assert_eq!(methods(&test_hub.server.seen()), ["HEAD", "GET"]);
    // An unchanged file is not downloaded again.
    let same = test_hub.hub().file(&model(), "b", &Quiet).await.unwrap();
    assert!(same.to_str().unwrap().contains(TWO));
    assert_eq!(methods(&test_hub.server.seen()), ["HEAD"]);
}

#[tokio::test]
async fn the_token_is_only_sent_to_the_hub() {
    let test_hub = TestHub::new().await;
    test_hub.server.commit("models/owner/name", "main", ONE, &[("a.parquet", b"large")]);
    test_hub.server.gate("models/owner/name");
    let hub = test_hub.builder().token(TOKEN).build().unwrap();
    let path = hub.file(&model(), "a.parquet", &Quiet).await.unwrap();
    assert_eq!(text(&path), "large");
    let seen = test_hub.server.seen();
    assert_eq!(
        seen.iter().map(|it| (it.is_hub, it.method.as_str(), it.token.is_some())).collect::<Vec<_>>(),
        [(true, "HEAD", true), (true, "GET", true), (false, "GET", false)]
    );
}

#[tokio::test]
async fn circular_redirects_and_other_schemes_are_refused() {
    let test_hub = TestHub::new().await;
    test_hub.server.commit("models/owner/name", "main", ONE, &[("a", b"a")]);
    let circle = format!("{}/owner/name/resolve/main/a", test_hub.server.endpoint());
    for (location, problem) in [
        ("file:///etc/passwd", "neither https nor http"),
        ("ftp://127.0.0.1/a", "neither https nor http"),
        (&*circle, "in a circle"),
        ("http://169.254.169.254/latest/meta-data/iam", "to an address of this machine or its network"),
        ("http://[fe80::1]/a", "to an address of this machine or its network"),
    ] {
        test_hub.server.faults(|it| it.redirects = Some(location.to_owned()));
        let error = test_hub.hub().file(&model(), "a", &Quiet).await.unwrap_err();
        assert!(error.to_string().contains(problem), "{error}");
    }
    assert_eq!(test_hub.cached_files(), []);
}

#[tokio::test]
async fn a_name_that_leaves_the_repository_is_refused() {
    let test_hub = TestHub::new().await;
    for file in ["../a", "/etc/passwd", "a/../b", "", "a\\b"] {
        let error = test_hub.hub().file(&model(), file, &Quiet).await.unwrap_err();
        assert!(matches!(error, HubError::FileName(_)), "{error}");
    }
    assert_eq!(test_hub.server.seen(), []);
}

#[tokio::test]
async fn concurrent_downloads_fetch_a_file_once() {
    let test_hub = TestHub::new().await;
    test_hub.server.commit("models/owner/name", "main", ONE, &[("a.parquet", &[7; 100_000])]);
    let fetch = |hub: Hub| async move { hub.file(&model(), "a.parquet", &Quiet).await.unwrap() };
    let (one, two) = (tokio::spawn(fetch(test_hub.hub())), tokio::spawn(fetch(test_hub.hub())));
    assert_eq!(one.await.unwrap(), two.await.unwrap());
    assert_eq!(
        methods(&test_hub.server.seen()).iter().filter(|it| **it == "GET").count(),
        2,
        "hub and store"
    );
}
