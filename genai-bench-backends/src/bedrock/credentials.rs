//! Who we are: a key of Bedrock's own, else whoever's access key is found, in the order of AWS's own tools.

use std::sync::Arc;

use genai_bench_core::auth::AuthProvider;

use super::options::{ACCESS_KEY_ID, PROFILE, SECRET_ACCESS_KEY, SESSION_TOKEN};
use super::profile;
use crate::auth::{ApiKey, AwsChain, Origin, Secret, SigV4};
use crate::registry::{AuthKind, ProviderOption, Settings, SettingsError};

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

const ADVICE: &str = "Give a key of Bedrock's own with --api-key or AWS_BEARER_TOKEN_BEDROCK, or an access key with \
    --aws-access-key-id and --aws-secret-access-key (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY), and with \
    --aws-session-token (AWS_SESSION_TOKEN) where it has one, or a profile with --aws-profile (AWS_PROFILE)";

/// What an access key has at least.
const PAIR: [ProviderOption; 2] = [ACCESS_KEY_ID, SECRET_ACCESS_KEY];

fn wrong(option: ProviderOption, problem: impl Into<String>) -> SettingsError {
    SettingsError { setting: option.name, problem: problem.into() }
}

/// What was said for this program, by no variable that may be there for others.
fn typed<'a>(settings: &'a Settings, option: &ProviderOption) -> Option<&'a Secret> {
    let given = settings.options.get(option.name);
    given.filter(|it| !matches!(it.origin(), Origin::Variable(_)))
}

/// Finds out who we are to `service` in `region`. What has to be fetched is fetched when it is first needed.
///
/// # Errors
///
/// When what was given is not enough, or too much.
pub(super) fn of(
    settings: &Settings,
    region: &str,
    service: &'static str,
) -> Result<Arc<dyn AuthProvider>, SettingsError> {
    let of_keys = PAIR.into_iter().chain([SESSION_TOKEN]).find(|it| typed(settings, it).is_some());
    if let Some(key) = &settings.api_key {
        return of_key(key, of_keys);
    }
    let is_chosen = typed(settings, &PROFILE).is_some();
    match of_keys {
        Some(of_keys) if is_chosen => {
            let problem = format!("--{} was given too: leave one of them out", of_keys.name);
            Err(wrong(PROFILE, problem))
        }
        None if is_chosen => of_chain(settings, region, service),
        Some(_) => of_pair(settings, region, service),
        None if PAIR.iter().any(|it| settings.options.contains_key(it.name)) => {
            of_pair(settings, region, service)
        }
        None => of_chain(settings, region, service),
    }
}

/// Bedrock's own key wins, as in AWS's tools; `unused` is what was typed beside it.
fn of_key(key: &Secret, unused: Option<ProviderOption>) -> Result<Arc<dyn AuthProvider>, SettingsError> {
    if let Some(unused) = unused {
        let problem = format!(
            "the key of Bedrock's own ({}) comes before an access key: leave one of them out. What a variable says \
            is left out by --api-key ''",
            key.origin()
        );
        return Err(wrong(unused, problem));
    }
    let key = ApiKey::bearer(key);
    let key = key.map_err(|it| SettingsError { setting: "api_key", problem: it.to_string() })?;
    Ok(Arc::new(key.of_kind(KEY_KIND)))
}

/// An access key. The token of the environment belongs to the key of the environment, and to no other.
fn of_pair(
    settings: &Settings,
    region: &str,
    service: &'static str,
) -> Result<Arc<dyn AuthProvider>, SettingsError> {
    let given = |option: ProviderOption| settings.options.get(option.name);
    let Some(id) = given(ACCESS_KEY_ID) else {
        return Err(wrong(ACCESS_KEY_ID, "missing: another part of an access key was given"));
    };
    let Some(key) = given(SECRET_ACCESS_KEY) else {
        return Err(wrong(SECRET_ACCESS_KEY, "missing: the ID of an access key was given"));
    };
    let is_typed = PAIR.iter().any(|it| typed(settings, it).is_some());
    let token = if is_typed { typed(settings, &SESSION_TOKEN) } else { given(SESSION_TOKEN) };
    Ok(Arc::new(SigV4::with_keys(id, key, token, region.to_owned(), service)))
}

/// Whatever AWS's own tools would find.
fn of_chain(
    settings: &Settings,
    region: &str,
    service: &'static str,
) -> Result<Arc<dyn AuthProvider>, SettingsError> {
    let is_chosen = typed(settings, &PROFILE).is_some();
    if !settings.environment.is_of_the_process() {
        let problem = "AWS's library reads profiles, and looks at the environment of the process, which was kept \
            from it: give an access key";
        return Err(if is_chosen {
            wrong(PROFILE, problem)
        } else {
            SettingsError { setting: "api_key", problem: format!("no credentials were given. {ADVICE}") }
        });
    }
    let profile = profile::name(settings)?;
    let mut chain = AwsChain::new(region, profile, ADVICE);
    if is_chosen {
        chain = chain.without_variables();
    }
    Ok(Arc::new(SigV4::with_chain(chain, region.to_owned(), service)))
}

#[cfg(test)]
mod tests;
