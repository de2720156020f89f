//! Where the API is.

use http::Uri;

use super::address::{Address, InvalidBaseUrl};

/// What people copy along. One that ends like another stands before it.
const ENDPOINTS: [&str; 7] = [
    "/chat/completions",
    "/completions",
    "/responses",
    "/embeddings",
    "/rerank",
    "/images/generations",
    "/audio/speech",
];

/// The address that paths such as `chat/completions` are put behind.
///
/// People give it with and without the version, with and without a slash at the end, and copy whole endpoints.
///
/// ```
/// # use genai_bench_backends::openai::BaseUrl;
/// for text in ["http://h:8000", "http://h:8000/", "http://h:8000/v1", "http://h:8000/v1/chat/completions"] {
///     let base: BaseUrl = text.parse().unwrap();
///     assert_eq!(base.to_string(), "http://h:8000/v1");
/// }
/// let base: BaseUrl = "https://h/api/paas/v4".parse().unwrap();
/// assert_eq!(base.to_string(), "https://h/api/paas/v4");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrl(String);

impl BaseUrl {
    /// The address of an endpoint behind it.
    pub(super) fn join(&self, path: &str) -> Result<Uri, http::uri::InvalidUri> {
        format!("{}/{path}", self.0).parse()
    }
}

impl std::str::FromStr for BaseUrl {
    type Err = InvalidBaseUrl;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let Address { origin, path } = Address::read(text, &ENDPOINTS)?;
        let version = if ends_in_version(&path) { "" } else { "/v1" };
        Ok(Self(format!("{origin}{path}{version}")))
    }
}

impl std::fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&self.0)
    }
}

/// Whether the last segment is `v` and digits.
fn ends_in_version(path: &str) -> bool {
    let last = path.rsplit('/').next().unwrap_or_default();
    last.strip_prefix('v').is_some_and(|it| !it.is_empty() && it.bytes().all(|it| it.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_that_was_copied_along_is_left_out() {
        for endpoint in ENDPOINTS {
            for base in ["http://h:8000", "http://h:8000/v1"] {
                let read: BaseUrl = format!("{base}{endpoint}/").parse().unwrap();
                assert_eq!(read.to_string(), "http://h:8000/v1", "{base}{endpoint}");
            }
        }
    }
}
