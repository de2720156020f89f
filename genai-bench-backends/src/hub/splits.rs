//! The split of a file of a dataset, by its name.
//!
//! The rules are those of <https://huggingface.co/docs/hub/datasets-file-names-and-splits>.

use super::RepoFile;

/// The supported formats; where there are as many files of one as of another, the first one takes
/// precedence.
const FORMATS: [&str; 7] = ["parquet", "jsonl", "ndjson", "json", "csv", "tsv", "txt"];
/// Files that describe data and hold none.
const NO_DATA: [&str; 8] = [
    "config.json",
    "dataset_dict.json",
    "dataset_info.json",
    "dataset_infos.json",
    "license.txt",
    "readme.txt",
    "requirements.txt",
    "state.json",
];
/// The extensions of compressed files, after those of their formats.
const COMPRESSED: [&str; 2] = [".gz", ".zst"];
/// The keywords of the splits that most datasets have.
const WORDS: [(&str, &[&str]); 3] = [
    ("train", &["train", "training"]),
    ("validation", &["validation", "valid", "val", "dev"]),
    ("test", &["test", "testing", "eval", "evaluation"]),
];

/// A split, and its files.
pub(super) type Split = (String, Vec<RepoFile>);

/// Returns the splits of a dataset by the names of its files: those with a shard number, those named for a
/// split, or else all of them as `train`. Each split has the files of its most common format.
pub(super) fn by_name(files: &[RepoFile]) -> Vec<Split> {
    let data: Vec<&RepoFile> = files.iter().filter(|it| is_data(&it.path)).collect();
    let sharded = gather(&data, |path| shard(stem(path)).map(|it| it.0.to_owned()));
    let named =
        if sharded.is_empty() { gather(&data, |path| word(path).map(str::to_owned)) } else { sharded };
    let splits = if named.is_empty() { gather(&data, |_| Some("train".to_owned())) } else { named };
    splits.into_iter().map(|(name, files)| (name, only_one_format(files))).collect()
}

/// Returns the files named for just this split, such as `prefs.jsonl` or `prefs/0.jsonl` for `prefs`.
pub(super) fn named(files: &[RepoFile], split: &str) -> Option<Split> {
    let found: Vec<RepoFile> =
        files.iter().filter(|it| is_data(&it.path) && is_named(&it.path, split)).cloned().collect();
    (!found.is_empty()).then(|| (split.to_owned(), only_one_format(found)))
}

/// Returns `true` if a file or one of its folders has the name of `split`.
fn is_named(path: &str, split: &str) -> bool {
    stem(path) == split || folders(path).any(|folder| folder == split)
}

/// Returns the files of `config`: those in a folder of that name, which may be in `data`.
pub(super) fn files_of_config(files: &[RepoFile], config: &str) -> Vec<RepoFile> {
    files.iter().filter(|file| is_of_config(&file.path, config)).cloned().collect()
}

/// Returns `true` if a file is in the folder of `config`.
fn is_of_config(path: &str, config: &str) -> bool {
    let path = path.strip_prefix("data/").unwrap_or(path);
    path.strip_prefix(config).is_some_and(|rest| rest.starts_with('/'))
}

/// Returns the number of files in the split of `files` by their shard numbers, if all of them have the same.
pub(super) fn shards(files: &[RepoFile]) -> Option<usize> {
    let mut totals = files.iter().map(|it| shard(stem(&it.path)).map(|it| it.1));
    let first = totals.next()??;
    totals.all(|it| it == Some(first)).then_some(first)
}

