//! The environment variables of Python's `huggingface_hub`, with the same meaning.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::{HubBuilder, HubError};
use crate::auth::{Origin, Secret};

/// A function that returns the value of an environment variable.
type Lookup<'a> = &'a dyn Fn(&str) -> Option<OsString>;

/// Builds a hub from the environment, for a user whose home folder is `home`.
pub(super) fn read(variable: Lookup<'_>, home: Option<&Path>) -> Result<HubBuilder, HubError> {
    let base = path(variable, "HF_HOME", home)
        .or_else(|| path(variable, "XDG_CACHE_HOME", home).map(|it| it.join("huggingface")))
        .or_else(|| home.map(|it| it.join(".cache").join("huggingface")));
    let cache = path(variable, "HF_HUB_CACHE", home).or_else(|| base.as_ref().map(|it| it.join("hub")));
    let cache = cache.ok_or_else(|| HubError::Setting {
        name: "HF_HOME",
        message: "there is no home folder: set it to the folder where files are kept".to_owned(),
    })?;
    let token_file = path(variable, "HF_TOKEN_PATH", home).or_else(|| base.map(|it| it.join("token")));
    let token = match (text(variable, "HF_TOKEN"), token_file) {
        (Some(token), _) => Some(Secret::from(token).found(Origin::Variable("HF_TOKEN"))),
        (None, Some(file)) => token_in(&file)?,
        (None, None) => None,
    };

    let is_offline = text(variable, "HF_HUB_OFFLINE")
        .is_some_and(|text| matches!(text.to_ascii_lowercase().as_str(), "1" | "true" | "yes" | "on"));
    let mut builder = HubBuilder::new(cache).offline(is_offline);
    if let Some(endpoint) = text(variable, "HF_ENDPOINT") {
        builder = builder.endpoint(endpoint);
    }
    Ok(match token {
        Some(token) => builder.token(token),
        None => builder,
    })
}

/// Returns the path in a variable, in which `~` is the home folder.
fn path(variable: Lookup<'_>, name: &str, home: Option<&Path>) -> Option<PathBuf> {
    set(variable, name).map(|value| expand(PathBuf::from(value), home))
}

/// Returns the trimmed text of a variable.
fn text(variable: Lookup<'_>, name: &str) -> Option<String> {
    set(variable, name).map(|value| value.to_string_lossy().trim().to_owned())
}

/// Returns the variable, unless it is empty.
fn set(variable: Lookup<'_>, name: &str) -> Option<OsString> {
    variable(name).filter(|it| !it.to_string_lossy().trim().is_empty())
}

fn expand(path: PathBuf, home: Option<&Path>) -> PathBuf {
    match (path.strip_prefix("~"), home) {
        (Ok(inside), Some(home)) => home.join(inside),
        _ => path,
    }
}

fn token_in(file: &Path) -> Result<Option<Secret>, HubError> {
    match std::fs::read_to_string(file).map(Zeroizing::new) {
        Ok(text) => Ok(Some(text.trim()).filter(|it| !it.is_empty()).map(Secret::from)),
        Err(source) if source.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(HubError::Cache { action: "read the token in", path: file.to_owned(), source }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the hub of these variables: its cache, `true` if it has a token, and `true` if it is offline.
    fn hub(variables: &[(&str, &str)]) -> (PathBuf, bool, bool) {
        let variable = |name: &str| variables.iter().find(|it| it.0 == name).map(|it| it.1.into());
        let hub = read(&variable, Some(Path::new("/home/me"))).unwrap().build().unwrap();
        (hub.cache, hub.client.has_token(), hub.is_offline)
    }

    #[test]
    fn files_are_kept_where_python_keeps_them() {
        for (variables, folder) in [
            (vec![], "/home/me/.cache/huggingface/hub"),
            (vec![("XDG_CACHE_HOME", "/x")], "/x/huggingface/hub"),
            (vec![("XDG_CACHE_HOME", "/x"), ("HF_HOME", "~/hf")], "/home/me/hf/hub"),
            (vec![("HF_HOME", "/h"), ("HF_HUB_CACHE", "/c")], "/c"),
            (vec![("HF_HOME", "")], "/home/me/.cache/huggingface/hub"),
        ] {
            assert_eq!(hub(&variables).0, Path::new(folder));
        }
        let error = read(&|_| None, None).unwrap_err();
        assert!(error.to_string().contains("HF_HOME"), "{error}");
    }

    #[test]
    fn offline_mode_has_four_spellings() {
        for (value, is_offline) in
            [("1", true), ("TRUE", true), ("yes", true), ("on", true), ("0", false), ("", false)]
        {
            assert_eq!(hub(&[("HF_HUB_OFFLINE", value)]).2, is_offline, "{value}");
        }
    }

    #[test]
    fn the_token_comes_from_the_variable_or_from_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().to_str().unwrap();
        assert!(!hub(&[("HF_HOME", home)]).1);
        assert!(hub(&[("HF_HOME", home), ("HF_TOKEN", "hf_1\n")]).1);
        std::fs::write(folder.path().join("token"), "hf_2\n").unwrap();
        assert!(hub(&[("HF_HOME", home)]).1);
        std::fs::write(folder.path().join("token"), " \n").unwrap();
        assert!(!hub(&[("HF_HOME", home)]).1);
        std::fs::write(folder.path().join("other"), "hf_3").unwrap();
        let other = folder.path().join("other");
        assert!(hub(&[("HF_HOME", home), ("HF_TOKEN_PATH", other.to_str().unwrap())]).1);
    }
}
