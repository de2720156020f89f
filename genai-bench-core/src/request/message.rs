//! One message of a conversation.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Media, ToolCall};

/// One message of a conversation: a text, pictures or videos after it, or a place for an answer that is not
/// there yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Message {
    /// Who speaks.
    pub role: Role,
    /// What is said.
    pub text: Arc<str>,
    /// What is shown after it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub media: Vec<Media>,
    /// The turn of the session whose answer is said here. The harness puts that answer in place of the text
    /// before the request is encoded; where there is none, the text stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<u32>,
    /// The tools that the model calls, after its text.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tool_calls: Vec<ToolCall>,
    /// The call that the text is the result of, in a message of [`Role::Tool`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool_call_id: Option<Arc<str>>,
}

impl Message {
    /// A message of `role`.
    pub fn new(role: Role, text: impl Into<Arc<str>>) -> Self {
        Self {
            role,
            text: text.into(),
            media: Vec::new(),
            reply_to: None,
            tool_calls: Vec::new(),
            tool_call_id: None,
        }
    }

    /// A message from the user.
    pub fn user(text: impl Into<Arc<str>>) -> Self {
        Self::new(Role::User, text)
    }

    /// An instruction to the model.
    pub fn system(text: impl Into<Arc<str>>) -> Self {
        Self::new(Role::System, text)
    }

    /// What the model is said to have answered.
    pub fn assistant(text: impl Into<Arc<str>>) -> Self {
        Self::new(Role::Assistant, text)
    }

    /// The model's own answer to turn `turn` of the session, counted from 0.
    #[must_use]
    pub fn reply_to(turn: u32) -> Self {
        Self { reply_to: Some(turn), ..Self::assistant("") }
    }

    /// Creates the result of a tool call.
    pub fn tool_result(tool_call_id: impl Into<Arc<str>>, text: impl Into<Arc<str>>) -> Self {
        Self { tool_call_id: Some(tool_call_id.into()), ..Self::new(Role::Tool, text) }
    }

    /// Adds calls of tools.
    #[must_use]
    pub fn calling(mut self, calls: impl IntoIterator<Item = ToolCall>) -> Self {
        self.tool_calls.extend(calls);
        self
    }

    /// Returns whether the message calls a tool or holds the result of one.
    #[must_use]
    pub fn uses_tools(&self) -> bool {
        self.role == Role::Tool || !self.tool_calls.is_empty()
    }

    /// The same message with something to look at.
    #[must_use]
    pub fn showing(mut self, media: impl IntoIterator<Item = Media>) -> Self {
        self.media.extend(media);
        self
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
    /// A tool that the model called.
    Tool,
}
