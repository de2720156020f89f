//! The domains of OCI's realms.

/// The realms other than the commercial one, as in the Python SDK 2.189.0 (`regions_definitions.py`).
const REALMS: &[(&str, &[&str])] = &[
    ("oraclegovcloud.com", &["us-langley-1", "us-luke-1"]),
    ("oraclecloud8.com", &["ap-chiyoda-1", "ap-ibaraki-1"]),
    ("oraclecloud9.com", &["me-dcc-muscat-1", "me-ibri-1"]),
    ("oraclecloud10.com", &["ap-dcc-canberra-1"]),
    (
        "oraclecloud14.com",
        &[
            "eu-dcc-dublin-1",
            "eu-dcc-dublin-2",
            "eu-dcc-milan-1",
            "eu-dcc-milan-2",
            "eu-dcc-rating-1",
            "eu-dcc-rating-2",
        ],
    ),
    ("oraclecloud15.com", &["ap-dcc-gazipur-1"]),
    ("oraclecloud.eu", &["eu-frankfurt-2", "eu-madrid-2"]),
    ("oraclecloud20.com", &["eu-jovanovac-1"]),
    ("oraclecloud21.com", &["me-alrayyan-1", "me-dcc-doha-1"]),
    ("oraclecloud23.com", &["us-somerset-1", "us-thames-1"]),
    ("oraclecloud24.com", &["eu-crissier-1", "eu-dcc-zurich-1"]),
    ("oraclecloud26.com", &["me-abudhabi-3", "me-alain-1"]),
    ("oraclecloud29.com", &["me-abudhabi-2", "me-abudhabi-4"]),
    ("oraclecloud35.com", &["ap-chuncheon-2", "ap-seoul-2", "ap-suwon-1"]),
    ("oraclecloud42.com", &["us-ashburn-2", "us-newark-1"]),
    ("oraclecloud51.com", &["eu-budapest-1"]),
    ("oraclecloud52.com", &["sa-riodejaneiro-1"]),
];

/// Returns the domain of the realm of `region`; for an unknown region, that of the commercial realm.
pub(crate) fn domain_of(region: &str) -> &'static str {
    if let Some((domain, _)) = REALMS.iter().find(|it| it.1.contains(&region)) {
        return domain;
    }
    // New government regions follow these naming patterns.
    match region {
        _ if region.starts_with("us-gov-") => "oraclegovcloud.com",
        _ if region.starts_with("uk-gov-") => "oraclegovcloud.uk",
        _ => "oraclecloud.com",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_region_is_in_the_domain_of_its_realm() {
        for (region, domain) in [
            ("us-chicago-1", "oraclecloud.com"),
            ("eu-frankfurt-1", "oraclecloud.com"),
            ("us-langley-1", "oraclegovcloud.com"),
            ("us-gov-phoenix-1", "oraclegovcloud.com"),
            ("uk-gov-london-1", "oraclegovcloud.uk"),
            ("eu-frankfurt-2", "oraclecloud.eu"),
            ("me-dcc-muscat-1", "oraclecloud9.com"),
            ("us-ashburn-2", "oraclecloud42.com"),
            ("xx-nowhere-1", "oraclecloud.com"),
        ] {
            assert_eq!(domain_of(region), domain, "{region}");
        }
    }
}
