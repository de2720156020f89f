//! The service's API that is compatible with that of `OpenAI`, as a dialect of it.

use std::borrow::Cow;

use genai_bench_core::task::Task;
use http::{HeaderMap, HeaderName, HeaderValue};

use super::options::COMPARTMENT;
use super::{endpoint, extra_params, options, serving};
use crate::auth::TypedHeader;
use crate::entry::{Endpoint, Entry, Settings, SettingsError};
use crate::oci::auth;
use crate::openai::{self, BaseUrl, Dialect};

/// The registry entry of this backend.
pub(crate) const OPENAI: Entry = Entry {
    name: "oci-openai",
    tasks: &[Task::TextToText, Task::TextToImage, Task::TextToSpeech, Task::ImageTextToText],
    // Each region has its own address.
    default_base: "",
    base_variables: &[],
    key_variables: auth::KEY_VARIABLES,
    auth: auth::AUTH,
    credentials: auth::CREDENTIALS,
    options: options::OPENAI,
    build,
    #[cfg(feature = "conformance")]
    subjects: || openai::subjects(dialect()),
};

/// The headers that name the compartment: the current one, and the older one that Oracle's own client still sends.
const COMPARTMENT_HEADERS: [HeaderName; 2] =
    [HeaderName::from_static("opc-compartment-id"), HeaderName::from_static("compartmentid")];

/// The path of the API for signed requests and for those with a key.
const SIGNED: &str = "/openai/v1";
const WITH_A_KEY: &str = "/20231130/actions/v1";

const NO_COMPARTMENT: &str = "no OCID: give one such as ocid1.compartment.oc1..example";

fn dialect() -> Dialect {
    Dialect { name: OPENAI.name, ..Dialect::openai() }
}

fn build(settings: &Settings) -> Result<Endpoint, SettingsError> {
    let mut body = settings.body.clone();
    let compartment = serving::compartment(settings, &mut body)?;
    if let Some(field) = ["servingType", "endpointId"].into_iter().find(|it| body.contains_key(*it)) {
        let problem = format!("{field} is not supported: requests identify a model by its name only");
        return Err(SettingsError { setting: extra_params::SETTING, problem });
    }
    let access = auth::access(settings)?;
    let is_signed = is_signed(settings);
    let base = base(settings, access.region.as_deref(), is_signed)?;
    let headers = match compartment.or(access.tenancy) {
        Some(compartment) => compartment_headers(&compartment)?,
        None if is_signed => return Err(serving::no_compartment()),
        // A key belongs to a compartment.
        None => HeaderMap::new(),
    };
    let settings = Settings { body, ..settings.clone() };
    openai::build_at(base, access.auth, &settings, Dialect { headers, ..dialect() })
}

/// Returns `true` if requests are signed: as the settings specify, else where neither a key nor a header replaces the
/// signature.
fn is_signed(settings: &Settings) -> bool {
    match settings.option("auth") {
        Some(method) => method != "api_key",
        None => settings.api_key.is_none() && TypedHeader::among(&settings.headers).is_none(),
    }
}

/// Returns the base address: the one given, with or without the API's path, else that of `region`.
fn base(settings: &Settings, region: Option<&str>, is_signed: bool) -> Result<BaseUrl, SettingsError> {
    let address = match settings.api_base.as_deref() {
        Some(given) => Cow::Borrowed(given),
        None => Cow::Owned(endpoint::from_region(region)?),
    };
    let base = BaseUrl::as_given(&address)
        .map_err(|it| SettingsError::new("api_base", format!("'{address}' is {it}")))?;
    if base.ends_in_version() {
        return Ok(base);
    }
    let service = base.without("/openai").without("/actions").without(endpoint::VERSION);
    Ok(service.ending_in(if is_signed { SIGNED } else { WITH_A_KEY }))
}

/// Returns the headers that name `compartment`.
fn compartment_headers(compartment: &str) -> Result<HeaderMap, SettingsError> {
    let value = HeaderValue::try_from(compartment)
        .map_err(|_| SettingsError::new(COMPARTMENT.name, NO_COMPARTMENT))?;
    Ok(COMPARTMENT_HEADERS.map(|name| (name, value.clone())).into_iter().collect())
}

#[cfg(test)]
mod tests;
