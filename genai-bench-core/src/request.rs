//! Requests of a workload, independent of any provider.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::units::Tokens;

mod media;
mod message;
mod session;
mod session_spec;
mod tools;

pub use media::{Media, MediaKind};
pub use message::{Message, Role};
pub use session::{Session, Turn};
pub(crate) use session_spec::PREFLIGHT_GROUP;
pub use session_spec::SessionSpec;
pub use tools::ToolCall;

/// A single request that any backend can encode.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Request {
    /// The model that the request is sent to.
    pub model: Arc<str>,
    /// The kind and content of the request.
    pub input: Input,
    /// `true` if the response is streamed.
    pub stream: bool,
    /// The definitions of tools that the model may call, each as the JSON object that most APIs know: `type` and
    /// `function` with `name`, `description` and `parameters`.
    #[serde(default, skip_serializing_if = "has_no_tools")]
    pub tools: Arc<[Value]>,
}

fn has_no_tools(tools: &Arc<[Value]>) -> bool {
    tools.is_empty()
}

impl Request {
    /// Creates a streamed request.
    pub fn new(model: impl Into<Arc<str>>, input: Input) -> Self {
        Self { model: model.into(), input, stream: true, tools: Arc::default() }
    }

    /// Creates a streamed chat request with one user message.
    pub fn chat(model: impl Into<Arc<str>>, prompt: impl Into<Arc<str>>, output: OutputLength) -> Self {
        Self::new(model, Input::Chat { messages: vec![Message::user(prompt)], output })
    }

    /// Creates a streamed completion request.
    pub fn completion(model: impl Into<Arc<str>>, prompt: impl Into<Arc<str>>, output: OutputLength) -> Self {
        Self::new(model, Input::Completion { prompt: prompt.into(), output })
    }

    /// Sets the response to be sent in one piece.
    #[must_use]
    pub fn unstreamed(mut self) -> Self {
        self.stream = false;
        self
    }

    /// Sets the definitions of tools that the model may call.
    #[must_use]
    pub fn with_tools(mut self, tools: Arc<[Value]>) -> Self {
        self.tools = tools;
        self
    }

    /// Returns whether the request defines tools, or a message of it calls one or holds a result of one.
    #[must_use]
    pub fn uses_tools(&self) -> bool {
        let Input::Chat { messages, .. } = &self.input else { return !self.tools.is_empty() };
        !self.tools.is_empty() || messages.iter().any(Message::uses_tools)
    }

    /// Returns the length of the output, for a request whose output is text.
    #[must_use]
    pub fn output(&self) -> OutputLength {
        match &self.input {
            Input::Chat { output, .. } | Input::Completion { output, .. } => *output,
            _ => OutputLength::Free,
        }
    }
}

/// The kind and content of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Input {
    /// A conversation to continue.
    Chat {
        /// The conversation so far.
        messages: Vec<Message>,
        /// The length of the output.
        output: OutputLength,
    },
    /// A text to continue.
    Completion {
        /// The text so far.
        prompt: Arc<str>,
        /// The length of the continuation.
        output: OutputLength,
    },
    /// Texts and pictures to embed.
    Embeddings {
        /// The texts.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        texts: Vec<Arc<str>>,
        /// The pictures.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        images: Vec<Media>,
    },
    /// Documents to rank by their relevance for a query.
    Rerank {
        /// The query.
        query: Arc<str>,
        /// The documents.
        documents: Vec<Arc<str>>,
    },
    /// Pictures to generate.
    Images {
        /// The prompt.
        prompt: Arc<str>,
        /// Their width and height in pixels; the server's own when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        size: Option<(u32, u32)>,
        /// The number of pictures.
        count: u32,
    },
    /// A text to convert to speech.
    Speech {
        /// The text.
        text: Arc<str>,
    },
}

/// The length of an output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum OutputLength {
    /// No limit: the model ends the output.
    Free,
    /// At most this many tokens: the model may end the output before.
    AtMost(Tokens),
    /// Exactly this many tokens, where the server can be made to ignore the model's end of text.
    Exactly(Tokens),
}

impl OutputLength {
    /// Returns the maximum number of output tokens, if there is one.
    #[must_use]
    pub fn limit(self) -> Option<Tokens> {
        match self {
            Self::Free => None,
            Self::AtMost(tokens) | Self::Exactly(tokens) => Some(tokens),
        }
    }
}
