//! The environment variables in which a provider's own credential chain is configured.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::Secret;

/// The environment variables of a provider's own credential chain.
///
/// A program that embeds this crate may not want its environment to be read: by default, no variable is.
#[derive(Clone, Debug, Default)]
pub struct Environment(Variables);

#[derive(Clone, Debug)]
enum Variables {
    OfTheProcess,
    These(BTreeMap<String, Secret>),
}

impl Default for Variables {
    fn default() -> Self {
        Self::These(BTreeMap::new())
    }
}

impl Environment {
    /// Returns the environment of this process.
    #[must_use]
    pub fn of_the_process() -> Self {
        Self(Variables::OfTheProcess)
    }

    /// Returns `true` if this is the environment of the process: some official libraries read no other.
    #[cfg(feature = "bedrock")]
    pub(crate) fn is_of_the_process(&self) -> bool {
        matches!(self.0, Variables::OfTheProcess)
    }

    /// Returns the text of a variable, unless it is empty or not Unicode.
    #[must_use]
    pub fn get(&self, variable: &str) -> Option<String> {
        let value = match &self.0 {
            Variables::OfTheProcess => std::env::var(variable).ok(),
            Variables::These(values) => values.get(variable).map(|it| it.reveal().to_owned()),
        };
        value.filter(|it| !it.is_empty())
    }

    /// Returns the path in a variable, unless it is empty. A path need not be Unicode.
    #[must_use]
    pub fn path(&self, variable: &str) -> Option<PathBuf> {
        let value = match &self.0 {
            Variables::OfTheProcess => std::env::var_os(variable),
            Variables::These(values) => values.get(variable).map(|value| value.reveal().into()),
        };
        value.filter(|value| !value.is_empty()).map(PathBuf::from)
    }

    /// Returns the folder in which programs store the user's settings.
    #[must_use]
    pub fn home(&self) -> Option<PathBuf> {
        self.path("HOME").or_else(|| self.path("USERPROFILE"))
    }
}

/// Collects variables into an environment that holds no others.
impl<K: Into<String>, V: Into<Secret>> FromIterator<(K, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(variables: I) -> Self {
        Self(Variables::These(variables.into_iter().map(|it| (it.0.into(), it.1.into())).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_environment_is_empty() {
        assert_eq!(Environment::default().get("PATH"), None);
        assert!(Environment::of_the_process().get("PATH").is_some());
        let some: Environment = [("A", "SECRET"), ("B", ""), ("HOME", "/h")].into_iter().collect();
        assert_eq!((some.get("A").as_deref(), some.get("B")), (Some("SECRET"), None));
        assert_eq!(some.home(), Some(PathBuf::from("/h")));
        assert_eq!(
            (some.path("A"), some.path("B"), some.path("C")),
            (Some(PathBuf::from("SECRET")), None, None)
        );
        assert!(!format!("{some:?}").contains("SECRET"));
    }
}
