//! Where the API is.

use http::Uri;
use url::Url;

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
        let url = Url::parse(text.trim()).map_err(|it| InvalidBaseUrl::NoUrl(it.to_string()))?;
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(str::is_empty) {
            return Err(InvalidBaseUrl::NotHttp);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(InvalidBaseUrl::HasPassword);
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(InvalidBaseUrl::HasQuery);
        }
        let path = url.path().trim_end_matches('/');
        let path = ENDPOINTS.iter().find_map(|it| path.strip_suffix(it)).unwrap_or(path);
        let version = if ends_in_version(path) { "" } else { "/v1" };
        Ok(Self(format!("{}{path}{version}", url.origin().ascii_serialization())))
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

/// An address that no request can be sent to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidBaseUrl {
    /// It cannot be read.
    #[error("no URL ({0}): give one such as http://localhost:8000")]
    NoUrl(String),
    /// Its scheme is another one.
    #[error("neither http:// nor https://: give a URL such as http://localhost:8000")]
    NotHttp,
    /// It holds credentials, which would be seen in files.
    #[error("a URL with a user or password: give a key with --api-key instead")]
    HasPassword,
    /// It has a query or fragment, to which no path can be added.
    #[error("a URL with a query or fragment: give the part before it")]
    HasQuery,
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

    #[test]
    fn what_no_request_can_be_sent_to_is_refused() {
        for (text, error) in [
            ("localhost:8000", InvalidBaseUrl::NotHttp),
            ("ftp://h", InvalidBaseUrl::NotHttp),
            ("http://u:p@h", InvalidBaseUrl::HasPassword),
            ("http://h/v1?key=1", InvalidBaseUrl::HasQuery),
        ] {
            assert_eq!(text.parse::<BaseUrl>(), Err(error), "{text}");
        }
        assert!(matches!("nonsense".parse::<BaseUrl>(), Err(InvalidBaseUrl::NoUrl(_))));
    }
}
