//! The collector that computes the metrics of a run from its records.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::evidence::Evidence;
use super::facts::RunFacts;
use super::failure_pool::FailurePool;
use super::gap_log::GapLog;
use super::rates::Rates;
use super::timeline::Timeline;
use super::tokens::TokenCounts;
use super::turns::{by_turn, distributions};
use super::unfinished::{Unfinished, events_of};
use super::{AnswerGaps, Connections, RequestMetrics, RunMetrics, TokenSource, Verdict, Window, verdict};
use crate::record::RequestRecord;
use crate::tokenizer::{TokenizeError, Tokenizer};
use crate::transport::Connection;

/// The maximum size in bytes of the records that wait for the end of the run, because only a tokenizer can count their
/// output. Records beyond this are counted during the run.
const MAX_UNCOUNTED_BYTES: usize = 32 << 20;
/// The maximum number of finish reasons with a count of their own.
const MAX_FINISH_REASONS: usize = 32;
/// The name under which further finish reasons are counted.
const OTHER_REASONS: &str = "other";

/// A collector of the records of a run, added in the order in which the requests end. It stores about 120 bytes per
/// request.
///
/// A record without a token count from the server is stored until [`finish`](Self::finish), up to 32 MiB of them, so
/// that the tokenizer does not disturb the run.
#[derive(Clone, Debug, Default)]
pub struct MetricsCollector {
    requests: Vec<RequestMetrics>,
    uncounted: Vec<(usize, RequestRecord)>,
    uncounted_bytes: usize,
    tokenizer: Option<Arc<dyn Tokenizer>>,
    /// The first error of the tokenizer during the run.
    error: Option<TokenizeError>,
    totals: Totals,
}

/// Sums over the requests so far.
#[derive(Clone, Debug, Default)]
struct Totals {
    output: Timeline,
    input: Timeline,
    gaps: GapLog,
    unfinished: Unfinished,
    connections: Connections,
    finish_reasons: BTreeMap<String, u64>,
    answered_tokens: u64,
    answered_events: u64,
    evidence: Evidence,
    failures: FailurePool,
}

impl MetricsCollector {
    /// Creates an empty collector for a run with these facts.
    #[must_use]
    pub fn new(facts: &RunFacts) -> Self {
        let totals = Totals { gaps: GapLog::new(facts), evidence: Evidence::new(facts), ..Totals::default() };
        Self { totals, ..Self::default() }
    }

    /// Sets the tokenizer that counts outputs without a count from the server.
    #[must_use]
    pub fn with_tokenizer(mut self, tokenizer: Option<Arc<dyn Tokenizer>>) -> Self {
        self.tokenizer = tokenizer;
        self
    }

    /// Adds one request.
    pub fn add(&mut self, record: RequestRecord) {
        let index = self.requests.len();
        self.totals.count_connection(&record);
        if record.output_text.is_empty() {
            let request =
                self.totals.measure(&record, TokenCounts::from_record(&record, None).unwrap_or_default());
            return self.requests.push(request);
        }
        let size = retained_bytes(&record);
        if self.uncounted_bytes + size <= MAX_UNCOUNTED_BYTES {
            self.uncounted_bytes += size;
            self.uncounted.push((index, record));
            return self.requests.push(RequestMetrics::default());
        }
        match count(&record, self.tokenizer.as_ref()) {
            Ok(counts) => self.requests.push(self.totals.measure(&record, counts)),
            Err(error) => {
                self.error.get_or_insert(error);
            }
        }
    }

    /// Computes the metrics of the run. Outputs without a count from the server are counted first.
    ///
    /// # Errors
    ///
    /// When the tokenizer cannot encode a text.
    pub fn finish(mut self, facts: &RunFacts) -> Result<RunMetrics, TokenizeError> {
        if let Some(error) = self.error {
            return Err(error);
        }
        for (index, record) in std::mem::take(&mut self.uncounted) {
            let counts = count(&record, self.tokenizer.as_ref())?;
            self.requests[index] = self.totals.measure(&record, counts);
        }
        Ok(summarize(self.requests, self.totals, facts))
    }
}

/// Counts the tokens of `record`. The output of an unfinished request is not counted by a tokenizer that only
/// estimates: its events, at the ratio of the answered requests, are more accurate.
fn count(
    record: &RequestRecord,
    tokenizer: Option<&Arc<dyn Tokenizer>>,
) -> Result<TokenCounts, TokenizeError> {
    let tokenizer = tokenizer.filter(|tokenizer| record.succeeded() || !tokenizer.is_estimate());
    TokenCounts::from_record(record, tokenizer.map(|tokenizer| &**tokenizer))
}

/// Returns the estimated size of a record, in bytes.
fn retained_bytes(record: &RequestRecord) -> usize {
    let text = record.output_text.answer.capacity() + record.output_text.reasoning.capacity();
    size_of::<RequestRecord>() + text + size_of_val(record.arrivals.as_slice())
}

impl Totals {
    fn count_connection(&mut self, record: &RequestRecord) {
        match record.connection {
            Some(Connection::Reused) => self.connections.reused += 1,
            Some(Connection::New(_)) => self.connections.opened += 1,
            None => {}
        }
        self.connections.left_open += u64::from(record.body_left_open);
    }

