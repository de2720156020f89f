//! The selection of the files of a dataset.

use super::dataset_card::{self, Config};
use super::glob::fits;
use super::splits::{self, Split};
use super::{Hub, HubError, NoDataFiles, Progress, Repo, RepoFile};

/// The branch with the hub's own conversion to Parquet.
const CONVERTED: &str = "refs/convert/parquet";

/// The part of a dataset to read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DatasetSelection {
    /// The config; by default the one named `default`, or the only one.
    pub config: Option<String>,
    /// The split; by default `train`, or else the first one.
    pub split: Option<String>,
    /// Patterns of files (`*`, `?`, `[..]`, `**`). With these, config and split are not used.
    pub data_files: Vec<String>,
    /// The only folder of the dataset to read; with it the dataset's card is not used.
    pub folder: Option<String>,
    /// The extensions of the files to read, such as `csv`; all supported ones if empty.
    pub endings: Vec<&'static str>,
}

/// The files that hold a split of a dataset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatasetFiles {
    /// The dataset at the requested revision, or at that of the hub's conversion to Parquet.
    pub repo: Repo,
    /// The config, if the dataset has one.
    pub config: Option<String>,
    /// The split; `None` when the files were selected by patterns.
    pub split: Option<String>,
    /// The splits of the dataset that are not read.
    pub other_splits: Vec<String>,
    /// The files, at least one, to be downloaded with [`Hub::file`].
    pub files: Vec<RepoFile>,
}

impl Hub {
    /// Returns the files of the selected split of a dataset, without downloading them.
    ///
    /// The first of these that defines splits is used: the dataset's card (`configs:` in its `README.md`),
    /// the names of its files, the hub's own conversion to Parquet. Scripts that generate data are not run.
    ///
    /// # Errors
    ///
    /// See [`HubError`]; [`HubError::Dataset`] lists the configs or splits of the dataset.
    pub async fn dataset_files(
        &self,
        repo: &Repo,
        selection: &DatasetSelection,
        progress: &dyn Progress,
    ) -> Result<DatasetFiles, HubError> {
        let listing = self.list(repo, progress).await?;
        let fail = |problem| HubError::Dataset { repo: repo.clone(), problem };
        let listed = below(&listing.files, selection);
        if !selection.data_files.is_empty() {
            let files = in_folder(matching(&listed, &selection.data_files).map_err(fail)?, selection);
            let (repo, config, split) = (repo.clone(), None, None);
            return Ok(DatasetFiles { repo, config, split, other_splits: Vec::new(), files });
        }
        let configs =
            if selection.folder.is_some() { None } else { self.card(repo, &listing.files, progress).await? };
        let is_made = configs.is_none() && script(repo, &listing.files).is_some();
        let chosen =
            if is_made { None } else { chosen(configs.as_deref(), &listed, selection).map_err(fail)? };
        let Some(Chosen { split: (split, files), others, config }) = chosen else {
            return self.converted(repo, &listing.files, selection, progress).await;
        };
        if let Some(total) = splits::shards(&files).filter(|it| listing.is_from_cache && *it > files.len()) {
            return Err(fail(NoDataFiles::Incomplete { present: files.len(), total }));
        }
        let files = in_folder(files, selection);
        let (repo, split, other_splits) = (repo.clone(), Some(split), names(&others));
        Ok(DatasetFiles { repo, config, split, other_splits, files })
    }

    /// Returns the configs of the dataset's card, if it has any.
    async fn card(
        &self,
        repo: &Repo,
        files: &[RepoFile],
        progress: &dyn Progress,
    ) -> Result<Option<Vec<Config>>, HubError> {
        if !files.iter().any(|it| it.path == "README.md") {
            return Ok(None);
        }
        let path = self.file(repo, "README.md", progress).await?;
        let text = tokio::fs::read(&path).await.map_err(super::cache::failed("read", &path))?;
        Ok(dataset_card::configs(&String::from_utf8_lossy(&text)))
    }

