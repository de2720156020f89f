//! Which of OCI's ways to know us is taken.

use super::options::{AUTH, CONFIG_FILE, PROFILE, SECURITY_TOKEN};
use super::profile::{Profile, file_of};
use super::{NO_CREDENTIALS, resource, wrong};
use crate::auth::{Origin, Secret};
use crate::entry::{ProviderOption, Settings, SettingsError};

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

/// A way, and the profile that was read to find it or that goes with it.
#[derive(Debug)]
pub(super) struct Chosen {
    pub(super) way: Way,
    pub(super) profile: Option<Profile>,
}

impl Chosen {
    /// The way that was asked for, else the one that goes with what there is. Whatever was said and goes with
    /// another way is refused.
    pub(super) fn of(settings: &Settings) -> Result<Self, SettingsError> {
        let chosen = match settings.option(AUTH.name) {
            Some(name) => Self::named(name, settings)?,
            None => Self::found(settings)?,
        };
        chosen.refuse_others(settings)?;
        Ok(chosen)
    }

    fn named(name: &str, settings: &Settings) -> Result<Self, SettingsError> {
        let no_way = || wrong(AUTH.name, format!("'{name}' is no way: {}", names()));
        let way = named(name).ok_or_else(no_way)?;
        let reads_profile = match way {
            Way::UserPrincipal | Way::SecurityToken => true,
            Way::InstanceOboUser => !settings.options.contains_key(SECURITY_TOKEN.name),
            _ => false,
        };
        Ok(Self { way, profile: reads_profile.then(|| Profile::open(settings)).transpose()? })
    }

    /// An API key wins, since nothing else can be meant by it. What a person wrote into a file wins over what a
    /// service has put into the environment.
    fn found(settings: &Settings) -> Result<Self, SettingsError> {
        if settings.api_key.is_some() {
            return Ok(Self { way: Way::ApiKey, profile: None });
        }
        let names_profile = [CONFIG_FILE, PROFILE].iter().any(|it| is_said(settings, it));
        if names_profile || file_of(settings).is_some() {
            let profile = Profile::open(settings)?;
            return Ok(Self { way: way_of(&profile)?, profile: Some(profile) });
        }
        match settings.environment.get(resource::VERSION) {
            Some(_) => Ok(Self { way: Way::ResourcePrincipal, profile: None }),
            None => Err(wrong(AUTH.name, NO_CREDENTIALS)),
        }
    }

    /// The profile, for a way that goes with one.
    pub(super) fn profile(&self) -> Result<&Profile, SettingsError> {
        self.profile.as_ref().ok_or_else(|| wrong(PROFILE.name, NO_CREDENTIALS))
    }

    fn refuse_others(&self, settings: &Settings) -> Result<(), SettingsError> {
        let name = NAMES.iter().find(|it| it.1 == self.way).map_or("", |it| it.0);
        let (reads_profile, delegates) = (self.profile.is_some(), self.way == Way::InstanceOboUser);
        for (option, is_used) in
            [(CONFIG_FILE, reads_profile), (PROFILE, reads_profile), (SECURITY_TOKEN, delegates)]
        {
            if !is_used && is_said(settings, &option) {
                let problem = format!("means nothing where OCI knows us by {name}: leave one out");
                return Err(wrong(option.name, problem));
            }
        }
        if self.way != Way::ApiKey && settings.api_key.as_ref().is_some_and(is_meant) {
            return Err(wrong("api_key", format!("means nothing with --auth {name}: leave one out")));
        }
        Ok(())
    }
}

/// The way that a profile itself asks for.
fn way_of(profile: &Profile) -> Result<Way, SettingsError> {
    const FIELD: &str = "authentication_type";
    let delegates = profile.text("delegation_token_file").is_some();
    match profile.text(FIELD) {
        // So the SDK understands it.
        Some("instance_principal") if delegates => Ok(Way::InstanceOboUser),
        Some(name) => named(name)
            .filter(|it| *it != Way::ApiKey)
            .ok_or_else(|| profile.wrong(FIELD, format_args!("is no way that is known: {}", names()))),
        None if profile.text("security_token_file").is_some() => Ok(Way::SecurityToken),
        None => Ok(Way::UserPrincipal),
    }
}

fn named(name: &str) -> Option<Way> {
    NAMES.iter().find(|it| it.0 == name).map(|it| it.1)
}

fn names() -> String {
    format!("give one of {}", NAMES.map(|it| it.0).join(", "))
}

/// Whether a person said it: variables may be there for other programs.
pub(super) fn is_said(settings: &Settings, option: &ProviderOption) -> bool {
    settings.options.get(option.name).is_some_and(is_meant)
}

fn is_meant(value: &Secret) -> bool {
    !matches!(value.origin(), Origin::Variable(_))
}
