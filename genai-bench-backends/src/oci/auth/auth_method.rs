//! The choice of an authentication method.

use super::options::{AUTH, CONFIG_FILE, PROFILE, SECURITY_TOKEN};
use super::profile::{Profile, file_of};
use super::{NO_CREDENTIALS, resource, wrong};
use crate::auth::{Origin, Secret};
use crate::entry::{ProviderOption, Settings, SettingsError};

/// An authentication method, under its name for `--auth`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AuthMethod {
    UserPrincipal,
    SecurityToken,
    InstancePrincipal,
    InstanceOboUser,
    ResourcePrincipal,
    OkeWorkloadIdentity,
    ApiKey,
}

impl AuthMethod {
    /// Returns `true` if the environment of the principal names its region.
    pub(super) fn has_region_variable(self) -> bool {
        matches!(self, Self::ResourcePrincipal | Self::OkeWorkloadIdentity)
    }
}

const NAMES: [(&str, AuthMethod); 7] = [
    ("user_principal", AuthMethod::UserPrincipal),
    ("security_token", AuthMethod::SecurityToken),
    ("instance_principal", AuthMethod::InstancePrincipal),
    ("instance_obo_user", AuthMethod::InstanceOboUser),
    ("resource_principal", AuthMethod::ResourcePrincipal),
    ("oke_workload_identity", AuthMethod::OkeWorkloadIdentity),
    ("api_key", AuthMethod::ApiKey),
];

/// An authentication method, and the profile that belongs to it or was read to find it.
#[derive(Debug)]
pub(super) struct ChosenMethod {
    pub(super) method: AuthMethod,
    pub(super) profile: Option<Profile>,
}

impl ChosenMethod {
    /// Returns the method named in `settings`, else the one that the credentials there belong to. Options that belong
    /// to another method are refused.
    pub(super) fn from_settings(settings: &Settings) -> Result<Self, SettingsError> {
        let chosen = match settings.option(AUTH.name) {
            Some(name) => Self::from_name(name, settings)?,
            None => Self::from_credentials(settings)?,
        };
        chosen.refuse_others(settings)?;
        Ok(chosen)
    }

    fn from_name(name: &str, settings: &Settings) -> Result<Self, SettingsError> {
        let method = named(name)
            .ok_or_else(|| wrong(AUTH.name, format!("'{name}' is no authentication method: {}", names())))?;
        let reads_profile = match method {
            AuthMethod::UserPrincipal | AuthMethod::SecurityToken => true,
            AuthMethod::InstanceOboUser => !settings.options.contains_key(SECURITY_TOKEN.name),
            _ => false,
        };
        Ok(Self { method, profile: reads_profile.then(|| Profile::open(settings)).transpose()? })
    }

    /// Returns the method that the given credentials belong to. An API key wins, since it has one use only. A file of
    /// the user's wins over variables that a service has set.
    fn from_credentials(settings: &Settings) -> Result<Self, SettingsError> {
        if settings.api_key.is_some() {
            return Ok(Self { method: AuthMethod::ApiKey, profile: None });
        }
        let names_profile = [CONFIG_FILE, PROFILE].iter().any(|it| is_given(settings, it));
        if names_profile || file_of(settings).is_some() {
            let profile = Profile::open(settings)?;
            return Ok(Self { method: method_of_profile(&profile)?, profile: Some(profile) });
        }
        match settings.environment.get(resource::VERSION) {
            Some(_) => Ok(Self { method: AuthMethod::ResourcePrincipal, profile: None }),
            None => Err(wrong(AUTH.name, NO_CREDENTIALS)),
        }
    }

    /// Returns the profile, for a method that needs one.
    pub(super) fn profile(&self) -> Result<&Profile, SettingsError> {
        self.profile.as_ref().ok_or_else(|| wrong(PROFILE.name, NO_CREDENTIALS))
    }

    fn refuse_others(&self, settings: &Settings) -> Result<(), SettingsError> {
        let name = NAMES.iter().find(|it| it.1 == self.method).map_or("", |it| it.0);
        let (reads_profile, delegates) = (self.profile.is_some(), self.method == AuthMethod::InstanceOboUser);
        for (option, is_used) in
            [(CONFIG_FILE, reads_profile), (PROFILE, reads_profile), (SECURITY_TOKEN, delegates)]
        {
            if !is_used && is_given(settings, &option) {
                let problem = format!("has no effect with the authentication method {name}: leave one out");
                return Err(wrong(option.name, problem));
            }
        }
        if self.method != AuthMethod::ApiKey && settings.api_key.as_ref().is_some_and(is_meant) {
            return Err(wrong("api_key", format!("has no effect with --auth {name}: leave one out")));
        }
        Ok(())
    }
}

/// Returns the method that a profile names.
fn method_of_profile(profile: &Profile) -> Result<AuthMethod, SettingsError> {
    const FIELD: &str = "authentication_type";
    let delegates = profile.text("delegation_token_file").is_some();
    match profile.text(FIELD) {
        // The SDK reads it this way.
        Some("instance_principal") if delegates => Ok(AuthMethod::InstanceOboUser),
        Some(name) => named(name)
            .filter(|it| *it != AuthMethod::ApiKey)
            .ok_or_else(|| profile.wrong(FIELD, format_args!("is no authentication method: {}", names()))),
        None if profile.text("security_token_file").is_some() => Ok(AuthMethod::SecurityToken),
        None => Ok(AuthMethod::UserPrincipal),
    }
}

fn named(name: &str) -> Option<AuthMethod> {
    NAMES.iter().find(|it| it.0 == name).map(|it| it.1)
}

fn names() -> String {
    format!("give one of {}", NAMES.map(|it| it.0).join(", "))
}

/// Returns `true` if the option was given for this run: variables may be set for other programs.
pub(super) fn is_given(settings: &Settings, option: &ProviderOption) -> bool {
    settings.options.get(option.name).is_some_and(is_meant)
}

fn is_meant(value: &Secret) -> bool {
    !matches!(value.origin(), Origin::Variable(_))
}