    /// Returns the files of the conversion to Parquet, or the reason for which the dataset itself cannot be
    /// read.
    async fn converted(
        &self,
        repo: &Repo,
        files: &[RepoFile],
        selection: &DatasetSelection,
        progress: &dyn Progress,
    ) -> Result<DatasetFiles, HubError> {
        let at = repo.at(CONVERTED)?;
        let fail = |problem| HubError::Dataset { repo: repo.clone(), problem };
        let listing = match self.list(&at, progress).await {
            Ok(it) => it,
            Err(
                HubError::NoRevision { .. }
                | HubError::NoRepo { .. }
                | HubError::NotInCache { why: None, .. },
            ) => {
                return Err(fail(why_none(repo, files, selection)));
            }
            Err(error) => return Err(error),
        };
        let configs = splits::converted(&listing.files);
        if configs.is_empty() {
            return Err(fail(why_none(repo, files, selection)));
        }
        let (config, splits) = pick_config(&configs, |it| &it.0, |_| false, selection).map_err(fail)?;
        let Picked { split: (split, files), others } = pick_split(splits.clone(), selection).map_err(fail)?;
        let (config, split, other_splits) = (Some(config.clone()), Some(split), names(&others));
        Ok(DatasetFiles { repo: at, config, split, other_splits, files })
    }
}

/// A selected split.
pub(super) struct Chosen {
    pub(super) split: Split,
    /// The other splits.
    pub(super) others: Vec<Split>,
    /// The config, if the dataset has one or one was requested.
    pub(super) config: Option<String>,
}

/// A selected split, and the others.
struct Picked {
    split: Split,
    others: Vec<Split>,
}

fn names(splits: &[Split]) -> Vec<String> {
    splits.iter().map(|split| split.0.clone()).collect()
}

/// Returns `true` if the extension of a file is a selected one.
fn has_selected_ending(path: &str, selection: &DatasetSelection) -> bool {
    selection.endings.is_empty()
        || selection.endings.iter().any(|ending| ending.eq_ignore_ascii_case(splits::extension(path)))
}

/// Returns the files that may be read, with paths relative to the folder of the selection.
pub(super) fn below(files: &[RepoFile], selection: &DatasetSelection) -> Vec<RepoFile> {
    let prefix = selection.folder.as_deref().map(|folder| format!("{}/", folder.trim_matches('/')));
    let inside = files.iter().filter_map(|file| {
        let path = match &prefix {
            Some(prefix) => file.path.strip_prefix(prefix.as_str())?,
            None => &file.path,
        };
        has_selected_ending(path, selection).then(|| RepoFile { path: path.to_owned(), size: file.size })
    });
    inside.collect()
}

/// Returns files with paths relative to the root of the dataset.
fn in_folder(files: Vec<RepoFile>, selection: &DatasetSelection) -> Vec<RepoFile> {
    let Some(folder) = selection.folder.as_deref().map(|folder| folder.trim_matches('/')) else {
        return files;
    };
    files.into_iter().map(|file| RepoFile { path: format!("{folder}/{}", file.path), ..file }).collect()
}

/// Returns the split and config by the card or, without one, by the names of the files; `None` when neither
/// defines splits.
pub(super) fn chosen(
    configs: Option<&[Config]>,
    files: &[RepoFile],
    selection: &DatasetSelection,
) -> Result<Option<Chosen>, NoDataFiles> {
    let Some(configs) = configs else {
        let picked = by_files(files, selection)?;
        let config = selection.config.clone();
        return Ok(picked.map(|Picked { split, others }| Chosen { split, others, config }));
    };
    let config = pick_config(configs, |it| &it.name, |it| it.is_default, selection)?;
    let Picked { split, others } = pick_split(by_card(config, files), selection)?;
    Ok(Some(Chosen { split, others, config: Some(config.name.clone()) }))
}

/// Returns the splits of a config by its card, or by the names of its files if the card leaves the splits to
/// them.
pub(super) fn by_card(config: &Config, files: &[RepoFile]) -> Vec<Split> {
    let folder = config.folder.as_deref().filter(|it| !it.is_empty());
    let is_inside =
        |path: &str| folder.is_none_or(|it| path.strip_prefix(it).is_some_and(|rest| rest.starts_with('/')));
    let inside: Vec<RepoFile> = files.iter().filter(|it| is_inside(&it.path)).cloned().collect();
    if config.splits.is_empty() {
        return splits::by_name(&inside);
    }
    let prefix = folder.map_or_else(String::new, |folder| format!("{folder}/"));
    let splits = config.splits.iter().map(|(name, patterns)| {
        let patterns: Vec<String> = patterns.iter().map(|pattern| format!("{prefix}{pattern}")).collect();
        (name.clone(), matching(&inside, &patterns).unwrap_or_default())
    });
    splits.filter(|it| !it.1.is_empty()).collect()
}

