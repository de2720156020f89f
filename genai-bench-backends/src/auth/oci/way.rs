//! Which of OCI's ways to know us is taken.

use super::options::{AUTH, CONFIG_FILE, PROFILE, SECURITY_TOKEN};
use super::profile::{Profile, file_of};
use super::{NO_CREDENTIALS, resource, wrong};
use crate::auth::{Origin, Secret};
use crate::registry::{ProviderOption, Settings, SettingsError};

/// A way, by the name that `--auth` has for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    UserPrincipal,
    SecurityToken,
    InstancePrincipal,
    InstanceOboUser,
    ResourcePrincipal,
    OkeWorkloadIdentity,
    ApiKey,
}

const NAMES: [(&str, Way); 7] = [
    ("user_principal", Way::UserPrincipal),
    ("security_token", Way::SecurityToken),
    ("instance_principal", Way::InstancePrincipal),
    ("instance_obo_user", Way::InstanceOboUser),
    ("resource_principal", Way::ResourcePrincipal),
    ("oke_workload_identity", Way::OkeWorkloadIdentity),
    ("api_key", Way::ApiKey),
];

impl Way {
    /// The way that was asked for, else the one that goes with what there is. Whatever was said and goes with
    /// another way is refused.
    pub(super) fn chosen(settings: &Settings) -> Result<Self, SettingsError> {
        let way = match settings.option(AUTH.name) {
            Some(name) => {
                named(name).ok_or_else(|| wrong(AUTH.name, format!("'{name}' is no way: {}", names())))?
            }
            None => Self::found(settings)?,
        };
        way.refuse_others(settings)?;
        Ok(way)
    }

    /// An API key wins, since nothing else can be meant by it. What a person wrote into a file wins over what a
    /// service has put into the environment.
    fn found(settings: &Settings) -> Result<Self, SettingsError> {
        if settings.api_key.is_some() {
            return Ok(Self::ApiKey);
        }
        let names_profile = [CONFIG_FILE, PROFILE].iter().any(|it| is_said(settings, it));
        if names_profile || file_of(settings).is_some() {
            return Self::of(&Profile::open(settings)?);
        }
        match settings.environment.get(resource::VERSION) {
            Some(_) => Ok(Self::ResourcePrincipal),
            None => Err(wrong(AUTH.name, NO_CREDENTIALS)),
        }
    }

    /// The way that a profile itself asks for.
    fn of(profile: &Profile) -> Result<Self, SettingsError> {
        const FIELD: &str = "authentication_type";
        let delegates = profile.text("delegation_token_file").is_some();
        match profile.text(FIELD) {
            // So the SDK understands it.
            Some("instance_principal") if delegates => Ok(Self::InstanceOboUser),
            Some(name) => named(name)
                .filter(|it| *it != Self::ApiKey)
                .ok_or_else(|| profile.wrong(FIELD, format_args!("is no way that is known: {}", names()))),
            None if profile.text("security_token_file").is_some() => Ok(Self::SecurityToken),
            None => Ok(Self::UserPrincipal),
        }
    }

    fn name(self) -> &'static str {
        NAMES.iter().find(|it| it.1 == self).map_or("", |it| it.0)
    }

    fn refuse_others(self, settings: &Settings) -> Result<(), SettingsError> {
        let delegates = self == Self::InstanceOboUser;
        let has_token = settings.options.contains_key(SECURITY_TOKEN.name);
        // Without --auth the profile has been read to find the way.
        let reads_profile = settings.option(AUTH.name).is_none() && self != Self::ApiKey
            || matches!(self, Self::UserPrincipal | Self::SecurityToken)
            || delegates && !has_token;
        for (option, is_used) in
            [(CONFIG_FILE, reads_profile), (PROFILE, reads_profile), (SECURITY_TOKEN, delegates)]
        {
            if !is_used && is_said(settings, &option) {
                let problem = format!("means nothing where OCI knows us by {}: leave one out", self.name());
                return Err(wrong(option.name, problem));
            }
        }
        if self != Self::ApiKey && settings.api_key.as_ref().is_some_and(is_meant) {
            let problem = format!("means nothing with --auth {}: leave one out", self.name());
            return Err(wrong("api_key", problem));
        }
        Ok(())
    }
}

fn named(name: &str) -> Option<Way> {
    NAMES.iter().find(|it| it.0 == name).map(|it| it.1)
}

fn names() -> String {
    format!("give one of {}", NAMES.map(|it| it.0).join(", "))
}

/// Whether a person said it: variables may be there for other programs.
fn is_said(settings: &Settings, option: &ProviderOption) -> bool {
    settings.options.get(option.name).is_some_and(is_meant)
}

fn is_meant(value: &Secret) -> bool {
    !matches!(value.origin(), Origin::Variable(_))
}
