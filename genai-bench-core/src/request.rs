//! What the workload asks for, in no provider's words.

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

/// One request, ready to be encoded by any backend.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Request {
    /// The model to ask for.
    pub model: Arc<str>,
    /// What is asked.
    pub input: Input,
    /// Whether the answer should come piece by piece.
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
    /// A streamed request.
    pub fn new(model: impl Into<Arc<str>>, input: Input) -> Self {
        Self { model: model.into(), input, stream: true, tools: Arc::default() }
    }

    /// A streamed chat request with one user message.
    pub fn chat(model: impl Into<Arc<str>>, prompt: impl Into<Arc<str>>, output: OutputLength) -> Self {
        Self::new(model, Input::Chat { messages: vec![Message::user(prompt)], output })
    }

    /// A streamed completion request.
    pub fn completion(model: impl Into<Arc<str>>, prompt: impl Into<Arc<str>>, output: OutputLength) -> Self {
        Self::new(model, Input::Completion { prompt: prompt.into(), output })
    }

    /// The same request, answered in one piece.
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

    /// How long the answer should be, for a request whose answer is text.
    #[must_use]
    pub fn output(&self) -> OutputLength {
        match &self.input {
            Input::Chat { output, .. } | Input::Completion { output, .. } => *output,
            _ => OutputLength::Free,
        }
    }
}

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Input {
    /// A conversation to continue.
    Chat {
        /// The conversation so far.
        messages: Vec<Message>,
        /// How long the answer should be.
        output: OutputLength,
    },
    /// A text to continue.
    Completion {
        /// The text so far.
        prompt: Arc<str>,
        /// How long the continuation should be.
        output: OutputLength,
    },
    /// Texts and pictures to make vectors of.
    Embeddings {
        /// The texts.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        texts: Vec<Arc<str>>,
        /// The pictures.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        images: Vec<Media>,
    },
    /// Documents to put in the order of their relevance.
    Rerank {
        /// For what.
        query: Arc<str>,
        /// The documents.
        documents: Vec<Arc<str>>,
    },
    /// Pictures to make.
    Images {
        /// What they should show.
        prompt: Arc<str>,
        /// Their width and height in pixels; the server's own when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        size: Option<(u32, u32)>,
        /// How many.
        count: u32,
    },
    /// A text to speak.
    Speech {
        /// The text.
        text: Arc<str>,
    },
}

/// How long an answer should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum OutputLength {
    /// As long as the model likes.
    Free,
    /// As long as the model likes, up to this many tokens.
    AtMost(Tokens),
    /// This many tokens, whatever the model would like: where a server can be told to, it goes on.
    Exactly(Tokens),
}

impl OutputLength {
    /// The largest number of tokens wanted, when there is one.
    #[must_use]
    pub fn limit(self) -> Option<Tokens> {
        match self {
            Self::Free => None,
            Self::AtMost(tokens) | Self::Exactly(tokens) => Some(tokens),
        }
    }
}
