//! Which files of a dataset to read.

use super::dataset_card::{self, Config};
use super::glob::fits;
use super::splits::{self, Split};
use super::{Hub, HubError, NoDataFiles, Progress, Repo, RepoFile};

/// The branch where the hub keeps what it converted to Parquet by itself.
const CONVERTED: &str = "refs/convert/parquet";

/// Which part of a dataset to read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DatasetSelection {
    /// The subset: unless said the one that the dataset names `default`, or its only one.
    pub config: Option<String>,
    /// The split: unless said `train`, or else the first.
    pub split: Option<String>,
    /// Patterns of files (`*`, `?`, `[..]`, `**`). With these, config and split choose nothing.
    pub data_files: Vec<String>,
    /// The folder of the dataset that is read alone; with it the dataset's card chooses nothing.
    pub folder: Option<String>,
    /// The endings of the files that are read, such as `csv`; all that are known where none is named.
    pub endings: Vec<&'static str>,
}

/// The files that hold a split of a dataset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatasetFiles {
    /// Where they lie: the dataset at the revision asked for, or at the one that the hub converted to Parquet.
    pub repo: Repo,
    /// The subset, if the dataset names it.
    pub config: Option<String>,
    /// The split; none when the files were chosen by patterns.
    pub split: Option<String>,
    /// The splits of the dataset that are not read.
    pub other_splits: Vec<String>,
    /// The files, to be fetched with [`Hub::file`]. One at least.
    pub files: Vec<RepoFile>,
}

impl Hub {
    /// The files of a dataset that hold the wanted split. They are not fetched.
    ///
    /// What the dataset's card says (`configs:` in its `README.md`) comes first, then what the names of its files
    /// say, then what the hub converted to Parquet by itself. Programs that make data are not run.
    ///
    /// # Errors
    ///
    /// See [`HubError`]; [`HubError::Dataset`] lists the configs or splits that there are.
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

    /// The configs of the dataset's card, if it has some.
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

    /// The files of the conversion to Parquet; if there is none, why the dataset itself does not do.
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

/// A split that is read.
pub(super) struct Chosen {
    pub(super) split: Split,
    /// The splits beside it.
    pub(super) others: Vec<Split>,
    /// The subset, if the dataset names it or it was asked for.
    pub(super) config: Option<String>,
}

/// A split that is read, and those beside it.
struct Picked {
    split: Split,
    others: Vec<Split>,
}

fn names(splits: &[Split]) -> Vec<String> {
    splits.iter().map(|split| split.0.clone()).collect()
}

/// Returns the files that may be read, named from the folder of the selection on.
pub(super) fn below(files: &[RepoFile], selection: &DatasetSelection) -> Vec<RepoFile> {
    let prefix = selection.folder.as_deref().map(|folder| format!("{}/", folder.trim_matches('/')));
    let is_wanted = |path: &str| {
        selection.endings.is_empty()
            || selection.endings.iter().any(|ending| ending.eq_ignore_ascii_case(splits::extension(path)))
    };
    let inside = files.iter().filter_map(|file| {
        let path = match &prefix {
            Some(prefix) => file.path.strip_prefix(prefix.as_str())?,
            None => &file.path,
        };
        is_wanted(path).then(|| RepoFile { path: path.to_owned(), size: file.size })
    });
    inside.collect()
}

/// Returns files named from the root of the dataset on.
fn in_folder(files: Vec<RepoFile>, selection: &DatasetSelection) -> Vec<RepoFile> {
    let Some(folder) = selection.folder.as_deref().map(|folder| folder.trim_matches('/')) else {
        return files;
    };
    let from_root = |file: RepoFile| RepoFile { path: format!("{folder}/{}", file.path), ..file };
    files.into_iter().map(from_root).collect()
}

/// The split by the card or, without one, by the names of the files, and its config; none when neither says.
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

/// The splits of a config by its card, or by the names of its files where the card leaves it to them.
pub(super) fn by_card(config: &Config, files: &[RepoFile]) -> Vec<Split> {
    let folder = config.folder.as_deref().filter(|it| !it.is_empty());
    let is_inside =
        |path: &str| folder.is_none_or(|it| path.strip_prefix(it).is_some_and(|rest| rest.starts_with('/')));
    let inside: Vec<RepoFile> = files.iter().filter(|it| is_inside(&it.path)).cloned().collect();
    if config.splits.is_empty() {
        return splits::by_name(&inside);
    }
    let from_root = |it: &String| folder.map_or_else(|| it.clone(), |folder| format!("{folder}/{it}"));
    let files = |patterns: &[String]| {
        let patterns: Vec<String> = patterns.iter().map(from_root).collect();
        matching(&inside, &patterns).unwrap_or_default()
    };
    let splits = config.splits.iter().map(|(name, patterns)| (name.clone(), files(patterns)));
    splits.filter(|it| !it.1.is_empty()).collect()
}

/// The split by the names of the files; none when they do not say.
fn by_files(files: &[RepoFile], selection: &DatasetSelection) -> Result<Option<Picked>, NoDataFiles> {
    let inside = match &selection.config {
        Some(config) => splits::files_of_config(files, config),
        None => files.to_vec(),
    };
    let splits = splits::by_name(&inside);
    if splits.is_empty() {
        return Ok(None);
    }
    let is_there = |split: &String| splits.iter().any(|it| it.0 == *split);
    match selection.split.as_ref().filter(|it| !is_there(it)) {
        Some(split) => match splits::named(&inside, split) {
            Some(split) => Ok(Some(Picked { split, others: splits })),
            None => pick_split(splits, selection).map(Some),
        },
        None => pick_split(splits, selection).map(Some),
    }
}

/// The program that makes the data, which has the name of the dataset.
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
    let is_wanted = |it: &&RepoFile| patterns.iter().any(|pattern| fits(pattern, &it.path));
    let found: Vec<RepoFile> = files.iter().filter(is_wanted).cloned().collect();
    if found.is_empty() { Err(NoDataFiles::NoMatch { patterns: patterns.to_vec() }) } else { Ok(found) }
}

/// The config that is wanted: the one asked for, the default one, or the only one.
fn pick_config<'a, T>(
    configs: &'a [T],
    name: impl Fn(&T) -> &String,
    is_default: impl Fn(&T) -> bool,
    selection: &DatasetSelection,
) -> Result<&'a T, NoDataFiles> {
    let found = || configs.iter().map(|it| name(it).clone()).collect();
    if let Some(config) = &selection.config {
        let wanted = configs.iter().find(|it| name(it) == config);
        return wanted.ok_or_else(|| NoDataFiles::NoConfig { config: config.clone(), found: found() });
    }
    let default = configs.iter().find(|it| is_default(it));
    let default = default.or_else(|| configs.iter().find(|it| name(it) == "default"));
    match (default, configs) {
        (Some(it), _) | (None, [it]) => Ok(it),
        _ => Err(NoDataFiles::ConfigNeeded { found: found() }),
    }
}

/// The split that is wanted: the one asked for, `train`, or the first.
fn pick_split(mut splits: Vec<Split>, selection: &DatasetSelection) -> Result<Picked, NoDataFiles> {
    let place = |name: &str| splits.iter().position(|it| it.0 == name);
    let at = match &selection.split {
        Some(split) => place(split).ok_or_else(|| NoDataFiles::NoSplit {
            split: split.clone(),
            found: splits.iter().map(|it| it.0.clone()).collect(),
        })?,
        None if splits.is_empty() => return Err(NoDataFiles::Nothing),
        None => place("train").unwrap_or(0),
    };
    let split = splits.remove(at);
    Ok(Picked { split, others: splits })
}
