//! Tools that a model may call.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A call of a tool by the model, as part of a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ToolCall {
    /// The name by which the result refers to the call.
    pub id: Arc<str>,
    /// The name of the tool.
    pub name: Arc<str>,
    /// The arguments, as JSON text.
    pub arguments: Arc<str>,
}

impl ToolCall {
    /// Creates a call of the tool `name`, with its arguments as JSON text.
    pub fn new(id: impl Into<Arc<str>>, name: impl Into<Arc<str>>, arguments: impl Into<Arc<str>>) -> Self {
        Self { id: id.into(), name: name.into(), arguments: arguments.into() }
    }

    /// Returns the total number of bytes of the texts.
    #[must_use]
    pub fn text_len(&self) -> usize {
        self.id.len() + self.name.len() + self.arguments.len()
    }
}
