//! `/v1/audio/speech`, on the wire.

use std::num::NonZeroU32;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::super::{Fault, Faults, Settings, Simulator};
use super::{Raw, post, start};

/// A text of 10 characters at 1,000 bytes, in chunks of 4,096.
const BODY: &str = r#"{"model":"m","input":"ten größer","voice":"v"}"#;
const EVENTS: &str = r#"{"model":"m","input":"ten größer","voice":"v","stream_format":"sse"}"#;

fn speak(simulator: &Simulator, body: &str) -> Raw {
    post(simulator, "/v1/audio/speech", body)
}

fn failing(fault: impl FnOnce(&mut Faults)) -> Simulator {
    let mut settings = Settings::instant();
    fault(&mut settings.faults);
    start(settings)
}

#[test]
fn audio_is_streamed_in_chunks() {
    let simulator = start(Settings { itl: "2ms".parse().unwrap(), ..Settings::instant() });
    let raw = speak(&simulator, BODY);
    assert!(raw.complete && raw.head.contains("content-type: audio/mpeg"), "{}", raw.head);
    let sizes: Vec<_> = raw.chunks.iter().map(Vec::len).collect();
    assert_eq!(sizes, [4_096, 4_096, 1_808]);
    let [truth] = simulator.truth().try_into().unwrap();
    assert_eq!((truth.audio_bytes, truth.written.len(), truth.stream), (10_000, 3, true));
    assert_eq!((truth.input_tokens.0, truth.output_tokens.0), (3, 3));
    assert!(truth.written.windows(2).all(|it| it[0] < it[1]) && truth.fault.is_none());
}

#[test]
fn the_size_and_the_format_of_audio_can_be_set() {
    let settings = Settings {
        speech_bytes_per_character: NonZeroU32::new(7).unwrap(),
        speech_chunk_bytes: NonZeroU32::new(50).unwrap(),
        ..Settings::instant()
    };
    let simulator = start(settings);
    for (format, kind) in [("wav", "audio/wav"), ("pcm", "audio/pcm"), ("opus", "audio/opus")] {
        let body = format!(r#"{{"model":"m","input":"0123456789","response_format":"{format}"}}"#);
        let raw = speak(&simulator, &body);
        assert!(raw.head.contains(&format!("content-type: {kind}")), "{}", raw.head);
        assert_eq!(raw.chunks.iter().map(Vec::len).collect::<Vec<_>>(), [50, 20]);
    }
    let raw = speak(&simulator, r#"{"model":"m","input":""}"#);
    assert_eq!((raw.status, raw.body().len(), raw.complete), (200, 0, true));
}

#[test]
fn events_hold_the_same_audio_and_usage() {
    let simulator = start(Settings::instant());
    let raw = speak(&simulator, EVENTS);
    assert!(raw.complete && raw.head.contains("content-type: text/event-stream"), "{}", raw.head);
    let objects = raw.objects();
    let (done, deltas) = objects.split_last().unwrap();
    let sound: Vec<u8> = deltas
        .iter()
        .inspect(|it| assert_eq!(it["type"], "speech.audio.delta"))
        .flat_map(|it| STANDARD.decode(it["audio"].as_str().unwrap()).unwrap())
        .collect();
    assert_eq!((deltas.len(), sound), (3, speak(&simulator, BODY).body()));
    let usage = serde_json::json!({"input_tokens": 3, "output_tokens": 3, "total_tokens": 6});
    assert_eq!((&done["type"], &done["usage"]), (&"speech.audio.done".into(), &usage));
    assert_eq!(simulator.truth()[0].audio_bytes, 10_000);
}

#[test]
fn faults_are_injected_into_the_middle_of_the_audio() {
    let early = failing(|it| it.early_end = 100.0);
    for body in [BODY, EVENTS] {
        early.forget();
        let raw = speak(&early, body);
        assert_eq!((raw.chunks.len(), raw.complete), (1, true));
        let truth = &early.truth()[0];
        assert_eq!((truth.fault, truth.audio_bytes), (Some(Fault::EarlyEnd), 4_096));
    }
    let error = failing(|it| it.error_event = 100.0);
    assert_eq!(speak(&error, EVENTS).objects().last().unwrap()["error"]["type"], "server_error");
    assert_eq!(speak(&error, BODY).chunks[1][0], b'{');
    let garbage = failing(|it| it.garbage = 100.0);
    let raw = speak(&garbage, EVENTS);
    assert_eq!((raw.events().len(), raw.objects().len()), (5, 4));
    let cut = failing(|it| {
        it.cut = 100.0;
        it.cut_after_bytes = Some(5_000);
    });
    let raw = speak(&cut, BODY);
    assert_eq!((raw.body().len(), raw.complete), (5_000, false));
    assert_eq!(cut.truth()[0].audio_bytes, 4_096, "a chunk that was cut in two is not among them");
    assert_eq!(speak(&failing(|it| it.rate_limited = 100.0), BODY).status, 429);
}

#[test]
fn the_invalid_field_is_named() {
    let simulator = start(Settings::instant());
    let cases = [
        (r#"{"model":"m"}"#, "input"),
        (r#"{"model":"m","input":"a","response_format":"ogg"}"#, "response_format"),
        (r#"{"model":"m","input":"a","stream_format":"ws"}"#, "stream_format"),
    ];
    for (body, field) in cases {
        let raw = speak(&simulator, body);
        assert_eq!((raw.status, raw.json()["error"]["param"].as_str()), (400, Some(field)), "{body}");
    }
}
