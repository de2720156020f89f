//! Differences between servers of this family of APIs.

use genai_bench_core::request::Request;
use http::HeaderMap;
use serde_json::{Map, Value};

/// The properties in which servers differ. A difference is an option here, never another backend.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Dialect {
    /// The name of the backend in results.
    pub name: &'static str,
    /// The model that every request names, in place of its own.
    pub model: Option<String>,
    /// `true` if a path names the model too, as `deployments/MODEL/chat/completions`.
    pub deployment_paths: bool,
    /// The API of conversations.
    pub chat_api: ChatApi,
    /// The field of a chat request with the maximum number of output tokens.
    pub length_field: LengthField,
    /// The fields that make the server generate exactly that number.
    pub exact_length: ExactLength,
    /// The form of pictures in requests for embeddings.
    pub picture_embeddings: PictureEmbeddings,
    /// The requested encoding of vectors, if it is sent.
    pub encoding_format: Option<&'static str>,
    /// The form of the requested size of generated pictures.
    pub picture_size: PictureSize,
    /// `true` if the server can rerank documents.
    pub reranks: bool,
    /// `true` if token counts are requested at the end of a stream.
    pub include_usage: bool,
    /// `true` if token counts are requested in every chunk of a stream.
    pub continuous_usage: bool,
    /// The default temperature.
    pub temperature: Option<f64>,
    /// A system instruction before every conversation.
    pub system_message: Option<String>,
    /// Headers added to every request. They must not be secret.
    pub headers: HeaderMap,
    /// Fields added to the body of every request of any task, in place of the backend's own fields of the same name.
    pub body: Map<String, Value>,
}

/// The API of conversations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChatApi {
    /// `chat/completions`.
    Completions,
    /// `responses`.
    Responses,
}

/// The form of pictures in requests for embeddings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PictureEmbeddings {
    /// Not supported.
    Unknown,
    /// A conversation with one picture: a request has a single picture.
    Conversation,
    /// A list of inputs.
    List,
}

/// The form of the requested size of generated pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PictureSize {
    /// `size: "1024x768"`.
    Text,
    /// `width: 1024` and `height: 768`.
    WidthAndHeight,
}

/// The field of a chat request with the maximum number of output tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LengthField {
    /// `max_completion_tokens`: reasoning included. Older servers do not support it.
    MaxCompletionTokens,
    /// `max_tokens`: newer models of the provider refuse it.
    MaxTokens,
}

/// The fields that make a server generate exactly the requested number of tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ExactLength {
    /// Not supported.
    Unknown,
    /// `ignore_eos: true` and `min_tokens`.
    IgnoreEosAndMinTokens,
}

impl Dialect {
    /// Returns the dialect of the provider itself.
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

    /// Returns the dialect of servers of open models. Pictures to embed are sent as a conversation, in vLLM's form.
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

    /// Returns the model that `request` names on the wire.
    pub(super) fn model<'a>(&'a self, request: &'a Request) -> &'a str {
        self.model.as_deref().unwrap_or(&request.model)
    }
}
