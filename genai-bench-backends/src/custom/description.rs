//! What a person writes of a server.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

/// How a server is asked, and how its answer is read.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Description {
    #[serde(default = "post")]
    pub(super) method: String,
    #[serde(default)]
    pub(super) path: String,
    #[serde(default)]
    pub(super) headers: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) body: Option<Value>,
    pub(super) answer: Answer,
}

fn post() -> String {
    "POST".to_owned()
}

/// How an answer is read.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Answer {
    pub(super) framing: Framing,
    pub(super) event: Option<String>,
    pub(super) end: Option<String>,
    pub(super) text: Option<Pointer>,
    pub(super) reasoning: Option<Pointer>,
    pub(super) finish_reason: Option<Pointer>,
    pub(super) input_tokens: Option<Pointer>,
    pub(super) output_tokens: Option<Pointer>,
    pub(super) reasoning_tokens: Option<Pointer>,
    pub(super) cached_tokens: Option<Pointer>,
    pub(super) items: Option<Pointer>,
    pub(super) error: Option<Pointer>,
}

impl Answer {
    /// Whether a stream says itself that it is complete.
    pub(super) fn is_marked(&self) -> bool {
        self.end.is_some() || self.finish_reason.is_some()
    }
}

/// What an answer is cut into.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Framing {
    #[default]
    Sse,
    Ndjson,
    Json,
    Bytes,
}

/// A place in JSON: RFC 6901.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Pointer(String);

impl Pointer {
    /// What is there, unless it is null.
    pub(super) fn find_in<'a>(&self, value: &'a Value) -> Option<&'a Value> {
        value.pointer(&self.0).filter(|it| !it.is_null())
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Pointer {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text.is_empty() || text.starts_with('/') {
            Ok(Self(text))
        } else {
            Err(format!("'{text}' is no JSON pointer: give one such as /choices/0/text"))
        }
    }
}
