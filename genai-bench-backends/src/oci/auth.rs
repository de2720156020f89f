//! Credentials for Oracle Cloud Infrastructure.
//!
//! Requests are signed with an RSA key. The methods differ in the owner of that key: a user, a session, an instance, a
//! resource or a pod. Only the Generative AI service accepts a key as a bearer token.

mod auth_method;
mod certificate;
mod file;
mod http;
mod ini;
mod instance;
mod key;
mod metadata;
mod options;
mod pem;
mod profile;
pub(crate) mod realm;
mod region;
mod resource;
mod service;
mod session;
mod signature;
mod signer;
mod token;
mod user;
mod workload;

use std::sync::Arc;

use genai_bench_core::auth::{AuthError, AuthProvider};

use self::auth_method::{AuthMethod, ChosenMethod, is_given};
use self::instance::{Delegation, Instance, UserToken};
pub use self::options::OPTIONS;
use self::options::{AUTH as AUTH_OPTION, CONFIG_FILE, PROFILE, REGION, SECURITY_TOKEN};
use self::resource::Resource;
use self::session::Session;
pub use self::signature::BodyUnsigned;
use self::signer::Signer;
use self::user::User;
use self::workload::Workload;
use crate::auth::{ApiKey, TypedHeader};
use crate::entry::{AuthKind, Credentials, OwnCredential, Settings, SettingsError};

/// The environment variables that may hold a key of the Generative AI service.
pub const KEY_VARIABLES: &[&str] = &["OCI_GENAI_API_KEY"];

const USER: &str = "OCI user principal";
const SESSION: &str = "OCI session token";
const INSTANCE: &str = "OCI instance principal";
const DELEGATION: &str = "OCI delegation token";
const RESOURCE: &str = "OCI resource principal";
const WORKLOAD: &str = "OCI workload identity";

/// The authentication methods, in order of precedence.
pub const AUTH: &[AuthKind] = &[
    AuthKind::KEY,
    AuthKind::HEADER,
    AuthKind { name: USER, found: "~/.oci/config, or --config-file and --profile" },
    AuthKind { name: SESSION, found: "security_token_file of the profile" },
    AuthKind { name: RESOURCE, found: "OCI_RESOURCE_PRINCIPAL_VERSION and its kin" },
    AuthKind { name: INSTANCE, found: "--auth instance_principal: the metadata service" },
    AuthKind {
        name: DELEGATION,
        found: "--auth instance_obo_user: --security-token, or a file of the profile",
    },
    AuthKind { name: WORKLOAD, found: "--auth oke_workload_identity: the cluster that the pod is in" },
];

/// The credentials other than a key, and the rule that chooses among several.
pub(crate) const CREDENTIALS: Credentials = Credentials {
    headers: &["authorization"],
    own: &[OwnCredential {
        options: &[AUTH_OPTION.name, CONFIG_FILE.name, PROFILE.name, SECURITY_TOKEN.name],
        chooses_key: Some((AUTH_OPTION.name, "api_key")),
    }],
    key_yields: true,
};

const NO_CREDENTIALS: &str = "Give a key of the Generative AI service with --api-key or OCI_GENAI_API_KEY, or a \
    profile with --config-file and --profile, or choose another method with --auth";

/// A provider of credentials, and the region and tenancy that the credentials' own settings name.
#[derive(Clone, Debug)]
pub struct Access {
    /// The provider of credentials.
    pub auth: Arc<dyn AuthProvider>,
    /// The region: the one given, else that of the profile or of the resource principal, else `OCI_REGION`.
    pub region: Option<String>,
    /// The OCID of the tenancy, where it is known without a request.
    pub tenancy: Option<String>,
}

