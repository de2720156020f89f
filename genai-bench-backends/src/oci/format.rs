//! The formats of conversations.

/// A format of conversations. The service has one for each family of models.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// The format of Command R.
    Cohere,
    /// The format of Command A.
    CohereV2,
    /// The format of all others: Llama, Grok, Gemini, gpt-oss.
    Generic,
}

impl Format {
    /// Returns the name of the backend for this format.
    pub(super) const fn backend(self) -> &'static str {
        match self {
            Self::Cohere => "oci-cohere",
            Self::CohereV2 => "oci-cohere-v2",
            Self::Generic => "oci-genai",
        }
    }

    /// Returns the service's name for the format.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Cohere => "COHERE",
            Self::CohereV2 => "COHEREV2",
            Self::Generic => "GENERIC",
        }
    }

    /// Returns `true` if the last event of a stream repeats the whole answer.
    pub(super) fn ends_with_all(self) -> bool {
        match self {
            Self::Cohere | Self::CohereV2 => true,
            Self::Generic => false,
        }
    }
}
