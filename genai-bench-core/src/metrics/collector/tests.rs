//! Tests of the metrics of a run.

mod verdict;

use std::time::Duration;

use super::*;
use crate::backend::Events;
use crate::failure::Failure;
use crate::metrics::Metric;
use crate::record::Usage;
use crate::units::{Offset, Tokens};

fn at(ms: u64) -> Offset {
    Offset::from_nanos(ms * 1_000_000)
}

/// Returns an answer to a prompt of `input` tokens, sent at `sent_ms`, with `output` tokens at even gaps.
fn answer(sent_ms: u64, first_ms: u64, gap_ms: u64, input: u64, output: u64) -> RequestRecord {
    let mut record = RequestRecord::due(0, 0, at(sent_ms));
    for token in 0..output {
        Events::new(at(first_ms + token * gap_ms), &mut record).text("x");
    }
    record.usage = Usage { input: Some(Tokens(input)), output: Some(Tokens(output)), ..Usage::default() };
    record.output_text = crate::record::OutputText::default();
    record.ended = record.last_output().unwrap();
    record
}

fn failed(ended_ms: u64, status: u16) -> RequestRecord {
    let failure = Failure::in_band("no").with_status(Some(status));
    RequestRecord { ended: at(ended_ms), failure: Some(failure), ..RequestRecord::default() }
}

fn finish(records: impl IntoIterator<Item = RequestRecord>, facts: &RunFacts) -> RunMetrics {
    let mut collector = MetricsCollector::new(facts);
    records.into_iter().for_each(|record| collector.add(record));
    collector.finish(facts).unwrap()
}

fn assert_close(value: Option<f64>, expected: f64) {
    let value = value.expect("a value");
    assert!((value - expected).abs() < 1e-9, "{value} {expected}");
}

#[test]
fn metrics_are_those_of_an_aggregation_test_of_the_python_tool() {
    // Two answers and an error in 1.5 s.
    let records = [answer(0, 100, 100, 2, 10), answer(0, 200, 130, 3, 11), failed(1_500, 500)];
    let metrics = finish(records, &RunFacts { slots: 1, ..RunFacts::default() });
    assert_close(metrics.distribution(Metric::Ttft).map(|values| values.mean), 0.15);
    assert_close(metrics.distribution(Metric::OutputLatency).map(|values| values.mean), 1.1);
    assert_close(metrics.distribution(Metric::E2eLatency).map(|values| values.mean), 1.25);
    assert_close(metrics.distribution(Metric::InputThroughput).map(|values| values.mean), 17.5);
    assert_eq!(metrics.window.duration(), Duration::from_millis(1_500));
    assert_close(metrics.input_tokens_per_s, 5.0 / 1.5);
    assert_close(metrics.output_tokens_per_s, 14.0);
    assert_close(metrics.total_tokens_per_s, 26.0 / 1.5);
    assert_close(metrics.requests_per_s, 2.0 / 1.5);
    assert_eq!((metrics.finished(), metrics.completed, metrics.failed), (3, 2, 1));
    assert_eq!(metrics.error_codes, BTreeMap::from([(500, 1)]));
    assert_close(metrics.error_rate(), 1.0 / 3.0); // 0 in the Python tool
}

#[test]
fn warmup_and_cooldown_limit_time_and_tokens() {
    // Ten answers of 10 tokens, one per second, then an error: two are left out at each end.
    let records = (0..10)
        .map(|second| answer(second * 1_000, second * 1_000 + 100, 100, 2, 10))
        .chain([failed(10_500, 500)]);
    let facts = RunFacts { slots: 1, warmup_ratio: 0.2, cooldown_ratio: 0.2, ..RunFacts::default() };
    let metrics = finish(records, &facts);
    assert_close(metrics.distribution(Metric::Ttft).map(|values| values.sum), 0.7); // seven requests, as in the Python tool
    assert_close(metrics.output_tokens_per_s, 70.0 / 7.0); // the Python tool divides by all ten seconds
    assert_eq!(metrics.itl.as_ref().map(|itl| itl.count), Some(7 * 9));
    assert_eq!(metrics.finished(), 11);
}

