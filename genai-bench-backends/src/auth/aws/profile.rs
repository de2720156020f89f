//! What AWS's files say of a profile, beside its keys.

use std::collections::HashMap;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use aws_config::profile::{self, Profile, ProfileSet};

use super::with_causes;
use crate::auth::Environment;

/// The profile that holds where nobody names one.
pub(crate) const DEFAULT_PROFILE: &str = "default";

/// The variables that say where the files are.
const OF_FILES: [&str; 6] =
    ["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "HOME", "USERPROFILE", "HOMEDRIVE", "HOMEPATH"];

/// The profile of this name, else the one that holds where none is named, if there is one.
///
/// # Errors
///
/// When there is none of that name, or the files cannot be read.
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

/// Reads the files as AWS's library does, but at once.
fn read(environment: &Environment) -> Result<ProfileSet, InvalidProfile> {
    let variables = OF_FILES.iter().filter_map(|it| Some(((*it).to_owned(), environment.get(it)?)));
    let variables = variables.collect::<HashMap<String, String>>().into();
    let (disk, files) = Default::default();
    // It is `async` for what may come: it reads small files, and waits for nobody.
    let reading = pin!(profile::load(&disk, &variables, &files, None));
    match reading.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(read) => {
            read.map_err(|it| InvalidProfile(format!("AWS's files cannot be read: {}", with_causes(&it))))
        }
        Poll::Pending => Err(InvalidProfile("AWS's files cannot be read at once".to_owned())),
    }
}

/// A profile that is not there.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct InvalidProfile(String);

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIG: &str = "[default]\nregion = eu-west-1\n\n# mine\n[profile work]\nregion=eu-west-2\n\
        [profile bare]\noutput = json\n";

    /// An environment in which the files are these.
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
    fn a_name_that_no_profile_has_is_refused_with_those_that_there_are() {
        let (_home, environment) = files(CONFIG);
        let said = find(&environment, Some("wrok")).unwrap_err().to_string();
        assert_eq!(said, "AWS's files have no profile 'wrok': there is bare, default, keys, work");
        let nowhere = Environment::default();
        assert!(find(&nowhere, Some("work")).unwrap_err().to_string().ends_with("there is none at all"));
        assert!(find(&nowhere, None).unwrap().is_none());
    }

    #[test]
    fn a_file_that_cannot_be_read_is_named_without_its_secrets() {
        let (_home, environment) = files("[default]\naws_secret_access_key SECRET\n");
        let said = find(&environment, None).unwrap_err().to_string();
        assert!(said.contains(".aws/config") && said.contains("line 2"), "{said}");
        assert!(!said.contains("SECRET"), "{said}");
    }
}
