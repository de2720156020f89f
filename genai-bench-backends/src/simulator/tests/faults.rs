//! Injected faults, on the wire.

use std::io::Read;

use super::super::{Fault, Faults, Settings, Simulator};
use super::{Raw, ask, chat, chat_body, find, parse, send, start};

const STREAM: &str = r#""stream":true,"max_tokens":8"#;
const WHOLE: &str = r#""max_tokens":8"#;

fn always(fault: impl FnOnce(&mut Faults)) -> Simulator {
    let mut settings = Settings::instant();
    fault(&mut settings.faults);
    start(settings)
}

/// Returns the recorded fault of the only request so far, and its number of output tokens.
fn known(simulator: &Simulator) -> (Option<Fault>, u64) {
    let truth = simulator.truth();
    assert_eq!(truth.len(), 1);
    (truth[0].fault, truth[0].output_tokens.0)
}

fn cut_after(bytes: u64, rest: &str) -> (Raw, Simulator) {
    let simulator = always(|it| {
        it.cut = 100.0;
        it.cut_after_bytes = Some(bytes);
    });
    (chat(&simulator, rest), simulator)
}

#[test]
fn a_rate_limit_is_a_429_with_retry_after() {
    let simulator = always(|it| it.rate_limited = 100.0);
    let raw = chat(&simulator, STREAM);
    assert_eq!(raw.status, 429);
    assert!(raw.head.contains("retry-after: 1"), "{}", raw.head);
    assert_eq!(raw.json()["error"]["type"], "rate_limit_error");
    assert_eq!(known(&simulator), (Some(Fault::RateLimited), 0));
}

#[test]
fn a_server_error_is_a_500() {
    let simulator = always(|it| it.server_error = 100.0);
    let raw = chat(&simulator, WHOLE);
    assert_eq!((raw.status, raw.json()["error"]["type"].as_str()), (500, Some("server_error")));
    assert_eq!(known(&simulator), (Some(Fault::ServerError), 0));
}

#[test]
fn a_stall_sends_one_chunk_and_then_nothing() {
    let simulator = always(|it| it.stall = 100.0);
    let mut connection = send(&simulator, "POST", "/v1/chat/completions", "", &chat_body(STREAM));
    let mut seen = Vec::new();
    while find(&seen, b"\n\n").is_none() {
        let mut buffer = [0; 4_096];
        let length = connection.read(&mut buffer).unwrap();
        assert_ne!(length, 0, "a stalled stream stays open");
        seen.extend_from_slice(&buffer[..length]);
    }
    connection.set_read_timeout(Some(std::time::Duration::from_millis(50))).unwrap();
    let silence = connection.read(&mut [0; 16]).expect_err("the end of the chunk came with the chunk");
    assert!(matches!(silence.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut));
    assert!(simulator.truth().is_empty(), "it has not ended");
    drop(connection);
    while simulator.truth().is_empty() {
        std::thread::yield_now();
    }
    assert_eq!(known(&simulator), (Some(Fault::Stall), 0));
}

#[test]
fn a_cut_falls_at_exactly_the_configured_byte() {
    for rest in [STREAM, WHOLE] {
        let whole = chat(&start(Settings::instant()), rest).body();
        for after in (0..whole.len()).step_by(7).chain([1, whole.len() - 1]) {
            let (raw, simulator) = cut_after(after as u64, rest);
            assert_eq!((raw.status, raw.body().len(), raw.complete), (200, after, false), "{rest}");
            assert_eq!(known(&simulator).0, Some(Fault::Cut));
        }
    }
}

#[test]
fn a_cut_past_the_end_removes_only_the_end_of_the_body() {
    let length = |rest| chat(&start(Settings::instant()), rest).body().len();
    let (raw, simulator) = cut_after(u64::MAX, STREAM);
    assert_eq!((raw.body().len(), raw.complete), (length(STREAM), false));
    assert_eq!(known(&simulator), (Some(Fault::Cut), 8));
    let (raw, simulator) = cut_after(u64::MAX, WHOLE);
    assert_eq!((raw.body().len(), raw.complete), (length(WHOLE) - 1, false));
    assert_eq!(known(&simulator), (Some(Fault::Cut), 0));
}

