//! Whose models there are, and so what the bodies of `InvokeModel` look like.

use std::fmt;
use std::str::FromStr;

/// Models that are asked and answer alike when they are invoked.
///
/// The id of a model says it: also behind a region such as `us.`, and inside the ARN of a foundation model or of an
/// inference profile. An ARN that has no such id in it, as that of an application's own profile, does not.
///
/// ```
/// # use genai_bench_backends::bedrock::Family;
/// assert_eq!(Family::from_model_id("us.anthropic.claude-haiku-4-5-20251001-v1:0"), Some(Family::Anthropic));
/// let profile = "arn:aws:bedrock:us-east-1:123456789012:inference-profile/eu.amazon.nova-lite-v1:0";
/// assert_eq!(Family::from_model_id(profile), Some(Family::Nova));
/// assert_eq!(Family::from_model_id("arn:aws:bedrock:us-east-1:123456789012:provisioned-model/abc"), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Family {
    /// Claude: the Messages API.
    Anthropic,
    /// Conversations as in `OpenAI`'s API with `max_tokens`: Mistral Large, `DeepSeek` V3, Qwen.
    Chat,
    /// Command R, Embed and Rerank.
    Cohere,
    /// `DeepSeek` R1, which continues a prompt.
    DeepSeekR1,
    /// Llama 3, which continues a prompt.
    Llama3,
    /// Llama 4, which continues a prompt.
    Llama4,
    /// Mistral's older models, which continue a prompt.
    Mistral,
    /// Amazon Nova: conversations, pictures and embeddings.
    Nova,
    /// Conversations as in `OpenAI`'s API with `max_completion_tokens`: gpt-oss.
    OpenAi,
    /// Stability's pictures.
    Stability,
    /// Amazon Titan: texts, pictures and embeddings.
    Titan,
}

/// The regions that an id may begin with, for models that are asked across several.
const REGIONS: [&str; 8] = ["us.", "eu.", "apac.", "global.", "us-gov.", "au.", "ca.", "jp."];

/// With what the ids of a family begin. Of two that fit, the first counts.
const IDS: [(&str, Family); 18] = [
    ("anthropic.", Family::Anthropic),
    ("amazon.nova", Family::Nova),
    ("amazon.titan", Family::Titan),
    ("cohere.command-r", Family::Cohere),
    ("cohere.embed", Family::Cohere),
    ("cohere.rerank", Family::Cohere),
    ("deepseek.r1", Family::DeepSeekR1),
    ("deepseek.", Family::Chat),
    ("meta.llama3", Family::Llama3),
    ("meta.llama4", Family::Llama4),
    ("mistral.mistral-7b", Family::Mistral),
    ("mistral.mixtral", Family::Mistral),
    ("mistral.mistral-large-2402", Family::Mistral),
    ("mistral.mistral-small-2402", Family::Mistral),
    ("mistral.", Family::Chat),
    ("openai.", Family::OpenAi),
    ("qwen.", Family::Chat),
    ("stability.", Family::Stability),
];

impl Family {
    /// Every family.
    pub const ALL: &'static [Self] = &[
        Self::Anthropic,
        Self::Chat,
        Self::Cohere,
        Self::DeepSeekR1,
        Self::Llama3,
        Self::Llama4,
        Self::Mistral,
        Self::Nova,
        Self::OpenAi,
        Self::Stability,
        Self::Titan,
    ];

    /// The family of the model with this id or ARN, where that says it.
    #[must_use]
    pub fn from_model_id(model: &str) -> Option<Self> {
        let id = model.rsplit('/').next().unwrap_or(model);
        let id = REGIONS.iter().find_map(|it| id.strip_prefix(it)).unwrap_or(id);
        IDS.iter().find(|(begin, _)| id.starts_with(begin)).map(|(_, family)| *family)
    }

    /// The name on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Anthropic => "anthropic",
            Self::Chat => "chat",
            Self::Cohere => "cohere",
            Self::DeepSeekR1 => "deepseek-r1",
            Self::Llama3 => "llama3",
            Self::Llama4 => "llama4",
            Self::Mistral => "mistral",
            Self::Nova => "nova",
            Self::OpenAi => "openai",
            Self::Stability => "stability",
            Self::Titan => "titan",
        }
    }

    /// All names, with commas between them.
    pub(super) fn names() -> String {
        Self::ALL.iter().map(|it| it.name()).collect::<Vec<_>>().join(", ")
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Family {
    type Err = UnknownFamily;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.iter().find(|it| it.name().eq_ignore_ascii_case(text));
        found.copied().ok_or_else(|| UnknownFamily(text.to_owned()))
    }
}

/// A name that no family has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is no family: give one of {list}", list = Family::names())]
pub struct UnknownFamily(String);

#[cfg(test)]
mod tests {
    use super::super::options::FAMILY;
    use super::*;

    #[test]
    fn a_family_is_in_the_id_of_a_model() {
        for (model, family) in [
            ("anthropic.claude-haiku-4-5-20251001-v1:0", Family::Anthropic),
            ("global.anthropic.claude-sonnet-4-5-20250929-v1:0", Family::Anthropic),
            ("us-gov.anthropic.claude-3-haiku-20240307-v1:0", Family::Anthropic),
            ("us.meta.llama3-3-70b-instruct-v1:0", Family::Llama3),
            ("us.meta.llama4-scout-17b-instruct-v1:0", Family::Llama4),
            ("apac.amazon.nova-lite-v1:0", Family::Nova),
            ("amazon.titan-text-express-v1", Family::Titan),
            ("mistral.mistral-7b-instruct-v0:2", Family::Mistral),
            ("mistral.mixtral-8x7b-instruct-v0:1", Family::Mistral),
            ("mistral.mistral-large-2402-v1:0", Family::Mistral),
            ("mistral.mistral-large-2407-v1:0", Family::Chat),
            ("openai.gpt-oss-120b-1:0", Family::OpenAi),
            ("us.deepseek.r1-v1:0", Family::DeepSeekR1),
            ("deepseek.v3-v1:0", Family::Chat),
            ("qwen.qwen3-32b-v1:0", Family::Chat),
            ("cohere.command-r-plus-v1:0", Family::Cohere),
            ("stability.stable-image-core-v1:1", Family::Stability),
            ("arn:aws:bedrock:us-east-1::foundation-model/meta.llama3-8b-instruct-v1:0", Family::Llama3),
            (
                "arn:aws-us-gov:bedrock:us-gov-west-1:1:inference-profile/us-gov.amazon.nova-pro-v1:0",
                Family::Nova,
            ),
        ] {
            assert_eq!(Family::from_model_id(model), Some(family), "{model}");
        }
    }

    #[test]
    fn what_has_no_family_in_its_name_has_none() {
        for model in [
            "cohere.command-text-v14",
            "meta.llama2-70b-chat-v1",
            "ai21.jamba-1-5-mini-v1:0",
            "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abcd1234efgh",
            "",
        ] {
            assert_eq!(Family::from_model_id(model), None, "{model}");
        }
    }

    #[test]
    fn a_family_can_be_said() {
        for family in Family::ALL {
            assert_eq!(family.to_string().parse(), Ok(*family));
            assert!(FAMILY.help.contains(family.name()), "{family} is not in the help");
        }
        let error = "claude".parse::<Family>().unwrap_err().to_string();
        assert!(error.starts_with("'claude' is no family: give one of anthropic, chat, cohere, "), "{error}");
    }
}
