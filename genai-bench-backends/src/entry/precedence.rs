//! The choice of a credential where several are given: one rule for every backend.
//!
//! 1. A credential given for this run wins over those of the environment, whatever their kinds.
//! 2. Two credentials of different kinds given for one run are refused: only one of them could be used.
//! 3. The exception is a key beside a cloud's own credential (a profile, an access key, a file): the key is ignored
//!    with a note, as in the Python tool.
//!
//! Among credentials of the environment alone, each backend has the order of its provider's tools.

#![cfg_attr(not(feature = "full"), allow(dead_code, reason = "one backend takes a part of it"))]

use http::HeaderMap;

use super::{Settings, SettingsError};
use crate::auth::{Origin, Secret};

/// The credentials of a backend other than a key.
#[derive(Clone, Copy, Debug)]
pub struct Credentials {
    /// The headers that can carry a credential in place of the key.
    pub(crate) headers: &'static [&'static str],
    /// The provider's own kinds of credentials.
    pub(crate) own: &'static [OwnCredential],
    /// `true` if a key beside one of the own kinds is ignored, as the Python tool does for clouds.
    pub(crate) key_yields: bool,
}

/// A kind of credential that has options of its own.
#[derive(Clone, Copy, Debug)]
pub struct OwnCredential {
    /// The options, each of which alone gives the credential.
    pub(crate) options: &'static [&'static str],
    /// An option and its value that choose the key instead.
    pub(crate) chooses_key: Option<(&'static str, &'static str)>,
}

impl OwnCredential {
    pub(crate) const fn new(options: &'static [&'static str]) -> Self {
        Self { options, chooses_key: None }
    }

    /// Returns the first of the options that was given for this run with a value.
    fn given(&self, settings: &Settings) -> Option<&'static str> {
        if self.chooses_key.is_some_and(|(name, value)| settings.option(name) == Some(value)) {
            return None;
        }
        self.options.iter().copied().find(|name| settings.options.get(name).is_some_and(is_given))
    }
}

impl Credentials {
    /// A key, or a header with the same name.
    pub(crate) const USUAL: Self = Self { headers: &["authorization"], own: &[], key_yields: false };
    /// All credentials that a description uses, together.
    pub(crate) const DESCRIBED: Self = Self { headers: &[], own: &[], key_yields: false };

    /// Returns `settings` with only the credential that was given for this run, or unchanged where none was, and a note
    /// about an ignored key.
    ///
    /// # Errors
    ///
    /// Returns an error when two credentials of different kinds were given.
    pub(crate) fn choose(&self, settings: &Settings) -> Result<(Settings, Option<String>), SettingsError> {
        let mut settings = settings.clone();
        let mut note = None;
        let own: Vec<(&OwnCredential, &'static str)> =
            self.own.iter().filter_map(|it| Some((it, it.given(&settings)?))).collect();
        if self.key_yields
            && let Some((_, option)) = own.first()
            && let Some(key) = settings.api_key.take_if(|key| is_given(key))
        {
            let ignored = key.origin();
            note = Some(format!("{ignored} is ignored, as with the Python tool: --{option} says who asks"));
        }
        let header = self.header(&settings.headers);
        let key = settings.api_key.as_ref().filter(|key| is_given(key));
        let mut given: Vec<(&str, String)> =
            own.iter().map(|(_, option)| (*option, format!("--{option}"))).collect();
        given.extend(key.map(|key| ("api_key", key.origin().to_string())));
        given.extend(header.map(|name| ("header", format!("--header {name}"))));
        match &given[..] {
            [] => return Ok((settings, note)),
            [_] => {}
            [(setting, _), (_, other), ..] => {
                let problem =
                    format!("{other} is a credential too, and only one is used: leave one of them out");
                return Err(SettingsError { setting, problem });
            }
        }
        let is_key = key.is_some();
        settings.api_key = settings.api_key.filter(|_| is_key);
        let chosen = own.first().map(|(kind, _)| kind.options).unwrap_or_default();
        let others = self.own.iter().flat_map(|kind| kind.options).filter(|name| !chosen.contains(name));
        for name in others {
            // An empty value still overrides a variable.
            if settings.options.get(name).is_some_and(|value| matches!(value.origin(), Origin::Variable(_))) {
                settings.options.remove(name);
            }
        }
        Ok((settings, note))
    }

    fn header(&self, headers: &HeaderMap) -> Option<&'static str> {
        self.headers.iter().copied().find(|name| headers.contains_key(*name))
    }
}

