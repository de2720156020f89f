//! The profile that was named, and its region.

use aws_config::profile::Profile;

use super::options::PROFILE;
use crate::auth::aws::profile::{self, DEFAULT_PROFILE};
use crate::entry::{Settings, SettingsError};

/// The name that was given, by an option or a variable. What is typed as empty undoes the variable.
fn named(settings: &Settings) -> Option<String> {
    let given = settings.option(PROFILE.name).map(str::to_owned);
    given.or_else(|| settings.environment.get("AWS_PROFILE")).filter(|it| !it.is_empty())
}

fn find(settings: &Settings, named: Option<&str>) -> Result<Option<Profile>, SettingsError> {
    let found = profile::find(&settings.environment, named);
    found.map_err(|it| SettingsError { setting: PROFILE.name, problem: it.to_string() })
}

/// Its name.
///
/// # Errors
///
/// When AWS's files do not have it.
pub(super) fn name(settings: &Settings) -> Result<String, SettingsError> {
    let Some(name) = named(settings) else { return Ok(DEFAULT_PROFILE.to_owned()) };
    find(settings, Some(&name))?;
    Ok(name)
}

/// Its region, if it says one.
///
/// # Errors
///
/// When AWS's files do not have it, or cannot be read.
pub(super) fn region(settings: &Settings) -> Result<Option<String>, SettingsError> {
    let profile = find(settings, named(settings).as_deref())?;
    Ok(profile.and_then(|it| it.get("region").map(str::to_owned)))
}
