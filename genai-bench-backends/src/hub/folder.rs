//! A dataset in a folder of this machine, read as one on a hub is.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::dataset::{chosen, matching};
use super::{DatasetSelection, NoDataFiles, RepoFile, card};

/// The split of a folder whose files say nothing of splits.
const ALL: &str = "train";

/// Returns the files of a dataset in `folder` that hold the wanted split: by its card, else by the names of its files. A
/// folder without either, such as one of pictures, is the split `train` as a whole.
///
/// # Errors
///
/// [`NoDataFiles`] when there is no such split, config or file.
pub fn dataset_files_in(folder: &Path, selection: &DatasetSelection) -> Result<Vec<PathBuf>, NoDataFiles> {
    let mut files = Vec::new();
    // What cannot be listed is reported by whoever reads the folder.
    let _ = list(folder, "", &mut files);
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let found = if selection.data_files.is_empty() {
        let readme = fs::read(folder.join("README.md")).unwrap_or_default();
        let configs = card::configs(&String::from_utf8_lossy(&readme));
        chosen(configs.as_deref(), &files, selection)?.map(|((_, files), _)| files)
    } else {
        Some(matching(&files, &selection.data_files)?)
    };
    match (found, selection.split.as_deref()) {
        (Some(found), _) => Ok(found.into_iter().map(|file| folder.join(file.path)).collect()),
        (None, None | Some(ALL)) => Ok(vec![folder.to_owned()]),
        (None, Some(split)) => {
            Err(NoDataFiles::NoSplit { split: split.to_owned(), found: vec![ALL.to_owned()] })
        }
    }
}

/// Adds the files below `folder`, named from the folder of the dataset on.
fn list(folder: &Path, prefix: &str, files: &mut Vec<RepoFile>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let path = format!("{prefix}{}", name.to_string_lossy());
        let about = fs::metadata(entry.path())?;
        if about.is_dir() {
            list(&entry.path(), &format!("{path}/"), files)?;
        } else {
            files.push(RepoFile { path, size: about.len() });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(files: &[&str], split: Option<&str>) -> Result<Vec<String>, NoDataFiles> {
        let folder = tempfile::tempdir().unwrap();
        for file in files {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "x").unwrap();
        }
        let selection = DatasetSelection { split: split.map(str::to_owned), ..DatasetSelection::default() };
        let found = dataset_files_in(folder.path(), &selection)?;
        let name = |path: &PathBuf| path.strip_prefix(folder.path()).unwrap().to_string_lossy().into_owned();
        Ok(found.iter().map(name).collect())
    }

    #[test]
    fn a_split_of_a_folder_is_that_of_its_file_names() {
        let files = ["train.csv", "data/test.csv", "notes.md"];
        assert_eq!(names(&files, Some("test")), Ok(vec!["data/test.csv".to_owned()]));
        assert_eq!(names(&files, None), Ok(vec!["train.csv".to_owned()]));
        assert!(names(&files, Some("validation")).unwrap_err().to_string().contains("it has"));
    }

    #[test]
    fn a_folder_of_pictures_is_one_split() {
        assert_eq!(names(&["a.jpg", "b.jpg"], Some("train")), Ok(vec![String::new()]));
        assert!(names(&["a.jpg"], Some("test")).is_err());
    }
}
