//! Options of credentials for OCI, under the names of the Python tool.

use crate::entry::ProviderOption;

const fn option(name: &'static str, variables: &'static [&'static str]) -> ProviderOption {
    ProviderOption { name, provider: "OCI", variables, value_name: "NAME", help: "", is_secret: false }
}

pub(super) const AUTH: ProviderOption = ProviderOption {
    value_name: "METHOD",
    help: "The authentication method for OCI: user_principal, security_token, instance_principal, instance_obo_user, \
        resource_principal, oke_workload_identity, or api_key. By default an API key where there is one, else the \
        profile of the config file, else a resource principal",
    ..option("auth", &[])
};

pub(super) const CONFIG_FILE: ProviderOption = ProviderOption {
    value_name: "PATH",
    help: "OCI's config file. By default ~/.oci/config, else ~/.oraclebmc/config",
    ..option("config-file", &["OCI_CONFIG_FILE", "OCI_CLI_CONFIG_FILE"])
};

pub(super) const PROFILE: ProviderOption = ProviderOption {
    help: "The profile in OCI's config file. By default DEFAULT",
    ..option("profile", &["OCI_CLI_PROFILE"])
};

pub(super) const REGION: ProviderOption = ProviderOption {
    value_name: "REGION",
    help: "The region of OCI that requests are sent to, such as us-chicago-1 or ord. By default that of the profile \
        or of the resource principal, else OCI_REGION",
    ..option("region", &["OCI_CLI_REGION"])
};

pub(super) const SECURITY_TOKEN: ProviderOption = ProviderOption {
    value_name: "TOKEN",
    help: "With --auth instance_obo_user: the delegation token of the user on whose behalf requests are sent. By \
        default that in the file named by delegation_token_file of the profile",
    is_secret: true,
    ..option("security-token", &[])
};

/// All options of credentials.
pub const OPTIONS: &[ProviderOption] = &[AUTH, CONFIG_FILE, PROFILE, REGION, SECURITY_TOKEN];