/// Returns `true` if the value was given for this run, not found in the environment.
fn is_given(value: &Secret) -> bool {
    !value.reveal().is_empty() && !matches!(value.origin(), Origin::Variable(_))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    const CLOUD: Credentials = Credentials {
        headers: &["authorization"],
        own: &[
            OwnCredential::new(&["id", "secret"]),
            OwnCredential { options: &["way", "profile"], chooses_key: Some(("way", "api_key")) },
        ],
        key_yields: true,
    };
    const OTHER: Credentials = Credentials { key_yields: false, ..CLOUD };

    fn typed(text: &str) -> Secret {
        Secret::from(text).found(Origin::Option("typed"))
    }

    fn set(text: &str) -> Secret {
        Secret::from(text).found(Origin::Variable("SET"))
    }

    fn settings<const N: usize>(key: Option<Secret>, options: [(&'static str, Secret); N]) -> Settings {
        Settings { api_key: key, options: options.into(), ..Settings::default() }
    }

    fn with_header(mut settings: Settings) -> Settings {
        settings.headers.insert("authorization", HeaderValue::from_static("Bearer x"));
        settings
    }

    /// Returns the remaining credentials: the presence of the key, and the names of options.
    fn left(credentials: Credentials, settings: &Settings) -> (bool, Vec<&'static str>) {
        let (chosen, _) = credentials.choose(settings).unwrap();
        (chosen.api_key.is_some(), chosen.options.keys().copied().collect())
    }

    #[test]
    fn what_is_given_for_a_run_wins_over_the_environment() {
        let of_environment = [("id", set("i")), ("secret", set("s")), ("region", set("r"))];
        let key = settings(Some(typed("key")), of_environment.clone());
        assert_eq!(left(OTHER, &key), (true, vec!["region"]));
        let header = with_header(settings(Some(set("key")), of_environment.clone()));
        assert_eq!(left(OTHER, &header), (false, vec!["region"]));
        let mut own = settings(Some(set("key")), of_environment.clone());
        assert_eq!(left(OTHER, &own), (true, vec!["id", "region", "secret"]), "nothing is given");
        own.options.insert("profile", typed("p"));
        assert_eq!(left(OTHER, &own), (false, vec!["profile", "region"]));
    }

    #[test]
    fn a_part_that_is_given_is_completed_by_the_environment() {
        let part = settings(Some(set("key")), [("id", typed("i")), ("secret", set("s"))]);
        assert_eq!(left(OTHER, &part), (false, vec!["id", "secret"]));
    }

    #[test]
    fn two_that_are_given_are_refused_by_both_names() {
        let key = Some(Secret::from("key").found(Origin::Option("api-key")));
        for (given, setting, other) in [
            (settings(key.clone(), [("profile", typed("p"))]), "profile", "--api-key is"),
            (settings(None, [("profile", typed("p")), ("id", typed("i"))]), "id", "--profile is"),
            (with_header(settings(key.clone(), [])), "api_key", "--header authorization is"),
        ] {
            let error = OTHER.choose(&given).unwrap_err();
            assert_eq!(error.setting, setting);
            assert!(error.problem.starts_with(other), "{error}");
        }
    }

    #[test]
    fn a_key_beside_a_credential_of_a_cloud_is_ignored_with_a_note() {
        let key = Secret::from("dummy").found(Origin::Option("api-key"));
        let (chosen, note) = CLOUD.choose(&settings(Some(key.clone()), [("profile", typed("p"))])).unwrap();
        assert_eq!(chosen.api_key, None);
        assert!(note.unwrap().starts_with("--api-key is ignored, as with the Python tool: --profile"));
        let chosen = settings(Some(key), [("way", typed("api_key"))]);
        assert_eq!(left(CLOUD, &chosen), (true, vec!["way"]));
    }

    #[test]
    fn an_empty_value_gives_nothing() {
        let undone = settings(Some(set("key")), [("id", typed("")), ("secret", typed(""))]);
        assert_eq!(left(OTHER, &undone), (true, vec!["id", "secret"]));
    }
}
