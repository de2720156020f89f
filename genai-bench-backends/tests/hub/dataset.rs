//! The selection of the files of a dataset.

use genai_bench_backends::hub::{DatasetSelection, HubError, Quiet, Repo};

use crate::{ONE, TWO, TestHub};

const CARD: &[u8] = b"---
license: mit
configs:
- config_name: main
  default: true
  data_files:
  - split: train
    path: data/train-*
  - split: test
    path:
    - data/test.parquet
- config_name: de
  data_dir: german
---
# Card
";

fn repo() -> Repo {
    Repo::dataset("owner/name").unwrap()
}

fn selection(config: &str, split: &str) -> DatasetSelection {
    let given = |it: &str| Some(it.to_owned()).filter(|it| !it.is_empty());
    DatasetSelection { config: given(config), split: given(split), ..DatasetSelection::default() }
}

/// Creates a hub with a dataset of these files.
async fn test_hub(files: &[(&str, &[u8])]) -> TestHub {
    let test_hub = TestHub::new().await;
    test_hub.server.commit("datasets/owner/name", "main", ONE, files);
    test_hub
}

/// Returns `repo config split: files`, or the error.
async fn chosen(test_hub: &TestHub, selection: &DatasetSelection) -> String {
    match test_hub.hub().dataset_files(&repo(), selection, &Quiet).await {
        Ok(it) => {
            let files: Vec<_> = it.files.iter().map(|it| it.path.as_str()).collect();
            let named = |it: Option<String>| it.unwrap_or_else(|| "-".to_owned());
            format!("{} {} {}: {}", it.repo, named(it.config), named(it.split), files.join(" "))
        }
        Err(error) => error.to_string(),
    }
}

#[tokio::test]
async fn the_card_comes_first() {
    let test_hub = test_hub(&[
        ("README.md", CARD),
        ("data/train-0.parquet", b"a"),
        ("data/train-1.parquet", b"b"),
        ("data/test.parquet", b"c"),
        ("german/train.csv", b"d"),
        ("train.csv", b"e"),
    ])
    .await;
    for (config, split, expected) in [
        ("", "", "main train: data/train-0.parquet data/train-1.parquet"),
        ("main", "test", "main test: data/test.parquet"),
        ("de", "", "de train: german/train.csv"),
    ] {
        let expected = format!("datasets/owner/name {expected}");
        assert_eq!(chosen(&test_hub, &selection(config, split)).await, expected);
    }
    let error = chosen(&test_hub, &selection("fr", "")).await;
    assert!(error.contains("no config 'fr': it has main, de"), "{error}");
    let error = chosen(&test_hub, &selection("", "dev")).await;
    assert!(error.contains("no split 'dev': it has train, test"), "{error}");
}

#[tokio::test]
async fn without_a_card_the_names_of_files_define_splits() {
    let test_hub = test_hub(&[
        ("README.md", b"# No front matter"),
        ("test.jsonl", b"a"),
        ("dev.jsonl", b"b"),
        ("prefs.jsonl", b"c"),
    ])
    .await;
    for (split, expected) in
        [("", "test: test.jsonl"), ("validation", "validation: dev.jsonl"), ("prefs", "prefs: prefs.jsonl")]
    {
        let found = chosen(&test_hub, &selection("", split)).await;
        let end = format!("- {expected}");
        // Files are listed in the order of their names: `dev` comes before `test`.
        let end = if split.is_empty() { "- validation: dev.jsonl".to_owned() } else { end };
        assert_eq!(found, format!("datasets/owner/name {end}"));
    }
    let error = chosen(&test_hub, &selection("", "train")).await;
    assert!(error.contains("no split 'train': it has validation, test"), "{error}");
}

#[tokio::test]
async fn patterns_select_files_without_splits() {
    let test_hub =
        test_hub(&[("README.md", CARD), ("x/a.json", b"a"), ("x/y/b.json", b"b"), ("c.csv", b"c")]).await;
    let by = |patterns: &[&str]| DatasetSelection {
        data_files: patterns.iter().map(|it| (*it).to_owned()).collect(),
        ..selection("fr", "dev")
    };
    let found = chosen(&test_hub, &by(&["**/*.json"])).await;
    assert_eq!(found, "datasets/owner/name - -: x/a.json x/y/b.json");
    let error = chosen(&test_hub, &by(&["*.json", "d.csv"])).await;
    assert!(error.contains("no file fits *.json, d.csv"), "{error}");
}

#[tokio::test]
async fn the_hubs_own_conversion_is_the_last_resort() {
    let test_hub = test_hub(&[("data.zip", b"?"), ("name.py", b"import os"), ("train.csv", b"raw")]).await;
    let error = chosen(&test_hub, &selection("", "")).await;
    assert!(error.contains("program, name.py, which is not run"), "{error}");

    let converted: [(&str, &[u8]); 3] = [
        ("a/train/0000.parquet", b"a"),
        ("a/test/0000.parquet", b"b"),
        ("b/partial-train/0000.parquet", b"c"),
    ];
    test_hub.server.commit("datasets/owner/name", "refs/convert/parquet", TWO, &converted);
    let error = chosen(&test_hub, &selection("", "")).await;
    assert!(error.contains("a config has to be chosen: it has a, b"), "{error}");
    let found = chosen(&test_hub, &selection("b", "train")).await;
    assert_eq!(found, "datasets/owner/name@refs/convert/parquet b train: b/partial-train/0000.parquet");
    let found = test_hub.hub().dataset_files(&repo(), &selection("a", ""), &Quiet).await.unwrap();
    let path = test_hub.hub().file(&found.repo, &found.files[0].path, &Quiet).await.unwrap();
    assert_eq!(crate::text(&path), "a");
}

#[tokio::test]
async fn a_dataset_without_data_is_an_error() {
    let test_hub = test_hub(&[("README.md", b"# Card"), ("picture.png", b"?")]).await;
    let error = chosen(&test_hub, &selection("", "")).await;
    assert!(error.contains("no data files: expected .parquet"), "{error}");
}

#[tokio::test]
async fn without_a_hub_an_incomplete_split_is_an_error() {
    let names = ["data/train-00000-of-00002.parquet", "data/train-00001-of-00002.parquet"];
    let test_hub = test_hub(&[(names[0], b"a"), (names[1], b"b")]).await;
    test_hub.hub().file(&repo(), names[0], &Quiet).await.unwrap();
    let offline = test_hub.offline();
    let error = offline.dataset_files(&repo(), &selection("", ""), &Quiet).await.unwrap_err();
    assert!(matches!(error, HubError::Dataset { .. }), "{error}");
    assert!(error.to_string().contains("only 1 of the 2 files"), "{error}");
    test_hub.hub().file(&repo(), names[1], &Quiet).await.unwrap();
    assert_eq!(offline.dataset_files(&repo(), &selection("", ""), &Quiet).await.unwrap().files.len(), 2);
}
