//! From traces to the metrics of a run, one trace at a time.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::facts::RunFacts;
use super::timeline::Timeline;
use super::tokens::TokenCounts;
use super::turns::{by_turn, distributions};
use super::{
    AnswerGaps, Connections, Gaps, RequestMetrics, RunMetrics, TokenSource, Verdict, Window, verdict,
};
use crate::tokenizer::{TokenizeError, Tokenizer};
use crate::trace::Trace;
use crate::transport::Connection;
use crate::units::Tokens;

/// Gathers the traces of a run in the order in which they end, and keeps of each only what metrics need.
///
/// Where the server did not count, the text is kept until [`finish`](Tally::finish): no tokenizer runs before
/// the run is over.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    requests: Vec<RequestMetrics>,
    uncounted: Vec<(usize, Trace)>,
    output: Timeline,
    input: Timeline,
    gaps: Gaps,
    /// The gaps of each answer by its place, as long as it is not known which answers are left out.
    untrimmed: Option<BTreeMap<usize, AnswerGaps>>,
    connections: Connections,
    shortened: u64,
}

impl Tally {
    /// A tally of a run of which so much is known beforehand. When a part of the run is to be left out, the gaps
    /// of every answer are kept until it is known which.
    #[must_use]
    pub fn of(facts: &RunFacts) -> Self {
        let trims = facts.warmup_ratio > 0.0 || facts.cooldown_ratio > 0.0;
        Self { untrimmed: trims.then(BTreeMap::new), ..Self::default() }
    }

    /// Adds one request.
    pub fn add(&mut self, trace: Trace) {
        match trace.connection {
            Some(Connection::Reused) => self.connections.reused += 1,
            Some(Connection::New(_)) => self.connections.opened += 1,
            None => {}
        }
        if trace.succeeded() && !trace.spoken.is_empty() {
            self.uncounted.push((self.requests.len(), trace));
            self.requests.push(RequestMetrics::default());
            return;
        }
        let tokens = TokenCounts::of(&trace, None).unwrap_or_default();
        let request = self.measure(self.requests.len(), &trace, tokens);
        self.requests.push(request);
    }

    /// Counts what the server did not, and computes the metrics of the run.
    ///
    /// # Errors
    ///
    /// When the tokenizer cannot cut a text.
    pub fn finish(
        mut self,
        facts: &RunFacts,
        tokenizer: Option<&Arc<dyn Tokenizer>>,
    ) -> Result<RunMetrics, TokenizeError> {
        for (index, trace) in std::mem::take(&mut self.uncounted) {
            let tokens = TokenCounts::of(&trace, tokenizer.map(|it| &**it))?;
            self.requests[index] = self.measure(index, &trace, tokens);
        }
        let (window, kept) = Window::of(facts, &self.requests);
        for (_, answer) in self.untrimmed.iter().flat_map(|it| it.range(kept.clone())) {
            self.gaps.add(answer);
        }
        let answered: Vec<&RequestMetrics> = self.requests[kept].iter().filter(|it| it.succeeded()).collect();
        let seconds = Some(window.duration().as_secs_f64()).filter(|it| *it > 0.0 && !answered.is_empty());
        let rate = |amount: f64| seconds.map(|it| amount / it);
        let (input, output) =
            (self.input.between(window.from, window.to), self.output.between(window.from, window.to));
        let inside: Vec<_> = answered.iter().filter(|it| window.holds(it.ended)).collect();
        let per_s = |of: fn(&RequestMetrics) -> Option<u64>| {
            let amounts: Vec<u64> = inside.iter().filter_map(|it| of(it)).collect();
            if amounts.is_empty() { None } else { rate(amounts.iter().sum::<u64>() as f64) }
        };
        // What no answer has is absent, and no rate of 0.
        let any = |of: fn(&TokenCounts) -> Option<Tokens>| answered.iter().any(|it| of(&it.tokens).is_some());
        let (has_input, has_output) = (any(|it| it.input), any(|it| it.output));
        let mut metrics = RunMetrics {
            window,
            output_tokens_per_s: rate(output).filter(|_| has_output),
            input_tokens_per_s: rate(input).filter(|_| has_input),
            total_tokens_per_s: rate(input + output).filter(|_| has_input || has_output),
            requests_per_s: rate(inside.len() as f64),
            items_per_s: per_s(|it| it.items),
            audio_bytes_per_s: per_s(|it| it.audio_bytes),
            error_codes: BTreeMap::new(),
            failures: BTreeMap::new(),
            completed: 0,
            failed: 0,
            cancelled: 0,
            retried: self.requests.iter().filter(|it| it.retries > 0).count() as u64,
            retries: self.requests.iter().map(|it| u64::from(it.retries)).sum(),
            stats: distributions(&answered),
            turns: by_turn(&answered),
            itl: self.gaps.stats(),
            connections: self.connections,
            input_sources: sources(&self.requests, |it| it.input_source),
            output_sources: sources(&self.requests, |it| it.output_source),
            verdict: Verdict::default(),
            requests: self.requests,
        };
        count_outcomes(&mut metrics);
        metrics.verdict = verdict::judge(&metrics, facts, self.shortened);
        Ok(metrics)
    }