#[test]
fn embeddings_have_throughput_of_input_and_items_only() {
    let metrics = finish([embeddings(500), embeddings(1_000)], &RunFacts { slots: 1, ..RunFacts::default() });
    assert_eq!(metrics.output_tokens_per_s, None);
    assert_close(metrics.input_tokens_per_s, 200.0);
    assert_eq!(metrics.total_tokens_per_s, None, "there is no output");
    assert_close(metrics.items_per_s, 8.0);
    for name in ["token_counts", "output_length"] {
        assert_eq!(check(&metrics, name), None, "there are no output tokens to check");
    }
}

fn embeddings(ended_ms: u64) -> RequestRecord {
    let mut record = RequestRecord::due(0, 0, at(ended_ms - 100));
    let mut events = Events::new(at(ended_ms), &mut record);
    events.unstreamed();
    (0..4).for_each(|_| events.item());
    events.usage(Usage { input: Some(Tokens(100)), ..Usage::default() });
    record.ended = at(ended_ms);
    record
}

#[test]
fn a_run_in_which_every_request_fails_has_metrics() {
    let metrics = finish([failed(10, 503), failed(20, 503)], &RunFacts { slots: 1, ..RunFacts::default() });
    assert_close(metrics.error_rate(), 1.0);
    assert_eq!((metrics.output_tokens_per_s, metrics.requests_per_s), (None, None));
    assert!(metrics.stats.is_empty());
}

#[test]
fn a_cancelled_request_without_output_is_in_no_rate() {
    let cancelled =
        RequestRecord { failure: Some(Failure::cancelled()), ended: at(5), ..RequestRecord::default() };
    let metrics = finish([cancelled], &RunFacts::default());
    assert_eq!((metrics.cancelled, metrics.finished(), metrics.error_rate()), (1, 0, None));
}

#[test]
fn tokens_outside_the_window_are_not_in_its_throughput() {
    // Two slots; the first one is empty after a second, when half of the third answer has not arrived.
    let records = [answer(0, 100, 100, 0, 10), answer(0, 100, 100, 0, 10), answer(500, 600, 100, 0, 10)];
    let facts = RunFacts { slots: 2, slot_emptied: Some(at(1_000)), ..RunFacts::default() };
    let metrics = finish(records, &facts);
    assert_close(metrics.output_tokens_per_s, 25.0);
}

#[test]
fn output_without_usage_is_counted_after_the_run() {
    let mut record = answer(0, 100, 100, 2, 4);
    record.usage = Usage::default();
    record.output_text.answer = "four words are here".into();
    let mut collector = MetricsCollector::default().with_tokenizer(Some(Arc::new(crate::tokenizer::Words)));
    collector.add(record);
    let metrics = collector.finish(&RunFacts { slots: 1, ..RunFacts::default() }).unwrap();
    assert_eq!(metrics.requests[0].tokens().output, Some(Tokens(4)));
    assert_eq!(metrics.output_sources, BTreeMap::from([(TokenSource::Tokenizer, 1)]));
    assert_eq!(metrics.requests[0].tpot(), Some(Duration::from_millis(100)));
}

/// Returns a stream that was cancelled at `ended_ms`, with a token every 10 ms after it was sent.
fn cancelled(sent_ms: u64, ended_ms: u64) -> RequestRecord {
    let mut record = RequestRecord::due(0, 0, at(sent_ms));
    for ms in (sent_ms + 10..=ended_ms).step_by(10) {
        Events::new(at(ms), &mut record).text("x");
    }
    record.output_text = crate::record::OutputText::default();
    record.input = Some(Tokens(5));
    (record.ended, record.failure) = (at(ended_ms), Some(Failure::cancelled()));
    record
}

fn check<'a>(metrics: &'a RunMetrics, name: &str) -> Option<&'a crate::metrics::Check> {
    metrics.verdict.checks.iter().find(|check| check.name == name)
}

fn is_valid(metrics: &RunMetrics, name: &str) -> bool {
    check(metrics, name).is_some_and(|check| check.level == crate::metrics::VerdictLevel::Valid)
}

