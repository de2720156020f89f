//! The formats of conversations.

/// A format of conversations: the service has one for each family of models.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// Of Command R.
    Cohere,
    /// Of Command A.
    CohereV2,
    /// Of all others: Llama, Grok, Gemini, gpt-oss.
    Generic,
}

impl Format {
    /// The name of the backend that speaks it.
    pub(super) const fn backend(self) -> &'static str {
        match self {
            Self::Cohere => "oci-cohere",
            Self::CohereV2 => "oci-cohere-v2",
            Self::Generic => "oci-genai",
        }
    }

    /// What the service calls it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Cohere => "COHERE",
            Self::CohereV2 => "COHEREV2",
            Self::Generic => "GENERIC",
        }
    }

    /// Whether the event that ends an answer says all of it once more.
    pub(super) fn ends_with_all(self) -> bool {
        match self {
            Self::Cohere | Self::CohereV2 => true,
            Self::Generic => false,
        }
    }
}
