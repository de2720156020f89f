//! Credential we are: a key of Bedrock's own, else whoever's access key is found, in the order of AWS's own tools.

use std::sync::Arc;

use aws_config::profile::Profile;
use genai_bench_core::auth::AuthProvider;

use super::options::{ACCESS_KEY_ID, PROFILE, SECRET_ACCESS_KEY, SESSION_TOKEN};
use crate::auth::aws::profile::{self, DEFAULT_PROFILE};
use crate::auth::{ApiKey, AwsChain, Origin, Secret, SigV4};
use crate::entry::{AuthKind, Credentials, OwnCredential, ProviderOption, Settings, SettingsError};

/// A key of Bedrock's own.
const KEY_KIND: &str = "Bedrock API key";

/// How the service can know us, the first that is there.
pub(super) const KINDS: &[AuthKind] = &[
    AuthKind { name: KEY_KIND, ..AuthKind::KEY },
    AuthKind {
        name: SigV4::KIND,
        found: "--aws-access-key-id and --aws-secret-access-key, or their variables unless --aws-profile is given",
    },
    AuthKind {
        name: AwsChain::PROFILE,
        found: "--aws-profile, AWS_PROFILE or `default` in ~/.aws/config and ~/.aws/credentials",
    },
    AuthKind { name: AwsChain::WEB_IDENTITY, found: "AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN" },
    AuthKind {
        name: AwsChain::CONTAINER,
        found: "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or AWS_CONTAINER_CREDENTIALS_FULL_URI",
    },
    AuthKind { name: AwsChain::INSTANCE, found: "the metadata service of an EC2 instance" },
];

/// The credentials besides a key, and the one that is used of several.
pub(super) const CREDENTIALS: Credentials = Credentials {
    headers: &[],
    own: &[
        OwnCredential::new(&[PROFILE.name]),
        OwnCredential::new(&[ACCESS_KEY_ID.name, SECRET_ACCESS_KEY.name, SESSION_TOKEN.name]),
    ],
    key_yields: true,
};

const ADVICE: &str = "Give a key of Bedrock's own with --api-key or AWS_BEARER_TOKEN_BEDROCK, or an access key with \
    --aws-access-key-id and --aws-secret-access-key (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY), and with \
    --aws-session-token (AWS_SESSION_TOKEN) where it has one, or a profile with --aws-profile (AWS_PROFILE)";

/// What an access key has at least.
const PAIR: [ProviderOption; 2] = [ACCESS_KEY_ID, SECRET_ACCESS_KEY];

fn wrong(option: ProviderOption, problem: impl Into<String>) -> SettingsError {
    SettingsError { setting: option.name, problem: problem.into() }
}

/// What was said. What is typed as empty undoes a variable.
fn given<'a>(settings: &'a Settings, option: &ProviderOption) -> Option<&'a Secret> {
    settings.options.get(option.name).filter(|it| !it.reveal().is_empty())
}

/// What was said for this program, by no variable that may be there for others.
fn typed<'a>(settings: &'a Settings, option: &ProviderOption) -> Option<&'a Secret> {
    given(settings, option).filter(|it| !matches!(it.origin(), Origin::Variable(_)))
}