#[test]
fn a_cut_at_random_is_reproducible() {
    let simulator = always(|it| it.cut = 100.0);
    let lengths: Vec<_> =
        (0..30).map(|_| chat(&simulator, STREAM)).map(|it| (it.body().len(), it.complete)).collect();
    assert!(lengths.iter().all(|(_, complete)| !complete));
    let places: std::collections::BTreeSet<_> = lengths.iter().map(|it| it.0).collect();
    assert!(places.len() > 20, "{places:?}");
    let again = always(|it| it.cut = 100.0);
    let repeated: Vec<_> =
        (0..30).map(|_| chat(&again, STREAM)).map(|it| (it.body().len(), it.complete)).collect();
    assert_eq!(lengths, repeated);
}

#[test]
fn a_large_cut_body_reaches_a_client_that_reads_late() {
    let simulator = always(|it| {
        it.cut = 100.0;
        it.cut_after_bytes = Some(5_000_000); // more than the buffers of a socket hold
    });
    let body = chat_body(r#""stream":true,"max_tokens":100000"#);
    let mut connection = send(&simulator, "POST", "/v1/chat/completions", "", &body);
    std::thread::sleep(std::time::Duration::from_millis(300));
    let mut bytes = Vec::new();
    connection.read_to_end(&mut bytes).unwrap();
    let raw = parse(&bytes);
    assert_eq!((raw.body().len(), raw.complete), (5_000_000, false));
    assert_eq!(known(&simulator).0, Some(Fault::Cut));
}

#[test]
fn an_error_event_ends_the_stream_halfway() {
    let simulator = always(|it| it.error_event = 100.0);
    let raw = chat(&simulator, STREAM);
    let objects = raw.objects();
    assert!(raw.complete);
    assert_eq!(objects.last().unwrap()["error"]["code"], 500);
    assert_eq!((objects.len(), raw.events().last().unwrap().as_str()), (6, "[DONE]")); // role, 4 of 8, error
    assert_eq!(known(&simulator), (Some(Fault::ErrorEvent), 4));
    simulator.forget();
    let raw = chat(&simulator, WHOLE);
    assert_eq!((raw.status, raw.json()["error"]["type"].as_str()), (200, Some("server_error")));
}

#[test]
fn garbage_interrupts_an_otherwise_valid_stream() {
    let simulator = always(|it| it.garbage = 100.0);
    let raw = chat(&simulator, STREAM);
    assert_eq!(raw.events()[5], "{this is not json");
    assert_eq!((raw.objects().len(), raw.complete), (10, true)); // role, 8 tokens, finish reason
    assert_eq!(known(&simulator), (Some(Fault::Garbage), 8));
    assert_eq!(chat(&simulator, WHOLE).body(), b"{this is not json");
}

#[test]
fn an_early_end_is_valid_http_with_half_the_output() {
    let simulator = always(|it| it.early_end = 100.0);
    let raw = chat(&simulator, STREAM);
    assert!(raw.complete);
    assert_eq!(raw.objects().len(), 5); // role, 4 of 8
    assert!(raw.objects().iter().all(|it| it["choices"][0]["finish_reason"].is_null()));
    assert_ne!(raw.events().last().unwrap(), "[DONE]");
    assert_eq!(known(&simulator), (Some(Fault::EarlyEnd), 4));
    let raw = chat(&simulator, WHOLE);
    assert!(raw.complete && serde_json::from_slice::<serde_json::Value>(&raw.body()).is_err());
}

#[test]
fn a_request_has_the_same_fault_in_every_run() {
    let fates = |seed| {
        let faults =
            Faults { rate_limited: 20.0, server_error: 20.0, error_event: 20.0, ..Faults::default() };
        let simulator = start(Settings { seed, faults, ..Settings::instant() });
        for _ in 0..40 {
            chat(&simulator, STREAM);
        }
        simulator.truth().into_iter().map(|it| it.fault).collect::<Vec<_>>()
    };
    let first = fates(1);
    assert_eq!(first, fates(1));
    assert_ne!(first, fates(2));
    assert!(first.contains(&None) && first.contains(&Some(Fault::ErrorEvent)), "{first:?}");
}

#[test]
fn completions_have_faults_too() {
    let simulator = always(|it| it.early_end = 100.0);
    let body = r#"{"model":"m","prompt":"one","stream":true,"max_tokens":1}"#;
    let raw = ask(&simulator, "POST", "/v1/completions", "", body);
    assert_eq!((raw.objects().len(), raw.events().len()), (1, 1));
}
