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

/// The shortest output latency that has a time per token: output that arrives in less was buffered. The limit is that of
/// the Python tool.
const SHORTEST_OUTPUT_LATENCY: Duration = Duration::from_millis(1);

/// The metrics of one request, in about a hundred bytes. A value that does not exist is `None`, never 0; a failed
/// request has only the failure and the times of sending and ending.
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
/// let metrics = RequestMetrics::new(&record, TokenCounts::from_record(&record, None)?);
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

/// Values that few requests have.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Rare {
    items: u64,
    audio_bytes: u64,
    server: ServerTime,
}

/// A compact form of [`TokenCounts`].
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
    /// Creates the metrics of `record`, which has these token counts.
    #[must_use]
    pub fn new(record: &RequestRecord, tokens: TokenCounts) -> Self {
        Self::with_failure(record, tokens, record.failure.clone().map(Arc::new))
    }

    /// Creates the metrics of `record` with a shared failure.
    pub(super) fn with_failure(
        record: &RequestRecord,
        tokens: TokenCounts,
        failure: Option<Arc<Failure>>,
    ) -> Self {
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
        metrics.head = since_sent(record, record.head);
        metrics.e2e = since_sent(record, record.generation_end());
        metrics.is_bundled = bundling::is_bundled(record, tokens.visible());
        if !record.unstreamed && !metrics.is_bundled {
            metrics.ttft = since_sent(record, record.first_output());
            metrics.first_answer = since_sent(record, record.first_answer());
        }
        metrics
    }

    /// Returns the time to the first output, from the start of the request; it includes the time to open a connection.
    /// Absent when the answer arrived in one piece, streamed or not.
    #[must_use]
    pub fn ttft(&self) -> Option<Duration> {
        self.ttft.get()
    }

    /// Returns the time to the first output other than reasoning. Absent as the TTFT, and where only reasoning arrived.
    #[must_use]
    pub fn time_to_first_answer(&self) -> Option<Duration> {
        self.first_answer.get()
    }

    /// Returns the time to the head of the response.
    #[must_use]
    pub fn time_to_headers(&self) -> Option<Duration> {
        self.head.get()
    }

    /// Returns the time to open the connection: DNS, TCP and TLS. Absent for a request on a reused connection.
    #[must_use]
    pub fn connect_time(&self) -> Option<Duration> {
        self.connect.get()
    }

    /// Returns the time to the end of generation: the later of the last output and the chunk with the finish reason.
    #[must_use]
    pub fn e2e_latency(&self) -> Option<Duration> {
        self.e2e.get()
    }

    /// Returns the time from the first output to the end of generation. Absent as the TTFT.
    #[must_use]
    pub fn output_latency(&self) -> Option<Duration> {
        self.e2e.get()?.checked_sub(self.ttft.get()?)
    }

    /// Returns the time per output token after the first, over the tokens that arrived: hidden reasoning is not
    /// included. Absent for fewer than 2 tokens, and where all output arrived within a millisecond.
    #[must_use]
    pub fn tpot(&self) -> Option<Duration> {
        let later = self.tokens().visible()?.0.checked_sub(1).filter(|later| *later > 0)?;
        let latency = self.output_latency().filter(|latency| *latency >= SHORTEST_OUTPUT_LATENCY)?;
        Some(Duration::from_secs_f64(latency.as_secs_f64() / later as f64))
    }

    /// Returns the output tokens per second after the first token: `1 / tpot`.
    #[must_use]
    pub fn output_tokens_per_s(&self) -> Option<f64> {
        let later = self.tokens().visible()?.0.checked_sub(1).filter(|later| *later > 0)?;
        let latency = self.output_latency().filter(|latency| *latency >= SHORTEST_OUTPUT_LATENCY)?;
        Some(later as f64 / latency.as_secs_f64())
    }

    /// Returns the prompt tokens per second until the first output, or until the end of an answer that is made of
    /// items: embeddings or ranked documents.
    #[must_use]
    pub fn input_tokens_per_s(&self) -> Option<f64> {
        let until = self.ttft().or_else(|| self.e2e_latency().filter(|_| self.items().is_some()));
        rate(self.tokens.input.get()?.0, until)
    }

    /// Returns the number of items in the answer: embeddings, ranked documents or images.
    #[must_use]
    pub fn items(&self) -> Option<u64> {
        self.rare.as_ref().map(|rare| rare.items).filter(|items| *items > 0)
    }

    /// Returns the number of bytes of audio in the answer.
    #[must_use]
    pub fn audio_bytes(&self) -> Option<u64> {
        self.rare.as_ref().map(|rare| rare.audio_bytes).filter(|bytes| *bytes > 0)
    }

    /// Returns the bytes of audio per second: `audio_bytes / output_latency`, the formula of the Python tool.
    #[must_use]
    pub fn audio_bytes_per_s(&self) -> Option<f64> {
        rate(self.audio_bytes()?, self.output_latency())
    }

    /// Returns the server's own times, where the server reports them.
    #[must_use]
    pub fn server_time(&self) -> ServerTime {
        self.rare.as_ref().map(|rare| rare.server).unwrap_or_default()
    }

    /// Returns the token counts and their origins.
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

    /// Returns the time from the due time of the request to its sending.
    #[must_use]
    pub fn send_lag(&self) -> Duration {
        self.send_lag.get().unwrap_or_default()
    }

    /// Returns the number of times that the request was sent again. Its times count from the first attempt.
    #[must_use]
    pub fn retries(&self) -> u32 {
        u32::from(self.retries)
    }

    /// Returns the number of the turn in its session, from 0.
    #[must_use]
    pub fn turn(&self) -> u32 {
        self.turn
    }

    /// Returns the time at which the request was sent.
    #[must_use]
    pub fn sent(&self) -> Offset {
        self.sent
    }

    /// Returns the time at which the exchange ended.
    #[must_use]
    pub fn ended(&self) -> Offset {
        self.ended
    }

    /// Returns the failure of the request, if it failed.
    #[must_use]
    pub fn failure(&self) -> Option<&Failure> {
        self.failure.as_deref()
    }

    /// Returns `true` if the request was answered in full.
    #[must_use]
    pub fn succeeded(&self) -> bool {
        self.failure.is_none()
    }

    /// Returns `true` if all output of a streamed answer arrived in one or two reads, so that it has no TTFT.
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

/// Returns the time from sending to `at`.
fn since_sent(record: &RequestRecord, at: Option<Offset>) -> Span {
    at.and_then(|at| at.since(record.sent)).into()
}

/// Returns `amount` per second of `time`; `None` when the time is absent or zero.
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
        RequestMetrics::new(record, TokenCounts::from_record(record, None).unwrap())
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
        // A test case of the Python tool: 0.2 ms for 1,000 tokens.
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
    fn the_end_is_the_last_output_and_not_the_usage_after_it() {
        let mut record = record(&[10, 20], 2);
        record.usage_at = Some(Offset::from_nanos(90_000_000));
        record.ended = Offset::from_nanos(95_000_000);
        assert_eq!(metrics(&record).e2e_latency(), Some(Duration::from_millis(20)));
    }

    #[test]
    fn embeddings_have_items_and_input_throughput_but_no_output() {
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
    fn speech_has_a_ttft_and_a_throughput() {
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