/// Credential we are, as far as settings say.
#[derive(Debug)]
pub(super) enum Credential<'a> {
    /// Credential has this key of Bedrock's own.
    Key(&'a Secret),
    /// Credential has this access key.
    Keys { id: &'a Secret, secret: &'a Secret, session_token: Option<&'a Secret> },
    /// Whoever AWS's own tools would find, or only who the profile that was chosen stands for.
    Found { by_profile: bool },
}

impl<'a> Credential<'a> {
    /// Finds out.
    ///
    /// # Errors
    ///
    /// When what was given is not enough.
    pub(super) fn from_settings(settings: &'a Settings) -> Result<Self, SettingsError> {
        let is_typed = PAIR.iter().chain([&SESSION_TOKEN]).any(|it| typed(settings, it).is_some());
        if let Some(key) = &settings.api_key {
            return Ok(Self::Key(key));
        }
        // A token alone may be there for other programs.
        if is_typed || PAIR.iter().any(|it| given(settings, it).is_some()) {
            return Self::with_pair(settings);
        }
        Ok(Self::Found { by_profile: typed(settings, &PROFILE).is_some() })
    }

    /// The token of the environment belongs to the key of the environment, and to no other.
    fn with_pair(settings: &'a Settings) -> Result<Self, SettingsError> {
        let missing = |option, other| wrong(option, format!("missing: {other} was given"));
        let id = given(settings, &ACCESS_KEY_ID);
        let id = id.ok_or_else(|| missing(ACCESS_KEY_ID, "another part of an access key"))?;
        let secret = given(settings, &SECRET_ACCESS_KEY);
        let secret = secret.ok_or_else(|| missing(SECRET_ACCESS_KEY, "the ID of an access key"))?;
        let is_typed = PAIR.iter().any(|it| typed(settings, it).is_some());
        let session_token = if is_typed { typed } else { given }(settings, &SESSION_TOKEN);
        Ok(Self::Keys { id, secret, session_token })
    }

    /// What tells `service` in `region` who we are. What has to be fetched for it is fetched when it is first needed.
    ///
    /// # Errors
    ///
    /// When the key is such that no header can carry it, when there is no such profile, or when nothing was given
    /// and nothing may be looked at.
    pub(super) fn auth(
        self,
        settings: &Settings,
        region: &str,
        service: &'static str,
    ) -> Result<Arc<dyn AuthProvider>, SettingsError> {
        let region = region.to_owned();
        Ok(match self {
            Self::Key(key) => {
                let key = ApiKey::bearer(key);
                let key = key.map_err(|it| SettingsError { setting: "api_key", problem: it.to_string() })?;
                Arc::new(key.of_kind(KEY_KIND))
            }
            Self::Keys { id, secret, session_token } => {
                Arc::new(SigV4::with_keys(id, secret, session_token, region, service))
            }
            Self::Found { by_profile } => {
                let chain = chain(settings, &region, by_profile)?;
                Arc::new(SigV4::with_chain(chain, region, service))
            }
        })
    }
}

/// Whatever AWS's own tools would look at.
fn chain(settings: &Settings, region: &str, by_profile: bool) -> Result<AwsChain, SettingsError> {
    if !settings.environment.is_of_the_process() {
        let closed = "AWS's library reads profiles, and looks at the environment of the process, which was kept \
            from it: give an access key";
        let nothing =
            || SettingsError { setting: "api_key", problem: format!("no credentials were given. {ADVICE}") };
        return Err(if by_profile { wrong(PROFILE, closed) } else { nothing() });
    }
    let chain = AwsChain::new(region, profile_name(settings)?, ADVICE);
    // Where a part of a key was said, it was said to be empty.
    let is_undone = PAIR.iter().any(|it| settings.options.contains_key(it.name));
    Ok(match (by_profile, is_undone) {
        (true, _) => chain.without_variables(),
        (false, true) => chain.without_keys(),
        (false, false) => chain,
    })
}

/// The name that was given, by an option or a variable. What is typed as empty undoes the variable.
fn named_profile(settings: &Settings) -> Option<String> {
    let given = settings.option(PROFILE.name).map(str::to_owned);
    given.or_else(|| settings.environment.get("AWS_PROFILE")).filter(|it| !it.is_empty())
}

fn find_profile(settings: &Settings, named: Option<&str>) -> Result<Option<Profile>, SettingsError> {
    let found = profile::find(&settings.environment, named);
    found.map_err(|it| SettingsError { setting: PROFILE.name, problem: it.to_string() })
}

/// Its name.
///
/// # Errors
///
/// When AWS's files do not have it.
pub(super) fn profile_name(settings: &Settings) -> Result<String, SettingsError> {
    let Some(name) = named_profile(settings) else { return Ok(DEFAULT_PROFILE.to_owned()) };
    find_profile(settings, Some(&name))?;
    Ok(name)
}

/// Its region, if it says one.
///
/// # Errors
///
/// When AWS's files do not have it, or cannot be read.
pub(super) fn profile_region(settings: &Settings) -> Result<Option<String>, SettingsError> {
    let profile = find_profile(settings, named_profile(settings).as_deref())?;
    Ok(profile.and_then(|it| it.get("region").map(str::to_owned)))
}

#[cfg(test)]
mod tests;
