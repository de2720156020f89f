//! Tests for hosts of this machine.

use std::net::{Ipv4Addr, Ipv6Addr};

use url::Host;

/// Returns `true` if requests to `host` stay on this machine: a loopback address, also one of IPv4 mapped to
/// IPv6, the unspecified address, which systems connect to loopback, `localhost`, and names under it.
///
/// The host comes from a parsed URL: its names are in lower case, and an address in any notation is an
/// address.
pub(crate) fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Ipv4(address) => is_loopback_v4(*address),
        Host::Ipv6(address) => is_loopback_v6(*address),
        Host::Domain(name) => {
            let name = name.strip_suffix('.').unwrap_or(name);
            name.eq_ignore_ascii_case("localhost") || is_below(name, "localhost")
        }
    }
}

/// Returns `true` if `name` is below `domain`: by whole labels, so that `evil-example.com` is not below
/// `example.com`.
pub(crate) fn is_below(name: &str, domain: &str) -> bool {
    let Some(start) = name.len().checked_sub(domain.len()).filter(|start| *start > 0) else { return false };
    name.is_char_boundary(start) && name[start..].eq_ignore_ascii_case(domain) && name[..start].ends_with('.')
}

fn is_loopback_v4(address: Ipv4Addr) -> bool {
    address.is_loopback() || address.is_unspecified()
}

fn is_loopback_v6(address: Ipv6Addr) -> bool {
    address.is_loopback() || address.is_unspecified() || address.to_ipv4_mapped().is_some_and(is_loopback_v4)
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;

    #[test]
    fn loopback_is_recognized_in_every_notation() {
        let is_this_machine =
            |host: &str| is_loopback(&Url::parse(&format!("http://{host}:1/")).unwrap().host().unwrap());
        for host in [
            "127.0.0.1",
            "127.255.0.9",
            "127.1",
            "0x7f.1",
            "2130706433",
            "0.0.0.0",
            "[::1]",
            "[::]",
            "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]",
            "localhost",
            "LocalHost",
            "localhost.",
            "a.localhost",
            "a.b.LOCALHOST.",
        ] {
            assert!(is_this_machine(host), "{host}");
        }
        for host in [
            "128.0.0.1",
            "10.0.0.1",
            "[::2]",
            "[::ffff:10.0.0.1]",
            "localhost.evil.com",
            "evil-localhost",
            "notlocalhost",
            "127.0.0.1.evil.com",
            "localhost.com",
        ] {
            assert!(!is_this_machine(host), "{host}");
        }
    }
}
