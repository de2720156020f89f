//! Everything that was observed of one request: the record that all metrics are computed from.

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

/// The most arrivals of one answer: twice the number of tokens of the longest answers that models give.
pub(crate) const MOST_ARRIVALS: usize = 2 << 20;

/// The raw facts of one request. Times are positions on the time axis of its run.
///
/// A record is a line of the journal (as JSON, times in nanoseconds), so everything a report says can be
/// computed again from the file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RequestRecord {
    /// Which session of the run this is, in the order in which they were drawn.
    pub index: u64,
    /// Which turn of the session.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub turn: u32,
    /// How long the prompt should be by the server's count: by the tokenizer of the workload, with the chat
    /// template where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<Tokens>,
    /// How many leading tokens of the prompt the workload repeats on purpose, such as a shared prefix or the
    /// earlier turns of a conversation: a server's cache may hold these.
    #[serde(default, skip_serializing_if = "is_zero_tokens")]
    pub shared: Tokens,
    /// How long the answer was asked to be at most.
    #[serde(default, alias = "wanted", skip_serializing_if = "Option::is_none")]
    pub max_output_tokens: Option<Tokens>,
    /// When the load wanted the request to be sent: its slot was free, or its time had come.
    pub due: Offset,
    /// When it was handed to the transport, for the first time.
    pub called: Offset,
    /// When it left, for the first time: latency counts from here.
    pub sent: Offset,
    /// How often it was sent again, because that was asked for.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub retries: u32,
    /// What came of it the first time, if it was sent again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_attempt: Option<Box<Attempt>>,
    /// When it left for the last time, if it was sent again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_last: Option<Offset>,
    /// When the head of the response was there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head: Option<Offset>,
    /// The HTTP status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Which connection carried it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection: Option<Connection>,
    /// When output came.
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "arrivals")]
    pub arrivals: Vec<Arrival>,
    /// Whether the answer came in one piece, so that nothing is known of when its tokens were made.
    #[serde(default, alias = "came_whole", skip_serializing_if = "std::ops::Not::not")]
    pub unstreamed: bool,
    /// The provider's own token counts.
    #[serde(default)]
    pub usage: Usage,
    /// When they came last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage_at: Option<Offset>,
    /// How long it took by the server's own clock, if it said so.
    #[serde(default, skip_serializing_if = "ServerTime::is_unknown")]
    pub server_time: ServerTime,
    /// Why the answer ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finish: Option<FinishReason>,
    /// When the chunk with that reason arrived; absent where the provider gave no reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Offset>,
    /// The end of the exchange: the moment at which the provider declared the answer complete or the body ended,
    /// whichever came first; of a request that failed, the moment of the failure.
    pub ended: Offset,
    /// Why it failed, if it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    /// Length of the response body.
    #[serde(default)]
    pub body_bytes: u64,
    /// `true` for an answer whose body was still open a moment after the provider had declared the answer complete. It
    /// was dropped together with its connection.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub body_left_open: bool,
    /// How much sound came.
    #[serde(default, skip_serializing_if = "no_bytes")]
    pub audio_bytes: u64,
    /// Length of the answer's text, tool calls included, in an answer that also had reasoning.
    #[serde(default, skip_serializing_if = "no_bytes")]
    pub answer_bytes: u64,
    /// Length of the reasoning that arrived.
    #[serde(default, skip_serializing_if = "no_bytes")]
    pub reasoning_bytes: u64,
    /// In how many chunks the body came.
    #[serde(default)]
    pub chunks: u32,
    /// How much came that the backend does not know.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub skipped: u32,
    /// How often the server said that it is still there.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub keep_alives: u32,
    /// What was said: kept only where the provider's counts are missing, so that a tokenizer can count it.
    #[serde(default, alias = "spoken", skip_serializing_if = "OutputText::is_empty")]
    pub output_text: OutputText,
    /// How many tokens the arrivals so far have been given.
    #[serde(skip)]
    pub(crate) credited: Tokens,
    /// The moment at which the provider declared the answer complete, while the end of its body is waited for.
    #[serde(skip)]
    pub(crate) completed: Option<Offset>,
    /// The bytes that are counted as held by this record among those of its run, until it is recorded.
    #[serde(skip)]
    pub(crate) held_bytes: u64,
    /// The credentials that the texts of the answer are still to be searched for.
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

