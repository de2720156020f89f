//! Where the service is.

use http::Uri;
use http::uri::InvalidUri;

use crate::wire::base_url::{BaseUrlParts, InvalidBaseUrl};

/// The address that paths such as `model/ID/converse` are put behind.
///
/// ```
/// # use genai_bench_backends::bedrock::BaseUrl;
/// let base: BaseUrl = "https://bedrock-runtime.eu-west-1.amazonaws.com/".parse()?;
/// assert_eq!(base.to_string(), "https://bedrock-runtime.eu-west-1.amazonaws.com");
/// assert_eq!(base.region(), Some("eu-west-1"));
/// assert_eq!(BaseUrl::from_region("us-west-2")?.region(), Some("us-west-2"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrl(String);

impl BaseUrl {
    /// Where AWS has the service in `region`.
    ///
    /// # Errors
    ///
    /// When no region has such a name.
    pub fn from_region(region: &str) -> Result<Self, InvalidRegion> {
        let is_part = |it: u8| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'-';
        if region.is_empty() || !region.bytes().all(is_part) {
            return Err(InvalidRegion(region.to_owned()));
        }
        Ok(Self(format!("https://bedrock-runtime.{region}.amazonaws.com")))
    }

    /// The region that AWS's own names of the service have in them.
    #[must_use]
    pub fn region(&self) -> Option<&str> {
        let (service, rest) = self.host().split_once('.')?;
        let is_ours = matches!(service, "bedrock-runtime" | "bedrock-runtime-fips" | "bedrock-mantle");
        rest.split('.').next().filter(|_| is_ours)
    }

    /// Whether it is a host that has `OpenAI`'s API and others, and is signed for under a name of its own.
    pub(super) fn is_mantle(&self) -> bool {
        self.host().starts_with("bedrock-mantle.")
    }

    fn host(&self) -> &str {
        let rest = self.0.split_once("://").map_or(&*self.0, |it| it.1);
        rest.split('/').next().unwrap_or(rest)
    }

    /// The address of what can be done with `model`, whose id or ARN is one segment of the path.
    pub(super) fn operation_uri(&self, model: &str, operation: &str) -> Result<Uri, InvalidUri> {
        let mut uri = format!("{}/model/", self.0);
        for byte in model.bytes() {
            match byte {
                b'-' | b'.' | b'_' | b'~' => uri.push(byte.into()),
                _ if byte.is_ascii_alphanumeric() => uri.push(byte.into()),
                _ => uri.push_str(&format!("%{byte:02X}")),
            }
        }
        format!("{uri}/{operation}").parse()
    }
}

impl std::str::FromStr for BaseUrl {
    type Err = InvalidBaseUrl;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let BaseUrlParts { origin, path } = BaseUrlParts::parse(text, &[])?;
        Ok(Self(format!("{origin}{path}")))
    }
}

impl std::fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&self.0)
    }
}

/// A name that no region has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is no region: give one such as us-east-1")]
pub struct InvalidRegion(String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_is_one_segment_as_boto3_writes_it() {
        let base = BaseUrl::from_region("us-east-1").unwrap();
        for (model, path) in [
            ("amazon.nova-lite-v1:0", "amazon.nova-lite-v1%3A0"),
            (
                "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abcd1234efgh",
                "arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Aapplication-inference-profile%2Fabcd1234efgh",
            ),
            ("a_b~c d/é?#", "a_b~c%20d%2F%C3%A9%3F%23"),
        ] {
            let uri = base.operation_uri(model, "converse").unwrap();
            let expected = format!("https://bedrock-runtime.us-east-1.amazonaws.com/model/{path}/converse");
            assert_eq!(uri.to_string(), expected);
        }
    }

    #[test]
    fn a_region_is_a_part_of_a_name() {
        for region in ["", "us east", "us-east-1.evil.com/"] {
            assert_eq!(BaseUrl::from_region(region), Err(InvalidRegion(region.into())));
        }
    }

    #[test]
    fn a_region_is_known_only_from_names_that_aws_gives() {
        for (text, region) in [
            ("https://bedrock-runtime-fips.us-gov-west-1.amazonaws.com", Some("us-gov-west-1")),
            ("https://bedrock-runtime.eu-central-1.api.aws", Some("eu-central-1")),
            ("https://bedrock-mantle.us-west-2.api.aws/openai/v1", Some("us-west-2")),
            ("http://localhost:8000/prefix", None),
            ("https://proxy.example.com", None),
        ] {
            assert_eq!(text.parse::<BaseUrl>().unwrap().region(), region, "{text}");
        }
    }
}
