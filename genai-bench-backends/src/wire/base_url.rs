//! Server addresses, as users write them.

use url::Url;

/// An address in two parts, neither with a trailing slash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BaseUrlParts {
    /// Scheme, host and port.
    pub(crate) origin: String,
    /// The path before those of the API; usually empty.
    pub(crate) path: String,
}

impl BaseUrlParts {
    /// Parses `text` and removes the first of `endpoints` that it ends in.
    ///
    /// # Errors
    ///
    /// Returns an error when no path can be added to it.
    pub(crate) fn parse(text: &str, endpoints: &[&str]) -> Result<Self, InvalidBaseUrl> {
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
        let path = endpoints.iter().find_map(|it| path.strip_suffix(it)).unwrap_or(path);
        Ok(Self { origin: url.origin().ascii_serialization(), path: path.to_owned() })
    }
}

/// The reason why no request can be sent to an address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidBaseUrl {
    /// Not a URL.
    #[error("no URL ({0}): give one such as http://localhost:8000")]
    NoUrl(String),
    /// A scheme other than HTTP and HTTPS.
    #[error("neither http:// nor https://: give a URL such as http://localhost:8000")]
    NotHttp,
    /// Credentials in the address, which would appear in files.
    #[error("a URL with a user or password: give a key with --api-key instead")]
    HasPassword,
    /// A query or a fragment, to which no path can be added.
    #[error("a URL with a query or fragment: give the part before it")]
    HasQuery,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_what_comes_before_the_paths_of_an_api() {
        let read = |text| BaseUrlParts::parse(text, &["/v1/chat", "/chat"]).map(|it| (it.origin, it.path));
        for (text, path) in [("https://h", ""), ("https://h/", ""), ("https://h/a/v1/chat/", "/a")] {
            assert_eq!(read(text), Ok(("https://h".to_owned(), path.to_owned())), "{text}");
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
            assert_eq!(BaseUrlParts::parse(text, &[]), Err(error), "{text}");
        }
        assert!(matches!(BaseUrlParts::parse("nonsense", &[]), Err(InvalidBaseUrl::NoUrl(_))));
    }
}
