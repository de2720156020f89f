//! The record of one request, from which all metrics are computed.

use serde::{Deserialize, Serialize};

use crate::failure::Failure;
use crate::transport::Connection;
use crate::units::{Offset, Tokens};

mod arrivals;
mod attempt;
mod credentials;
mod finish_reason;
mod server_time;
mod usage;

pub use attempt::Attempt;
pub(crate) use credentials::SentCredentials;
pub use finish_reason::FinishReason;
pub use server_time::ServerTime;
pub use usage::Usage;

/// The maximum number of arrivals of one answer: twice the number of tokens of the longest answers of models.
pub(crate) const MOST_ARRIVALS: usize = 2 << 20;

/// The raw facts of one request. Times are positions on the time axis of its run.
///
/// A record is a line of the journal (as JSON, times in nanoseconds), so every report can be computed again from the
/// file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RequestRecord {
    /// The number of the session in its run, in the order of sampling.
    pub index: u64,
    /// The number of the turn in its session.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub turn: u32,
    /// The expected length of the prompt in the server's count: by the tokenizer of the workload, with the chat
    /// template if it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<Tokens>,
    /// The number of leading prompt tokens that the workload repeats on purpose, such as a shared prefix or the
    /// earlier turns of a conversation: a server's cache may hold them.
    #[serde(default, skip_serializing_if = "is_zero_tokens")]
    pub shared: Tokens,
    /// The requested maximum number of output tokens.
    #[serde(default, alias = "wanted", skip_serializing_if = "Option::is_none")]
    pub max_output_tokens: Option<Tokens>,
    /// The scheduled send time: the time at which the slot was free, or the arrival time of an open-loop load.
    pub due: Offset,
    /// The time at which the first attempt was passed to the transport.
    pub called: Offset,
    /// The send time of the first attempt: latency counts from here.
    pub sent: Offset,
    /// The number of retries.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub retries: u32,
    /// The first attempt, if the request was sent again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_attempt: Option<Box<Attempt>>,
    /// The send time of the last attempt, if the request was sent again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_last: Option<Offset>,
    /// The arrival of the response head.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head: Option<Offset>,
    /// The HTTP status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The connection that carried the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection: Option<Connection>,
    /// The arrivals of output, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "arrivals")]
    pub arrivals: Vec<Arrival>,
    /// `true` if the answer came in one piece, so that the times of its tokens are unknown.
    #[serde(default, alias = "came_whole", skip_serializing_if = "std::ops::Not::not")]
    pub unstreamed: bool,
    /// The provider's token counts.
    #[serde(default)]
    pub usage: Usage,
    /// The arrival of the last report of token counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage_at: Option<Offset>,
    /// The times that the server reported.
    #[serde(default, skip_serializing_if = "ServerTime::is_unknown")]
    pub server_time: ServerTime,
    /// The reason for the end of the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finish: Option<FinishReason>,
    /// The arrival of the chunk with that reason; `None` if the provider gave no reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Offset>,
    /// The end of the exchange: the moment at which the provider declared the answer complete or the body ended,
    /// whichever came first; of a request that failed, the moment of the failure.
    pub ended: Offset,
    /// The failure, if the request failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    /// The length of the response body, in bytes.
    #[serde(default)]
    pub body_bytes: u64,
    /// `true` if the body was still open a short time after the provider had declared the answer complete. It was
    /// dropped together with its connection.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub body_left_open: bool,
    /// The length of the audio that arrived, in bytes.
    #[serde(default, skip_serializing_if = "no_bytes")]
    pub audio_bytes: u64,
    /// The length of the answer's text in bytes, tool calls included, in an answer that also had reasoning.
    #[serde(default, skip_serializing_if = "no_bytes")]
    pub answer_bytes: u64,
    /// The length of the reasoning that arrived, in bytes.
    #[serde(default, skip_serializing_if = "no_bytes")]
    pub reasoning_bytes: u64,
    /// The number of chunks of the body.
    #[serde(default)]
    pub chunks: u32,
    /// The number of parts of the response that the backend does not know.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub skipped: u32,
    /// The number of keep-alive messages of the server.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub keep_alives: u32,
    /// The text of the answer, recorded only if the provider's counts are missing, so that a tokenizer can count it.
    #[serde(default, alias = "spoken", skip_serializing_if = "OutputText::is_empty")]
    pub output_text: OutputText,
    /// The number of tokens assigned to the arrivals so far.
    #[serde(skip)]
    pub(crate) credited: Tokens,
    /// The time at which the provider declared the answer complete, set during the wait for the end of the body.
    #[serde(skip)]
    pub(crate) completed: Option<Offset>,
    /// The bytes of this record in the memory count of its run, until it is recorded.
    #[serde(skip)]
    pub(crate) held_bytes: u64,
    /// The credentials that are still to be redacted from the texts of the answer.
    #[serde(skip)]
    pub(crate) credentials: SentCredentials,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_zero(value: &u32) -> bool {
    *value == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn no_bytes(value: &u64) -> bool {
    *value == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_zero_tokens(value: &Tokens) -> bool {
    value.0 == 0
}

/// Output that arrived at one time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Arrival {
    /// The arrival of the chunk that held its last byte.
    pub at: Offset,
    /// The kind of output.
    pub kind: OutputKind,
    /// The number of events: several events in one chunk share a timestamp.
    pub pieces: u32,
    /// The number of tokens, if the provider reports counts during the answer.
    pub tokens: Option<Tokens>,
}

/// The kind of output that arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum OutputKind {
    /// A piece of the answer.
    Text,
    /// A piece of the reasoning before it.
    Reasoning,
    /// A piece of a call to a tool.
    ToolCall,
    /// Audio.
    Audio,
    /// A complete item: an embedding, a ranked document, an image.
    Item,
    /// A preview of an image.
    Draft,
}

