//! OCI's options other than the credentials.

use crate::entry::ProviderOption;
use crate::oci::auth;

const PROVIDER: &str = "OCI";

pub(super) const COMPARTMENT: ProviderOption = ProviderOption {
    name: "oci-compartment-id",
    provider: PROVIDER,
    variables: &["OCI_COMPARTMENT_ID", "OCI_CLI_COMPARTMENT_ID"],
    value_name: "OCID",
    help: "The OCID of the compartment for requests. By default the tenancy, where that is known",
    is_secret: false,
};

pub(super) const ENDPOINT: ProviderOption = ProviderOption {
    name: "oci-endpoint-id",
    provider: PROVIDER,
    variables: &[],
    value_name: "OCID",
    help: "The OCID of the dedicated AI cluster endpoint that serves the requests, whatever the name of the model",
    is_secret: false,
};

/// The options of the backends for the service's own formats.
pub(super) const NATIVE: &[ProviderOption] =
    &with_auth::<2, { auth::OPTIONS.len() + 2 }>([COMPARTMENT, ENDPOINT]);

/// The options of the backend that identifies a model by its name only.
pub(super) const OPENAI: &[ProviderOption] = &with_auth::<1, { auth::OPTIONS.len() + 1 }>([COMPARTMENT]);

/// Returns the options of the credentials, followed by `ours`.
const fn with_auth<const N: usize, const ALL: usize>(ours: [ProviderOption; N]) -> [ProviderOption; ALL] {
    let mut all = [COMPARTMENT; ALL];
    let mut at = 0;
    while at < ALL {
        let of_auth = auth::OPTIONS.len();
        all[at] = if at < of_auth { auth::OPTIONS[at] } else { ours[at - of_auth] };
        at += 1;
    }
    all
}
