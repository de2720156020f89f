//! The metrics of one request.

use std::time::Duration;

use super::tokens::TokenCounts;
use crate::failure::Failure;
use crate::trace::Trace;
use crate::units::Offset;

/// Output that came within so little time says nothing about time per token: it waited somewhere and came at
/// once. The Python tool's limit.
const SHORTEST_OUTPUT_LATENCY: Duration = Duration::from_millis(1);

/// What one request tells. What does not exist is `None`, never 0; of a failed request only the failure and
/// the times of sending and ending exist.
///
/// ```
/// # use genai_bench_core::metrics::{RequestMetrics, TokenCounts};
/// # use genai_bench_core::trace::Trace;
/// # use genai_bench_core::units::Tokens;
/// // Sent at 0 s, output at 100 s and at 110 s, 4 tokens for a prompt of 10.
/// let trace: Trace = serde_json::from_str(
///     r#"{"index": 0, "due": 0, "called": 0, "sent": 0, "ended": 110000000000, "status": 200,
///         "arrivals": [100000000000, 10000000000],
///         "usage": {"input": 10, "output": 4}}"#,
/// )?;
/// let metrics = RequestMetrics::of(&trace, TokenCounts::of(&trace, None)?);
/// assert_eq!(metrics.ttft.unwrap().as_secs(), 100);
/// assert_eq!(metrics.e2e_latency.unwrap().as_secs(), 110);
/// assert_eq!(metrics.tpot.unwrap().as_secs_f64(), 3.333333333); // 10 s / (4 − 1)
/// assert!((metrics.output_tokens_per_s.unwrap() - 0.3).abs() < 1e-9);
/// assert!((metrics.input_tokens_per_s.unwrap() - 0.1).abs() < 1e-9);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct RequestMetrics {
    /// From sending to the first output. Absent when the answer came in one piece.
    pub ttft: Option<Duration>,
    /// From sending to the first output that is no reasoning. Absent when the answer came in one piece.
    pub time_to_first_answer: Option<Duration>,
    /// From sending to the head of the response.
    pub time_to_headers: Option<Duration>,
    /// From sending to the last output. What follows it, such as the token counts, is not waited for.
    pub e2e_latency: Option<Duration>,
    /// From the first output to the last. Absent when the answer came in one piece.
    pub output_latency: Option<Duration>,
    /// Time per output token after the first. Absent for fewer than 2 tokens, and where all output came
    /// within a millisecond.
    pub tpot: Option<Duration>,
    /// Output tokens a second after the first: `1 / tpot`.
    pub output_tokens_per_s: Option<f64>,
    /// Tokens of the prompt a second until the first output, or until the end where what comes is whole by
    /// itself: embeddings, ranked documents.
    pub input_tokens_per_s: Option<f64>,
    /// Things that came and are whole by themselves: embeddings, ranked documents, pictures. Absent when
    /// nothing of that kind came.
    pub items: Option<u64>,
    /// Sound that came, in bytes. Absent when none did.
    pub audio_bytes: Option<u64>,
    /// Sound a second after its first bytes: `audio_bytes / output_latency`, the Python tool's formula.
    pub audio_bytes_per_s: Option<f64>,
    /// Until the first token by the server's own clock, where it says so.
    pub server_ttft: Option<Duration>,
    /// Until the answer was whole by the server's own clock, where it says so.
    pub server_latency: Option<Duration>,
    /// The tokens, and who counted them.
    pub tokens: TokenCounts,
    /// From when the load wanted the request to be sent to when it left.
    pub send_lag: Duration,
    /// How often it was sent again, because that was asked for. Its times count from the first time.
    pub retries: u32,
    /// Which turn of its session it is, from 0.
    pub turn: u32,
    /// When it left.
    pub sent: Offset,
    /// When the exchange was over.
    pub ended: Offset,
    /// Why it failed, if it did.
    pub failure: Option<Failure>,
}

impl RequestMetrics {
    /// The metrics of `trace`, which had so many `tokens`.
    #[must_use]
    pub fn of(trace: &Trace, tokens: TokenCounts) -> Self {
        let mut metrics = Self {
            send_lag: trace.sent.since(trace.due).unwrap_or_default(),
            retries: trace.retries,
            turn: trace.turn,
            sent: trace.sent,
            ended: trace.ended,
            failure: trace.failure.clone(),
            ..Self::default()
        };
        if metrics.failure.is_some() {
            return metrics;
        }
        let after_sending = |at: Option<Offset>| at.and_then(|it| it.since(trace.sent));
        metrics.tokens = tokens;
        (metrics.server_ttft, metrics.server_latency) =
            (trace.server_time.first_token, trace.server_time.total);
        metrics.time_to_headers = after_sending(trace.head);
        metrics.e2e_latency = after_sending(trace.last_output());
        metrics.items = Some(trace.items()).filter(|it| *it > 0);
        metrics.audio_bytes = Some(trace.audio_bytes).filter(|it| *it > 0);
        if trace.came_whole {
            if metrics.items.is_some() {
                metrics.input_tokens_per_s = rate(metrics.tokens.input.map(|it| it.0), metrics.e2e_latency);
            }
            return metrics;
        }
        metrics.ttft = after_sending(trace.first_output());
        metrics.time_to_first_answer = after_sending(trace.first_answer());
        metrics.output_latency = trace.last_output().zip(trace.first_output()).and_then(|(a, b)| a.since(b));
        metrics.add_speeds();
        metrics
    }