    fn measure(&mut self, index: usize, trace: &Trace, tokens: TokenCounts) -> RequestMetrics {
        if trace.succeeded() {
            let gaps = AnswerGaps::of(trace, tokens.output);
            match &mut self.untrimmed {
                Some(untrimmed) => drop(untrimmed.insert(index, gaps)),
                None => self.gaps.add(&gaps),
            }
            self.spread(trace, &tokens);
            let short = |wanted: Tokens| tokens.output.is_some_and(|it| it < wanted);
            self.shortened += u64::from(trace.wanted.is_some_and(short));
        }
        RequestMetrics::of(trace, tokens)
    }

    /// Puts the tokens of an answer where they arrived: as the server counted them chunk by chunk, else in
    /// equal parts over the events they came in.
    fn spread(&mut self, trace: &Trace, tokens: &TokenCounts) {
        if let (Some(input), Some(first)) = (tokens.input, trace.first_output()) {
            self.input.add(first, input.0 as f64);
        }
        let Some(output) = tokens.output else { return };
        let known = trace.arrivals.iter().all(|it| it.tokens.is_some());
        let pieces: u64 = trace.arrivals.iter().map(|it| u64::from(it.pieces)).sum();
        for arrival in &trace.arrivals {
            let share = output.0 as f64 * f64::from(arrival.pieces) / pieces as f64;
            let amount = if known { arrival.tokens.map_or(0.0, |it| it.0 as f64) } else { share };
            self.output.add(arrival.at, amount);
        }
    }
}

