//! Addresses of the API.

use http::Uri;
use url::{Url, form_urlencoded};

use crate::wire::base_url::{BaseUrlParts, InvalidBaseUrl};

/// The endpoint paths that an address may end in, removed from it. The longer of two with the same end comes first.
const ENDPOINTS: [&str; 7] = [
    "/chat/completions",
    "/completions",
    "/responses",
    "/embeddings",
    "/rerank",
    "/images/generations",
    "/audio/speech",
];

/// The base address before paths such as `chat/completions`.
///
/// A host alone gets `/v1`. A given path is not changed: servers have their API under `/v1`, `/api/v3`,
/// `/v1beta/openai` and others. The path of a complete endpoint is removed.
///
/// ```
/// # use genai_bench_backends::openai::BaseUrl;
/// for text in ["http://h:8000", "http://h:8000/", "http://h:8000/v1", "http://h:8000/v1/chat/completions"] {
///     let base: BaseUrl = text.parse().unwrap();
///     assert_eq!(base.to_string(), "http://h:8000/v1");
/// }
/// let base: BaseUrl = "https://h/v1beta/openai/".parse().unwrap();
/// assert_eq!(base.to_string(), "https://h/v1beta/openai");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrl {
    origin: String,
    /// The path: empty, or with a leading slash and no trailing one.
    path: String,
    /// The query of every request: empty, or `?` and pairs.
    query: String,
}

impl BaseUrl {
    /// Parses the address as given, without the path of an endpoint, and adds no version.
    pub(crate) fn as_given(text: &str) -> Result<Self, InvalidBaseUrl> {
        let BaseUrlParts { origin, path } = BaseUrlParts::parse(text, &ENDPOINTS)?;
        Ok(Self { origin, path, query: String::new() })
    }

    /// Returns the address with a query parameter added to every request, such as `api-version=2024-10-21`.
    ///
    /// ```
    /// # use genai_bench_backends::openai::BaseUrl;
    /// let base: BaseUrl = "https://h/v1".parse().unwrap();
    /// assert_eq!(base.with_query("of", "a b").to_string(), "https://h/v1?of=a+b");
    /// ```
    #[must_use]
    pub fn with_query(mut self, name: &str, value: &str) -> Self {
        let pair = form_urlencoded::Serializer::new(String::new()).append_pair(name, value).finish();
        self.query.push(if self.query.is_empty() { '?' } else { '&' });
        self.query.push_str(&pair);
        self
    }

    /// Returns the address with `path` at its end, unless it ends with it already.
    pub(crate) fn ending_in(mut self, path: &str) -> Self {
        if !self.path.ends_with(path) {
            self.path.push_str(path);
        }
        self
    }

    /// Returns the address without `path` at its end.
    #[cfg(any(feature = "azure", feature = "oci", test))]
    pub(crate) fn without(mut self, path: &str) -> Self {
        if let Some(rest) = self.path.strip_suffix(path) {
            self.path.truncate(rest.len());
        }
        self
    }

    /// Returns `true` if its last segment is `v` and digits.
    #[cfg_attr(not(feature = "full"), allow(dead_code, reason = "backends of clouds alone use it"))]
    pub(crate) fn ends_in_version(&self) -> bool {
        let last = self.path.rsplit('/').next().unwrap_or_default();
        last.strip_prefix('v').is_some_and(|it| !it.is_empty() && it.bytes().all(|it| it.is_ascii_digit()))
    }

    /// Returns the URI of an endpoint.
    pub(super) fn join(&self, path: &str) -> Result<Uri, http::uri::InvalidUri> {
        format!("{}{}/{path}{}", self.origin, self.path, self.query).parse()
    }

    /// Returns the URI of an endpoint of `deployment`.
    pub(super) fn join_deployment(&self, deployment: &str, path: &str) -> Result<Uri, http::uri::InvalidUri> {
        let mut segment = Url::parse("http://h").expect("a plain URL is one");
        segment.path_segments_mut().expect("a URL with a host has segments").push(deployment);
        self.join(&format!("deployments{}/{path}", segment.path()))
    }
}

impl std::str::FromStr for BaseUrl {
    type Err = InvalidBaseUrl;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let has_path = !BaseUrlParts::parse(text, &[])?.path.is_empty();
        let base = Self::as_given(text)?;
        Ok(if has_path { base } else { base.ending_in("/v1") })
    }
}

impl std::fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&format!("{}{}{}", self.origin, self.path, self.query))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_with_a_path_is_asked_as_it_is_typed() {
        for path in ["/v1", "/api/v3", "/openai", "/v1beta/openai", "/v1/openai", "/llm-proxy"] {
            for end in ["", "/"] {
                let read: BaseUrl = format!("http://h:8000{path}{end}").parse().unwrap();
                assert_eq!(read.to_string(), format!("http://h:8000{path}"), "{path}{end}");
            }
        }
    }

    #[test]
    fn a_complete_endpoint_is_the_one_that_is_asked() {
        for endpoint in ENDPOINTS {
            for base in ["http://h:8000", "http://h:8000/v1", "http://h:8000/v1/openai"] {
                let typed = format!("{base}{endpoint}");
                let read: BaseUrl = format!("{typed}/").parse().unwrap();
                assert_eq!(read.join(endpoint.trim_start_matches('/')).unwrap(), typed.as_str());
            }
        }
    }

    #[test]
    fn what_stands_behind_paths_stays_there() {
        let base = BaseUrl::as_given("http://h:8000/a/").unwrap().with_query("b", "1").with_query("c", "&");
        assert_eq!(base.join("d/e").unwrap(), "http://h:8000/a/d/e?b=1&c=%26");
        let of_one = base.join_deployment("my model/1?", "d").unwrap();
        assert_eq!(of_one, "http://h:8000/a/deployments/my%20model%2F1%3F/d?b=1&c=%26");
    }

    #[test]
    fn a_host_is_no_end_of_a_path() {
        let base = BaseUrl::as_given("http://openai").unwrap();
        assert_eq!(base.clone().without("/openai"), base);
        assert_eq!(base.ending_in("/openai").to_string(), "http://openai/openai");
    }
}