/// The text of an answer.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutputText {
    /// The answer.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub answer: String,
    /// The reasoning before it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reasoning: String,
}

impl OutputText {
    /// Returns `true` if there is no text.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.answer.is_empty() && self.reasoning.is_empty()
    }
}

impl RequestRecord {
    /// Creates an empty record of a request that is due at `due`.
    #[must_use]
    pub fn due(index: u64, turn: u32, due: Offset) -> Self {
        Self { index, turn, due, called: due, sent: due, ended: due, ..Self::default() }
    }

    /// Returns the arrival of the first output.
    #[must_use]
    pub fn first_output(&self) -> Option<Offset> {
        self.arrivals.first().map(|it| it.at)
    }

    /// Returns the arrival of the first output other than reasoning.
    #[must_use]
    pub fn first_answer(&self) -> Option<Offset> {
        self.arrivals.iter().find(|arrival| arrival.kind != OutputKind::Reasoning).map(|it| it.at)
    }

    /// Returns the arrival of the last output.
    #[must_use]
    pub fn last_output(&self) -> Option<Offset> {
        self.arrivals.last().map(|it| it.at)
    }

    /// Returns `true` if the request did not fail.
    #[must_use]
    pub fn succeeded(&self) -> bool {
        self.failure.is_none()
    }

    /// Returns `true` if `output` exceeds the requested maximum. One more token is allowed: the one that ends an
    /// answer.
    #[must_use]
    pub fn exceeds_limit(&self, output: Tokens) -> bool {
        self.max_output_tokens.is_some_and(|limit| output.0 > limit.0.saturating_add(1))
    }

    /// Returns the number of complete items.
    #[must_use]
    pub fn items(&self) -> u64 {
        let items = self.arrivals.iter().filter(|arrival| arrival.kind == OutputKind::Item);
        items.map(|arrival| u64::from(arrival.pieces)).sum()
    }

    /// Returns `true` if any output is made of tokens.
    #[must_use]
    pub fn has_tokens(&self) -> bool {
        self.arrivals
            .iter()
            .any(|arrival| !matches!(arrival.kind, OutputKind::Item | OutputKind::Draft | OutputKind::Audio))
    }

    /// Returns the end of generation: the later of the last output and the chunk with the finish reason. Token counts
    /// and end marks behind these are not part of it.
    #[must_use]
    pub fn generation_end(&self) -> Option<Offset> {
        self.last_output().max(self.finished_at)
    }

    /// Returns the provider's count of output tokens, if it covers all output: a count that came before the last
    /// output does not.
    pub(crate) fn counted_to_the_end(&self) -> Option<Tokens> {
        let is_final = self.usage_at >= self.last_output();
        self.usage.output.filter(|output| output.0 > 0 && is_final)
    }

    /// Drops the text of the answer.
    pub(crate) fn drop_text(&mut self) {
        self.output_text = OutputText::default();
    }

    /// Drops the text of the answer if the provider's counts make it unnecessary.
    pub(crate) fn drop_counted_text(&mut self) {
        if self.reasoning_bytes == 0 {
            self.answer_bytes = 0;
        }
        if self.failure.is_some() && self.counted_to_the_end().is_none() {
            return;
        }
        if self.usage.output.is_some_and(|output| output.0 > 0) {
            if self.usage.reasoning.is_some() || self.output_text.reasoning.is_empty() {
                self.output_text = OutputText::default();
            } else {
                self.output_text.answer = String::new();
            }
        }
    }

    /// Assigns tokens to the arrival at `at` from the provider's `total` so far, if the count before it is known.
    ///
    /// A total that comes only once, at the end, is no count of the last chunk: then an earlier arrival has no count,
    /// and this one gets none either.
    pub(crate) fn credit(&mut self, at: Offset, total: Tokens) {
        let Some((last, earlier)) = self.arrivals.split_last_mut() else { return };
        if last.at != at {
            return;
        }
        // Only the one before the last needs a look: a count there means that all before it have one.
        if earlier.last().is_some_and(|arrival| arrival.tokens.is_none()) {
            return;
        }
        let brought = total.0.saturating_sub(self.credited.0);
        last.tokens = Some(last.tokens.unwrap_or_default() + Tokens(brought));
        self.credited = self.credited.max(total);
    }
}
