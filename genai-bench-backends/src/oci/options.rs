//! What OCI wants to know beside who asks.

use crate::entry::ProviderOption;
use crate::oci::auth;

const PROVIDER: &str = "OCI";

pub(super) const COMPARTMENT: ProviderOption = ProviderOption {
    name: "oci-compartment-id",
    provider: PROVIDER,
    variables: &["OCI_COMPARTMENT_ID", "OCI_CLI_COMPARTMENT_ID"],
    value_name: "OCID",
    help: "The compartment that requests are made in. By default that of the whole tenancy, where that is known",
    is_secret: false,
};

pub(super) const ENDPOINT: ProviderOption = ProviderOption {
    name: "oci-endpoint-id",
    provider: PROVIDER,
    variables: &[],
    value_name: "OCID",
    help: "The endpoint of a dedicated AI cluster that is asked, whatever the model is called",
    is_secret: false,
};

/// Those of the backends of the service's own formats.
pub(super) const NATIVE: &[ProviderOption] =
    &with_auth::<2, { auth::OPTIONS.len() + 2 }>([COMPARTMENT, ENDPOINT]);

/// Those where a model is named in no other way than by its name.
pub(super) const OPENAI: &[ProviderOption] = &with_auth::<1, { auth::OPTIONS.len() + 1 }>([COMPARTMENT]);

/// The options of the credentials, and `ours` behind them.
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
