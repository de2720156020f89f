//! The scope of the addresses that a redirect may lead to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

/// The scope of an address. A hub on the internet does not redirect to addresses that only this machine or
/// its network reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum AddressScope {
    /// The internet.
    Public,
    /// This machine or a private network (RFC 1918, RFC 6598, RFC 4193).
    Private,
    /// The same link, such as the metadata service of a cloud, 169.254.169.254.
    LinkLocal,
}

impl AddressScope {
    /// Returns the scope of a host: the narrowest of all addresses of its name. A name without an address is
    /// known to a proxy or to no one.
    pub(super) async fn resolve(url: &Url) -> Self {
        match url.host() {
            Some(Host::Ipv4(address)) => Self::from_v4(address),
            Some(Host::Ipv6(address)) => Self::from_v6(address),
            Some(Host::Domain(name)) => {
                let port = url.port_or_known_default().unwrap_or_default();
                let found = tokio::net::lookup_host((name, port)).await;
                found
                    .into_iter()
                    .flatten()
                    .map(|found| Self::from_ip(found.ip()))
                    .max()
                    .unwrap_or(Self::Public)
            }
            None => Self::Public,
        }
    }

    fn from_ip(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(address) => Self::from_v4(address),
            IpAddr::V6(address) => Self::from_v6(address),
        }
    }

    fn from_v4(address: Ipv4Addr) -> Self {
        let [first, second, ..] = address.octets();
        let is_shared = first == 100 && (64..128).contains(&second);
        let is_special = first == 0 || first >= 224 || (first, second) == (192, 0);
        if address.is_link_local() {
            Self::LinkLocal
        } else if address.is_loopback() || address.is_private() || is_shared || is_special {
            Self::Private
        } else {
            Self::Public
        }
    }

    fn from_v6(address: Ipv6Addr) -> Self {
        // 64:ff9b::/96 and 2002::/16 contain an IPv4 address, as ::ffff:0:0/96 and ::/96 do.
        let segments = address.segments();
        let carried = match segments {
            [0, 0, 0, 0, 0, 0, high, low] if high != 0 => Some([high, low]),
            [0, 0, 0, 0, 0, 0xffff, high, low]
            | [0x64, 0xff9b, 0, 0, 0, 0, high, low]
            | [0x2002, high, low, ..] => Some([high, low]),
            _ => None,
        };
        if let Some([high, low]) = carried {
            return Self::from_v4(Ipv4Addr::from(u32::from(high) << 16 | u32::from(low)));
        }
        if address.is_unicast_link_local() {
            Self::LinkLocal
        } else if address.is_loopback()
            || address.is_unspecified()
            || address.is_unique_local()
            || address.is_multicast()
        {
            Self::Private
        } else {
            Self::Public
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn scope(host: &str) -> AddressScope {
        AddressScope::resolve(&Url::parse(&format!("http://{host}/a")).unwrap()).await
    }

    #[tokio::test]
    async fn addresses_of_this_machine_and_its_networks_are_not_public() {
        for (host, expected) in [
            ("8.8.8.8", AddressScope::Public),
            ("[2606:4700::1111]", AddressScope::Public),
            ("[64:ff9b::808:808]", AddressScope::Public),
            ("172.32.0.1", AddressScope::Public),
            ("127.0.0.1", AddressScope::Private),
            ("2130706433", AddressScope::Private),
            ("0x7f.1", AddressScope::Private),
            ("0.0.0.0", AddressScope::Private),
            ("10.1.2.3", AddressScope::Private),
            ("172.16.0.1", AddressScope::Private),
            ("192.168.0.1", AddressScope::Private),
            ("100.64.0.1", AddressScope::Private),
            ("localhost", AddressScope::Private),
            ("[::1]", AddressScope::Private),
            ("[::]", AddressScope::Private),
            ("[fd00::1]", AddressScope::Private),
            ("[::ffff:10.0.0.1]", AddressScope::Private),
            ("[64:ff9b::a00:1]", AddressScope::Private),
            ("[2002:7f00:1::]", AddressScope::Private),
            ("169.254.169.254", AddressScope::LinkLocal),
            ("[::ffff:169.254.169.254]", AddressScope::LinkLocal),
            ("[fe80::1]", AddressScope::LinkLocal),
        ] {
            assert_eq!(scope(host).await, expected, "{host}");
        }
    }
}
