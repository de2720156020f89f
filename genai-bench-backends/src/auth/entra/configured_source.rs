//! The settings of a token source.

use std::path::PathBuf;
use std::sync::Arc;

use azure_core::cloud::CustomConfiguration;
use azure_core::credentials::TokenCredential;
use azure_core::http::{ClientOptions, HttpClient, Transport};
use azure_identity::{
    AzureCliCredential, ClientAssertionCredentialOptions, ClientSecretCredential,
    ClientSecretCredentialOptions, ManagedIdentityCredential, ManagedIdentityCredentialOptions,
    UserAssignedId, WorkloadIdentityCredential, WorkloadIdentityCredentialOptions,
};
use genai_bench_core::auth::Identity;

use super::EntraSource;
use crate::auth::Secret;

/// A token source with its settings.
#[derive(Clone, Debug)]
pub(super) enum ConfiguredSource {
    ClientSecret { app: App, secret: Secret },
    WorkloadIdentity { app: App, file: PathBuf },
    ManagedIdentity { client: Option<String>, server: Server },
    Cli,
}

/// An application that is registered in a tenant, and the authority that authenticates it.
#[derive(Clone, Debug)]
pub(super) struct App {
    pub(super) tenant: String,
    pub(super) client: String,
    pub(super) authority: String,
}

impl App {
    /// Returns the application and its tenant, for an identity.
    fn to_text(&self) -> String {
        format!("{} of {}", self.client, self.tenant)
    }
}

/// The server that returns the machine's identity.
#[derive(Clone, Debug)]
pub(super) enum Server {
    /// The server of App Service, at the address in its variables.
    OfVariables(String),
    /// The metadata server, at the same address on all machines.
    Metadata,
}

impl ConfiguredSource {
    /// Returns Azure's own credential of this kind.
    ///
    /// A new credential is created for each token: it would cache the last token, and the file of a
    /// workload, for longer than intended.
    pub(super) fn credential(
        &self,
        client: Arc<dyn HttpClient>,
    ) -> azure_core::Result<Arc<dyn TokenCredential>> {
        let mut client_options =
            ClientOptions { transport: Some(Transport::new(client)), ..ClientOptions::default() };
        if let Self::ClientSecret { app, .. } | Self::WorkloadIdentity { app, .. } = self {
            client_options.cloud = Some(app.cloud());
        }
        Ok(match self {
            Self::ClientSecret { app, secret } => {
                let options = Some(ClientSecretCredentialOptions { client_options });
                let secret = secret.reveal().to_owned().into();
                ClientSecretCredential::new(&app.tenant, app.client.clone(), secret, options)?
            }
            Self::WorkloadIdentity { app, file } => {
                WorkloadIdentityCredential::new(Some(WorkloadIdentityCredentialOptions {
                    credential_options: ClientAssertionCredentialOptions { client_options },
                    client_id: Some(app.client.clone()),
                    tenant_id: Some(app.tenant.clone()),
                    token_file_path: Some(file.clone()),
                }))?
            }
            Self::ManagedIdentity { client, .. } => {
                let user_assigned_id = client.clone().map(UserAssignedId::ClientId);
                let options = ManagedIdentityCredentialOptions { user_assigned_id, client_options };
                ManagedIdentityCredential::new(Some(options))?
            }
            Self::Cli => AzureCliCredential::new(None)?,
        })
    }

    pub(super) fn identity(&self) -> Identity {
        match self {
            Self::ClientSecret { app, secret } => {
                Identity::new(EntraSource::ClientSecret.kind(), secret.origin().to_string())
                    .shown_as(app.to_text())
            }
            Self::WorkloadIdentity { app, file } => {
                Identity::new(EntraSource::WorkloadIdentity.kind(), file.display().to_string())
                    .shown_as(app.to_text())
            }
            Self::ManagedIdentity { client, server } => {
                let found = match server {
                    Server::OfVariables(address) => format!("$IDENTITY_ENDPOINT, {address}"),
                    Server::Metadata => "the metadata server at 169.254.169.254".to_owned(),
                };
                Identity::new(EntraSource::ManagedIdentity.kind(), found).shown_as(client.clone())
            }
            Self::Cli => Identity::new(EntraSource::Cli.kind(), "az account get-access-token"),
        }
    }

    /// Returns `true` if the source was configured explicitly: if it then returns no token, no other source
    /// is used.
    pub(super) fn is_meant(&self) -> bool {
        !matches!(self, Self::Cli | Self::ManagedIdentity { server: Server::Metadata, .. })
    }

    /// Returns `true` if the server is local to this machine, so that no proxy is used.
    pub(super) fn is_next_door(&self) -> bool {
        matches!(self, Self::ManagedIdentity { .. })
    }

    /// Returns the secret that error texts must not repeat.
    pub(super) fn secret(&self) -> Option<&str> {
        match self {
            Self::ClientSecret { secret, .. } => Some(secret.reveal()),
            _ => None,
        }
    }
}

impl App {
    fn cloud(&self) -> Arc<azure_core::cloud::CloudConfiguration> {
        let mut cloud = CustomConfiguration::default();
        cloud.authority_host.clone_from(&self.authority);
        Arc::new(cloud.into())
    }
}
