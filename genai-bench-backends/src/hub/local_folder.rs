//! A dataset in a local folder, with the same rules as one on a hub.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::dataset_files::{Chosen, below, by_card, chosen};
use super::glob::fits;
use super::splits::{self, family, is_data};
use super::{DatasetSelection, NoDataFiles, RepoFile, dataset_card};

/// The split of a folder whose files define no splits.
const ALL: &str = "train";
/// The extensions of images.
const PICTURES: [&str; 4] = ["jpg", "jpeg", "png", "webp"];
/// The files with metadata of each image of a folder.
const METADATA: [&str; 2] = ["metadata.jsonl", "metadata.csv"];

/// The selected files of a dataset in a folder, and the ones that are not read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct FolderFiles {
    /// The files that are read, or a folder of images as a whole.
    pub paths: Vec<PathBuf>,
    /// The split of the files; `None` if they were selected by patterns.
    pub split: Option<String>,
    /// The splits that are not read.
    pub other_splits: Vec<String>,
    /// The files of no split, relative to the folder, without hidden ones.
    pub not_read: Vec<PathBuf>,
}

/// Returns the files of the selected split of a dataset in `folder`: by its card, else by the names of its
/// files. A folder without either, such as one of images, is the split `train` as a whole.
///
/// # Errors
///
/// [`NoDataFiles`] when there is no such split, config or file.
pub fn dataset_files_in(folder: &Path, selection: &DatasetSelection) -> Result<FolderFiles, NoDataFiles> {
    let root = selection.folder.as_ref().map_or_else(|| folder.to_owned(), |inner| folder.join(inner));
    if !selection.data_files.is_empty() {
        let paths = matching(&root, &selection.data_files)?;
        return Ok(FolderFiles { paths, ..FolderFiles::default() });
    }
    if selection.folder.is_some() && !root.is_dir() {
        return Err(NoDataFiles::NoMatch { patterns: vec![root.display().to_string()] });
    }
    let selection = DatasetSelection { folder: None, ..selection.clone() };
    let listed = listed(&root);
    let wants_pictures = selection.endings.first().is_some_and(|ending| PICTURES.contains(ending));
    if wants_pictures || (selection.endings.is_empty() && is_of_pictures(&listed)) {
        return files_of_pictures(&root, &listed, &selection);
    }
    let selected = below(&listed, &selection);
    let readme = fs::read(folder.join("README.md")).unwrap_or_default();
    let configs = dataset_card::configs(&String::from_utf8_lossy(&readme)).filter(|_| root == *folder);
    let Some(found) = chosen(configs.as_deref(), &selected, &selection)? else {
        return whole(&root, &selection);
    };
    let mut known: Vec<&str> = Vec::new();
    let of_configs: Vec<splits::Split> =
        configs.iter().flatten().flat_map(|config| by_card(config, &listed)).collect();
    for split in of_configs.iter().chain(&found.others).chain([&found.split]) {
        known.extend(split.1.iter().map(|file| file.path.as_str()));
    }
    let not_read: Vec<&RepoFile> =
        listed.iter().filter(|file| !known.contains(&file.path.as_str())).collect();
    if configs.is_none() {
        refuse_ties(&found, &selected, &not_read)?;
    }
    let Chosen { split: (split, files), others, .. } = found;
    Ok(FolderFiles {
        paths: files.iter().map(|file| existing(&root, &file.path)).collect::<Result<_, _>>()?,
        split: Some(split),
        other_splits: others.into_iter().map(|other| other.0).collect(),
        not_read: not_read.into_iter().map(|file| PathBuf::from(&file.path)).collect(),
    })
}

/// Returns all of a folder as one split.
fn whole(folder: &Path, selection: &DatasetSelection) -> Result<FolderFiles, NoDataFiles> {
    if let Some(config) = &selection.config {
        return Err(NoDataFiles::NoConfig { config: config.clone(), found: Vec::new() });
    }
    match selection.split.as_deref() {
        None | Some(ALL) => {
            let split = Some(ALL.to_owned());
            Ok(FolderFiles { paths: vec![folder.to_owned()], split, ..FolderFiles::default() })
        }
        Some(split) => Err(NoDataFiles::NoSplit { split: split.to_owned(), found: vec![ALL.to_owned()] }),
    }
}