#[test]
fn cancelled_requests_count_towards_throughput() {
    // 64 streams of 1,500 tokens each at 10 ms per token, with a limit in the middle of the second round: the server
    // generated 6,400 tokens/s all the time.
    let answers = (0..64).map(|_| answer(0, 10, 10, 5, 1_500));
    let cut = (0..64).map(|_| cancelled(15_000, 18_000));
    let facts = RunFacts { slots: 64, slot_emptied: Some(at(18_000)), ..RunFacts::default() };
    let metrics = finish(answers.chain(cut), &facts);
    assert_close(metrics.output_tokens_per_s, 6_400.0);
    let unfinished = metrics.unfinished.as_ref().unwrap();
    assert_eq!(unfinished.output_tokens, 64.0 * 300.0);
    assert_eq!(unfinished.sources, BTreeMap::from([(TokenSource::Events, 64)]));
    assert_close(metrics.requests_per_s, 6_400.0 / 1_500.0);
    assert_eq!((metrics.cancelled, is_valid(&metrics, "cancelled")), (64, false));
}

#[test]
fn running_usage_counts_the_output_of_a_failed_request() {
    let mut broken = cancelled(0, 100);
    broken.failure = Some(Failure::new(crate::failure::FailureKind::ConnectionLost, "gone"));
    let running = Usage { output: Some(Tokens(25)), ..Usage::default() };
    Events::new(at(100), &mut broken).usage(running);
    let metrics = finish([answer(0, 100, 100, 5, 10), broken], &RunFacts { slots: 1, ..RunFacts::default() });
    let unfinished = metrics.unfinished.as_ref().unwrap();
    assert_eq!(unfinished.output_tokens, 25.0);
    assert_eq!(unfinished.sources, BTreeMap::from([(TokenSource::Usage, 1)]));
    assert_close(metrics.output_tokens_per_s, 35.0);
    assert_close(metrics.requests_per_s, 1.0);
}

/// A tokenizer that makes a token of every letter.
#[derive(Debug)]
struct Letters;

impl Tokenizer for Letters {
    fn name(&self) -> &'static str {
        "letters"
    }
    fn fingerprint(&self) -> String {
        "letters".to_owned()
    }
    fn encode(&self, text: &str) -> Result<Vec<u32>, TokenizeError> {
        Ok(text.chars().filter(|letter| !letter.is_whitespace()).map(u32::from).collect())
    }
    fn decode(&self, _: &[u32]) -> Result<String, TokenizeError> {
        Err(TokenizeError::new("decoding is not supported"))
    }
    fn words(&self) -> Vec<String> {
        Vec::new()
    }
}

#[test]
fn a_tokenizer_counts_unfinished_output_unless_it_estimates() {
    let words = unfinished_output(Arc::new(crate::tokenizer::Words));
    assert_eq!((words.output_tokens, words.sources), (10.0, BTreeMap::from([(TokenSource::Events, 1)])));
    let letters = unfinished_output(Arc::new(Letters));
    assert_eq!(
        (letters.output_tokens, letters.sources),
        (15.0, BTreeMap::from([(TokenSource::Tokenizer, 1)]))
    );
}

fn unfinished_output(tokenizer: Arc<dyn Tokenizer>) -> crate::metrics::UnfinishedOutput {
    let mut cancelled = cancelled(0, 100);
    cancelled.output_text.answer = "three whole words".into();
    let facts = RunFacts { slots: 1, ..RunFacts::default() };
    let mut collector = MetricsCollector::new(&facts).with_tokenizer(Some(tokenizer));
    [answer(0, 100, 100, 5, 10), cancelled].into_iter().for_each(|record| collector.add(record));
    collector.finish(&facts).unwrap().unfinished.unwrap()
}

#[test]
fn requests_per_second_do_not_depend_on_the_window_length() {
    // 128 streams of 64 tokens, 1.765 s each: 72.5 requests per second for any window.
    for limit_ms in [6_000, 12_000, 24_000, 60_000] {
        let mut records = Vec::new();
        for _ in 0..128 {
            for round in (0..).map(|round| round * 1_765).take_while(|sent| *sent < limit_ms) {
                let mut record = answer(round, round + 1, 28, 5, 64);
                record.ended = at(round + 1_765);
                records.push(record);
            }
        }
        records.sort_by_key(|record| record.ended);
        let facts = RunFacts { slots: 128, slot_emptied: Some(at(limit_ms)), ..RunFacts::default() };
        let metrics = finish(records, &facts);
        let rate = metrics.requests_per_s.unwrap();
        assert!((rate - 128.0 / 1.765).abs() < 1e-6, "{rate} in {limit_ms} ms");
        assert_eq!(is_valid(&metrics, "window_length"), limit_ms >= 24_000, "{limit_ms}");
    }
}

