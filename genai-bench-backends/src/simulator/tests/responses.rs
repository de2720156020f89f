//! `/v1/responses`, on the wire.

use serde_json::{Value, json};

use super::super::{Faults, Settings, Simulator, UsageMode};
use super::{Raw, post, start};
use crate::simulator::tokens::count;

fn respond(simulator: &Simulator, rest: &str) -> Raw {
    post(simulator, "/v1/responses", &format!(r#"{{"model":"m",{rest}}}"#))
}

/// Returns the names of the events, and their data.
fn events(raw: &Raw) -> Vec<(String, Value)> {
    let body = String::from_utf8(raw.body()).unwrap();
    let event = |text: &str| {
        let (name, data) = text.strip_prefix("event: ")?.split_once("\ndata: ")?;
        Some((name.to_owned(), serde_json::from_str(data).unwrap()))
    };
    body.split_terminator("\n\n").map(|it| event(it).unwrap()).collect()
}

#[test]
fn a_stream_has_the_events_of_openai() {
    let simulator = start(Settings { reasoning_tokens: 1, ..Settings::instant() });
    let raw = respond(&simulator, r#""input":"one two","stream":true,"max_output_tokens":3"#);
    assert!(raw.complete && raw.head.contains("content-type: text/event-stream"), "{}", raw.head);
    let events = events(&raw);
    let names: Vec<_> = events.iter().map(|(name, _)| name.strip_prefix("response.").unwrap()).collect();
    assert_eq!(
        names,
        [
            "created",
            "in_progress",
            "output_item.added",
            "reasoning_text.delta",
            "reasoning_text.done",
            "output_item.done",
            "output_item.added",
            "content_part.added",
            "output_text.delta",
            "output_text.delta",
            "output_text.done",
            "content_part.done",
            "output_item.done",
            "completed"
        ]
    );
    for (place, (name, data)) in events.iter().enumerate() {
        assert_eq!((data["type"].as_str(), &data["sequence_number"]), (Some(name.as_str()), &json!(place)));
    }
    let delta = json!({"type": "response.output_text.delta", "item_id": "msg_0", "output_index": 1,
                       "content_index": 0, "delta": " naïve", "sequence_number": 8});
    assert_eq!(events[8].1, delta);
    assert_eq!((&events[3].1["delta"], &events[3].1["item_id"]), (&json!(" the"), &json!("rs_0")));
    assert_eq!(events[10].1["text"], " naïve token");
    let response = &events[13].1["response"];
    assert_eq!((&response["object"], &response["status"]), (&json!("response"), &json!("completed")));
    let usage = json!({"input_tokens": 2, "input_tokens_details": {"cached_tokens": 0}, "output_tokens": 3,
                       "output_tokens_details": {"reasoning_tokens": 1}, "total_tokens": 5});
    assert_eq!(response["usage"], usage);
    assert_eq!(events[0].1["response"]["usage"], Value::Null);
    let truth = &simulator.truth()[0];
    assert_eq!((truth.written.len(), truth.output_tokens.0, truth.reasoning_tokens.0), (3, 3, 1));
    assert!(raw.chunks.len() == names.len() && truth.stream);
}

#[test]
fn an_unstreamed_response_is_one_object() {
    let simulator = start(Settings { reasoning_tokens: 2, ..Settings::instant() });
    let answer = respond(&simulator, r#""input":"one","max_output_tokens":6"#).json();
    assert_eq!((&answer["object"], &answer["status"]), (&json!("response"), &json!("completed")));
    let [reasoning, message] = answer["output"].as_array().unwrap().as_slice() else { panic!("{answer}") };
    assert_eq!((&reasoning["type"], &message["role"]), (&json!("reasoning"), &json!("assistant")));
    assert_eq!(count(reasoning["content"][0]["text"].as_str().unwrap()), 2);
    assert_eq!(count(message["content"][0]["text"].as_str().unwrap()), 4);
    assert_eq!(answer["usage"]["output_tokens"], 6);
    let none = start(Settings { usage: UsageMode::Never, ..Settings::instant() });
    let answer = respond(&none, r#""input":"one""#).json();
    assert_eq!((&answer["usage"], answer["output"].as_array().unwrap().len()), (&Value::Null, 1));
}

#[test]
fn text_messages_and_instructions_are_counted() {
    let simulator = start(Settings { template_tokens: 100, tokens_per_image: 10, ..Settings::instant() });
    let tokens = |rest: &str| respond(&simulator, rest).json()["usage"]["input_tokens"].clone();
    assert_eq!(tokens(r#""input":"one two","instructions":"be brief now""#), 105);
    let messages = r#""input":[{"role":"user","content":"a b"},{"role":"assistant","content":[
        {"type":"output_text","text":"c"}]},{"role":"user","content":[{"type":"input_text","text":"d"},
        {"type":"input_image","image_url":"data:,x"}]}]"#;
    assert_eq!(tokens(messages), 114);
    for rest in [r#""input":[]"#, r#""stream":true"#, r#""input":"a","max_output_tokens":0"#] {
        let raw = respond(&simulator, rest);
        let field = if rest.contains("max") { "max_output_tokens" } else { "input" };
        assert_eq!((raw.status, raw.json()["error"]["param"].as_str()), (400, Some(field)), "{rest}");
    }
}

#[test]
fn an_error_event_is_halfway_and_last() {
    let faults = Faults { error_event: 100.0, ..Faults::default() };
    let simulator = start(Settings { faults, ..Settings::instant() });
    let raw = respond(&simulator, r#""input":"one","stream":true,"max_output_tokens":4"#);
    let events = events(&raw);
    let (name, data) = events.last().unwrap();
    assert_eq!((name.as_str(), &data["type"], &data["code"]), ("error", &json!("error"), &json!(500)));
    assert_eq!(data["sequence_number"], events.len() as u64 - 1);
    assert_eq!(events.iter().filter(|(name, _)| name.ends_with("text.delta")).count(), 2);
    assert_eq!(simulator.truth()[0].output_tokens.0, 2);
}
