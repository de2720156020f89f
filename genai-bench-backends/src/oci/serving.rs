//! The serving mode of the model, and its compartment.

use serde::Serialize;
use serde_json::{Map, Value};

use super::extra_params;
use super::options::{COMPARTMENT, ENDPOINT};
use crate::entry::{Settings, SettingsError};
use crate::wire::request::RequestBody;

/// The serving mode and the compartment in every request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Serving {
    /// The OCID of the compartment.
    compartment: String,
    /// The OCID of a dedicated cluster's endpoint; `None` where the model is served on demand.
    endpoint: Option<String>,
}

/// A serving mode.
#[derive(Debug, Serialize)]
#[serde(tag = "servingType", rename_all = "SCREAMING_SNAKE_CASE", rename_all_fields = "camelCase")]
enum Mode<'a> {
    OnDemand { model_id: &'a str },
    Dedicated { endpoint_id: &'a str },
}

impl Serving {
    /// Returns the serving mode that `settings` describe. Values in `fields`, as the Python tool accepts them, are
    /// removed there and take precedence.
    ///
    /// # Errors
    ///
    /// Returns an error when values are missing or contradict each other.
    pub(super) fn from_settings(
        settings: &Settings,
        tenancy: Option<&str>,
        fields: &mut Map<String, Value>,
    ) -> Result<Self, SettingsError> {
        let compartment = compartment(settings, fields)?.or(tenancy.map(str::to_owned));
        let compartment = compartment.ok_or_else(no_compartment)?;
        Ok(Self { compartment, endpoint: endpoint(settings, fields)? })
    }

    /// Writes the fields of a request for `model`.
    pub(super) fn write_fields(&self, body: &mut RequestBody<'_>, model: &str) {
        body.set("compartmentId", &*self.compartment);
        body.set(
            "servingMode",
            &match &self.endpoint {
                Some(endpoint_id) => Mode::Dedicated { endpoint_id },
                None => Mode::OnDemand { model_id: model },
            },
        );
    }
}

/// Returns the compartment named in `settings` or in `fields`.
///
/// # Errors
///
/// Returns an error when the value is no text.
pub(super) fn compartment(
    settings: &Settings,
    fields: &mut Map<String, Value>,
) -> Result<Option<String>, SettingsError> {
    Ok(extra_params::take_text(fields, "compartmentId")?.or_else(|| given(settings, COMPARTMENT.name)))
}

/// Creates the error of a missing compartment.
pub(super) fn no_compartment() -> SettingsError {
    wrong(COMPARTMENT.name, NO_COMPARTMENT)
}

/// Returns the dedicated cluster's endpoint named in `settings` or in `fields`.
fn endpoint(settings: &Settings, fields: &mut Map<String, Value>) -> Result<Option<String>, SettingsError> {
    let kind = extra_params::take_text(fields, "servingType")?;
    let id = extra_params::take_text(fields, "endpointId")?.or_else(|| given(settings, ENDPOINT.name));
    match (kind.as_deref(), id) {
        (None | Some("DEDICATED"), Some(id)) => Ok(Some(id)),
        (None | Some("ON_DEMAND"), None) => Ok(None),
        (Some("DEDICATED"), None) => Err(wrong(ENDPOINT.name, NO_ENDPOINT)),
        (Some("ON_DEMAND"), Some(_)) => Err(wrong(ENDPOINT.name, NOT_ON_DEMAND)),
        (Some(other), _) => {
            let problem = format!("servingType '{other}' is neither ON_DEMAND nor DEDICATED");
            Err(SettingsError { setting: extra_params::SETTING, problem })
        }
    }
}

fn given(settings: &Settings, option: &str) -> Option<String> {
    settings.option(option).map(str::trim).filter(|it| !it.is_empty()).map(str::to_owned)
}

fn wrong(setting: &'static str, problem: &str) -> SettingsError {
    SettingsError { setting, problem: problem.to_owned() }
}

const NO_COMPARTMENT: &str = "needed: give the OCID of a compartment with --oci-compartment-id or \
    OCI_COMPARTMENT_ID, such as ocid1.compartment.oc1..example";

const NO_ENDPOINT: &str = "needed: servingType is DEDICATED, so give the OCID of its endpoint with \
    --oci-endpoint-id, or as endpointId beside it";

const NOT_ON_DEMAND: &str = "an endpoint is of a dedicated cluster, but servingType is ON_DEMAND: leave one of the \
    two out";

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::auth::Secret;

    /// Returns the written fields for the model `m` and the remaining `fields`, or the name of the invalid setting.
    fn said(
        options: &[(&'static str, &str)],
        tenancy: Option<&str>,
        fields: &Value,
    ) -> Result<(Value, Value), &'static str> {
        let options = options.iter().map(|(name, value)| (*name, Secret::from(*value))).collect();
        let settings = Settings { options, ..Settings::default() };
        let mut fields = fields.as_object().unwrap().clone();
        let serving = Serving::from_settings(&settings, tenancy, &mut fields).map_err(|it| it.setting)?;
        let nothing = Map::new();
        let mut body = RequestBody::new(&nothing);
        serving.write_fields(&mut body, "m");
        Ok((serde_json::from_slice(&body.finish()).unwrap(), fields.into()))
    }

    #[test]
    fn a_model_is_served_on_demand_unless_an_endpoint_is_named() {
        let on_demand = json!({"compartmentId": "c",
            "servingMode": {"servingType": "ON_DEMAND", "modelId": "m"}});
        let dedicated = json!({"compartmentId": "c",
            "servingMode": {"servingType": "DEDICATED", "endpointId": "e"}});
        let option = [("oci-compartment-id", "c")];
        let both = [("oci-compartment-id", "c"), ("oci-endpoint-id", "e")];
        for (options, fields, expected) in [
            (&option[..], json!({}), &on_demand),
            (&option, json!({"servingType": "ON_DEMAND"}), &on_demand),
            (&both, json!({}), &dedicated),
            (&both, json!({"servingType": "DEDICATED"}), &dedicated),
            (&[], json!({"compartmentId": "c", "servingType": "DEDICATED", "endpointId": "e"}), &dedicated),
            (&[], json!({"compartmentId": "c", "endpointId": "e"}), &dedicated),
        ] {
            assert_eq!(said(options, None, &fields), Ok((expected.clone(), json!({}))), "{fields}");
        }
    }

    #[test]
    fn what_is_said_in_the_fields_wins_and_a_tenancy_comes_last() {
        let compartment = |options: &[(&'static str, &str)], tenancy, fields| {
            said(options, tenancy, &fields).map(|it| it.0["compartmentId"].clone())
        };
        let option = [("oci-compartment-id", "of-option")];
        let field = json!({"compartmentId": "of-field", "seed": 1});
        assert_eq!(compartment(&option, Some("t"), field.clone()), Ok(json!("of-field")));
        assert_eq!(compartment(&option, Some("t"), json!({})), Ok(json!("of-option")));
        assert_eq!(compartment(&[("oci-compartment-id", " ")], Some("t"), json!({})), Ok(json!("t")));
        assert_eq!(said(&[], None, &field).unwrap().1, json!({"seed": 1}));
    }

    #[test]
    fn what_is_missing_or_wrong_is_told_by_its_name() {
        let c = [("oci-compartment-id", "c")];
        for (options, fields, setting) in [
            (&[][..], json!({}), "oci-compartment-id"),
            (&c, json!({"servingType": "DEDICATED"}), "oci-endpoint-id"),
            (&c, json!({"servingType": "ON_DEMAND", "endpointId": "e"}), "oci-endpoint-id"),
            (&c, json!({"servingType": "OTHER"}), "additional_request_params"),
            (&c, json!({"compartmentId": 1}), "additional_request_params"),
            (&c, json!({"endpointId": {}}), "additional_request_params"),
        ] {
            assert_eq!(said(options, None, &fields), Err(setting), "{fields}");
        }
    }
}
