//! Requests of one user, in order.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Request;
use crate::units::{Tokens, nanos};

/// Turns of one user, in order: most often a single one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Session {
    /// What is asked, turn by turn. The next turn is sent when the one before has been answered.
    pub turns: Vec<Turn>,
    /// When it starts, counted from the start of the run: of a workload that says so, under a load that keeps
    /// to it. Nanoseconds in files.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        rename = "arrival_ns",
        with = "optional_nanos"
    )]
    pub arrival: Option<Duration>,
}

impl Session {
    /// A session of these turns.
    #[must_use]
    pub fn new(turns: Vec<Turn>) -> Self {
        Self { turns, arrival: None }
    }

    /// A session of one turn.
    #[must_use]
    pub fn single(turn: Turn) -> Self {
        Self::new(vec![turn])
    }

    /// The same session, started at `arrival`.
    #[must_use]
    pub fn arriving(mut self, arrival: Duration) -> Self {
        self.arrival = Some(arrival);
        self
    }
}

/// One request of a session, and what the workload knows of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Turn {
    /// What is asked.
    pub request: Request,
    /// How long the prompt should be by the server's count: by the tokenizer of the workload, with the chat
    /// template where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<Tokens>,
    /// How many leading tokens of the prompt the workload repeats on purpose: a shared prefix, or the earlier
    /// turns of a conversation.
    #[serde(default, skip_serializing_if = "is_none_shared")]
    pub shared: Tokens,
    /// How long the user thinks after the answer before, until this is sent. Nanoseconds in files.
    #[serde(default, skip_serializing_if = "Duration::is_zero", rename = "think_ns", with = "nanos")]
    pub think: Duration,
}

impl Turn {
    /// What a turn shares that repeats so much that only the server knows how many tokens it is.
    pub const WHOLE_PROMPT: Tokens = Tokens(u64::MAX);

    /// A request whose prompt has `input` tokens by the tokenizer of the workload.
    #[must_use]
    pub fn new(request: Request, input: Option<Tokens>) -> Self {
        Self { request, input, shared: Tokens(0), think: Duration::ZERO }
    }

    /// Sets how many leading tokens of the prompt the workload repeats on purpose.
    #[must_use]
    pub fn with_shared(mut self, tokens: Tokens) -> Self {
        self.shared = tokens;
        self
    }

    /// The same turn, sent so long after the answer before.
    #[must_use]
    pub fn after(mut self, think: Duration) -> Self {
        self.think = think;
        self
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_none_shared(value: &Tokens) -> bool {
    value.0 == 0
}

mod optional_nanos {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    use crate::units::nanos;

    #[expect(clippy::ref_option, reason = "serde passes references")]
    pub(super) fn serialize<S: Serializer>(value: &Option<Duration>, to: S) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => nanos::serialize(value, to),
            None => to.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Duration>, D::Error> {
        Ok(Option::<u64>::deserialize(from)?.map(Duration::from_nanos))
    }
}