/// Returns the configs and splits of the hub's own conversion to Parquet: folders of configs, with folders
/// of splits. A split that was cut off after some gigabytes begins with `partial-`.
pub(super) fn converted(files: &[RepoFile]) -> Vec<(String, Vec<Split>)> {
    let mut configs: Vec<(String, Vec<Split>)> = Vec::new();
    for file in files.iter().filter(|it| it.path.ends_with(".parquet")) {
        let mut steps = file.path.split('/');
        let (Some(config), Some(split), Some(_), None) =
            (steps.next(), steps.next(), steps.next(), steps.next())
        else {
            continue;
        };
        let split = split.strip_prefix("partial-").unwrap_or(split);
        push(push_config(&mut configs, config), split, file);
    }
    configs
}

fn push_config<'a>(configs: &'a mut Vec<(String, Vec<Split>)>, name: &str) -> &'a mut Vec<Split> {
    let at = configs.iter().position(|it| it.0 == name).unwrap_or_else(|| {
        configs.push((name.to_owned(), Vec::new()));
        configs.len() - 1
    });
    &mut configs[at].1
}

fn push(splits: &mut Vec<Split>, name: &str, file: &RepoFile) {
    match splits.iter_mut().find(|it| it.0 == name) {
        Some(split) => split.1.push(file.clone()),
        None => splits.push((name.to_owned(), vec![file.clone()])),
    }
}

fn gather(files: &[&RepoFile], split: impl Fn(&str) -> Option<String>) -> Vec<Split> {
    let mut splits = Vec::new();
    for file in files {
        if let Some(name) = split(&file.path) {
            push(&mut splits, &name, file);
        }
    }
    splits
}

/// Returns the files of the most common format. JSON and JSON Lines are one format, and so are CSV and TSV.
fn only_one_format(files: Vec<RepoFile>) -> Vec<RepoFile> {
    let count = |format: &str| files.iter().filter(|it| family(&it.path) == format).count();
    // Among equally common formats the first one is to win: `max_by_key` returns the last, so the order is
    // reversed.
    let Some(commonest) = FORMATS.into_iter().rev().max_by_key(|it| count(it)) else { return files };
    files.into_iter().filter(|it| family(&it.path) == commonest).collect()
}

/// Returns the format of a file by its name, or an empty text if it is not known.
pub(super) fn family(path: &str) -> &'static str {
    let ending = extension(path);
    let format = FORMATS.into_iter().find(|format| format.eq_ignore_ascii_case(ending));
    match format.unwrap_or_default() {
        "jsonl" | "ndjson" => "json",
        "tsv" => "csv",
        other => other,
    }
}

/// Returns `true` if a file holds data in a supported format.
pub(super) fn is_data(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    let is_hidden = path.split('/').any(|it| it.starts_with(['.', '_']));
    !family(path).is_empty() && !NO_DATA.contains(&&*name) && !is_hidden
}

/// Returns the extension of a file, without that of its compression.
pub(super) fn extension(path: &str) -> &str {
    name(path).rsplit_once('.').map_or("", |it| it.1)
}

fn stem(path: &str) -> &str {
    name(path).rsplit_once('.').map_or(name(path), |it| it.0)
}

/// Returns the name of a file without the extension of its compression.
fn name(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    let inner = COMPRESSED.iter().find_map(|ending| {
        let (inner, end) = name.split_at_checked(name.len().checked_sub(ending.len())?)?;
        end.eq_ignore_ascii_case(ending).then_some(inner)
    });
    inner.unwrap_or(name)
}

fn folders(path: &str) -> impl Iterator<Item = &str> {
    path.rsplit('/').skip(1)
}

/// Parses the split and the number of files in `SPLIT-00000-of-00002`, which a hash may follow.
fn shard(stem: &str) -> Option<(&str, usize)> {
    let (before, after) = stem.split_once("-of-")?;
    let (split, number) = before.rsplit_once('-')?;
    let total = after.split('-').next()?;
    (is_shard_number(number) && is_shard_number(total) && !split.is_empty())
        .then(|| Some((split, total.parse().ok()?)))?
}

