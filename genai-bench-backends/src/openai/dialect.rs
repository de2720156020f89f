//! In what servers of this API differ.

use genai_bench_core::request::Request;
use http::HeaderMap;
use serde_json::{Map, Value};

/// In what a server differs from the next one. What is different is an option here, never another backend.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Dialect {
    /// The name under which results are reported.
    pub name: &'static str,
    /// What every request names as its model, in place of its own.
    pub model: Option<String>,
    /// Whether a path names the model too, as `deployments/MODEL/chat/completions`.
    pub deployment_paths: bool,
    /// Which API carries conversations.
    pub chat_api: ChatApi,
    /// How a chat request names the largest number of tokens wanted.
    pub length_field: LengthField,
    /// How the server is told to go on to that number.
    pub exact_length: ExactLength,
    /// How pictures are given to be made vectors of.
    pub picture_embeddings: PictureEmbeddings,
    /// The format that vectors are asked for in, where it is named.
    pub encoding_format: Option<&'static str>,
    /// How pictures to be made are given their size.
    pub picture_size: PictureSize,
    /// Whether the server puts documents in order.
    pub reranks: bool,
    /// Whether a stream is asked to end with token counts.
    pub include_usage: bool,
    /// Whether every chunk of a stream is asked to carry token counts.
    pub continuous_usage: bool,
    /// The temperature, where nothing else is said.
    pub temperature: Option<f64>,
    /// An instruction put before every conversation.
    pub system_message: Option<String>,
    /// Headers added to every request. They must not be secret.
    pub headers: HeaderMap,
    /// Fields added to the body of every request, whatever the task, in place of ours where the name is the
    /// same.
    pub body: Map<String, Value>,
}

/// Which API carries conversations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChatApi {
    /// `chat/completions`.
    Completions,
    /// `responses`.
    Responses,
}

/// How pictures are given to be made vectors of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PictureEmbeddings {
    /// They cannot be given.
    Unknown,
    /// As a conversation that shows one: a request is about one picture.
    Conversation,
    /// As a list of inputs.
    List,
}

/// How pictures to be made are given their size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PictureSize {
    /// `size: "1024x768"`.
    Text,
    /// `width: 1024` and `height: 768`.
    WidthAndHeight,
}

/// How a chat request names the largest number of tokens wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LengthField {
    /// `max_completion_tokens`: reasoning included. Older servers do not know it.
    MaxCompletionTokens,
    /// `max_tokens`: newer models of the provider refuse it.
    MaxTokens,
}

/// How a server is told to go on to the wanted length, whatever the model would like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ExactLength {
    /// It cannot be told.
    Unknown,
    /// `ignore_eos: true` and `min_tokens`.
    IgnoreEosAndMinTokens,
}

impl Dialect {
    /// What the provider itself speaks.
    #[must_use]
    pub fn openai() -> Self {
        Self {
            name: "openai",
            model: None,
            deployment_paths: false,
            chat_api: ChatApi::Completions,
            length_field: LengthField::MaxCompletionTokens,
            exact_length: ExactLength::Unknown,
            picture_embeddings: PictureEmbeddings::Unknown,
            encoding_format: Some("float"),
            picture_size: PictureSize::Text,
            reranks: false,
            include_usage: true,
            continuous_usage: false,
            temperature: None,
            system_message: None,
            headers: HeaderMap::new(),
            body: Map::new(),
        }
    }

    /// What servers of open models speak; pictures to be made vectors of are given as a conversation, vLLM's
    /// way.
    #[must_use]
    pub fn self_hosted(name: &'static str) -> Self {
        Self {
            name,
            length_field: LengthField::MaxTokens,
            exact_length: ExactLength::IgnoreEosAndMinTokens,
            picture_embeddings: PictureEmbeddings::Conversation,
            reranks: true,
            temperature: Some(0.0),
            ..Self::openai()
        }
    }

    /// What `request` names as its model.
    pub(super) fn model<'a>(&'a self, request: &'a Request) -> &'a str {
        self.model.as_deref().unwrap_or(&request.model)
    }
}