    /// Whether the request was answered in full.
    #[must_use]
    pub fn succeeded(&self) -> bool {
        self.failure.is_none()
    }

    fn add_speeds(&mut self) {
        self.input_tokens_per_s = rate(self.tokens.input.map(|it| it.0), self.ttft);
        self.audio_bytes_per_s = rate(self.audio_bytes, self.output_latency);
        let later_tokens = self.tokens.output.and_then(|it| it.0.checked_sub(1)).filter(|it| *it > 0);
        let latency = self.output_latency.filter(|it| *it >= SHORTEST_OUTPUT_LATENCY);
        if let (Some(tokens), Some(latency)) = (later_tokens, latency) {
            let seconds = latency.as_secs_f64() / tokens as f64;
            self.tpot = Some(Duration::from_secs_f64(seconds));
            self.output_tokens_per_s = Some(seconds.recip());
        }
    }
}

/// So much in so much time, per second; `None` in no time.
fn rate(amount: Option<u64>, time: Option<Duration>) -> Option<f64> {
    let seconds = time.filter(|it| !it.is_zero())?.as_secs_f64();
    Some(amount? as f64 / seconds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Events, Usage};
    use crate::units::Tokens;

    fn trace(arrivals_ms: &[u64], output: u64) -> Trace {
        let mut trace = Trace::default();
        let at = |ms: u64| Offset::from_nanos(ms * 1_000_000);
        for ms in arrivals_ms {
            Events::arriving(at(*ms), &mut trace).text("x");
        }
        trace.usage = Usage { input: Some(Tokens(10)), output: Some(Tokens(output)), ..Usage::default() };
        trace
    }

    fn metrics(trace: &Trace) -> RequestMetrics {
        RequestMetrics::of(trace, TokenCounts::of(trace, None).unwrap())
    }

    #[test]
    fn one_token_has_a_ttft_but_no_time_per_token() {
        let metrics = metrics(&trace(&[30], 1));
        assert_eq!(metrics.ttft, Some(Duration::from_millis(30)));
        assert_eq!(metrics.e2e_latency, Some(Duration::from_millis(30)));
        assert_eq!((metrics.tpot, metrics.output_tokens_per_s), (None, None));
        assert!(metrics.succeeded());
    }

    #[test]
    fn output_within_a_millisecond_has_no_time_per_token() {
        // The Python tool's own case: 0.2 ms for 1,000 tokens.
        let mut trace = trace(&[], 1_000);
        for nanos in [50_000_000, 50_200_000] {
            Events::arriving(Offset::from_nanos(nanos), &mut trace).text("x");
        }
        let metrics = metrics(&trace);
        assert_eq!((metrics.tpot, metrics.output_tokens_per_s), (None, None));
        assert_eq!(metrics.output_latency, Some(Duration::from_micros(200)));
        assert_eq!(metrics.tokens.output, Some(Tokens(1_000)));
    }

    #[test]
    fn an_answer_in_one_piece_has_an_end_but_no_first_token() {
        let trace = Trace { came_whole: true, ..trace(&[40], 20) };
        let metrics = metrics(&trace);
        assert_eq!((metrics.ttft, metrics.output_latency, metrics.tpot), (None, None, None));
        assert_eq!(metrics.e2e_latency, Some(Duration::from_millis(40)));
    }

    #[test]
    fn the_end_is_the_last_output_and_not_the_usage_behind_it() {
        let mut trace = trace(&[10, 20], 2);
        trace.usage_at = Some(Offset::from_nanos(90_000_000));
        trace.ended = Offset::from_nanos(95_000_000);
        assert_eq!(metrics(&trace).e2e_latency, Some(Duration::from_millis(20)));
    }

    #[test]
    fn embeddings_have_an_input_speed_and_a_number_but_no_tokens_of_output() {
        let mut trace = Trace::default();
        let mut events = Events::arriving(Offset::from_nanos(50_000_000), &mut trace);
        events.whole();
        (0..3).for_each(|_| events.item());
        events.usage(Usage { input: Some(Tokens(100)), ..Usage::default() });
        let metrics = metrics(&trace);
        assert_eq!((metrics.items, metrics.input_tokens_per_s), (Some(3), Some(2_000.0)));
        assert_eq!((metrics.ttft, metrics.tpot, metrics.tokens.output), (None, None, None));
        assert_eq!(metrics.e2e_latency, Some(Duration::from_millis(50)));
    }

    #[test]
    fn speech_has_a_first_byte_and_a_speed() {
        let mut trace = Trace::default();
        for (ms, bytes) in [(100, 400), (200, 600), (300, 1_000)] {
            Events::arriving(Offset::from_nanos(ms * 1_000_000), &mut trace).audio(bytes);
        }
        let metrics = metrics(&trace);
        assert_eq!(metrics.ttft, Some(Duration::from_millis(100)));
        assert_eq!((metrics.audio_bytes, metrics.audio_bytes_per_s), (Some(2_000), Some(10_000.0)));
        assert_eq!((metrics.tpot, metrics.items, metrics.tokens.output), (None, None, None));
    }

    #[test]
    fn a_failed_request_has_no_latency_at_all() {
        let trace = Trace { failure: Some(Failure::cancelled()), ..trace(&[10, 20], 2) };
        let metrics = metrics(&trace);
        assert_eq!((metrics.ttft, metrics.e2e_latency, metrics.tokens), (None, None, TokenCounts::default()));
    }
}