/// Output that came at one time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Arrival {
    /// When the chunk that held its last byte arrived.
    pub at: Offset,
    /// What came.
    pub kind: OutputKind,
    /// In how many events it came: several events in one chunk share a stamp.
    pub pieces: u32,
    /// How many tokens it was, where the provider counts as it goes.
    pub tokens: Option<Tokens>,
}

/// What kind of output came.
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
    /// Sound.
    Audio,
    /// Something whole: an embedding, a ranked document, an image.
    Item,
    /// A picture that is not done yet.
    Draft,
}

/// What was said in an answer.
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
    /// Whether nothing was said, or nothing was kept.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.answer.is_empty() && self.reasoning.is_empty()
    }
}

impl RequestRecord {
    /// Nothing yet, of a request that is due at `due`.
    #[must_use]
    pub fn due(index: u64, turn: u32, due: Offset) -> Self {
        Self { index, turn, due, called: due, sent: due, ended: due, ..Self::default() }
    }

    /// When the first output came.
    #[must_use]
    pub fn first_output(&self) -> Option<Offset> {
        self.arrivals.first().map(|it| it.at)
    }

    /// When the first output came that was no reasoning.
    #[must_use]
    pub fn first_answer(&self) -> Option<Offset> {
        self.arrivals.iter().find(|it| it.kind != OutputKind::Reasoning).map(|it| it.at)
    }

    /// When the last output came.
    #[must_use]
    pub fn last_output(&self) -> Option<Offset> {
        self.arrivals.last().map(|it| it.at)
    }

    /// Whether the request was answered in full.
    #[must_use]
    pub fn succeeded(&self) -> bool {
        self.failure.is_none()
    }

    /// Returns whether `output` tokens are more than were asked for. One more may be the one that ends an answer.
    #[must_use]
    pub fn exceeds_limit(&self, output: Tokens) -> bool {
        self.max_output_tokens.is_some_and(|wanted| output.0 > wanted.0.saturating_add(1))
    }

    /// How many things came that are whole by themselves.
    #[must_use]
    pub fn items(&self) -> u64 {
        let items = self.arrivals.iter().filter(|it| it.kind == OutputKind::Item);
        items.map(|it| u64::from(it.pieces)).sum()
    }

    /// Whether anything that came is made of tokens.
    #[must_use]
    pub fn has_tokens(&self) -> bool {
        self.arrivals
            .iter()
            .any(|it| !matches!(it.kind, OutputKind::Item | OutputKind::Draft | OutputKind::Audio))
    }

    /// The end of generation: the later of the last output and the chunk with the finish reason. Token counts
    /// and end marks behind these are no part of it.
    #[must_use]
    pub fn generation_end(&self) -> Option<Offset> {
        self.last_output().max(self.finished_at)
    }

    /// The provider's count of output tokens, if it covers everything that arrived: a count that came before
    /// the last output does not.
    pub(crate) fn counted_to_the_end(&self) -> Option<Tokens> {
        let is_final = self.usage_at >= self.last_output();
        self.usage.output.filter(|it| it.0 > 0 && is_final)
    }

    /// Drops what was said, whoever counted it.
    pub(crate) fn forget_text(&mut self) {
        self.output_text = OutputText::default();
    }

    /// Drops what was said when the provider's own counts make it unnecessary.
    pub(crate) fn forget_what_was_counted(&mut self) {
        if self.reasoning_bytes == 0 {
            self.answer_bytes = 0;
        }
        if self.failure.is_some() && self.counted_to_the_end().is_none() {
            return;
        }
        if self.usage.output.is_some_and(|it| it.0 > 0) {
            if self.usage.reasoning.is_some() || self.output_text.reasoning.is_empty() {
                self.output_text = OutputText::default();
            } else {
                self.output_text.answer = String::new();
            }
        }
    }

    /// Notes that `total` tokens have come by `at`, if it is known how many came before.
    ///
    /// A total that comes only once, at the end, says nothing about the last chunk: then an earlier arrival
    /// has no count, and neither gets this one.
    pub(crate) fn credit(&mut self, at: Offset, total: Tokens) {
        let Some((last, earlier)) = self.arrivals.split_last_mut() else { return };
        if last.at != at {
            return;
        }
        // Only the one before the last needs a look: a count there means that all before it have one.
        if earlier.last().is_some_and(|it| it.tokens.is_none()) {
            return;
        }
        let brought = total.0.saturating_sub(self.credited.0);
        last.tokens = Some(last.tokens.unwrap_or_default() + Tokens(brought));
        self.credited = self.credited.max(total);
    }
}
