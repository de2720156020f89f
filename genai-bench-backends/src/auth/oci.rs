//! Who we are to OCI. So far: a key of Generative AI's own; signatures come with the merge.

use std::sync::Arc;

use genai_bench_core::auth::AuthProvider;

use crate::registry::{AuthKind, ProviderOption, Settings, SettingsError};

/// Who requests come from, and what that says of where they go.
pub(crate) struct Access {
    pub(crate) auth: Arc<dyn AuthProvider>,
    pub(crate) region: Option<String>,
    pub(crate) tenancy: Option<String>,
}

const REGION: ProviderOption = ProviderOption {
    name: "region",
    provider: "OCI",
    variables: &["OCI_REGION", "OCI_CLI_REGION"],
    value_name: "REGION",
    help: "The region that requests go to, such as us-chicago-1",
    is_secret: false,
};

/// What can be said of it.
pub(crate) const OPTIONS: &[ProviderOption] = &[REGION];

/// How the service can know us.
pub(crate) const AUTH: &[AuthKind] = AuthKind::USUAL;

/// Whoever `settings` say we are.
pub(crate) fn access(settings: &Settings) -> Result<Access, SettingsError> {
    let region = settings.option(REGION.name).filter(|it| !it.is_empty()).map(str::to_owned);
    Ok(Access { auth: settings.bearer()?, region, tenancy: None })
}

/// Where regions are.
pub(crate) mod realm {
    /// The domain of all regions that this knows.
    pub(crate) fn domain_of(_: &str) -> &'static str {
        "oraclecloud.com"
    }
}
