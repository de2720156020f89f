//! The record of every request as the server saw it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use genai_bench_core::clock::Epoch;
use genai_bench_core::units::{Offset, Tokens};
use serde::{Deserialize, Serialize};

use super::pieces::Output;
use super::prompt::MediaCount;
use super::settings::Fault;

/// The record of one request as the server saw it. `GET /truth` responds with an array of these, in the
/// order in which the requests ended.
///
/// Times are positions on the server's own time axis, in nanoseconds: compare differences, or map both axes
/// through [`Simulator::epoch`](super::Simulator::epoch).
///
/// A request whose client disconnected before it had been read completely did not arrive: it has no record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Truth {
    /// The request's header `x-request-id`.
    pub id: Option<String>,
    /// The position in the order of arrival, from 0. Requests that were refused for their own fault (wrong
    /// key, bad body) have no number and no record.
    pub number: u64,
    /// The model that the request names.
    pub model: String,
    /// The first 16 hexadecimal digits of the SHA-256 of the request's body, if
    /// [`Settings::body_hashes`](super::Settings::body_hashes) is set.
    pub body_hash: Option<String>,
    /// The time at which the last byte of the request had been read.
    #[serde(rename = "received_ns")]
    pub received: Offset,
    /// The times at which chunks with output (reasoning, answer or audio) were handed to the socket; when
    /// not streaming, the one time at which the body was. A chunk that was cut in two is not among them.
    #[serde(rename = "written_ns")]
    pub written: Vec<Offset>,
    /// The time at which the last byte was handed to the socket, or at which the server saw that the client
    /// was gone.
    #[serde(rename = "ended_ns")]
    pub ended: Offset,
    /// The number of input tokens, as usage reports them.
    pub input_tokens: Tokens,
    /// The number of input tokens that the prefix cache held.
    pub cached_tokens: Tokens,
    /// The number of images, videos and recordings in the request.
    pub media: MediaCount,
    /// The number of tokens in the chunks that were written, reasoning included.
    pub output_tokens: Tokens,
    /// The number of output tokens that were reasoning.
    pub reasoning_tokens: Tokens,
    /// The number of bytes of audio that were written, before their encoding as base64.
    pub audio_bytes: u64,
    /// `true` if the response was streamed.
    pub stream: bool,
    /// The fault of the request, if it had one.
    pub fault: Option<Fault>,
}

/// The records of the requests that ended, up to a limit.
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

/// The record of one request in progress. A record that is dropped before its end has the fault
/// [`Fault::ClientGone`].
#[derive(Debug)]
pub(super) struct TruthRecord {
    truth_log: Arc<TruthLog>,
    open: Option<Truth>,
}

impl TruthRecord {
    pub(super) fn open(truth_log: &Arc<TruthLog>, truth: Truth) -> Self {
        Self { truth_log: Arc::clone(truth_log), open: Some(truth) }
    }

    /// Records that output is handed to the socket now.
    pub(super) fn wrote(&mut self, output: Output) {
        let now = self.truth_log.epoch.now();
        if let Some(truth) = &mut self.open {
            truth.written.push(now);
            truth.output_tokens += Tokens(output.tokens);
            truth.reasoning_tokens += Tokens(output.reasoning_tokens);
            truth.audio_bytes += output.audio_bytes;
        }
    }

    /// Records the number of prompt tokens that were in the prefix cache.
    pub(super) fn cached(&mut self, tokens: u64) {
        if let Some(truth) = &mut self.open {
            truth.cached_tokens = Tokens(tokens);
        }
    }

    /// Returns the number of output tokens so far.
    pub(super) fn output_tokens(&self) -> u64 {
        self.open.as_ref().map_or(0, |it| it.output_tokens.0)
    }

    /// Records that the fault has been injected: it explains whatever the client does from now on.
    pub(super) fn struck(&mut self, fault: Fault) {
        if let Some(truth) = &mut self.open {
            truth.fault = Some(fault);
        }
    }

    /// Records that the response is complete on the side of the server.
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
