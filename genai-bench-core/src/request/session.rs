//! Sessions: the requests of one user, in order.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Request;
use crate::units::{Tokens, nanos};

/// The turns of one user, in order: usually a single one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Session {
    /// The turns. Each is sent after the response to the one before.
    pub turns: Vec<Turn>,
    /// The arrival time, counted from the start of the run, for a workload with arrival times under a load that
    /// follows them. Nanoseconds in files.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        rename = "arrival_ns",
        with = "optional_nanos"
    )]
    pub arrival: Option<Duration>,
}

impl Session {
    /// Creates a session of these turns.
    #[must_use]
    pub fn new(turns: Vec<Turn>) -> Self {
        Self { turns, arrival: None }
    }

    /// Creates a session of one turn.
    #[must_use]
    pub fn single(turn: Turn) -> Self {
        Self::new(vec![turn])
    }

    /// Sets the arrival time, counted from the start of the run.
    #[must_use]
    pub fn arriving(mut self, arrival: Duration) -> Self {
        self.arrival = Some(arrival);
        self
    }
}

/// One request of a session, and its lengths as far as the workload knows them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Turn {
    /// The request.
    pub request: Request,
    /// The expected length of the prompt by the server's count: by the tokenizer of the workload, with the chat
    /// template where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<Tokens>,
    /// The number of leading prompt tokens that the workload repeats on purpose: a shared prefix, or the earlier turns
    /// of a conversation.
    #[serde(default, skip_serializing_if = "is_none_shared")]
    pub shared: Tokens,
    /// The think time between the response before and this request. Nanoseconds in files.
    #[serde(default, skip_serializing_if = "Duration::is_zero", rename = "think_ns", with = "nanos")]
    pub think: Duration,
}

impl Turn {
    /// The value of [`shared`](Self::shared) for a turn that repeats a number of tokens that only the server knows.
    pub const WHOLE_PROMPT: Tokens = Tokens(u64::MAX);

    /// Creates a turn whose prompt has `input` tokens by the tokenizer of the workload.
    #[must_use]
    pub fn new(request: Request, input: Option<Tokens>) -> Self {
        Self { request, input, shared: Tokens(0), think: Duration::ZERO }
    }

    /// Sets the number of leading prompt tokens that the workload repeats on purpose.
    #[must_use]
    pub fn with_shared(mut self, tokens: Tokens) -> Self {
        self.shared = tokens;
        self
    }

    /// Sets the think time between the response before and this request.
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
