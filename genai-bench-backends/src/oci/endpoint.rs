//! Addresses of the service.

use crate::entry::{Settings, SettingsError};
use crate::oci::auth::realm;
use crate::wire::base_url::BaseUrlParts;

/// The version of the service's own API, the first segment of its paths.
pub(super) const VERSION: &str = "/20231130";

/// The endpoint paths that an address may end in, removed from it. The longer of two with the same end comes first.
const ENDPOINTS: [&str; 5] = [
    "/20231130/actions/chat",
    "/20231130/actions/embedText",
    "/20231130/actions/rerankText",
    "/20231130/actions",
    VERSION,
];

/// Returns the address before the names of actions such as `chat`, with the version of the API: the one given, with or
/// without an endpoint's path, else that of `region`.
///
/// # Errors
///
/// Returns an error when neither is given, or when the address is not usable for requests of this API.
pub(super) fn actions(settings: &Settings, region: Option<&str>) -> Result<String, SettingsError> {
    let Some(given) = settings.api_base.as_deref() else {
        return Ok(format!("{}{VERSION}/actions", from_region(region)?));
    };
    let BaseUrlParts { origin, path } = BaseUrlParts::parse(given, &ENDPOINTS)
        .map_err(|it| SettingsError::new("api_base", format!("'{given}' is {it}")))?;
    if path.split('/').any(|segment| segment == "v1") {
        return Err(SettingsError::new("api_base", format!("'{given}' is {OPENAI_ADDRESS}")));
    }
    Ok(format!("{origin}{path}{VERSION}/actions"))
}

/// Returns the address of the service in `region`.
///
/// # Errors
///
/// Returns an error when there is no region, or its name is invalid.
pub(super) fn from_region(region: Option<&str>) -> Result<String, SettingsError> {
    let region = region.ok_or_else(|| SettingsError::new("region", NO_REGION))?;
    if region.is_empty() || !region.bytes().all(is_of_region) {
        let problem = format!("'{region}' is no region: give one such as us-chicago-1");
        return Err(SettingsError::new("region", problem));
    }
    Ok(format!("https://inference.generativeai.{region}.oci.{}", realm::domain_of(region)))
}

fn is_of_region(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'
}

const OPENAI_ADDRESS: &str = "an address of the API that is compatible with OpenAI's: use the backend oci-openai, or \
    give the part before it";

const NO_REGION: &str = "needed: give a region such as us-chicago-1 with --region, or the address of the service \
    with --api-base";

#[cfg(test)]
mod tests {
    use super::*;

    fn at(base: Option<&str>, region: Option<&str>) -> Result<String, SettingsError> {
        let settings = Settings { api_base: base.map(str::to_owned), ..Settings::default() };
        actions(&settings, region)
    }

    #[test]
    fn an_address_is_understood_however_it_was_copied() {
        for path in ["", "/", "/20231130", "/20231130/", "/20231130/actions", "/20231130/actions/chat"] {
            let given = format!("http://h:8000{path}");
            assert_eq!(
                at(Some(&given), Some("x")),
                Ok("http://h:8000/20231130/actions".to_owned()),
                "{path}"
            );
        }
        let behind_a_proxy = at(Some("http://h/oci/20231130"), None);
        assert_eq!(behind_a_proxy, Ok("http://h/oci/20231130/actions".to_owned()));
    }

    #[test]
    fn a_region_has_its_host() {
        let expected = "https://inference.generativeai.us-chicago-1.oci.oraclecloud.com/20231130/actions";
        assert_eq!(at(None, Some("us-chicago-1")), Ok(expected.to_owned()));
    }

    #[test]
    fn what_leads_nowhere_is_refused_by_its_name() {
        let missing = at(None, None).unwrap_err();
        assert_eq!(missing.setting, "region");
        assert!(missing.problem.contains("--region") && missing.problem.contains("--api-base"), "{missing}");
        for region in ["", "us chicago", "evil.example/"] {
            assert_eq!(at(None, Some(region)).unwrap_err().setting, "region", "{region}");
        }
        for base in ["https://h/openai/v1", "https://h/20231130/actions/v1"] {
            let refused = at(Some(base), None).unwrap_err();
            assert!(refused.setting == "api_base" && refused.problem.contains("oci-openai"), "{refused}");
        }
        assert_eq!(at(Some("h:8000"), None).unwrap_err().setting, "api_base");
    }
}
