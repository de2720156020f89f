//! The metrics of one request.

use std::sync::Arc;
use std::time::Duration;

use super::bundling;
use super::compact::{Count, Span};
use super::tokens::{TokenCounts, TokenSource};
use crate::failure::Failure;
use crate::record::{RequestRecord, ServerTime};
use crate::transport::Connection;
use crate::units::Offset;

/// Output that came within so little time says nothing about time per token: it waited somewhere and came at
/// once. The Python tool's limit.
const SHORTEST_OUTPUT_LATENCY: Duration = Duration::from_millis(1);

/// The metrics of one request, in about a hundred bytes. What does not exist is `None`, never 0; of a failed
/// request only the failure and the times of sending and ending exist.
///
/// ```
/// # use genai_bench_core::metrics::{RequestMetrics, TokenCounts};
/// # use genai_bench_core::record::RequestRecord;
/// // Sent at 0 s, output at 100 s and at 110 s, 4 tokens for a prompt of 10.
/// let record: RequestRecord = serde_json::from_str(
///     r#"{"index": 0, "due": 0, "called": 0, "sent": 0, "ended": 110000000000, "status": 200,
///         "arrivals": [100000000000, 10000000000],
///         "usage": {"input": 10, "output": 4}}"#,
/// )?;
/// let metrics = RequestMetrics::new(&record, TokenCounts::of(&record, None)?);
/// assert_eq!(metrics.ttft().unwrap().as_secs(), 100);
/// assert_eq!(metrics.e2e_latency().unwrap().as_secs(), 110);
/// assert_eq!(metrics.tpot().unwrap().as_secs_f64(), 3.333333333); // 10 s / (4 − 1)
/// assert!((metrics.output_tokens_per_s().unwrap() - 0.3).abs() < 1e-9);
/// assert!((metrics.input_tokens_per_s().unwrap() - 0.1).abs() < 1e-9);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RequestMetrics {
    pub(super) sent: Offset,
    pub(super) ended: Offset,
    pub(super) send_lag: Span,
    pub(super) connect: Span,
    pub(super) head: Span,
    pub(super) ttft: Span,
    pub(super) first_answer: Span,
    pub(super) e2e: Span,
    tokens: CompactCounts,
    pub(super) turn: u32,
    pub(super) retries: u16,
    is_bundled: bool,
    pub(super) failure: Option<Arc<Failure>>,
    rare: Option<Box<Rare>>,
}

/// The values that few requests have.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Rare {
    items: u64,
    audio_bytes: u64,
    server: ServerTime,
}

/// [`TokenCounts`] in few bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct CompactCounts {
    input: Count,
    output: Count,
    reasoning: Count,
    hidden: Count,
    cached: Count,
    input_source: TokenSource,
    output_source: TokenSource,
}

impl RequestMetrics {
    /// Computes the metrics of `record`, which had so many `tokens`.
    #[must_use]
    pub fn new(record: &RequestRecord, tokens: TokenCounts) -> Self {
        Self::with_failure(record, tokens, record.failure.clone().map(Arc::new))
    }

    /// Computes the metrics of `record`, whose failure is kept elsewhere.
    pub(super) fn with_failure(
        record: &RequestRecord,
        tokens: TokenCounts,
        failure: Option<Arc<Failure>>,
    ) -> Self {
        let after_sending = |at: Option<Offset>| Span::from(at.and_then(|at| at.since(record.sent)));
        let mut metrics = Self {
            send_lag: record.sent.since(record.due).into(),
            retries: u16::try_from(record.retries).unwrap_or(u16::MAX),
            turn: record.turn,
            sent: record.sent,
            ended: record.ended,
            failure,
            ..Self::default()
        };
        if let Some(Connection::New(handshake)) = record.connection {
            metrics.connect = Some(handshake.total).into();
        }
        if metrics.failure.is_some() {
            return metrics;
        }
        metrics.tokens = tokens.into();
        let rare =
            Rare { items: record.items(), audio_bytes: record.audio_bytes, server: record.server_time };
        metrics.rare = (rare != Rare::default()).then(|| Box::new(rare));
        metrics.head = after_sending(record.head);
        metrics.e2e = after_sending(record.generation_end());
        metrics.is_bundled = bundling::is_bundled(record, tokens.visible());
        if !record.unstreamed && !metrics.is_bundled {
            metrics.ttft = after_sending(record.first_output());
            metrics.first_answer = after_sending(record.first_answer());
        }
        metrics
    }

    /// The time to the first output, from the request's own start: the time to connect is in it for a request
    /// that opened a connection. Absent when the answer came in one piece, asked for so or not.
    #[must_use]
    pub fn ttft(&self) -> Option<Duration> {
        self.ttft.get()
    }

    /// The time to the first output that is no reasoning. Absent as the TTFT, and where only reasoning came.
    #[must_use]
    pub fn time_to_first_answer(&self) -> Option<Duration> {
        self.first_answer.get()
    }

