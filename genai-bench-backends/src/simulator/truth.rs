//! What really happened to every request.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use genai_bench_core::clock::Epoch;
use genai_bench_core::units::{Offset, Tokens};
use serde::{Deserialize, Serialize};

use super::pieces::Output;
use super::prompt::MediaCount;
use super::settings::Fault;

/// What really happened to one request, as the server saw it. `GET /truth` answers with an array of these, in
/// the order in which the requests ended.
///
/// Times are positions on the server's own time axis, in nanoseconds: compare differences, or map both axes
/// through [`Simulator::epoch`](super::Simulator::epoch).
///
/// A request whose client left before it had been read whole did not arrive: it has no truth.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Truth {
    /// The request's header `x-request-id`.
    pub id: Option<String>,
    /// Its place in the order of arrival, from 0. Requests that were refused for their own fault (wrong key,
    /// bad body) have none, and no truth.
    pub number: u64,
    /// The model that was asked for.
    pub model: String,
    /// The first 16 hexadecimal digits of the SHA-256 of the request's body, if
    /// [`Settings::body_hashes`](super::Settings::body_hashes) asks for it.
    pub body_hash: Option<String>,
    /// When the last byte of the request had been read.
    #[serde(rename = "received_ns")]
    pub received: Offset,
    /// When each chunk with output (reasoning, answer or sound) was handed to the socket; when not streaming,
    /// the one moment when the body was. A chunk that was cut in two is not among them.
    #[serde(rename = "written_ns")]
    pub written: Vec<Offset>,
    /// When the last byte was handed to the socket, or when the server saw that the client was gone.
    #[serde(rename = "ended_ns")]
    pub ended: Offset,
    /// Tokens of the request, as usage reports them.
    pub input_tokens: Tokens,
    /// Those of them that the prefix cache held.
    pub cached_tokens: Tokens,
    /// What the request showed beside its text.
    pub media: MediaCount,
    /// Tokens in the chunks that were written, reasoning included.
    pub output_tokens: Tokens,
    /// Those of them that were reasoning.
    pub reasoning_tokens: Tokens,
    /// Bytes of sound that were written, before they were made base64 of.
    pub audio_bytes: u64,
    /// Whether the answer was streamed.
    pub stream: bool,
    /// What went wrong, if anything did.
    pub fault: Option<Fault>,
}

/// The truths of all requests that ended, up to a limit.
#[derive(Debug)]
pub(super) struct TruthLog {
    epoch: Epoch,
    limit: usize,
    ended: Mutex<VecDeque<Truth>>,
}

impl TruthLog {
    pub(super) fn new(epoch: Epoch, limit: usize) -> Self {
        Self { epoch, limit, ended: Mutex::default() }
    }

    pub(super) fn epoch(&self) -> Epoch {
        self.epoch
    }

    pub(super) fn to_vec(&self) -> Vec<Truth> {
        self.lock().iter().cloned().collect()
    }

    pub(super) fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(&*self.lock()).expect("numbers and text always make JSON")
    }

    pub(super) fn clear(&self) {
        self.lock().clear();
    }

    fn push(&self, mut truth: Truth) {
        truth.written.shrink_to_fit();
        let mut ended = self.lock();
        if ended.len() == self.limit {
            ended.pop_front();
        }
        ended.push_back(truth);
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Truth>> {
        self.ended.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The truth of one request while it is still being made. Dropped before its end, it says why.
#[derive(Debug)]
pub(super) struct TruthRecord {
    truth_log: Arc<TruthLog>,
    open: Option<Truth>,
}

impl TruthRecord {
    pub(super) fn open(truth_log: &Arc<TruthLog>, truth: Truth) -> Self {
        Self { truth_log: Arc::clone(truth_log), open: Some(truth) }
    }

    /// Output is being handed to the socket right now.
    pub(super) fn wrote(&mut self, output: Output) {
        let now = self.truth_log.epoch.now();
        if let Some(truth) = &mut self.open {
            truth.written.push(now);
            truth.output_tokens += Tokens(output.tokens);
            truth.reasoning_tokens += Tokens(output.reasoning_tokens);
            truth.audio_bytes += output.audio_bytes;
        }
    }

    /// So many tokens of the prompt were in the prefix cache.
    pub(super) fn cached(&mut self, tokens: u64) {
        if let Some(truth) = &mut self.open {
            truth.cached_tokens = Tokens(tokens);
        }
    }

    /// The output so far, in tokens.
    pub(super) fn output_tokens(&self) -> u64 {
        self.open.as_ref().map_or(0, |it| it.output_tokens.0)
    }

    /// The fault has struck: whatever the client does from now on follows from it.
    pub(super) fn struck(&mut self, fault: Fault) {
        if let Some(truth) = &mut self.open {
            truth.fault = Some(fault);
        }
    }

    /// The answer is complete, as far as the server is concerned.
    pub(super) fn end(&mut self) {
        if let Some(mut truth) = self.open.take() {
            truth.ended = self.truth_log.epoch.now();
            self.truth_log.push(truth);
        }
    }
}

impl Drop for TruthRecord {
    fn drop(&mut self) {
        if let Some(truth) = &mut self.open {
            truth.fault.get_or_insert(Fault::ClientGone);
        }
        self.end();
    }
}