/// Checks that the files of a split are not tied with as many of another format: either may be meant.
/// Numbered shards are unambiguous, and a text beside data describes it.
fn refuse_ties(found: &Chosen, selected: &[RepoFile], not_read: &[&RepoFile]) -> Result<(), NoDataFiles> {
    let files = &found.split.1;
    if splits::shards(files).is_some() {
        return Ok(());
    }
    let Some(first) = files.first() else { return Ok(()) };
    let (read, word) = (family(&first.path), splits::word(&first.path));
    let is_rival = |file: &&RepoFile| {
        let other = family(&file.path);
        let is_of_split = splits::word(&file.path) == word && selected.contains(file);
        is_data(&file.path) && is_of_split && other != read && other != "txt"
    };
    let rivals: Vec<&RepoFile> = not_read.iter().copied().filter(is_rival).collect();
    let count = |format: &str| rivals.iter().filter(|file| family(&file.path) == format).count();
    match rivals.iter().find(|file| count(family(&file.path)) >= files.len()) {
        Some(rival) => Err(NoDataFiles::Mixed {
            formats: format!("{read} files and {} files", family(&rival.path)),
            other: rival.path.clone(),
        }),
        None => Ok(()),
    }
}

fn is_picture(path: &str) -> bool {
    PICTURES.contains(&&*splits::extension(path).to_ascii_lowercase())
}

/// Returns `true` if a file has the name of image metadata.
fn is_metadata(path: &str) -> bool {
    METADATA.contains(&path.rsplit('/').next().unwrap_or(path))
}

/// Returns `true` if a folder is one of images: it has some, and beside them only files that are no data or
/// hold metadata of them.
fn is_of_pictures(files: &[RepoFile]) -> bool {
    let has_metadata = files.iter().any(|file| is_metadata(&file.path));
    let has_data = files.iter().any(|file| is_data(&file.path));
    (has_metadata || !has_data) && files.iter().any(|file| is_picture(&file.path))
}

/// Returns the folder of images, or the one of its folders that is named for the selected split.
fn files_of_pictures(
    root: &Path,
    files: &[RepoFile],
    selection: &DatasetSelection,
) -> Result<FolderFiles, NoDataFiles> {
    let mut splits: Vec<(String, Vec<&str>)> = Vec::new();
    for file in files.iter().filter(|file| is_picture(&file.path)) {
        let Some((folder, _)) = file.path.split_once('/') else { continue };
        let Some(split) = splits::word(folder) else { continue };
        match splits.iter_mut().find(|known| known.0 == split) {
            Some(known) if known.1.contains(&folder) => {}
            Some(known) => known.1.push(folder),
            None => splits.push((split.to_owned(), vec![folder])),
        }
    }
    if splits.is_empty() {
        return whole(root, selection);
    }
    let selected = selection.split.as_deref().unwrap_or(ALL);
    let place = splits.iter().position(|split| split.0 == selected);
    let Some(place) = place.or_else(|| selection.split.is_none().then_some(0)) else {
        let found = splits.into_iter().map(|split| split.0).collect();
        return Err(NoDataFiles::NoSplit { split: selected.to_owned(), found });
    };
    let (split, folders) = splits.remove(place);
    Ok(FolderFiles {
        paths: folders.into_iter().map(|folder| existing(root, folder)).collect::<Result<_, _>>()?,
        split: Some(split),
        other_splits: splits.into_iter().map(|other| other.0).collect(),
        not_read: Vec::new(),
    })
}

/// Returns the files that match patterns, in the order of the patterns: relative to `root`, or absolute.
fn matching(root: &Path, patterns: &[String]) -> Result<Vec<PathBuf>, NoDataFiles> {
    let mut found: Vec<PathBuf> = Vec::new();
    for pattern in patterns {
        let pattern_files = fitting(root, pattern)?;
        if pattern_files.is_empty() {
            return Err(NoDataFiles::NoMatch { patterns: vec![pattern.clone()] });
        }
        for path in pattern_files {
            if !found.contains(&path) {
                found.push(path);
            }
        }
    }
    Ok(found)
}

/// Returns the files that match one pattern. Leading components without wildcards are used as they are.
fn fitting(root: &Path, pattern: &str) -> Result<Vec<PathBuf>, NoDataFiles> {
    let steps: Vec<&str> = pattern.split('/').collect();
    let plain = steps.iter().take_while(|step| !step.contains(['*', '?', '['])).count();
    if plain == steps.len() {
        return Ok(Some(root.join(pattern)).filter(|path| path.is_file()).into_iter().collect());
    }
    let (start, rest) = (steps[..plain].join("/"), steps[plain..].join("/"));
    let start = if pattern.starts_with('/') { format!("{start}/") } else { start };
    let base = if start.is_empty() { root.to_owned() } else { root.join(start) };
    let files = listed(&base).into_iter().filter(|file| fits(&rest, &file.path));
    files.map(|file| existing(&base, &file.path)).collect()
}

