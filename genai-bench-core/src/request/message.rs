//! One message of a conversation.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Media, ToolCall};

/// One message of a conversation: a text with optional pictures or videos, or a placeholder for an output that does
/// not exist yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Message {
    /// The role of the message's author.
    pub role: Role,
    /// The text.
    pub text: Arc<str>,
    /// The pictures and videos after the text.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub media: Vec<Media>,
    /// The turn of the session whose output replaces the text before the request is encoded. The text stays if that
    /// turn has no output.
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
    /// Creates a message of `role`.
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

    /// Creates a message of the user.
    pub fn user(text: impl Into<Arc<str>>) -> Self {
        Self::new(Role::User, text)
    }

    /// Creates a system message.
    pub fn system(text: impl Into<Arc<str>>) -> Self {
        Self::new(Role::System, text)
    }

    /// Creates a message of the model with a given text.
    pub fn assistant(text: impl Into<Arc<str>>) -> Self {
        Self::new(Role::Assistant, text)
    }

    /// Creates a placeholder for the model's output of turn `turn` of the session, counted from 0.
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

    /// Returns `true` if the message calls a tool or holds the result of one.
    #[must_use]
    pub fn uses_tools(&self) -> bool {
        self.role == Role::Tool || !self.tool_calls.is_empty()
    }

    /// Adds pictures or videos to the message.
    #[must_use]
    pub fn showing(mut self, media: impl IntoIterator<Item = Media>) -> Self {
        self.media.extend(media);
        self
    }
}

/// The role of a message's author.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Role {
    /// The system prompt.
    System,
    /// The user.
    User,
    /// The model.
    Assistant,
    /// A tool that the model called.
    Tool,
}
