//! Tests of what the verdict finds in the metrics of a run.

use super::*;

#[test]
fn prompts_of_the_wrong_length_are_not_valid() {
    let counted = |input: u64, template: Option<Tokens>| {
        let records = (0..40).map(|number| {
            let mut record = answer(number * 1_000, number * 1_000 + 100, 100, input, 8);
            record.input = Some(Tokens(1_000));
            record
        });
        let facts = RunFacts { slots: 1, template, ..RunFacts::default() };
        is_valid(&finish(records, &facts), "input_length")
    };
    assert!(counted(1_000, None));
    assert!(counted(1_036, None), "a chat template of unknown length");
    assert!(counted(1_036, Some(Tokens(36))));
    assert!(!counted(1_036, Some(Tokens(0))));
    assert!(!counted(1_700, None));
    assert!(!counted(700, None));
}

#[test]
fn answers_of_another_length_than_asked_for_are_not_valid() {
    let answered = |output: u64, is_counted: bool| {
        let records = (0..40).map(|number| {
            let mut record = answer(number * 10_000, number * 10_000 + 100, 100, 10, output);
            record.max_output_tokens = Some(Tokens(8));
            record.usage.output = record.usage.output.filter(|_| is_counted);
            record
        });
        let metrics = finish(records, &RunFacts { slots: 1, ..RunFacts::default() });
        let check = check(&metrics, "output_length").unwrap().clone();
        (is_valid(&metrics, "output_length"), check.finding.contains("longer"))
    };
    assert_eq!(answered(8, true), (true, false));
    assert_eq!(answered(9, true), (true, false), "the token that ends an answer");
    assert_eq!(answered(7, true), (false, false));
    assert_eq!(answered(60, true), (false, true));
    // Counted by nobody but us.
    assert_eq!(answered(60, false), (true, false));
}

#[test]
fn a_warm_cache_that_nobody_asked_for_is_not_valid() {
    let cached = |cached: u64, shared: u64, facts: RunFacts| {
        let records = (0..60).map(|number| {
            let mut record = answer(number * 1_000, number * 1_000 + 100, 100, 1_000, 8);
            record.shared = Tokens(shared);
            record.usage.cached = Some(Tokens(cached));
            record
        });
        check(&finish(records, &RunFacts { slots: 1, ..facts }), "prompt_cache").map(|check| check.level)
    };
    use crate::metrics::VerdictLevel::{Degraded, Valid};
    assert_eq!(cached(0, 0, RunFacts::default()), Some(Valid));
    assert_eq!(cached(16, 0, RunFacts::default()), Some(Valid), "the chat template");
    assert_eq!(cached(128, 0, RunFacts::default()), Some(Degraded));
    assert_eq!(cached(992, 0, RunFacts::default()), Some(Degraded));
    assert_eq!(cached(512, 500, RunFacts::default()), Some(Valid), "a shared prefix");
    assert_eq!(cached(992, 0, RunFacts { repeats_prompts: true, ..RunFacts::default() }), None);
}

#[test]
fn a_stream_that_was_handed_over_at_once_is_not_valid() {
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
fn a_connection_of_each_slot_is_fine_and_one_of_each_request_is_not() {
    let connecting = |every: u64, connect_ms: u64| {
        let records = (0..100).map(|number| {
            let mut record = answer(number * 1_000, number * 1_000 + 100, 100, 5, 8);
            let handshake = crate::transport::Handshake::new(Duration::from_millis(connect_ms));
            let is_new = number % every == 0;
            record.connection = Some(if is_new { Connection::New(handshake) } else { Connection::Reused });
            record
        });
        finish(records, &RunFacts { slots: 2, ..RunFacts::default() })
    };
    let kept = connecting(50, 1);
    assert_eq!((kept.connections.opened_in_window, is_valid(&kept, "connections")), (2, true));
    assert!(!is_valid(&connecting(50, 40), "connections"), "connecting takes long");
    let reconnecting = connecting(20, 1);
    assert_eq!(
        (reconnecting.connections.opened_in_window, is_valid(&reconnecting, "connections")),
        (5, false)
    );
    assert_eq!(reconnecting.distribution(Metric::ConnectTime).map(|time| time.mean), Some(0.001));
}

#[test]
fn a_replay_opens_as_many_connections_as_it_has_requests_in_flight() {
    let records = (0..90).map(|number| {
        let mut record = answer(number * 300, number * 300 + 100, 100, 5, 8);
        let handshake = crate::transport::Handshake::new(Duration::from_millis(1));
        record.connection = Some(if number < 3 { Connection::New(handshake) } else { Connection::Reused });
        record
    });
    // Three at a time, of a load that counts as one slot.
    let metrics = finish(records, &RunFacts { slots: 1, ..RunFacts::default() });
    assert_eq!((metrics.connections.opened_in_window, is_valid(&metrics, "connections")), (3, true));
}

#[test]
fn an_interrupted_run_is_not_valid() {
    let records = (0..40).map(|number| answer(number * 1_000, number * 1_000 + 100, 100, 5, 8));
    let facts = RunFacts { slots: 1, ending: crate::metrics::RunEnding::Interrupted, ..RunFacts::default() };
    let metrics = finish(records, &facts);
    assert!(!is_valid(&metrics, "ending"));
    assert_eq!(metrics.ending, crate::metrics::RunEnding::Interrupted);
}