    fn measure(&mut self, record: &RequestRecord, counts: TokenCounts) -> RequestMetrics {
        self.add_tokens(record, &counts);
        if record.succeeded() {
            let visible = counts.visible();
            let gaps = AnswerGaps::new(record, visible);
            self.gaps.add(record.sent, record.ended, gaps);
            self.count_finish_reason(record);
            self.evidence.add(record, &counts);
            if let Some(visible) = visible {
                self.answered_tokens = self.answered_tokens.saturating_add(visible.0);
                self.answered_events += events_of(record);
            }
        } else {
            self.unfinished.add(record, &counts);
        }
        let failure = record.failure.as_ref().map(|failure| self.failures.share(failure));
        RequestMetrics::with_failure(record, counts, failure)
    }

    fn count_finish_reason(&mut self, record: &RequestRecord) {
        let Some(reason) = &record.finish else { return };
        let reason = reason.to_string();
        let is_known = self.finish_reasons.contains_key(&reason);
        let has_room = self.finish_reasons.len() < MAX_FINISH_REASONS;
        let name = if is_known || has_room { reason } else { OTHER_REASONS.to_owned() };
        *self.finish_reasons.entry(name).or_default() += 1;
    }

    /// Adds the tokens of a request to the timelines: those of the prompt and hidden reasoning evenly over the time until
    /// the first output, all others at their arrival. A server may count each chunk; otherwise the tokens are
    /// distributed evenly over the events.
    fn add_tokens(&mut self, record: &RequestRecord, counts: &TokenCounts) {
        let first = record.first_output().or(record.generation_end());
        if let (Some(input), Some(first)) = (counts.input, first) {
            self.input.add_spread(record.sent, first, input.0 as f64);
        }
        let (Some(output), Some(visible), Some(first)) = (counts.output, counts.visible(), first) else {
            return;
        };
        let hidden = output.0 - visible.0;
        if hidden > 0 {
            self.output.add_spread(record.sent, first, hidden as f64);
        }
        let is_known = hidden == 0 && record.arrivals.iter().all(|arrival| arrival.tokens.is_some());
        let events = events_of(record);
        for arrival in &record.arrivals {
            let share = visible.0 as f64 * f64::from(arrival.pieces) / events as f64;
            let known = arrival.tokens.map_or(0.0, |tokens| tokens.0 as f64);
            self.output.add(arrival.at, if is_known { known } else { share });
        }
    }

    /// Returns the mean number of tokens per event of the answered requests; 1 if no request was answered.
    fn tokens_per_event(&self) -> f64 {
        if self.answered_events == 0 {
            1.0
        } else {
            self.answered_tokens as f64 / self.answered_events as f64
        }
    }
}

fn summarize(requests: Vec<RequestMetrics>, mut totals: Totals, facts: &RunFacts) -> RunMetrics {
    let window = Window::new(facts, &requests);
    let tokens_per_event = totals.tokens_per_event();
    totals.unfinished.add_uncounted_to(&mut totals.output, tokens_per_event);
    let rates =
        Rates::new(&window, &requests, (&totals.input, &totals.output), &totals.unfinished, tokens_per_event);
    let answered: Vec<&RequestMetrics> = requests
        .iter()
        .filter(|request| request.succeeded() && window.holds_request(request.sent, request.ended))
        .collect();
    let gaps = totals.gaps.inside(&window);
    let opened_in_window = answered.iter().filter(|request| request.connect_time().is_some()).count() as u64;
    let mut metrics = RunMetrics {
        window,
        answered_in_window: answered.len() as u64,
        output_tokens_per_s: rates.output_tokens,
        input_tokens_per_s: rates.input_tokens,
        total_tokens_per_s: rates.total_tokens(),
        requests_per_s: rates.requests,
        items_per_s: rates.items,
        audio_bytes_per_s: rates.audio_bytes,
        error_codes: BTreeMap::new(),
        failures: BTreeMap::new(),
        finish_reasons: totals.finish_reasons,
        completed: 0,
        failed: 0,
        cancelled: 0,
        unfinished: (!totals.unfinished.is_empty()).then(|| totals.unfinished.summary(tokens_per_event)),
        retried: requests.iter().filter(|request| request.retries > 0).count() as u64,
        retries: requests.iter().map(|request| u64::from(request.retries)).sum(),
        stats: distributions(&answered),
        turns: by_turn(&answered),
        itl: gaps.stats(),
        bundling: gaps.bundling(),
        connections: Connections { opened_in_window, ..totals.connections },
        input_sources: sources(&requests, |counts| counts.input_source),
        output_sources: sources(&requests, |counts| counts.output_source),
        ending: facts.ending,
        verdict: Verdict::default(),
        requests: Vec::new(),
    };
    count_outcomes(&mut metrics, &requests);
    metrics.requests = requests;
    metrics.verdict = verdict::judge(&metrics, facts, &totals.evidence);
    metrics
}

fn count_outcomes(metrics: &mut RunMetrics, requests: &[RequestMetrics]) {
    for request in requests {
        match request.failure() {
            None => metrics.completed += 1,
            Some(failure) if failure.is_cancellation() => metrics.cancelled += 1,
            Some(failure) => {
                metrics.failed += 1;
                *metrics.error_codes.entry(failure.code()).or_default() += 1;
                *metrics.failures.entry(failure.kind).or_default() += 1;
            }
        }
    }
}

fn sources(
    requests: &[RequestMetrics],
    source: fn(&TokenCounts) -> TokenSource,
) -> BTreeMap<TokenSource, u64> {
    let mut counts = BTreeMap::new();
    for request in requests.iter().filter(|request| request.succeeded()) {
        *counts.entry(source(&request.tokens())).or_default() += 1;
    }
    counts
}

#[cfg(test)]
mod tests;
