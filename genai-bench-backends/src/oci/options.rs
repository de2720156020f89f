//! What OCI wants to know beside who asks.

use crate::auth::oci as auth;
use crate::registry::ProviderOption;

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

/// Those of a backend that has all formats in common, and those of the credentials.
pub(super) const NATIVE: &[ProviderOption] = {
    const ALL: [ProviderOption; auth::OPTIONS.len() + 2] = with_auth([COMPARTMENT, ENDPOINT]);
    &ALL
};

/// The same where a model is named in no other way than by its name.
pub(super) const OPENAI: &[ProviderOption] = {
    const ALL: [ProviderOption; auth::OPTIONS.len() + 1] = with_auth([COMPARTMENT]);
    &ALL
};

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
