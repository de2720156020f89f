//! Arguments of `datasets.load_dataset`.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use serde::Deserialize;
use serde_json::{Map, Value};

/// The arguments of `datasets.load_dataset`, which choose a part of a dataset on Hugging Face.
#[derive(Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct HuggingFaceArguments {
    /// The configuration of the dataset.
    pub name: Option<String>,
    /// The split, such as `train` or `train[:1000]`: see [`SplitSlice`](super::SplitSlice).
    pub split: Option<String>,
    /// A branch, tag or commit.
    pub revision: Option<String>,
    /// A folder of the dataset.
    pub data_dir: Option<String>,
    /// Files of the dataset.
    pub data_files: Option<DataFiles>,
    /// The cache folder of fetched files.
    pub cache_dir: Option<PathBuf>,
    /// The access token of the hub.
    #[serde(alias = "use_auth_token")]
    pub token: Option<HubToken>,
    /// All other arguments, unchanged.
    #[serde(flatten)]
    pub others: Map<String, Value>,
}

/// Shows only the names of the other arguments, which may contain secrets.
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
    /// One name or pattern.
    One(String),
    /// Several names or patterns.
    Several(Vec<String>),
    /// The names or patterns of each split.
    BySplit(BTreeMap<String, DataFiles>),
}

/// The arguments that change how Python fetches and stores rows, but not the rows.
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
    /// Returns the names of given arguments that have no effect here.
    #[must_use]
    pub fn without_effect(&self) -> Vec<&str> {
        self.others_where(|name| WITHOUT_EFFECT.contains(&name))
    }

    /// Returns the names of given arguments that would change the rows and are not supported here.
    #[must_use]
    pub fn unknown(&self) -> Vec<&str> {
        self.others_where(|name| !WITHOUT_EFFECT.contains(&name))
    }

    /// Returns the sorted names of the other arguments that match and are not null.
    fn others_where(&self, matches: impl Fn(&str) -> bool) -> Vec<&str> {
        let given = self.others.iter().filter(|(_, value)| !value.is_null());
        let mut names: Vec<&str> =
            given.map(|(name, _)| name.as_str()).filter(|name| matches(name)).collect();
        names.sort_unstable();
        names
    }
}

/// The access token of a hub: `token`, formerly `use_auth_token`.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum HubToken {
    /// `true` for the token of the environment, `false` for none.
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
    /// Returns the names or patterns of a split, or all of them without a split.
    #[must_use]
    pub fn patterns(&self, split: Option<&str>) -> Vec<&str> {
        match self {
            Self::One(one) => vec![one],
            Self::Several(several) => several.iter().map(String::as_str).collect(),
            Self::BySplit(splits) => splits
                .iter()
                .filter(|(name, _)| split.is_none_or(|split| *name == split))
                .flat_map(|(_, files)| files.patterns(None))
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
    fn all_arguments_of_the_advanced_example_are_known() {
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
    fn unsupported_arguments_are_unknown_unless_null() {
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
