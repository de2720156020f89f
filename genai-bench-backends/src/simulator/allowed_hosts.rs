//! The hosts that requests may name.

use std::net::{IpAddr, SocketAddr};

use http::uri::Authority;
use http::{HeaderMap, HeaderValue, StatusCode, Uri, header};

use super::error_response::ErrorResponse;

/// The maximum number of characters of a refused name in an error: the longest valid host name.
const LONGEST_NAME: usize = 253;

/// The hosts that requests may name.
///
/// A page in a browser may read the responses of a server on this machine if the page's own name resolves to
/// this machine (DNS rebinding). Such a request has the page's name in its `Host` header, which no page can
/// change.
#[derive(Debug)]
pub(super) struct AllowedHosts {
    address: SocketAddr,
    names: Vec<String>,
    /// `true` if other names are refused.
    is_checked: bool,
}

impl AllowedHosts {
    /// Creates the list for a server on `address`: its own address, loopback and `names`. All hosts are
    /// allowed if `address` can be reached by other machines and `names` is empty.
    pub(super) fn new(address: SocketAddr, names: &[String]) -> Self {
        let is_checked = address.ip().is_loopback() || !names.is_empty();
        Self { address, names: names.iter().map(|it| normal(it).to_owned()).collect(), is_checked }
    }

    /// Checks the host in the URI of a request and in its header. A request without a host does not come
    /// from a browser.
    ///
    /// # Errors
    ///
    /// Returns the response for another host.
    pub(super) fn check(&self, uri: &Uri, headers: &HeaderMap) -> Result<(), ErrorResponse> {
        if !self.is_checked {
            return Ok(());
        }
        let of_header = headers.get_all(header::HOST).iter().map(HeaderValue::as_bytes);
        let named = uri.authority().map(|it| it.as_str().as_bytes());
        named.into_iter().chain(of_header).try_for_each(|host| self.check_one(host))
    }

    fn check_one(&self, host: &[u8]) -> Result<(), ErrorResponse> {
        // A host has no user info before it.
        let authority = Authority::try_from(host).ok().filter(|_| !host.contains(&b'@'));
        match authority {
            Some(it) if self.allows(it.host()) => Ok(()),
            _ => Err(self.refusal(host)),
        }
    }

    fn allows(&self, host: &str) -> bool {
        let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
        match address.map(|it| it.to_canonical()) {
            Ok(address) => {
                address.is_loopback()
                    || address == self.address.ip()
                    || self.names.iter().any(|name| name == host)
            }
            Err(_) => {
                let host = normal(host);
                host.eq_ignore_ascii_case("localhost")
                    || self.names.iter().any(|name| name.eq_ignore_ascii_case(host))
            }
        }
    }

    fn refusal(&self, host: &[u8]) -> ErrorResponse {
        let host: String = String::from_utf8_lossy(host).chars().take(LONGEST_NAME).collect();
        let message = format!(
            "The host '{host}' is not one of this server's, which is at {}: ask for localhost, or start it with --allow-host \
             NAME (allowed_hosts).",
            self.address
        );
        ErrorResponse::status(StatusCode::FORBIDDEN, message)
    }
}

/// Returns a name without a trailing dot.
fn normal(name: &str) -> &str {
    name.strip_suffix('.').unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(address: &str, names: &[&str], host: &str) -> bool {
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        let headers = HeaderMap::from_iter([(header::HOST, host.parse().unwrap())]);
        AllowedHosts::new(address.parse().unwrap(), &names).check(&Uri::from_static("/"), &headers).is_ok()
    }

    #[test]
    fn on_loopback_only_known_names_are_served() {
        for host in [
            "localhost",
            "LOCALHOST:1",
            "localhost.:1",
            "127.0.0.1:8089",
            "127.0.0.9",
            "[::1]:8089",
            "[::ffff:127.0.0.1]",
        ] {
            assert!(allows("127.0.0.1:8089", &[], host), "{host}");
        }
        let others = [
            "evil.com",
            "evil.com:8089",
            "localhost.evil.com",
            "127.0.0.1.evil.com",
            "10.0.0.1",
            "evil@localhost:x",
            "",
        ];
        for host in others {
            assert!(!allows("127.0.0.1:8089", &[], host), "{host}");
        }
        assert!(allows("127.0.0.1:8089", &["gateway.lan"], "Gateway.lan:443"));
        assert!(!allows("127.0.0.1:8089", &["gateway.lan"], "evil.lan"));
    }

    #[test]
    fn elsewhere_any_name_is_served_without_a_list() {
        assert!(allows("10.0.0.1:8089", &[], "simulator.cluster"));
        assert!(allows("0.0.0.0:8089", &[], "10.0.0.1"));
        assert!(!allows("0.0.0.0:8089", &["simulator.cluster"], "evil.com"));
        assert!(allows("0.0.0.0:8089", &["simulator.cluster", "10.0.0.1"], "10.0.0.1:80"));
    }

    #[test]
    fn the_uri_of_a_request_is_checked_like_its_header() {
        let hosts = AllowedHosts::new("127.0.0.1:1".parse().unwrap(), &[]);
        let headers = HeaderMap::from_iter([(header::HOST, "localhost".parse().unwrap())]);
        assert!(hosts.check(&Uri::from_static("http://evil.com/truth"), &headers).is_err());
        assert!(hosts.check(&Uri::from_static("http://localhost/truth"), &headers).is_ok());
        assert!(hosts.check(&Uri::from_static("/truth"), &HeaderMap::new()).is_ok());
        let long = HeaderMap::from_iter([(header::HOST, "a".repeat(5_000).parse().unwrap())]);
        assert!(hosts.check(&Uri::from_static("/"), &long).unwrap_err().json().len() < 600);
    }
}
