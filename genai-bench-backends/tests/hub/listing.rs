//! Lists of files, and the files of a tokenizer.

use genai_bench_backends::hub::{HubError, Quiet, Repo};

use crate::{ONE, RecordedProgress, TestHub, model, text};

#[tokio::test]
async fn all_pages_of_a_list_are_fetched() {
    let test_hub = TestHub::new().await;
    let repo = Repo::dataset("owner/name@refs/pr/1").unwrap();
    test_hub.server.commit(
        "datasets/owner/name",
        "refs/pr/1",
        ONE,
        &[("a", b"1"), ("b/c", b"22"), ("d", b""), ("e", b"4444"), ("f", b"")],
    );
    test_hub.server.pages_of(2);
    test_hub.server.faults(|it| it.statuses = [503].into());
    let files = test_hub.hub().files(&repo, &Quiet).await.unwrap();
    let files: Vec<_> = files.iter().map(|it| (it.path.as_str(), it.size)).collect();
    assert_eq!(files, [("a", 1), ("b/c", 2), ("d", 0), ("e", 4), ("f", 0)]);
    let seen = test_hub.server.seen();
    assert_eq!(seen.len(), 4);
    assert_eq!(seen[0].path, "/api/datasets/owner/name/tree/refs%2Fpr%2F1");
}

#[tokio::test]
async fn the_existing_files_of_a_tokenizer_are_downloaded() {
    let test_hub = TestHub::new().await;
    let files: [(&str, &[u8]); 3] =
        [("tokenizer.json", b"{}"), ("chat_template.jinja", b"{{ a }}"), ("model.bin", b"?")];
    test_hub.server.commit("models/owner/name", "main", ONE, &files);
    let folder = test_hub.hub().tokenizer(&model(), &Quiet).await.unwrap();
    let mut names: Vec<_> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|it| it.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, ["chat_template.jinja", "tokenizer.json"]);
    assert_eq!(text(&folder.join("chat_template.jinja")), "{{ a }}");

    // The next time, only the latest version is requested.
    test_hub.server.seen();
    assert_eq!(test_hub.hub().tokenizer(&model(), &Quiet).await.unwrap(), folder);
    assert_eq!(test_hub.server.seen().len(), 1);
    assert_eq!(test_hub.offline().tokenizer(&model(), &Quiet).await.unwrap(), folder);
}

#[tokio::test]
async fn without_a_tokenizer_json_the_tekken_json_is_used() {
    let test_hub = TestHub::new().await;
    let files: [(&str, &[u8]); 2] =
        [("tekken.json", b"{}"), ("chat_template.json", b"{\"chat_template\": \"\"}")];
    test_hub.server.commit("models/owner/name", "main", ONE, &files);
    let folder = test_hub.hub().tokenizer(&model(), &Quiet).await.unwrap();
    assert!(folder.join("tekken.json").is_file() && folder.join("chat_template.json").is_file());
    assert_eq!(test_hub.offline().tokenizer(&model(), &Quiet).await.unwrap(), folder);
}

#[tokio::test]
async fn the_error_without_a_tokenizer_names_tokenizer_json() {
    let test_hub = TestHub::new().await;
    test_hub.server.commit("models/owner/name", "main", ONE, &[("model.bin", b"?")]);
    let error = test_hub.hub().tokenizer(&model(), &Quiet).await.unwrap_err().to_string();
    assert!(error.contains("tokenizer.json"), "{error}");
}

#[tokio::test]
async fn a_tokenizer_without_optional_files_works_offline() {
    let test_hub = TestHub::new().await;
    test_hub.server.commit("models/owner/name", "main", ONE, &[("tokenizer.json", b"{}")]);
    test_hub.hub().file(&model(), "tokenizer.json", &Quiet).await.unwrap();
    test_hub.offline().tokenizer(&model(), &Quiet).await.unwrap();
    let progress = RecordedProgress::default();
    test_hub.unreachable().tokenizer(&model(), &progress).await.unwrap();
    assert_eq!(progress.all().len(), 1);
}

#[tokio::test]
async fn a_model_without_a_tokenizer_is_an_error() {
    let test_hub = TestHub::new().await;
    test_hub.server.commit("models/owner/name", "main", ONE, &[("tokenizer_config.json", b"{}")]);
    let error = test_hub.hub().tokenizer(&model(), &Quiet).await.unwrap_err();
    assert!(matches!(&error, HubError::NoFile { file, .. } if file == "tokenizer.json"), "{error}");
}

#[tokio::test]
async fn the_next_page_on_another_host_is_refused() {
    let (test_hub, other) = (TestHub::new().await, TestHub::new().await);
    test_hub.server.commit("models/owner/name", "main", ONE, &[("a", b"1")]);
    let elsewhere = format!("{}/api/models/owner/name/tree/main", other.server.endpoint());
    for next in [elsewhere.as_str(), "http://169.254.169.254/latest/meta-data", "file:///etc/passwd"] {
        test_hub.server.faults(|it| it.next_page = Some(next.to_owned()));
        let error = test_hub.hub().files(&model(), &Quiet).await.unwrap_err().to_string();
        assert!(error.contains("the next page of its list of files is on another host,"), "{error}");
    }
    assert_eq!(other.server.seen(), []);
}

#[tokio::test]
async fn an_endless_page_of_a_list_is_refused() {
    let test_hub = TestHub::new().await;
    test_hub.server.commit("models/owner/name", "main", ONE, &[("a", b"1")]);
    test_hub.server.faults(|it| it.padding = 17 << 20);
    let error = test_hub.hub().files(&model(), &Quiet).await.unwrap_err().to_string();
    assert!(error.contains("more than 16777216 bytes"), "{error}");
}