/// Returns `true` for the five digits of a shard number.
fn is_shard_number(text: &str) -> bool {
    text.len() == 5 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Returns the split whose keyword is in the name of a file, or else in that of the nearest folder.
pub(super) fn word(path: &str) -> Option<&'static str> {
    keyword(stem(path)).or_else(|| folders(path).find_map(keyword))
}

/// Returns the split whose keyword is among the words of `text`.
fn keyword(text: &str) -> Option<&'static str> {
    let mut words = text.split(|it: char| !it.is_ascii_alphabetic()).map(str::to_ascii_lowercase);
    words.find_map(|word| WORDS.iter().find(|it| it.1.contains(&&*word)).map(|it| it.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(paths: &[&str]) -> Vec<RepoFile> {
        paths.iter().map(|it| RepoFile { path: (*it).to_owned(), size: 1 }).collect()
    }

    /// Returns `split: files` for each split.
    fn shown(splits: &[Split]) -> Vec<String> {
        let paths = |it: &Split| it.1.iter().map(|it| it.path.as_str()).collect::<Vec<_>>().join(" ");
        splits.iter().map(|it| format!("{}: {}", it.0, paths(it))).collect()
    }

    #[test]
    fn a_shard_names_its_split() {
        let found = by_name(&files(&[
            "README.md",
            "data/test_sft-00000-of-00001-a1b2c3.parquet",
            "data/train_sft-00000-of-00002.parquet",
            "data/train_sft-00001-of-00002.parquet",
            "raw/train.json",
        ]));
        assert_eq!(
            shown(&found),
            [
                "test_sft: data/test_sft-00000-of-00001-a1b2c3.parquet",
                "train_sft: data/train_sft-00000-of-00002.parquet data/train_sft-00001-of-00002.parquet",
            ]
        );
        assert_eq!((shards(&found[1].1), shards(&files(&["a.csv"]))), (Some(2), None));
    }

    #[test]
    fn keywords_name_splits() {
        for (path, split) in [
            ("train.csv", Some("train")),
            ("my-training_set.json", Some("train")),
            ("dev.jsonl", Some("validation")),
            ("data/test/1.txt", Some("test")),
            ("test/train.csv", Some("train")),
            ("latest.csv", None),
            ("trains.csv", None),
        ] {
            assert_eq!(word(path), split, "{path}");
        }
    }

    #[test]
    fn files_without_a_split_are_train_and_of_one_format() {
        let found = by_name(&files(&[
            "a.json",
            "b.json",
            "c.csv",
            "dataset_infos.json",
            ".x/d.json",
            "e.bin",
            "f.json.gz",
        ]));
        assert_eq!(shown(&found), ["train: a.json b.json f.json.gz"]);
        assert_eq!(shown(&by_name(&files(&["train.csv", "train.parquet"]))), ["train: train.parquet"]);
        assert_eq!(by_name(&files(&["a.png"])), []);
    }

    #[test]
    fn any_name_can_be_a_requested_split() {
        let all = files(&["prefs.jsonl", "other.jsonl", "more/prefs/1.jsonl"]);
        assert_eq!(shown(&[named(&all, "prefs").unwrap()]), ["prefs: prefs.jsonl more/prefs/1.jsonl"]);
        assert_eq!(named(&all, "pref"), None);
    }

    #[test]
    fn a_config_is_a_folder() {
        let all = files(&["en/a.csv", "data/en/b.csv", "english/c.csv", "de/en/d.csv"]);
        assert_eq!(files_of_config(&all, "en"), files(&["en/a.csv", "data/en/b.csv"]));
    }

    #[test]
    fn the_conversion_has_configs_and_splits() {
        let found = converted(&files(&[
            "a/train/0000.parquet",
            "a/partial-test/0.parquet",
            "b/train/0.parquet",
            "x",
        ]));
        assert_eq!(found.iter().map(|it| it.0.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(shown(&found[0].1), ["train: a/train/0000.parquet", "test: a/partial-test/0.parquet"]);
    }
}