/// Returns the access that `settings` describe, without a request: tokens are fetched when they are needed.
///
/// # Errors
///
/// Returns an error when there are no credentials, when a file that names them is invalid, and when an option is given
/// that does not go with the authentication method.
pub fn access(settings: &Settings) -> Result<Access, SettingsError> {
    if let Some(header) = typed_header(settings)? {
        return Ok(Access { auth: Arc::new(header), region: region(settings, None)?, tenancy: None });
    }
    let chosen = ChosenMethod::from_settings(settings)?;
    let region = region(settings, Some(&chosen))?;
    let mut tenancy = chosen.profile.as_ref().and_then(|it| it.text("tenancy")).map(str::to_owned);
    let environment = &settings.environment;
    let auth: Arc<dyn AuthProvider> = match chosen.method {
        AuthMethod::UserPrincipal => {
            let profile = chosen.profile()?;
            Signer::new(USER, profile.found(), User::from_profile(profile)?)
        }
        AuthMethod::SecurityToken => {
            let profile = chosen.profile()?;
            Signer::new(
                SESSION,
                profile.found(),
                Session::from_profile(profile, region.as_deref(), environment)?,
            )
        }
        AuthMethod::InstancePrincipal => {
            let instance = Instance::from_environment(environment)?;
            Signer::new(INSTANCE, instance.found(), instance)
        }
        AuthMethod::InstanceOboUser => on_behalf_of_user(settings, &chosen)?,
        AuthMethod::ResourcePrincipal => {
            let resource = Resource::from_environment(environment)?;
            tenancy = resource.tenancy();
            Signer::new(RESOURCE, format!("${}", resource::TOKEN), resource)
        }
        AuthMethod::OkeWorkloadIdentity => {
            let workload = Workload::from_environment(environment)?;
            Signer::new(WORKLOAD, workload.found(), workload)
        }
        AuthMethod::ApiKey => Arc::new(api_key(settings)?),
    };
    Ok(Access { auth, region, tenancy })
}

/// Returns the credentials header that was given with `--header`, which no signature may replace.
fn typed_header(settings: &Settings) -> Result<Option<TypedHeader>, SettingsError> {
    let header = TypedHeader::among(&settings.headers).filter(|_| settings.api_key.is_none());
    // The header may be for any region.
    let mut others = OPTIONS.iter().filter(|it| it.name != REGION.name && is_given(settings, it));
    match others.next().filter(|_| header.is_some()) {
        Some(other) => Err(wrong(other.name, "conflicts with a credentials header: leave one out")),
        None => Ok(header),
    }
}

fn api_key(settings: &Settings) -> Result<ApiKey, SettingsError> {
    let key = settings.api_key.as_ref();
    let key = key.ok_or_else(|| wrong("api_key", "missing: give it with --api-key or OCI_GENAI_API_KEY"))?;
    ApiKey::bearer(key).map_err(|it| wrong("api_key", it.to_string()))
}

fn on_behalf_of_user(
    settings: &Settings,
    chosen: &ChosenMethod,
) -> Result<Arc<Signer<Delegation>>, SettingsError> {
    let instance = Instance::from_environment(&settings.environment)?;
    let (token, found) = match settings.options.get(SECURITY_TOKEN.name) {
        Some(token) => (UserToken::Typed(token.clone()), token.origin().to_string()),
        None => {
            let profile = chosen.profile()?;
            (UserToken::File(profile.path("delegation_token_file")?), profile.found())
        }
    };
    let found = format!("{found}, and {}", instance.found());
    Ok(Signer::new(DELEGATION, found, Delegation { instance, token }))
}

/// Returns the region: the one given, else that of the resource or of the profile, else that of the environment.
fn region(settings: &Settings, chosen: Option<&ChosenMethod>) -> Result<Option<String>, SettingsError> {
    let given = chosen
        .filter(|chosen| chosen.method.has_region_variable())
        .and_then(|_| settings.environment.get(resource::REGION));
    let of_profile = chosen.and_then(|it| it.profile.as_ref()?.text("region"));
    let of_environment = settings.environment.get("OCI_REGION");
    let region =
        settings.option(REGION.name).or(given.as_deref()).or(of_profile).or(of_environment.as_deref());
    region
        .map(|text| region::parse(text).map_err(|error| wrong(REGION.name, format!("'{text}' is {error}"))))
        .transpose()
}

fn wrong(setting: &'static str, problem: impl Into<String>) -> SettingsError {
    SettingsError { setting, problem: problem.into() }
}

fn failed(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> AuthError {
    AuthError { provider: "OCI", source: source.into() }
}

#[cfg(test)]
mod tests;
