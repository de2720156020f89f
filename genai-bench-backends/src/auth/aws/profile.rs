//! The settings of a profile in AWS's files, apart from its keys.

use std::collections::HashMap;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use aws_config::profile::{self, Profile, ProfileSet};

use super::with_causes;
use crate::auth::Environment;

/// The profile that is used when none is named.
pub(crate) const DEFAULT_PROFILE: &str = "default";

/// The variables with the paths of the files.
const OF_FILES: [&str; 6] =
    ["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "HOME", "USERPROFILE", "HOMEDRIVE", "HOMEPATH"];

/// Returns the profile of this name, or else the default profile, if there is one.
///
/// # Errors
///
/// Returns an error if there is no profile of that name, or if the files cannot be read.
pub(crate) fn find(
    environment: &Environment,
    named: Option<&str>,
) -> Result<Option<Profile>, InvalidProfile> {
    let profiles = read(environment)?;
    let found = profiles.get_profile(named.unwrap_or(DEFAULT_PROFILE)).cloned();
    match (found, named) {
        (None, Some(name)) => {
            let mut others: Vec<&str> = profiles.profiles().collect();
            others.sort_unstable();
            let others = if others.is_empty() { "none at all".to_owned() } else { others.join(", ") };
            Err(InvalidProfile(format!("AWS's files have no profile '{name}': there is {others}")))
        }
        (found, _) => Ok(found),
    }
}

/// Reads the files as AWS's library does, but synchronously.
fn read(environment: &Environment) -> Result<ProfileSet, InvalidProfile> {
    let variables = OF_FILES.iter().filter_map(|it| Some(((*it).to_owned(), environment.get(it)?)));
    let variables = variables.collect::<HashMap<String, String>>().into();
    let (disk, files) = Default::default();
    // The function is `async` for future use: it reads small files, and never waits.
    let reading = pin!(profile::load(&disk, &variables, &files, None));
    match reading.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(read) => {
            read.map_err(|it| InvalidProfile(format!("AWS's files cannot be read: {}", with_causes(&it))))
        }
        Poll::Pending => Err(InvalidProfile("AWS's files cannot be read at once".to_owned())),
    }
}

/// A profile that is missing or cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct InvalidProfile(String);

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIG: &str = "[default]\nregion = eu-west-1\n\n# mine\n[profile work]\nregion=eu-west-2\n\
        [profile bare]\noutput = json\n";

    /// Creates an environment with these files.
    fn files(config: &str) -> (tempfile::TempDir, Environment) {
        let home = tempfile::tempdir().unwrap();
        std::fs::create_dir(home.path().join(".aws")).unwrap();
        std::fs::write(home.path().join(".aws/config"), config).unwrap();
        let keys =
            "[keys]\naws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = key\nregion = eu-west-3\n";
        std::fs::write(home.path().join(".aws/credentials"), keys).unwrap();
        let environment = [("HOME", home.path().to_str().unwrap())].into_iter().collect();
        (home, environment)
    }

    #[test]
    fn a_profile_is_found_in_either_file() {
        let (_home, environment) = files(CONFIG);
        let region = |named| {
            let profile = find(&environment, named).unwrap().expect("a profile");
            profile.get("region").map(str::to_owned)
        };
        assert_eq!(region(None).as_deref(), Some("eu-west-1"));
        assert_eq!(region(Some("work")).as_deref(), Some("eu-west-2"));
        assert_eq!(region(Some("keys")).as_deref(), Some("eu-west-3"));
        assert_eq!(region(Some("bare")), None);
    }

    #[test]
    fn the_error_for_an_unknown_profile_lists_the_known_ones() {
        let (_home, environment) = files(CONFIG);
        let error = find(&environment, Some("wrok")).unwrap_err().to_string();
        assert_eq!(error, "AWS's files have no profile 'wrok': there is bare, default, keys, work");
        let nowhere = Environment::default();
        assert!(find(&nowhere, Some("work")).unwrap_err().to_string().ends_with("there is none at all"));
        assert!(find(&nowhere, None).unwrap().is_none());
    }

    #[test]
    fn a_file_that_cannot_be_read_is_named_without_its_secrets() {
        let (_home, environment) = files("[default]\naws_secret_access_key SECRET\n");
        let error = find(&environment, None).unwrap_err().to_string();
        assert!(error.contains(".aws/config") && error.contains("line 2"), "{error}");
        assert!(!error.contains("SECRET"), "{error}");
    }
}
