//! Tests of the verdict on the metrics of a run.

use super::*;

#[test]
fn prompts_of_another_length_than_in_the_scenario_degrade_a_run() {
    assert!(has_valid_input_length(1_000, None));
    assert!(has_valid_input_length(1_036, None), "a chat template of unknown length");
    assert!(has_valid_input_length(1_036, Some(Tokens(36))));
    assert!(!has_valid_input_length(1_036, Some(Tokens(0))));
    assert!(!has_valid_input_length(1_700, None));
    assert!(!has_valid_input_length(700, None));
}

/// Returns the result of the check of prompts of 1,000 tokens that the server counts as `counted`.
fn has_valid_input_length(counted: u64, template: Option<Tokens>) -> bool {
    let records = (0..40).map(|number| {
        let mut record = answer(number * 1_000, number * 1_000 + 100, 100, counted, 8);
        record.input = Some(Tokens(1_000));
        record
    });
    let facts = RunFacts { slots: 1, template, ..RunFacts::default() };
    is_valid(&finish(records, &facts), "input_length")
}

#[test]
fn answers_of_another_length_than_requested_degrade_a_run() {
    assert_eq!(output_length(8, true), (true, false));
    assert_eq!(output_length(9, true), (true, false), "the token that ends an answer");
    assert_eq!(output_length(7, true), (false, false));
    assert_eq!(output_length(60, true), (false, true));
    assert_eq!(output_length(60, false), (true, false), "there is no count of the server");
}

/// Returns the result of the check of answers with a limit of 8 tokens, and `true` if it reports longer answers.
fn output_length(output: u64, is_counted: bool) -> (bool, bool) {
    let records = (0..40).map(|number| {
        let mut record = answer(number * 10_000, number * 10_000 + 100, 100, 10, output);
        record.max_output_tokens = Some(Tokens(8));
        record.usage.output = record.usage.output.filter(|_| is_counted);
        record
    });
    let metrics = finish(records, &RunFacts { slots: 1, ..RunFacts::default() });
    let check = check(&metrics, "output_length").unwrap();
    (is_valid(&metrics, "output_length"), check.finding.contains("longer"))
}

#[test]
fn an_unexpected_warm_cache_degrades_a_run() {
    use crate::metrics::VerdictLevel::{Degraded, Valid};
    assert_eq!(prompt_cache_level(0, 0, false), Some(Valid));
    assert_eq!(prompt_cache_level(16, 0, false), Some(Valid), "the chat template");
    assert_eq!(prompt_cache_level(128, 0, false), Some(Degraded));
    assert_eq!(prompt_cache_level(992, 0, false), Some(Degraded));
    assert_eq!(prompt_cache_level(512, 500, false), Some(Valid), "a shared prefix");
    assert_eq!(prompt_cache_level(992, 0, true), None, "the workload repeats prompts");
}

/// Returns the level of the check of prompts with this many cached tokens and tokens that the workload repeats.
fn prompt_cache_level(
    cached: u64,
    shared: u64,
    repeats_prompts: bool,
) -> Option<crate::metrics::VerdictLevel> {
    let records = (0..60).map(|number| {
        let mut record = answer(number * 1_000, number * 1_000 + 100, 100, 1_000, 8);
        record.shared = Tokens(shared);
        record.usage.cached = Some(Tokens(cached));
        record
    });
    let facts = RunFacts { slots: 1, repeats_prompts, ..RunFacts::default() };
    check(&finish(records, &facts), "prompt_cache").map(|check| check.level)
}

#[test]
fn a_stream_that_arrives_at_once_degrades_a_run() {
    let records = (0..40).map(|number| {
        let mut record = RequestRecord::due(0, 0, at(number * 1_000));
        let mut events = Events::new(at(number * 1_000 + 200), &mut record);
        (0..8).for_each(|_| events.text("x"));
        events.usage(Usage { input: Some(Tokens(20)), output: Some(Tokens(8)), ..Usage::default() });
        record.output_text = crate::record::OutputText::default();
        record.ended = at(number * 1_000 + 200);
        record
    });
    let metrics = finish(records, &RunFacts { slots: 1, ..RunFacts::default() });
    assert_eq!(metrics.distribution(Metric::Ttft), None);
    assert_eq!(metrics.bundling.map(|bundling| (bundling.answers, bundling.event_share)), Some((40, 1.0)));
    assert!(!is_valid(&metrics, "bundling"));
}

#[test]
fn more_connections_than_slots_degrade_a_run() {
    let reusing = reconnecting(50, 1);
    assert_eq!((reusing.connections.opened_in_window, is_valid(&reusing, "connections")), (2, true));
    assert!(!is_valid(&reconnecting(50, 40), "connections"), "connecting takes long");
    let reconnecting = reconnecting(20, 1);
    assert_eq!(
        (reconnecting.connections.opened_in_window, is_valid(&reconnecting, "connections")),
        (5, false)
    );
    assert_eq!(reconnecting.distribution(Metric::ConnectTime).map(|time| time.mean), Some(0.001));
}

/// Returns the metrics of two slots in which every `nth` request opens a connection.
fn reconnecting(nth: u64, connect_ms: u64) -> RunMetrics {
    let records = (0..100_u64).map(|number| {
        let mut record = answer(number * 1_000, number * 1_000 + 100, 100, 5, 8);
        let handshake = crate::transport::Handshake::new(Duration::from_millis(connect_ms));
        let is_new = number.is_multiple_of(nth);
        record.connection = Some(if is_new { Connection::New(handshake) } else { Connection::Reused });
        record
    });
    finish(records, &RunFacts { slots: 2, ..RunFacts::default() })
}

#[test]
fn one_connection_per_request_in_flight_is_valid() {
    let records = (0..90).map(|number| {
        let mut record = answer(number * 300, number * 300 + 100, 100, 5, 8);
        let handshake = crate::transport::Handshake::new(Duration::from_millis(1));
        record.connection = Some(if number < 3 { Connection::New(handshake) } else { Connection::Reused });
        record
    });
    // Three requests in flight, in a replay with one slot.
    let metrics = finish(records, &RunFacts { slots: 1, ..RunFacts::default() });
    assert_eq!((metrics.connections.opened_in_window, is_valid(&metrics, "connections")), (3, true));
}

#[test]
fn an_interruption_degrades_a_run() {
    let records = (0..40).map(|number| answer(number * 1_000, number * 1_000 + 100, 100, 5, 8));
    let facts = RunFacts { slots: 1, ending: crate::metrics::RunEnding::Interrupted, ..RunFacts::default() };
    let metrics = finish(records, &facts);
    assert!(!is_valid(&metrics, "ending"));
    assert_eq!(metrics.ending, crate::metrics::RunEnding::Interrupted);
}