#[test]
fn latencies_and_gaps_are_only_of_requests_inside_the_window() {
    // Two slots: one opens after 1 s, and one is empty after 3 s.
    let records = [
        answer(0, 500, 100, 5, 6),
        answer(1_000, 1_100, 100, 5, 10),
        answer(1_000, 1_200, 100, 5, 9),
        answer(2_000, 2_100, 50, 5, 10),
        answer(2_000, 2_400, 300, 5, 10),
    ];
    let facts =
        RunFacts { slots: 2, ramp_ended: at(1_000), slot_emptied: Some(at(3_000)), ..RunFacts::default() };
    let metrics = finish(records, &facts);
    assert_eq!((metrics.completed, metrics.answered_in_window), (5, 3));
    assert_eq!(metrics.distribution(Metric::Ttft).map(|ttft| ttft.count), Some(3));
    assert_eq!(metrics.itl.as_ref().map(|itl| itl.count), Some(9 + 8 + 9));
}

#[test]
fn hidden_reasoning_is_in_the_throughput_and_not_in_the_tpot() {
    let mut record = answer(0, 400, 25, 20, 8);
    record.usage = Usage { output: Some(Tokens(208)), reasoning: Some(Tokens(200)), ..record.usage };
    let metrics = finish([record], &RunFacts { slots: 1, ..RunFacts::default() });
    assert_eq!(metrics.requests[0].tpot(), Some(Duration::from_millis(25)));
    assert_close(metrics.requests[0].output_tokens_per_s(), 40.0);
    assert_close(metrics.output_tokens_per_s, 208.0 / 0.575);
    assert_close(metrics.distribution(Metric::OutputTokens).map(|tokens| tokens.mean), 208.0);
    assert_close(metrics.distribution(Metric::HiddenReasoningTokens).map(|tokens| tokens.mean), 200.0);
    assert!(!is_valid(&metrics, "hidden_reasoning"));
}

#[test]
fn an_answer_of_hidden_reasoning_only_is_completed() {
    let mut record = RequestRecord::due(0, 0, at(0));
    let mut events = Events::new(at(2_000), &mut record);
    events.finished(crate::record::FinishReason::Length);
    events.usage(Usage { output: Some(Tokens(200)), reasoning: Some(Tokens(200)), ..Usage::default() });
    record.ended = at(2_000);
    let metrics = finish([record], &RunFacts { slots: 1, ..RunFacts::default() });
    assert_eq!((metrics.completed, metrics.requests[0].ttft()), (1, None));
    assert_eq!(metrics.requests[0].e2e_latency(), Some(Duration::from_secs(2)));
    assert_close(metrics.output_tokens_per_s, 100.0);
    assert!(check(&metrics, "sample_size").unwrap().finding.starts_with("1 answers"));
    assert_eq!(metrics.finish_reasons, BTreeMap::from([("length".to_owned(), 1)]));
}

#[test]
fn texts_beyond_the_memory_limit_are_counted_during_the_run() {
    let facts = RunFacts { slots: 1, ..RunFacts::default() };
    let mut collector = MetricsCollector::new(&facts).with_tokenizer(Some(Arc::new(crate::tokenizer::Words)));
    for number in 0..40 {
        let mut record = answer(number * 1_000, number * 1_000 + 100, 100, 5, 2);
        record.usage = Usage::default();
        record.output_text.answer = "a b ".repeat(250_000);
        collector.add(record);
    }
    assert!(collector.uncounted.len() < 40 && collector.uncounted_bytes <= MAX_UNCOUNTED_BYTES);
    let metrics = collector.finish(&facts).unwrap();
    assert!(metrics.requests.iter().all(|request| request.tokens().output == Some(Tokens(500_000))));
}

#[test]
fn a_request_takes_about_a_hundred_bytes() {
    assert!(size_of::<RequestMetrics>() <= 112, "{}", size_of::<RequestMetrics>());
}
