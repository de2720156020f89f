//! The address of a described server: a description adds a path to it, and never another host.

use http::Uri;
use url::Url;

use crate::wire::base_url::BaseUrlParts;

/// The address that a person gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct BaseUrl(BaseUrlParts);

impl BaseUrl {
    /// Reads an address.
    ///
    /// # Errors
    ///
    /// When no path can be put behind it.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        BaseUrlParts::parse(text, &[]).map(Self).map_err(|error| error.to_string())
    }

    /// Puts a path behind the address, with a query if it has one.
    ///
    /// # Errors
    ///
    /// When `path` does not begin with a slash, or the address of both is on another host: `@other/` behind
    /// `http://host` would make `host` a user name.
    pub(super) fn join(&self, path: &str) -> Result<Uri, String> {
        if !path.is_empty() && !path.starts_with('/') {
            return Err(format!("the path '{path}': it does not begin with a slash"));
        }
        let BaseUrlParts { origin, path: base } = &self.0;
        let joined = format!("{origin}{base}{path}");
        let wrong = |problem: &str| format!("the address '{joined}': {problem}");
        if path.contains('\\') || path.contains(|it: char| it.is_control() || it == ' ') {
            return Err(wrong("a path has no backslash, blank or control character"));
        }
        let url = Url::parse(&joined).map_err(|error| wrong(&error.to_string()))?;
        let uri: Uri = joined.parse().map_err(|error: http::uri::InvalidUri| wrong(&error.to_string()))?;
        let is_same = url.origin().ascii_serialization() == *origin
            && url.username().is_empty()
            && url.password().is_none()
            && uri.authority().map(http::uri::Authority::as_str)
                == origin.split_once("://").map(|(_, authority)| authority);
        if is_same { Ok(uri) } else { Err(wrong("a path may not change the host")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_put_behind_the_address() {
        for (base, path, joined) in [
            ("http://h:1/", "/generate", "http://h:1/generate"),
            ("http://h:1/api/", "/a?b=c", "http://h:1/api/a?b=c"),
            ("https://h", "", "https://h/"),
            ("http://h", "//other/a", "http://h//other/a"),
            ("http://h", "/@other", "http://h/@other"),
            ("http://[::1]:8000", "/a", "http://[::1]:8000/a"),
        ] {
            let uri = BaseUrl::read(base).unwrap().join(path).unwrap();
            let joined: Uri = joined.parse().unwrap();
            assert_eq!(
                (uri.authority(), uri.path_and_query()),
                (joined.authority(), joined.path_and_query())
            );
        }
    }

    #[test]
    fn a_path_never_changes_the_host() {
        let base = BaseUrl::read("https://api.host").unwrap();
        for path in [
            "@other/a",
            ".evil.com/a",
            ":8080/a",
            ":x@other",
            "\\\\other",
            "/a\\b",
            "/\u{0}",
            "/a b",
            "http://other",
            "?a",
        ] {
            let error = base.join(path).unwrap_err();
            assert!(!error.is_empty(), "{path}");
        }
        assert!(BaseUrl::read("https://user@host").unwrap_err().contains("user or password"));
        assert!(BaseUrl::read("host:80").is_err());
    }
}
