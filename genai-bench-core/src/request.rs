//! What the workload asks for, in no provider's words.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::units::Tokens;

/// One request, ready to be encoded by any backend.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Request {
    /// The model to ask for.
    pub model: Arc<str>,
    /// What is asked.
    pub input: Input,
    /// Whether the answer should come piece by piece.
    pub stream: bool,
}

impl Request {
    /// A streamed request.
    pub fn new(model: impl Into<Arc<str>>, input: Input) -> Self {
        Self { model: model.into(), input, stream: true }
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

    /// How long the answer should be, for a request whose answer is text.
    #[must_use]
    pub fn output(&self) -> OutputLength {
        match &self.input {
            Input::Chat { output, .. } | Input::Completion { output, .. } => *output,
        }
    }
}

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
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
}

/// One message of a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Message {
    /// Who speaks.
    pub role: Role,
    /// What is said.
    pub text: Arc<str>,
}

impl Message {
    /// A message from the user.
    pub fn user(text: impl Into<Arc<str>>) -> Self {
        Self { role: Role::User, text: text.into() }
    }

    /// An instruction to the model.
    pub fn system(text: impl Into<Arc<str>>) -> Self {
        Self { role: Role::System, text: text.into() }
    }
}

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Role {
    /// Whoever set the model up.
    System,
    /// Whoever asks.
    User,
    /// The model.
    Assistant,
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

/// Turns of one user, in order: most often a single one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Session {
    /// What is asked, turn by turn. The next turn is sent when the one before has been answered.
    pub turns: Vec<Turn>,
}

impl Session {
    /// A session of one turn.
    #[must_use]
    pub fn single(turn: Turn) -> Self {
        Self { turns: vec![turn] }
    }
}

/// One request of a session, and what the workload knows of it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Turn {
    /// What is asked.
    pub request: Request,
    /// How long the prompt is by the tokenizer of the workload, without any chat template.
    pub input: Option<Tokens>,
}

impl Turn {
    /// A request whose prompt has `input` tokens by the tokenizer of the workload.
    #[must_use]
    pub fn new(request: Request, input: Option<Tokens>) -> Self {
        Self { request, input }
    }
}
