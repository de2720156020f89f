//! The backends of this build, by name.

use crate::entry::{Entry, ProviderOption};

/// All backends, ordered by name.
pub const ENTRIES: &[Entry] = &[
    #[cfg(feature = "anthropic")]
    crate::anthropic::ENTRY,
    #[cfg(feature = "bedrock")]
    crate::bedrock::ENTRY,
    #[cfg(feature = "azure")]
    crate::azure::ENTRY,
    #[cfg(feature = "cohere")]
    crate::cohere::ENTRY,
    #[cfg(feature = "custom")]
    crate::custom::ENTRY,
    #[cfg(feature = "vertex")]
    crate::vertex::ENTRY,
    #[cfg(feature = "oci")]
    crate::oci::COHERE,
    #[cfg(feature = "oci")]
    crate::oci::COHERE_V2,
    #[cfg(feature = "oci")]
    crate::oci::GENAI,
    #[cfg(feature = "oci")]
    crate::oci::OPENAI,
    #[cfg(feature = "openai")]
    crate::openai::ENTRY,
    #[cfg(feature = "sglang")]
    crate::sglang::ENTRY,
    #[cfg(feature = "simulator")]
    crate::simulated::ENTRY,
    #[cfg(feature = "together")]
    crate::together::ENTRY,
    #[cfg(feature = "vllm")]
    crate::vllm::ENTRY,
];

/// Returns the backend of this name, in upper or lower case.
#[must_use]
pub fn find(name: &str) -> Option<&'static Entry> {
    ENTRIES.iter().find(|it| it.name.eq_ignore_ascii_case(name))
}

/// Returns every option of some backends only, each once, in the order of the backends.
#[must_use]
pub fn provider_options() -> Vec<&'static ProviderOption> {
    let mut found: Vec<&ProviderOption> = Vec::new();
    for option in ENTRIES.iter().flat_map(|it| it.options) {
        if !found.iter().any(|it| it.name == option.name) {
            found.push(option);
        }
    }
    found
}