fn count_outcomes(metrics: &mut RunMetrics) {
    for request in &metrics.requests {
        match &request.failure {
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

fn sources(requests: &[RequestMetrics], of: fn(&TokenCounts) -> TokenSource) -> BTreeMap<TokenSource, u64> {
    let mut counted = BTreeMap::new();
    for request in requests.iter().filter(|it| it.succeeded()) {
        *counted.entry(of(&request.tokens)).or_default() += 1;
    }
    counted
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::event::{Events, Usage};
    use crate::failure::Failure;
    use crate::metrics::Metric;
    use crate::units::Offset;

    fn at(ms: u64) -> Offset {
        Offset::from_nanos(ms * 1_000_000)
    }

    /// An answer to a prompt of `input` tokens, sent at `sent_ms`, with `output` tokens at even gaps.
    fn answer(sent_ms: u64, first_ms: u64, gap_ms: u64, input: u64, output: u64) -> Trace {
        let mut trace = Trace::due(0, 0, at(sent_ms));
        for token in 0..output {
            Events::arriving(at(first_ms + token * gap_ms), &mut trace).text("x");
        }
        trace.usage = Usage { input: Some(Tokens(input)), output: Some(Tokens(output)), ..Usage::default() };
        trace.spoken = crate::trace::Spoken::default();
        trace.ended = trace.last_output().unwrap();
        trace
    }

    fn failed(ended_ms: u64, status: u16) -> Trace {
        let failure = Failure::in_band("no").with_status(Some(status));
        Trace { ended: at(ended_ms), failure: Some(failure), ..Trace::default() }
    }

    fn finish(traces: impl IntoIterator<Item = Trace>, facts: &RunFacts) -> RunMetrics {
        let mut tally = Tally::of(facts);
        traces.into_iter().for_each(|it| tally.add(it));
        tally.finish(facts, None).unwrap()
    }

    fn close(value: Option<f64>, expected: f64) {
        let value = value.expect("a value");
        assert!((value - expected).abs() < 1e-9, "{value} {expected}");
    }

    #[test]
    fn two_answers_and_an_error_in_a_second_and_a_half() {
        // The Python tool's own event-aggregation test, as traces that spell its numbers.
        let traces = [answer(0, 100, 100, 2, 10), answer(0, 200, 130, 3, 11), failed(1_500, 500)];
        let metrics = finish(traces, &RunFacts { slots: 1, ..RunFacts::default() });
        close(metrics.distribution(Metric::Ttft).map(|it| it.mean), 0.15);
        close(metrics.distribution(Metric::OutputLatency).map(|it| it.mean), 1.1);
        close(metrics.distribution(Metric::E2eLatency).map(|it| it.mean), 1.25);
        close(metrics.distribution(Metric::InputThroughput).map(|it| it.mean), 17.5);
        assert_eq!(metrics.window.duration(), Duration::from_millis(1_500));
        close(metrics.input_tokens_per_s, 5.0 / 1.5);
        close(metrics.output_tokens_per_s, 14.0);
        close(metrics.total_tokens_per_s, 26.0 / 1.5);
        close(metrics.requests_per_s, 2.0 / 1.5);
        assert_eq!((metrics.finished(), metrics.completed, metrics.failed), (3, 2, 1));
        assert_eq!(metrics.error_codes, BTreeMap::from([(500, 1)]));
        close(metrics.error_rate(), 1.0 / 3.0); // the Python tool says 0
    }

    #[test]
    fn warm_up_and_cool_down_cut_time_and_tokens_alike() {
        // Ten answers of 10 tokens, one a second, then an error: two are cut off at each end.
        let traces =
            (0..10).map(|it| answer(it * 1_000, it * 1_000 + 100, 100, 2, 10)).chain([failed(10_500, 500)]);
        let facts = RunFacts { slots: 1, warmup_ratio: 0.2, cooldown_ratio: 0.2, ..RunFacts::default() };
        let metrics = finish(traces, &facts);
        close(metrics.distribution(Metric::Ttft).map(|it| it.sum), 0.7); // seven are left, as in the Python tool
        close(metrics.output_tokens_per_s, 70.0 / 7.0); // which divides these 70 by all ten seconds
        assert_eq!(metrics.itl.as_ref().map(|it| it.count), Some(7 * 9));
        assert_eq!(metrics.finished(), 11);
    }

    #[test]
    fn embeddings_have_no_output_throughput_but_one_of_input_and_items() {
        let embedded = |ended_ms: u64| {
            let mut trace = Trace::due(0, 0, at(ended_ms - 100));
            let mut events = Events::arriving(at(ended_ms), &mut trace);
            events.whole();
            (0..4).for_each(|_| events.item());
            events.usage(Usage { input: Some(Tokens(100)), ..Usage::default() });
            trace.ended = at(ended_ms);
            trace
        };
        let metrics = finish([embedded(500), embedded(1_000)], &RunFacts { slots: 1, ..RunFacts::default() });
        assert_eq!(metrics.output_tokens_per_s, None);
        close(metrics.input_tokens_per_s, 200.0);
        close(metrics.total_tokens_per_s, 200.0);
        close(metrics.items_per_s, 8.0);
        let unsaid = |it: &crate::metrics::Check| it.name == "token_counts" || it.name == "output_length";
        assert!(!metrics.verdict.checks.iter().any(unsaid), "there is nothing to say of tokens of output");
    }

    #[test]
    fn a_run_in_which_everything_fails_is_a_result() {
        let metrics =
            finish([failed(10, 503), failed(20, 503)], &RunFacts { slots: 1, ..RunFacts::default() });
        close(metrics.error_rate(), 1.0);
        assert_eq!((metrics.output_tokens_per_s, metrics.requests_per_s), (None, None));
        assert!(metrics.stats.is_empty());
    }

    #[test]
    fn a_cancelled_request_is_in_no_rate() {
        let cancelled = Trace { failure: Some(Failure::cancelled()), ended: at(5), ..Trace::default() };
        let metrics = finish([cancelled], &RunFacts::default());
        assert_eq!((metrics.cancelled, metrics.finished(), metrics.error_rate()), (1, 0, None));
    }

    #[test]
    fn tokens_outside_the_window_are_not_in_its_throughput() {
        // Two slots; the first one empties after a second, when half of the second answer is still to come.
        let traces = [answer(0, 100, 100, 0, 10), answer(0, 100, 100, 0, 10), answer(500, 600, 100, 0, 10)];
        let facts = RunFacts { slots: 2, slot_emptied: Some(at(1_000)), ..RunFacts::default() };
        let metrics = finish(traces, &facts);
        close(metrics.output_tokens_per_s, 25.0);
    }

    #[test]
    fn what_the_server_did_not_count_is_counted_after_the_run() {
        let mut trace = answer(0, 100, 100, 2, 4);
        trace.usage = Usage::default();
        trace.spoken.answer = "four words are here".into();
        let mut tally = Tally::default();
        tally.add(trace);
        let words: Arc<dyn Tokenizer> = Arc::new(crate::tokenizer::Words);
        let metrics = tally.finish(&RunFacts { slots: 1, ..RunFacts::default() }, Some(&words)).unwrap();
        assert_eq!(metrics.requests[0].tokens.output, Some(Tokens(4)));
        assert_eq!(metrics.output_sources, BTreeMap::from([(TokenSource::Tokenizer, 1)]));
        assert_eq!(metrics.requests[0].tpot, Some(Duration::from_millis(100)));
    }
}