/// Returns the path of a listed file, unless its name is not UTF-8: two such names may be listed alike.
fn existing(root: &Path, name: &str) -> Result<PathBuf, NoDataFiles> {
    let path = root.join(name);
    match name.contains(char::REPLACEMENT_CHARACTER) && !path.exists() {
        true => Err(NoDataFiles::NotUtf8 { name: name.to_owned() }),
        false => Ok(path),
    }
}

/// Returns the files below a folder that are not hidden, sorted by name and relative to that folder. Errors
/// of listing are left to the reader of the folder.
fn listed(folder: &Path) -> Vec<RepoFile> {
    let mut files = Vec::new();
    let _ = list(folder, "", &mut files);
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

/// Adds the files below `folder`, relative to the folder of the dataset.
fn list(folder: &Path, prefix: &str, files: &mut Vec<RepoFile>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with('.') || name.starts_with("__") {
            continue;
        }
        let path = format!("{prefix}{name}");
        // A dangling link is listed too, so that the reader's error names it.
        let about = fs::metadata(entry.path());
        if about.as_ref().is_ok_and(fs::Metadata::is_dir) {
            list(&entry.path(), &format!("{path}/"), files)?;
        } else {
            files.push(RepoFile { path, size: about.map_or(0, |about| about.len()) });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn a_file_name_that_is_not_utf8_is_refused_when_read() {
        use std::ffi::OsStr;
        use std::os::unix::ffi::OsStrExt;

        let folder = folder(&["train.jsonl"]);
        let write = |name: &[u8]| fs::write(folder.path().join(OsStr::from_bytes(name)), "{}").unwrap();
        let read = |selection: &DatasetSelection| dataset_files_in(folder.path(), selection);
        write(b"notes-\xff.doc");
        assert_eq!(read(&DatasetSelection::default()).unwrap().paths, [folder.path().join("train.jsonl")]);
        write(b"train-\xff.jsonl");
        let name = "train-\u{fffd}.jsonl".to_owned();
        assert_eq!(read(&DatasetSelection::default()), Err(NoDataFiles::NotUtf8 { name: name.clone() }));
        let data_files = vec!["*.jsonl".to_owned()];
        let by_pattern = DatasetSelection { data_files, ..DatasetSelection::default() };
        assert_eq!(read(&by_pattern), Err(NoDataFiles::NotUtf8 { name }));
        // A name may contain the replacement character itself.
        fs::remove_file(folder.path().join(OsStr::from_bytes(b"train-\xff.jsonl"))).unwrap();
        write("train-\u{fffd}.jsonl".as_bytes());
        assert_eq!(read(&DatasetSelection::default()).unwrap().paths.len(), 2);
    }

    fn folder(files: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for file in files {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "x").unwrap();
        }
        folder
    }

    /// Returns the files that are read, then the splits that are not, then the files that are not, as text.
    fn shown(files: &[&str], selection: &DatasetSelection) -> Result<String, String> {
        let folder = folder(files);
        let found = dataset_files_in(folder.path(), selection).map_err(|error| error.to_string())?;
        let names = |paths: &[PathBuf]| {
            let names = paths.iter().map(|path| path.strip_prefix(folder.path()).unwrap_or(path));
            names.map(|name| name.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
        };
        let others = found.other_splits.join(" ");
        Ok(format!("{} | {others} | {}", names(&found.paths), names(&found.not_read)))
    }

    fn split(name: &str) -> DatasetSelection {
        let split = Some(name.to_owned()).filter(|name| !name.is_empty());
        DatasetSelection { split, ..DatasetSelection::default() }
    }

    fn files(patterns: &[&str]) -> DatasetSelection {
        let data_files = patterns.iter().map(|&pattern| pattern.to_owned()).collect();
        DatasetSelection { data_files, ..DatasetSelection::default() }
    }

    #[test]
    fn a_folder_is_read_as_load_dataset_reads_it() {
        let csv = DatasetSelection { endings: vec!["csv"], ..split("") };
        let inner = DatasetSelection { folder: Some("test".to_owned()), ..split("train") };
        let rows: [(&[&str], DatasetSelection, &str); 18] = [
            (&["train.csv", "data/test.csv", "notes.md"], split("test"), "data/test.csv | train | notes.md"),
            (&["train.csv", "data/test.csv", "notes.md"], split(""), "train.csv | test | notes.md"),
            (
                &["data/train-00000-of-00001.jsonl", "data/test-00000-of-00001.jsonl"],
                split(""),
                "data/train-00000-of-00001.jsonl | test | ",
            ),
            (&["test.jsonl", "dev.jsonl"], split(""), "dev.jsonl | test | "),
            (&["test.jsonl", "dev.jsonl"], split("validation"), "dev.jsonl | test | "),
            (
                &["train/1.jsonl", "train/2.json.gz", "test/1.jsonl"],
                split("train"),
                "train/1.jsonl train/2.json.gz | test | ",
            ),
            (&["a.jsonl", "b.json", "c.csv", "d.docx"], split(""), "a.jsonl b.json |  | c.csv d.docx"),
            (
                &["a.jsonl", "b.csv", "LICENSE.txt", "notes.txt"],
                csv.clone(),
                "b.csv |  | LICENSE.txt a.jsonl notes.txt",
            ),
            (&["a.jsonl", "notes.txt"], split(""), "a.jsonl |  | notes.txt"),
            (&["train.JSONL", "test.CSV"], split(""), "train.JSONL | test | "),
            (&["train.csv", "a.csv", "b.json"], split(""), "train.csv |  | a.csv b.json"),
            (&["a.jpg", "b.jpg"], split("train"), " |  | "),
            (&["train/a.jpg", "test/b.jpg", "README.md"], split(""), "train | test | "),
            (&["train/a.jpg", "test/b.jpg"], split("test"), "test | train | "),
            (&["test/a.csv", "b.csv"], inner, "test/a.csv |  | "),
            (
                &["x/a.csv", "x/b.csv", "c.csv", ".x/d.csv"],
                files(&["c.csv", "**/*.csv"]),
                "c.csv x/a.csv x/b.csv |  | ",
            ),
            (
                &["x/a-1.csv", "x/a-2.csv", "x/b-1.csv"],
                files(&["./x/a-[0-9].csv"]),
                "./x/a-1.csv ./x/a-2.csv |  | ",
            ),
            (&["x/a.csv", "x/../b.csv"], files(&["x/../b.csv"]), "x/../b.csv |  | "),
        ];
        for (listed, selection, expected) in rows {
            let expected = expected.replace("./x", "x");
            let found = shown(listed, &selection).unwrap().replace("./x/", "x/");
            assert_eq!(found, expected, "{listed:?} {selection:?}");
        }
    }

    #[test]
    fn a_missing_split_config_or_file_is_an_error() {
        let named = DatasetSelection { config: Some("en".to_owned()), ..split("") };
        let rows: [(&[&str], DatasetSelection, &str); 7] = [
            (&["de/a.csv"], named, "no config 'en'"),
            (&["train.csv", "test.csv"], split("validation"), "no split 'validation': it has"),
            (&["a.jpg"], split("test"), "no split 'test'"),
            (&["train/a.jpg"], split("test"), "no split 'test': it has train"),
            (&["a.csv"], files(&["a.csv", "b.csv"]), "no file fits b.csv"),
            (&["a.csv", "b.jsonl"], split(""), "holds json files and csv files, such as a.csv"),
            (&["a.csv"], DatasetSelection { folder: Some("x".to_owned()), ..split("") }, "no file fits"),
        ];
        for (listed, selection, problem) in rows {
            let error = shown(listed, &selection).unwrap_err();
            assert!(error.contains(problem), "{listed:?}: {error}");
        }
    }

    #[test]
    fn absolute_patterns_are_supported() {
        let folder = folder(&["x/a.csv", "x/b.csv"]);
        let pattern = format!("{}/x/*.csv", folder.path().display());
        let found = dataset_files_in(Path::new("elsewhere"), &files(&[&pattern])).unwrap();
        assert_eq!(found.paths, ["x/a.csv", "x/b.csv"].map(|name| folder.path().join(name)));
    }

    #[test]
    fn the_card_of_a_folder_selects_its_files() {
        let folder = folder(&["questions.csv", "more.csv", "other.csv"]);
        let card = "---\nconfigs:\n- config_name: default\n  data_files:\n  - split: test\n    path: questions.csv\n  - split: train\n    path: more.csv\n---\n";
        fs::write(folder.path().join("README.md"), card).unwrap();
        let found = dataset_files_in(folder.path(), &split("test")).unwrap();
        assert_eq!(found.paths, [folder.path().join("questions.csv")]);
        assert_eq!((found.other_splits, found.not_read.len()), (vec!["train".to_owned()], 2));
    }
}
