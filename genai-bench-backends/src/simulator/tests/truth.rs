//! The records of the server.

use std::io::Read;
use std::num::{NonZeroU32, NonZeroUsize};
use std::sync::atomic::Ordering;

use genai_bench_core::units::Tokens;

use super::super::{Fault, Settings, Slowdown, Truth};
use super::{ask, chat, chat_body, send, start};

fn truths(raw: &super::Raw) -> Vec<Truth> {
    serde_json::from_slice(&raw.body()).unwrap()
}

#[test]
fn the_truth_has_the_output_of_every_request() {
    let tokens_per_chunk = NonZeroU32::new(2).unwrap();
    let settings = Settings {
        ttft: "2ms".parse().unwrap(),
        itl: "1ms".parse().unwrap(),
        tokens_per_chunk,
        reasoning_tokens: 3,
        ..Settings::instant()
    };
    let simulator = start(settings);
    let body = chat_body(r#""stream":true,"max_tokens":8"#);
    ask(&simulator, "POST", "/v1/chat/completions", "x-request-id: first\r\n", &body);
    chat(&simulator, r#""max_tokens":8"#);
    let told = simulator.truth();
    assert_eq!(truths(&ask(&simulator, "GET", "/truth", "", "")), told);
    let [first, second] = told.try_into().unwrap();
    assert_eq!((first.id.as_deref(), first.number, first.stream), (Some("first"), 0, true));
    assert_eq!((&second.id, second.number, second.stream), (&None, 1, false));
    for (truth, chunks) in [(&first, 5), (&second, 1)] {
        // 2 + 1 reasoning, 2 + 2 + 1 answer
        assert_eq!(truth.written.len(), chunks);
        assert!(truth.received < truth.written[0] && truth.written.is_sorted());
        assert!(*truth.written.last().unwrap() <= truth.ended && truth.ended <= simulator.epoch().now());
        assert_eq!((truth.input_tokens, truth.output_tokens), (Tokens(3), Tokens(8)));
        assert_eq!((truth.reasoning_tokens, truth.fault), (Tokens(3), None));
    }
    assert!(first.ended < second.received);
}

#[test]
fn the_json_of_the_truth_has_the_documented_names() {
    let simulator = start(Settings::instant());
    chat(&simulator, r#""stream":true,"max_tokens":2"#);
    let truth = &ask(&simulator, "GET", "/truth", "", "").json()[0];
    let names: Vec<_> = truth.as_object().unwrap().keys().cloned().collect();
    let documented = "id number model body_hash received_ns written_ns ended_ns input_tokens cached_tokens \
                      media output_tokens reasoning_tokens audio_bytes stream fault";
    assert_eq!(names, documented.split(' ').collect::<Vec<_>>());
    assert!(truth["received_ns"].is_u64() && truth["written_ns"][1].is_u64());
    assert_eq!((&truth["output_tokens"], &truth["fault"]), (&2.into(), &serde_json::Value::Null));
}

#[test]
fn body_hashes_are_recorded_if_configured() {
    let simulator = start(Settings { body_hashes: true, ..Settings::instant() });
    for rest in [r#""max_tokens":1"#, r#""max_tokens":2"#, r#""max_tokens":1"#] {
        chat(&simulator, rest);
    }
    let hashes: Vec<_> = simulator.truth().into_iter().map(|it| it.body_hash.unwrap()).collect();
    // Of `{"model":"m","messages":[{"role":"user","content":"one two three"}],"max_tokens":1}`, by sha256sum.
    assert_eq!(hashes[0], "ea11bb5e9adcd113");
    assert_eq!(hashes[0], hashes[2]);
    assert_ne!(hashes[0], hashes[1]);
}

#[test]
fn records_are_dropped_on_request_and_the_oldest_first() {
    let simulator = start(Settings { truth_limit: NonZeroUsize::new(3).unwrap(), ..Settings::instant() });
    for _ in 0..5 {
        chat(&simulator, r#""max_tokens":1"#);
    }
    let numbers: Vec<_> = simulator.truth().iter().map(|it| it.number).collect();
    assert_eq!(numbers, [2, 3, 4]);
    let forgotten = ask(&simulator, "DELETE", "/truth", "", "");
    assert_eq!(forgotten.status, 204);
    assert!(truths(&ask(&simulator, "GET", "/truth", "", "")).is_empty());
}

#[test]
fn a_disconnected_client_is_recorded_with_its_output() {
    let simulator = start(Settings { itl: "20s".parse().unwrap(), ..Settings::instant() });
    for (rest, arrivals) in [(r#""stream":true,"max_tokens":8"#, 1), (r#""max_tokens":8"#, 2)] {
        let mut connection = send(&simulator, "POST", "/v1/chat/completions", "", &chat_body(rest));
        if rest.contains("stream") {
            let mut seen = String::new();
            let mut buffer = [0; 4_096];
            while !seen.contains(" the") {
                let length = connection.read(&mut buffer).unwrap();
                seen += std::str::from_utf8(&buffer[..length]).unwrap();
            }
        }
        // A request that was never read completely did not arrive, and is not recorded.
        while simulator.server.arrivals.load(Ordering::Relaxed) < arrivals {
            std::thread::yield_now();
        }
        drop(connection);
        while simulator.truth().is_empty() {
            std::thread::yield_now();
        }
        let [truth] = simulator.truth().try_into().unwrap();
        assert_eq!(truth.fault, Some(Fault::ClientGone));
        assert_eq!(truth.output_tokens.0, u64::from(truth.stream));
        assert_eq!(truth.written.len() as u64, truth.output_tokens.0);
        simulator.forget();
    }
}

#[test]
fn requests_without_a_slot_are_served_in_order() {
    let slowdown = Slowdown { slots: Some(NonZeroU32::MIN), ..Slowdown::none() };
    let simulator = start(Settings { slowdown, itl: "2ms".parse().unwrap(), ..Settings::instant() });
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| assert!(chat(&simulator, r#""stream":true,"max_tokens":5"#).complete));
        }
    });
    let mut told = simulator.truth();
    assert!(told.is_sorted_by_key(|it| it.number), "first come, first served");
    told.sort_by_key(|it| it.written[0]);
    assert!(told.windows(2).all(|it| it[0].written.last() <= it[1].written.first()), "{told:?}");
}

#[test]
fn concurrent_requests_are_all_recorded() {
    let simulator = start(Settings::instant());
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..20 {
                    assert!(chat(&simulator, r#""stream":true,"max_tokens":30"#).complete);
                }
            });
        }
    });
    let mut numbers: Vec<_> = simulator.truth().iter().map(|it| it.number).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (0..160).collect::<Vec<_>>());
    assert!(simulator.truth().iter().all(|it| it.written.len() == 30));
}