    /// The time to the head of the response.
    #[must_use]
    pub fn time_to_headers(&self) -> Option<Duration> {
        self.head.get()
    }

    /// The time it took to open the connection: DNS, TCP and TLS. Absent for a request that found one open.
    #[must_use]
    pub fn connect_time(&self) -> Option<Duration> {
        self.connect.get()
    }

    /// The time to the end of generation: the later of the last output and the chunk with the finish reason.
    #[must_use]
    pub fn e2e_latency(&self) -> Option<Duration> {
        self.e2e.get()
    }

    /// The time from the first output to the end of generation. Absent as the TTFT.
    #[must_use]
    pub fn output_latency(&self) -> Option<Duration> {
        self.e2e.get()?.checked_sub(self.ttft.get()?)
    }

    /// Time per output token after the first, over the tokens that were seen arriving: tokens of hidden
    /// reasoning are none of them. Absent for fewer than 2 tokens, and where all output came within a
    /// millisecond.
    #[must_use]
    pub fn tpot(&self) -> Option<Duration> {
        let later = self.tokens().visible()?.0.checked_sub(1).filter(|later| *later > 0)?;
        let latency = self.output_latency().filter(|latency| *latency >= SHORTEST_OUTPUT_LATENCY)?;
        Some(Duration::from_secs_f64(latency.as_secs_f64() / later as f64))
    }

    /// Output tokens per second after the first token: `1 / tpot`.
    #[must_use]
    pub fn output_tokens_per_s(&self) -> Option<f64> {
        let later = self.tokens().visible()?.0.checked_sub(1).filter(|later| *later > 0)?;
        let latency = self.output_latency().filter(|latency| *latency >= SHORTEST_OUTPUT_LATENCY)?;
        Some(later as f64 / latency.as_secs_f64())
    }

    /// Prompt tokens per second until the first output, or until the end where what comes is whole by itself:
    /// embeddings, ranked documents.
    #[must_use]
    pub fn input_tokens_per_s(&self) -> Option<f64> {
        let until = self.ttft().or_else(|| self.e2e_latency().filter(|_| self.items().is_some()));
        rate(self.tokens.input.get()?.0, until)
    }

    /// How many things came that are whole by themselves: embeddings, ranked documents, pictures.
    #[must_use]
    pub fn items(&self) -> Option<u64> {
        self.rare.as_ref().map(|rare| rare.items).filter(|items| *items > 0)
    }

    /// How many bytes of sound came.
    #[must_use]
    pub fn audio_bytes(&self) -> Option<u64> {
        self.rare.as_ref().map(|rare| rare.audio_bytes).filter(|bytes| *bytes > 0)
    }

    /// Bytes of sound per second after the first ones: `audio_bytes / output_latency`, the Python tool's formula.
    #[must_use]
    pub fn audio_bytes_per_s(&self) -> Option<f64> {
        rate(self.audio_bytes()?, self.output_latency())
    }

    /// The server's own times, where it reports them.
    #[must_use]
    pub fn server_time(&self) -> ServerTime {
        self.rare.as_ref().map(|rare| rare.server).unwrap_or_default()
    }

    /// The tokens and who counted them.
    #[must_use]
    pub fn tokens(&self) -> TokenCounts {
        let CompactCounts { input, output, reasoning, hidden, cached, input_source, output_source } =
            self.tokens;
        TokenCounts {
            input: input.get(),
            input_source,
            output: output.get(),
            output_source,
            reasoning: reasoning.get(),
            hidden: hidden.get(),
            cached: cached.get(),
        }
    }

    /// The time from when the load wanted the request to be sent to when it left.
    #[must_use]
    pub fn send_lag(&self) -> Duration {
        self.send_lag.get().unwrap_or_default()
    }

    /// How often the request was sent again, because that was asked for. Its times count from the first attempt.
    #[must_use]
    pub fn retries(&self) -> u32 {
        u32::from(self.retries)
    }

    /// The turn of its session, from 0.
    #[must_use]
    pub fn turn(&self) -> u32 {
        self.turn
    }

    /// Returns the time at which the request left.
    #[must_use]
    pub fn sent(&self) -> Offset {
        self.sent
    }

    /// Returns the time at which the exchange was over.
    #[must_use]
    pub fn ended(&self) -> Offset {
        self.ended
    }

    /// Returns the failure of the request, if it failed.
    #[must_use]
    pub fn failure(&self) -> Option<&Failure> {
        self.failure.as_deref()
    }

    /// Returns whether the request was answered in full.
    #[must_use]
    pub fn succeeded(&self) -> bool {
        self.failure.is_none()
    }

    /// Returns whether all output of a streamed answer arrived in one or two reads, so that it has no TTFT of its own.
    #[must_use]
    pub fn is_bundled(&self) -> bool {
        self.is_bundled
    }
}

