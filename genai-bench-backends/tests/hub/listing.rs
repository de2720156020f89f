//! Lists of files, and the files of a tokenizer.

use genai_bench_backends::hub::{HubError, Quiet, Repo};

use crate::{ONE, Place, Told, model, text};

#[tokio::test]
async fn a_list_has_as_many_pages_as_it_takes() {
    let place = Place::new().await;
    let repo = Repo::dataset("owner/name@refs/pr/1").unwrap();
    place.server.commit(
        "datasets/owner/name",
        "refs/pr/1",
        ONE,
        &[("a", b"1"), ("b/c", b"22"), ("d", b""), ("e", b"4444"), ("f", b"")],
    );
    place.server.pages_of(2);
    place.server.faults(|it| it.statuses = [503].into());
    let files = place.hub().files(&repo, &Quiet).await.unwrap();
    let files: Vec<_> = files.iter().map(|it| (it.path.as_str(), it.size)).collect();
    assert_eq!(files, [("a", 1), ("b/c", 2), ("d", 0), ("e", 4), ("f", 0)]);
    let seen = place.server.seen();
    assert_eq!(seen.len(), 4);
    assert_eq!(seen[0].path, "/api/datasets/owner/name/tree/refs%2Fpr%2F1");
}

#[tokio::test]
async fn a_tokenizer_has_whatever_files_it_has() {
    let place = Place::new().await;
    let files: [(&str, &[u8]); 3] =
        [("tokenizer.json", b"{}"), ("chat_template.jinja", b"{{ a }}"), ("model.bin", b"?")];
    place.server.commit("models/owner/name", "main", ONE, &files);
    let folder = place.hub().tokenizer(&model(), &Quiet).await.unwrap();
    let mut names: Vec<_> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|it| it.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, ["chat_template.jinja", "tokenizer.json"]);
    assert_eq!(text(&folder.join("chat_template.jinja")), "{{ a }}");

    // All that is asked the next time is whether there is a newer one.
    place.server.seen();
    assert_eq!(place.hub().tokenizer(&model(), &Quiet).await.unwrap(), folder);
    assert_eq!(place.server.seen().len(), 1);
    assert_eq!(place.offline().tokenizer(&model(), &Quiet).await.unwrap(), folder);
}

#[tokio::test]
async fn a_model_without_a_tokenizer_json_gives_its_tekken_json() {
    let place = Place::new().await;
    let files: [(&str, &[u8]); 2] =
        [("tekken.json", b"{}"), ("chat_template.json", b"{\"chat_template\": \"\"}")];
    place.server.commit("models/owner/name", "main", ONE, &files);
    let folder = place.hub().tokenizer(&model(), &Quiet).await.unwrap();
    assert!(folder.join("tekken.json").is_file() && folder.join("chat_template.json").is_file());
    assert_eq!(place.offline().tokenizer(&model(), &Quiet).await.unwrap(), folder);
}

#[tokio::test]
async fn a_model_without_any_tokenizer_names_the_usual_file() {
    let place = Place::new().await;
    place.server.commit("models/owner/name", "main", ONE, &[("model.bin", b"?")]);
    let error = place.hub().tokenizer(&model(), &Quiet).await.unwrap_err().to_string();
    assert!(error.contains("tokenizer.json"), "{error}");
}

#[tokio::test]
async fn a_tokenizer_whose_other_files_were_never_fetched_works_without_a_hub() {
    let place = Place::new().await;
    place.server.commit("models/owner/name", "main", ONE, &[("tokenizer.json", b"{}")]);
    place.hub().file(&model(), "tokenizer.json", &Quiet).await.unwrap();
    place.offline().tokenizer(&model(), &Quiet).await.unwrap();
    let told = Told::default();
    place.unreachable().tokenizer(&model(), &told).await.unwrap();
    assert_eq!(told.all().len(), 1);
}

#[tokio::test]
async fn a_model_without_a_tokenizer_has_none() {
    let place = Place::new().await;
    place.server.commit("models/owner/name", "main", ONE, &[("tokenizer_config.json", b"{}")]);
    let error = place.hub().tokenizer(&model(), &Quiet).await.unwrap_err();
    assert!(matches!(&error, HubError::NoFile { file, .. } if file == "tokenizer.json"), "{error}");
}

#[tokio::test]
async fn the_next_page_of_a_list_is_not_fetched_from_elsewhere() {
    let (place, other) = (Place::new().await, Place::new().await);
    place.server.commit("models/owner/name", "main", ONE, &[("a", b"1")]);
    let elsewhere = format!("{}/api/models/owner/name/tree/main", other.server.endpoint());
    for next in [elsewhere.as_str(), "http://169.254.169.254/latest/meta-data", "file:///etc/passwd"] {
        place.server.faults(|it| it.next_page = Some(next.to_owned()));
        let error = place.hub().files(&model(), &Quiet).await.unwrap_err().to_string();
        assert!(error.contains("the next page of its list of files is said to be at"), "{error}");
    }
    assert_eq!(other.server.seen(), []);
}

#[tokio::test]
async fn a_page_of_a_list_that_does_not_end_is_given_up() {
    let place = Place::new().await;
    place.server.commit("models/owner/name", "main", ONE, &[("a", b"1")]);
    place.server.faults(|it| it.padding = 17 << 20);
    let error = place.hub().files(&model(), &Quiet).await.unwrap_err().to_string();
    assert!(error.contains("more than 16777216 bytes"), "{error}");
}
