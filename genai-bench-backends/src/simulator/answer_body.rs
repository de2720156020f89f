//! A response body that yields one piece at a time, each when it is due.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use super::flush::Flushes;
use super::pieces::Piece;
use super::request_timing::RequestTiming;
use super::settings::Fault;
use super::truth::TruthRecord;

/// The end of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// After the last piece, with the end that HTTP defines.
    Clean,
    /// After this number of bytes, by closing the connection.
    Cut(u64),
    /// Never: after this number of pieces the body stays silent.
    Silence(u64),
}

/// An error that makes the server drop the connection on purpose.
#[derive(Debug, thiserror::Error)]
#[error("the simulator cut the connection, as its faults say")]
pub(super) struct CutOnPurpose;

#[derive(Clone, Copy, Debug)]
enum Phase {
    Speaking,
    Silent,
    /// All bytes before the cut have been yielded. The connection is cut once there are more flushes than
    /// this number.
    Cutting(u64),
    Over,
}

/// The body of one response.
///
/// Between two pieces it returns `Pending`, also when there is nothing to wait for: this makes hyper write
/// each piece to the socket by itself.
pub(super) struct AnswerBody {
    pieces: Box<dyn Iterator<Item = Piece> + Send>,
    next: Option<Piece>,
    /// `true` once the request has begun to run.
    begun: bool,
    scheduled: bool,
    /// `true` once hyper has had the chance to write the last piece.
    rested: bool,
    ending: Ending,
    phase: Phase,
    /// The length of all pieces in bytes, if the headers announce it.
    length: Option<u64>,
    fault: Option<Fault>,
    timing: RequestTiming,
    record: TruthRecord,
    flushes: Arc<Flushes>,
}

impl AnswerBody {
    pub(super) fn new(
        pieces: Box<dyn Iterator<Item = Piece> + Send>,
        (ending, fault): (Ending, Option<Fault>),
        (timing, record): (RequestTiming, TruthRecord),
        flushes: Arc<Flushes>,
    ) -> Self {
        let (next, phase, length) = (None, Phase::Speaking, None);
        let (begun, scheduled, rested) = (false, false, true);
        Self { pieces, next, begun, scheduled, rested, ending, phase, length, fault, timing, record, flushes }
    }

    /// Sets the length in bytes that the headers announce.
    pub(super) fn with_length(self, length: u64) -> Self {
        Self { length: Some(length), ..self }
    }

    /// Begins to run the request, which has a slot.
    fn begin(&mut self) {
        self.begun = true;
        self.record.cached(self.timing.begin());
        self.decide();
    }

    /// Chooses the next stage, after everything yielded so far.
    fn decide(&mut self) {
        self.next = self.pieces.next();
        self.scheduled = false;
        match self.ending {
            Ending::Cut(left) if left == 0 || self.next.is_none() => {
                self.phase = Phase::Cutting(self.flushes.count());
                self.timing.leave();
            }
            Ending::Silence(0) => {
                self.phase = Phase::Silent;
                self.record.struck(Fault::Stall);
                self.timing.leave();
            }
            _ if self.next.is_none() => self.end(),
            _ => {}
        }
    }

    fn end(&mut self) {
        self.phase = Phase::Over;
        match self.fault {
            Some(fault) => self.record.struck(fault),
            None => self.timing.answered(self.record.output_tokens()),
        }
        self.record.end();
        self.timing.leave();
    }

    fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        let Some(piece) = &self.next else { return Poll::Ready(None) };
        if !self.scheduled {
            self.timing.schedule(piece.wait);
            self.scheduled = true;
        }
        ready!(self.timing.poll_due(cx));
        self.rested = false;
        Poll::Ready(self.next.take().map(|piece| self.hand_over(piece)))
    }

    fn hand_over(&mut self, piece: Piece) -> Bytes {
        let length = piece.bytes.len();
        match &mut self.ending {
            Ending::Cut(left) => match usize::try_from(*left) {
                Ok(left_here) if left_here < length => {
                    *left = 0;
                    self.decide();
                    return piece.bytes.slice(..left_here);
                }
                _ => *left -= length as u64,
            },
            Ending::Silence(left) => *left -= 1,
            Ending::Clean => {}
        }
        if let Some(output) = piece.output {
            self.record.wrote(output);
        }
        if let Some(fault) = self.fault.filter(|_| piece.strikes) {
            self.record.struck(fault);
        }
        self.decide();
        piece.bytes
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = CutOnPurpose;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, CutOnPurpose>>> {
        let body = self.get_mut();
        ready!(body.timing.poll_slot(cx));
        if !body.begun {
            body.begin();
        }
        if !body.rested {
            body.rested = true;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        match body.phase {
            Phase::Speaking => body.poll_piece(cx).map(|it| it.map(|bytes| Ok(Frame::data(bytes)))),
            // No waker is stored: the connection itself notices when the client goes away.
            Phase::Silent => Poll::Pending,
            Phase::Cutting(seen) => {
                ready!(body.flushes.poll_after(seen, cx));
                body.end();
                Poll::Ready(Some(Err(CutOnPurpose)))
            }
            Phase::Over => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self.phase, Phase::Over)
    }

    fn size_hint(&self) -> SizeHint {
        self.length.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::task::{Wake, Waker};

    use genai_bench_core::clock::Epoch;
    use genai_bench_core::units::{Offset, Tokens};

    use super::*;
    use crate::simulator::prompt::MediaCount;
    use crate::simulator::random::{Purpose, RandomNumbers};
    use crate::simulator::request_timing::StepLatencies;
    use crate::simulator::running_requests::RunningRequests;
    use crate::simulator::settings::Settings;
    use crate::simulator::settings::Slowdown;
    use crate::simulator::truth::{Truth, TruthLog};

    #[derive(Default)]
    struct Wakes(AtomicU32);

    impl Wake for Wakes {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn truth() -> Truth {
        Truth {
            id: None,
            number: 0,
            model: "m".to_owned(),
            body_hash: None,
            received: Offset::ZERO,
            written: Vec::new(),
            ended: Offset::ZERO,
            input_tokens: Tokens(0),
            cached_tokens: Tokens(0),
            media: MediaCount::default(),
            output_tokens: Tokens(0),
            reasoning_tokens: Tokens(0),
            audio_bytes: 0,
            stream: true,
            fault: None,
        }
    }

    fn body(ending: Ending) -> (AnswerBody, Arc<TruthLog>, Arc<Flushes>) {
        let epoch = Epoch::start();
        let truth_log = Arc::new(TruthLog::new(epoch, 1));
        let load = Arc::new(RunningRequests::new(Slowdown::none()));
        let draws = RandomNumbers::new(0, 0, Purpose::Latency);
        let latencies = StepLatencies::for_text(&Settings::instant());
        let timing = RequestTiming::new(latencies, &load, epoch, (draws, Offset::ZERO, 0));
        let pieces = Box::new(["one", "two"].map(Piece::silent).into_iter());
        let (record, flushes) = (TruthRecord::open(&truth_log, truth()), Arc::default());
        let body = AnswerBody::new(pieces, (ending, None), (timing, record), Arc::clone(&flushes));
        (body, truth_log, flushes)
    }

    /// Returns the result of polling the body, as text: a piece, pending, or the end.
    fn polled(body: &mut AnswerBody, wakes: &Arc<Wakes>) -> String {
        let waker = Waker::from(Arc::clone(wakes));
        match Pin::new(body).poll_frame(&mut Context::from_waker(&waker)) {
            Poll::Pending => "not ready".to_owned(),
            Poll::Ready(None) => "end".to_owned(),
            Poll::Ready(Some(Err(error))) => error.to_string(),
            Poll::Ready(Some(Ok(frame))) => String::from_utf8(frame.into_data().unwrap().to_vec()).unwrap(),
        }
    }

    #[test]
    fn each_piece_is_written_before_the_next_is_yielded() {
        let (mut body, truth_log, _) = body(Ending::Clean);
        let wakes = Arc::new(Wakes::default());
        let polls: Vec<_> = (0..3).map(|_| polled(&mut body, &wakes)).collect();
        assert_eq!(polls, ["one", "not ready", "two"]);
        assert_eq!(wakes.0.load(Ordering::Relaxed), 1, "it asks to be polled again");
        assert!(body.is_end_stream() && truth_log.to_vec()[0].fault.is_none());
    }

    #[test]
    fn a_cut_falls_after_all_bytes_before_it_are_flushed() {
        let (mut body, truth_log, flushes) = body(Ending::Cut(4));
        let wakes = Arc::new(Wakes::default());
        let polls: Vec<_> = (0..6).map(|_| polled(&mut body, &wakes)).collect();
        assert_eq!(polls, ["one", "not ready", "t", "not ready", "not ready", "not ready"]);
        assert!(!body.is_end_stream() && truth_log.to_vec().is_empty());
        let woken = wakes.0.load(Ordering::Relaxed);
        flushes.flushed();
        assert_eq!(wakes.0.load(Ordering::Relaxed), woken + 1, "the flush wakes it");
        assert_eq!(polled(&mut body, &wakes), CutOnPurpose.to_string());
    }
}