/// Returns the split by the names of the files; `None` when these define none.
fn by_files(files: &[RepoFile], selection: &DatasetSelection) -> Result<Option<Picked>, NoDataFiles> {
    let inside = match &selection.config {
        Some(config) => splits::files_of_config(files, config),
        None => files.to_vec(),
    };
    let splits = splits::by_name(&inside);
    if splits.is_empty() {
        return Ok(None);
    }
    match selection.split.as_ref().filter(|split| !splits.iter().any(|it| it.0 == **split)) {
        Some(split) => match splits::named(&inside, split) {
            Some(split) => Ok(Some(Picked { split, others: splits })),
            None => pick_split(splits, selection).map(Some),
        },
        None => pick_split(splits, selection).map(Some),
    }
}

/// Returns the script that generates the data, which has the name of the dataset.
fn script<'a>(repo: &Repo, files: &'a [RepoFile]) -> Option<&'a str> {
    let name = format!("{}.py", repo.name());
    files.iter().map(|it| it.path.as_str()).find(|it| *it == name)
}

fn why_none(repo: &Repo, files: &[RepoFile], selection: &DatasetSelection) -> NoDataFiles {
    match (script(repo, files), &selection.config) {
        (Some(script), _) => NoDataFiles::Script { script: script.to_owned() },
        (None, Some(config)) if !splits::by_name(files).is_empty() => {
            NoDataFiles::NoConfig { config: config.clone(), found: Vec::new() }
        }
        _ => NoDataFiles::Nothing,
    }
}

pub(super) fn matching(files: &[RepoFile], patterns: &[String]) -> Result<Vec<RepoFile>, NoDataFiles> {
    let is_match = |file: &&RepoFile| patterns.iter().any(|pattern| fits(pattern, &file.path));
    let found: Vec<RepoFile> = files.iter().filter(is_match).cloned().collect();
    if found.is_empty() { Err(NoDataFiles::NoMatch { patterns: patterns.to_vec() }) } else { Ok(found) }
}

/// Returns the selected config: the requested one, the default one, or the only one.
fn pick_config<'a, T>(
    configs: &'a [T],
    name: impl Fn(&T) -> &String,
    is_default: impl Fn(&T) -> bool,
    selection: &DatasetSelection,
) -> Result<&'a T, NoDataFiles> {
    let found = || configs.iter().map(|it| name(it).clone()).collect();
    if let Some(config) = &selection.config {
        let requested = configs.iter().find(|it| name(it) == config);
        return requested.ok_or_else(|| NoDataFiles::NoConfig { config: config.clone(), found: found() });
    }
    let default = configs.iter().find(|it| is_default(it));
    let default = default.or_else(|| configs.iter().find(|it| name(it) == "default"));
    match (default, configs) {
        (Some(it), _) | (None, [it]) => Ok(it),
        _ => Err(NoDataFiles::ConfigNeeded { found: found() }),
    }
}

/// Returns the index of the split of this name.
fn position(splits: &[Split], name: &str) -> Option<usize> {
    splits.iter().position(|split| split.0 == name)
}

/// Returns the selected split: the requested one, `train`, or the first.
fn pick_split(mut splits: Vec<Split>, selection: &DatasetSelection) -> Result<Picked, NoDataFiles> {
    let at = match &selection.split {
        Some(split) => position(&splits, split).ok_or_else(|| NoDataFiles::NoSplit {
            split: split.clone(),
            found: splits.iter().map(|it| it.0.clone()).collect(),
        })?,
        None if splits.is_empty() => return Err(NoDataFiles::Nothing),
        None => position(&splits, "train").unwrap_or(0),
    };
    let split = splits.remove(at);
    Ok(Picked { split, others: splits })
}