impl From<TokenCounts> for CompactCounts {
    fn from(counts: TokenCounts) -> Self {
        let TokenCounts { input, input_source, output, output_source, reasoning, hidden, cached } = counts;
        Self {
            input: input.into(),
            output: output.into(),
            reasoning: reasoning.into(),
            hidden: hidden.into(),
            cached: cached.into(),
            input_source,
            output_source,
        }
    }
}

/// Returns so much in so much time, per second; `None` in no time.
fn rate(amount: u64, time: Option<Duration>) -> Option<f64> {
    let seconds = time.filter(|time| !time.is_zero())?.as_secs_f64();
    Some(amount as f64 / seconds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::Events;

    use crate::record::Usage;
    use crate::units::Tokens;

    fn record(arrivals_ms: &[u64], output: u64) -> RequestRecord {
        let mut record = RequestRecord::default();
        let at = |ms: u64| Offset::from_nanos(ms * 1_000_000);
        for ms in arrivals_ms {
            Events::new(at(*ms), &mut record).text("x");
        }
        record.usage = Usage { input: Some(Tokens(10)), output: Some(Tokens(output)), ..Usage::default() };
        record
    }

    fn metrics(record: &RequestRecord) -> RequestMetrics {
        RequestMetrics::new(record, TokenCounts::of(record, None).unwrap())
    }

    #[test]
    fn one_token_has_a_ttft_but_no_time_per_token() {
        let metrics = metrics(&record(&[30], 1));
        assert_eq!(metrics.ttft(), Some(Duration::from_millis(30)));
        assert_eq!(metrics.e2e_latency(), Some(Duration::from_millis(30)));
        assert_eq!((metrics.tpot(), metrics.output_tokens_per_s()), (None, None));
        assert!(metrics.succeeded());
    }

    #[test]
    fn output_within_a_millisecond_has_no_time_per_token() {
        // The Python tool's own case: 0.2 ms for 1,000 tokens.
        let mut record = record(&[], 1_000);
        for nanos in [50_000_000, 50_100_000, 50_200_000] {
            Events::new(Offset::from_nanos(nanos), &mut record).text("x");
        }
        let metrics = metrics(&record);
        assert_eq!((metrics.tpot(), metrics.output_tokens_per_s()), (None, None));
        assert_eq!(metrics.output_latency(), Some(Duration::from_micros(200)));
        assert_eq!(metrics.tokens().output, Some(Tokens(1_000)));
    }

    #[test]
    fn an_answer_in_one_piece_has_an_end_but_no_first_token() {
        let record = RequestRecord { unstreamed: true, ..record(&[40], 20) };
        let metrics = metrics(&record);
        assert_eq!((metrics.ttft(), metrics.output_latency(), metrics.tpot()), (None, None, None));
        assert_eq!(metrics.e2e_latency(), Some(Duration::from_millis(40)));
    }

    #[test]
    fn the_end_is_the_last_output_and_not_the_usage_behind_it() {
        let mut record = record(&[10, 20], 2);
        record.usage_at = Some(Offset::from_nanos(90_000_000));
        record.ended = Offset::from_nanos(95_000_000);
        assert_eq!(metrics(&record).e2e_latency(), Some(Duration::from_millis(20)));
    }

    #[test]
    fn embeddings_have_an_input_speed_and_a_number_but_no_tokens_of_output() {
        let mut record = RequestRecord::default();
        let mut events = Events::new(Offset::from_nanos(50_000_000), &mut record);
        events.unstreamed();
        (0..3).for_each(|_| events.item());
        events.usage(Usage { input: Some(Tokens(100)), ..Usage::default() });
        let metrics = metrics(&record);
        assert_eq!((metrics.items(), metrics.input_tokens_per_s()), (Some(3), Some(2_000.0)));
        assert_eq!((metrics.ttft(), metrics.tpot(), metrics.tokens().output), (None, None, None));
        assert_eq!(metrics.e2e_latency(), Some(Duration::from_millis(50)));
    }

    #[test]
    fn speech_has_a_first_byte_and_a_speed() {
        let mut record = RequestRecord::default();
        for (ms, bytes) in [(100, 400), (200, 600), (300, 1_000)] {
            Events::new(Offset::from_nanos(ms * 1_000_000), &mut record).audio(bytes);
        }
        let metrics = metrics(&record);
        assert_eq!(metrics.ttft(), Some(Duration::from_millis(100)));
        assert_eq!((metrics.audio_bytes(), metrics.audio_bytes_per_s()), (Some(2_000), Some(10_000.0)));
        assert_eq!((metrics.tpot(), metrics.items(), metrics.tokens().output), (None, None, None));
    }

    #[test]
    fn a_failed_request_has_no_latency_at_all() {
        let record = RequestRecord { failure: Some(Failure::cancelled()), ..record(&[10, 20], 2) };
        let metrics = metrics(&record);
        assert_eq!(
            (metrics.ttft(), metrics.e2e_latency(), metrics.tokens()),
            (None, None, TokenCounts::default())
        );
    }
}
