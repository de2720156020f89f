//! The hosts of providers, by the environment variables that hold their credentials.

use super::loopback::is_below;

/// A provider whose credentials have environment variables of their own.
#[derive(Debug)]
pub(crate) struct Provider {
    /// The name of the provider.
    pub(crate) name: &'static str,
    /// The prefixes of the names of its variables.
    variables: &'static [&'static str],
    /// The prefixes of the names of the backends that find its credentials on a machine.
    backends: &'static [&'static str],
    /// The domains of its services: each is a host too.
    domains: &'static [&'static str],
}

const PROVIDERS: &[Provider] = &[
    // Before OpenAI, whose prefixes are a part of its prefixes.
    Provider {
        name: "Azure",
        variables: &["AZURE_"],
        backends: &["azure-openai"],
        domains: &[
            "openai.azure.com",
            "openai.azure.us",
            "openai.azure.cn",
            "cognitiveservices.azure.com",
            "cognitiveservices.azure.us",
            "cognitiveservices.azure.cn",
            "services.ai.azure.com",
            "services.ai.azure.us",
            "services.ai.azure.cn",
            "models.ai.azure.com",
            "inference.ml.azure.com",
        ],
    },
    Provider { name: "OpenAI", variables: &["OPENAI_"], backends: &[], domains: &["api.openai.com"] },
    Provider {
        name: "Anthropic",
        variables: &["ANTHROPIC_"],
        backends: &[],
        domains: &["api.anthropic.com"],
    },
    Provider {
        name: "Cohere",
        variables: &["CO_", "COHERE_"],
        backends: &[],
        domains: &["api.cohere.com", "api.cohere.ai"],
    },
    Provider {
        name: "Together",
        variables: &["TOGETHER_"],
        backends: &[],
        domains: &["api.together.xyz", "api.together.ai"],
    },
    Provider {
        name: "Google",
        variables: &["GEMINI_", "GOOGLE_", "GCP_"],
        backends: &["gcp-vertex"],
        domains: &["googleapis.com"],
    },
    Provider {
        name: "AWS",
        variables: &["AWS_"],
        backends: &["aws-bedrock"],
        // The second is China's, the third that of IPv6 endpoints.
        domains: &["amazonaws.com", "amazonaws.com.cn", "api.aws"],
    },
    Provider { name: "OCI", variables: &["OCI_"], backends: &["oci-"], domains: OCI_DOMAINS },
    Provider {
        name: "Hugging Face",
        variables: &["HF_"],
        backends: &[],
        domains: &["huggingface.co", "hf.co"],
    },
];

/// The domains of OCI's realms.
const OCI_DOMAINS: &[&str] = &[
    "oraclecloud.com",
    "oraclecloud.eu",
    "oraclecloud8.com",
    "oraclecloud9.com",
    "oraclecloud10.com",
    "oraclecloud14.com",
    "oraclecloud15.com",
    "oraclecloud20.com",
    "oraclecloud21.com",
    "oraclecloud23.com",
    "oraclecloud24.com",
    "oraclecloud26.com",
    "oraclecloud29.com",
    "oraclecloud35.com",
    "oraclecloud42.com",
    "oraclecloud51.com",
    "oraclecloud52.com",
    "oraclegovcloud.com",
    "oraclegovcloud.uk",
];

impl Provider {
    /// Returns the provider whose credential a variable of this name holds, or `None` for a variable of no
    /// provider.
    pub(crate) fn of_variable(name: &str) -> Option<&'static Self> {
        PROVIDERS.iter().find(|it| it.variables.iter().any(|beginning| name.starts_with(beginning)))
    }

    /// Returns the provider whose credentials the backend of this name finds on a machine.
    pub(crate) fn of_backend(name: &str) -> Option<&'static Self> {
        PROVIDERS.iter().find(|it| it.backends.iter().any(|beginning| name.starts_with(beginning)))
    }

    /// Returns `true` if a host is one of the provider's.
    pub(crate) fn has_host(&self, host: &str) -> bool {
        let host = host.strip_suffix('.').unwrap_or(host);
        self.domains.iter().any(|domain| host.eq_ignore_ascii_case(domain) || is_below(host, domain))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::ENTRIES;

    fn is_at_home(variable: &str, host: &str) -> bool {
        Provider::of_variable(variable).unwrap().has_host(host)
    }

    #[test]
    fn hosts_are_matched_by_whole_labels() {
        for (variable, host) in [
            ("OPENAI_API_KEY", "api.openai.com"),
            ("OPENAI_API_KEY", "eu.api.openai.com."),
            ("OPENAI_API_KEY", "API.OPENAI.COM"),
            ("AZURE_OPENAI_API_KEY", "mine.openai.azure.com"),
            ("AZURE_OPENAI_API_KEY", "mine.services.ai.azure.cn"),
            ("AWS_BEARER_TOKEN_BEDROCK", "bedrock-runtime.cn-north-1.amazonaws.com.cn"),
            ("GCP_API_KEY", "us-central1-aiplatform.googleapis.com"),
            ("CO_API_KEY", "api.cohere.com"),
            ("OCI_GENAI_API_KEY", "inference.generativeai.eu-frankfurt-2.oci.oraclecloud.eu"),
            ("HF_TOKEN", "huggingface.co"),
        ] {
            assert!(is_at_home(variable, host), "{variable} {host}");
        }
        for (variable, host) in [
            ("OPENAI_API_KEY", "evil-api.openai.com"),
            ("OPENAI_API_KEY", "notopenai.com"),
            ("OPENAI_API_KEY", "api.openai.com.evil.com"),
            ("OPENAI_API_KEY", "mine.openai.azure.com"),
            ("AZURE_OPENAI_API_KEY", "api.openai.com"),
            ("AWS_SECRET_ACCESS_KEY", "amazonaws.com.evil"),
            ("HF_TOKEN", "evilhuggingface.co"),
            ("HF_TOKEN", "é.co"),
        ] {
            assert!(!is_at_home(variable, host), "{variable} {host}");
        }
    }

    #[test]
    fn every_key_variable_but_the_common_one_has_a_provider() {
        for variable in ENTRIES.iter().flat_map(|it| it.key_variables) {
            assert_eq!(Provider::of_variable(variable).is_none(), *variable == "MODEL_API_KEY", "{variable}");
        }
    }

    #[test]
    fn the_default_url_of_a_backend_is_its_providers() {
        for entry in ENTRIES.iter().filter(|it| it.default_base.starts_with("https")) {
            let url = url::Url::parse(entry.default_base).unwrap();
            let providers = entry.key_variables.iter().filter_map(|it| Provider::of_variable(it));
            for provider in providers {
                assert!(provider.has_host(url.host_str().unwrap()), "{} {provider:?}", entry.name);
            }
        }
    }

    #[cfg(feature = "oci")]
    #[test]
    fn every_realm_has_a_domain_here() {
        for region in ["us-chicago-1", "eu-frankfurt-2", "us-gov-x", "uk-gov-x", "me-alain-1", "us-newark-1"]
        {
            let domain = crate::oci::auth::realm::domain_of(region);
            assert!(OCI_DOMAINS.contains(&domain), "{domain}");
        }
    }
}
