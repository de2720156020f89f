//! The sources of tokens, in Azure's order, and the settings that each requires.

use std::path::PathBuf;

use super::configured_source::{App, ConfiguredSource, Server};
use crate::auth::{Environment, Origin, Secret};

const TENANT: &str = "AZURE_TENANT_ID";
const CLIENT: &str = "AZURE_CLIENT_ID";
const SECRET: &str = "AZURE_CLIENT_SECRET";
const CERTIFICATE: &str = "AZURE_CLIENT_CERTIFICATE_PATH";
const FILE: &str = "AZURE_FEDERATED_TOKEN_FILE";
const AUTHORITY: &str = "AZURE_AUTHORITY_HOST";
const ENDPOINT: &str = "IDENTITY_ENDPOINT";
const HEADER: &str = "IDENTITY_HEADER";
const THUMBPRINT: &str = "IDENTITY_SERVER_THUMBPRINT";

/// The variable by which Azure's libraries restrict their chain.
const CHAIN: &str = "AZURE_TOKEN_CREDENTIALS";

const PUBLIC_AUTHORITY: &str = "https://login.microsoftonline.com";

/// The variables that Azure's library reads from the process to find a managed identity. They cannot be
/// passed to it.
const OF_MANAGED_IDENTITY: &[&str] =
    &[ENDPOINT, HEADER, THUMBPRINT, "IMDS_ENDPOINT", "MSI_ENDPOINT", "MSI_SECRET"];
/// The variables that determine which `az` runs, and for which account.
const OF_CLI: &[&str] = &["PATH", "HOME"];

/// A source of Entra ID tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EntraSource {
    /// An application with a client secret.
    ClientSecret,
    /// An application with the token of its Kubernetes service account.
    WorkloadIdentity,
    /// The identity of the machine.
    ManagedIdentity,
    /// The account that is logged in with `az`.
    Cli,
}

impl EntraSource {
    /// All sources, in the order of Azure's libraries.
    pub(crate) const ALL: [Self; 4] =
        [Self::ClientSecret, Self::WorkloadIdentity, Self::ManagedIdentity, Self::Cli];

    /// Returns the sources that `environment` allows, by the rules of Azure's libraries.
    ///
    /// # Errors
    ///
    /// Returns an error if none of the sources known here is allowed.
    pub(crate) fn chain(environment: &Environment) -> Result<Vec<Self>, String> {
        let Some(value) = environment.get(CHAIN) else { return Ok(Self::ALL.to_vec()) };
        let allowed: Vec<Self> = Self::ALL.into_iter().filter(|source| source.is_named(&value)).collect();
        if allowed.is_empty() {
            let classes = Self::ALL.map(Self::class).join(", ");
            return Err(format!("'{value}' in ${CHAIN} is none of dev, prod, {classes}"));
        }
        Ok(allowed)
    }

    /// Returns `true` if `value` is the group or the class of the source in Azure's libraries.
    fn is_named(self, value: &str) -> bool {
        let group = if self == Self::Cli { "dev" } else { "prod" };
        [group, self.class()].iter().any(|name| name.eq_ignore_ascii_case(value))
    }

    /// Returns the name of the source in Azure's libraries.
    const fn class(self) -> &'static str {
        match self {
            Self::ClientSecret => "EnvironmentCredential",
            Self::WorkloadIdentity => "WorkloadIdentityCredential",
            Self::ManagedIdentity => "ManagedIdentityCredential",
            Self::Cli => "AzureCliCredential",
        }
    }

    /// Returns the name of the source in an option.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::ClientSecret => "client-secret",
            Self::WorkloadIdentity => "workload-identity",
            Self::ManagedIdentity => "managed-identity",
            Self::Cli => "cli",
        }
    }

    /// Returns the kind of the identities from this source.
    pub(crate) const fn kind(self) -> &'static str {
        match self {
            Self::ClientSecret => "Entra client secret",
            Self::WorkloadIdentity => "Entra workload identity",
            Self::ManagedIdentity => "managed identity",
            Self::Cli => "Azure CLI",
        }
    }

    /// Returns the settings of the source in `environment`, or the ones that are missing.
    pub(super) fn source(self, environment: &Environment) -> Result<ConfiguredSource, String> {
        match self {
            Self::ClientSecret => client_secret(environment),
            Self::WorkloadIdentity => {
                let [tenant, client, file] = required([TENANT, CLIENT, FILE], environment)?;
                let app = App { tenant, client, authority: authority(environment) };
                Ok(ConfiguredSource::WorkloadIdentity { app, file: PathBuf::from(file) })
            }
            Self::ManagedIdentity => managed_identity(environment),
            Self::Cli => of_the_process(OF_CLI, environment).map(|()| ConfiguredSource::Cli),
        }
    }
}

fn client_secret(environment: &Environment) -> Result<ConfiguredSource, String> {
    let found = required([TENANT, CLIENT, SECRET], environment).map_err(|missing| {
        match environment.get(CERTIFICATE) {
            Some(_) => format!("{missing} (a certificate, as in ${CERTIFICATE}, is not supported)"),
            None => missing,
        }
    });
    let [tenant, client, secret] = found?;
    let app = App { tenant, client, authority: authority(environment) };
    Ok(ConfiguredSource::ClientSecret { app, secret: Secret::from(secret).found(Origin::Variable(SECRET)) })
}

fn managed_identity(environment: &Environment) -> Result<ConfiguredSource, String> {
    of_the_process(OF_MANAGED_IDENTITY, environment)?;
    let server = match [ENDPOINT, HEADER, THUMBPRINT].map(|it| environment.get(it)) {
        [Some(address), Some(_), None] => Server::OfVariables(address),
        // Or an authority that Azure's library does not know, and refuses by name.
        _ => Server::Metadata,
    };
    Ok(ConfiguredSource::ManagedIdentity { client: environment.get(CLIENT), server })
}

/// Returns the authority that authenticates applications. Its scheme `https` may be left out.
fn authority(environment: &Environment) -> String {
    match environment.get(AUTHORITY) {
        Some(host) if host.contains("://") => host,
        Some(host) => format!("https://{host}"),
        None => PUBLIC_AUTHORITY.to_owned(),
    }
}

/// Returns the values of all `variables`, or the names of those that are not set.
fn required<const N: usize>(
    variables: [&'static str; N],
    environment: &Environment,
) -> Result<[String; N], String> {
    let values = variables.map(|it| environment.get(it));
    let missing: Vec<String> =
        variables.iter().zip(&values).filter(|it| it.1.is_none()).map(|it| format!("${}", it.0)).collect();
    match &missing[..] {
        [] => Ok(values.map(Option::unwrap_or_default)),
        [one] => Err(format!("{one} is not set")),
        [most @ .., last] => Err(format!("{} and {last} are not set", most.join(", "))),
    }
}

/// Checks variables that Azure's library reads from the process: they are wrong where `environment` is
/// another one.
fn of_the_process(variables: &[&str], environment: &Environment) -> Result<(), String> {
    let process = Environment::of_the_process();
    match variables.iter().find(|it| process.get(it) != environment.get(it)) {
        Some(other) => Err(format!("${other} is read from the process, where this program may not look")),
        None => Ok(()),
    }
}
