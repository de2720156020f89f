//! Arguments of `datasets.load_dataset`.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use serde::Deserialize;
use serde_json::{Map, Value};

/// The part of a dataset on Hugging Face that is read: arguments of `datasets.load_dataset`.
#[derive(Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct HuggingFaceArguments {
    /// The configuration of the dataset.
    pub name: Option<String>,
    /// Such as `train`, or `train[:1000]`: see [`SplitSlice`](super::SplitSlice).
    pub split: Option<String>,
    /// A branch, tag or commit.
    pub revision: Option<String>,
    /// A folder of the dataset.
    pub data_dir: Option<String>,
    /// Files of the dataset.
    pub data_files: Option<DataFiles>,
    /// The folder where fetched files are kept.
    pub cache_dir: Option<PathBuf>,
    /// The token that the hub is asked with.
    #[serde(alias = "use_auth_token")]
    pub token: Option<HubToken>,
    /// All others, as they were written.
    #[serde(flatten)]
    pub others: Map<String, Value>,
}

/// Of the others only the names are shown: a secret may be among them.
impl fmt::Debug for HuggingFaceArguments {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_struct("HuggingFaceArguments")
            .field("name", &self.name)
            .field("split", &self.split)
            .field("revision", &self.revision)
            .field("data_dir", &self.data_dir)
            .field("data_files", &self.data_files)
            .field("cache_dir", &self.cache_dir)
            .field("token", &self.token)
            .field("others", &self.others.keys().collect::<Vec<_>>())
            .finish()
    }
}

/// Files of a dataset: names or patterns such as `data/*.parquet`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum DataFiles {
    /// One.
    One(String),
    /// Several.
    Several(Vec<String>),
    /// Those of each split.
    BySplit(BTreeMap<String, DataFiles>),
}

/// Arguments that change how Python fetches and keeps rows, and not which rows there are.
const WITHOUT_EFFECT: [&str; 11] = [
    "download_mode",
    "force_download",
    "ignore_verifications",
    "keep_in_memory",
    "num_proc",
    "resume_download",
    "save_infos",
    "streaming",
    "trust_remote_code",
    "verification_mode",
    "writer_batch_size",
];

impl HuggingFaceArguments {
    /// Returns the names of arguments that were given and change nothing here.
    #[must_use]
    pub fn without_effect(&self) -> Vec<&str> {
        self.others_where(|name| WITHOUT_EFFECT.contains(&name))
    }

    /// Returns the names of arguments that would change which rows there are or how they are read, and are not known here.
    #[must_use]
    pub fn unknown(&self) -> Vec<&str> {
        self.others_where(|name| !WITHOUT_EFFECT.contains(&name))
    }

    /// Returns the sorted names of such arguments without a field of their own; `null` says nothing.
    fn others_where(&self, is_such: impl Fn(&str) -> bool) -> Vec<&str> {
        let given = self.others.iter().filter(|(_, value)| !value.is_null());
        let mut names: Vec<&str> =
            given.map(|(name, _)| name.as_str()).filter(|name| is_such(name)).collect();
        names.sort_unstable();
        names
    }
}

/// The token of a dataset on a hub: `token`, or `use_auth_token` as it was called.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum HubToken {
    /// `true` for the one that the environment has, `false` for none.
    FromEnvironment(bool),
    /// The token itself.
    Given(String),
}

impl fmt::Debug for HubToken {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FromEnvironment(is_used) => to.debug_tuple("FromEnvironment").field(is_used).finish(),
            Self::Given(_) => to.debug_tuple("Given").field(&"***").finish(),
        }
    }
}

impl DataFiles {
    /// The names or patterns for a split; all of them where no split is asked for.
    #[must_use]
    pub fn patterns(&self, split: Option<&str>) -> Vec<&str> {
        match self {
            Self::One(one) => vec![one],
            Self::Several(several) => several.iter().map(String::as_str).collect(),
            Self::BySplit(splits) => splits
                .iter()
                .filter(|it| split.is_none_or(|wanted| it.0 == wanted))
                .flat_map(|it| it.1.patterns(None))
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> HuggingFaceArguments {
        serde_json::from_str(json).expect("arguments")
    }

    #[test]
    fn arguments_of_the_advanced_example_are_all_understood() {
        let arguments = read(
            r#"{"split": "train[:1000]", "revision": "main", "cache_dir": "/custom/cache", "use_auth_token": true,
                "num_proc": 4, "streaming": false, "trust_remote_code": true, "download_mode": "force_redownload"}"#,
        );
        assert_eq!(arguments.cache_dir.as_deref(), Some("/custom/cache".as_ref()));
        assert_eq!(arguments.token, Some(HubToken::FromEnvironment(true)));
        assert_eq!(
            arguments.without_effect(),
            ["download_mode", "num_proc", "streaming", "trust_remote_code"]
        );
        assert_eq!(arguments.unknown(), [""; 0]);
    }

    #[test]
    fn an_argument_that_changes_rows_is_unknown_and_null_says_nothing() {
        let arguments = read(r#"{"features": {"a": 1}, "field": "data", "task": null}"#);
        assert_eq!(arguments.unknown(), ["features", "field"]);
    }

    #[test]
    fn tokens_are_never_shown() {
        let arguments = read(r#"{"token": "hf_secret"}"#);
        assert_eq!(arguments.token, Some(HubToken::Given("hf_secret".to_owned())));
        assert!(!format!("{arguments:?}").contains("hf_secret"));
    }
}
