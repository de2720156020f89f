//! The formats of chats and completions, on the wire.

use std::num::NonZeroU32;

use serde_json::{Value, json};

use super::super::{ReasoningField, Settings, UsageMode};
use super::{ask, chat, start, text};
use crate::simulator::tokens::count;

const STREAM: &str = r#""stream":true,"max_tokens":5"#;

fn without(mut object: Value, names: &[&str]) -> Value {
    for name in names {
        object.as_object_mut().unwrap().remove(*name);
    }
    object
}

#[test]
fn a_streamed_chat_has_the_format_of_openai() {
    let simulator = start(Settings::instant());
    let raw = chat(&simulator, r#""stream":true,"max_tokens":2,"stream_options":{"include_usage":true}"#);
    assert_eq!(raw.status, 200);
    assert!(raw.head.contains("content-type: text/event-stream"), "{}", raw.head);
    assert!(raw.complete);
    assert_eq!(raw.events().last().unwrap(), "[DONE]");
    let objects = raw.objects();
    let chunk = |choice: Value| {
        json!({"id": "chatcmpl-0", "object": "chat.completion.chunk", "model": "m", "choices": [choice],
               "usage": null})
    };
    let seen: Vec<_> = objects.iter().map(|it| without(it.clone(), &["created"])).collect();
    let role = json!({"index": 0, "delta": {"role": "assistant", "content": ""}, "finish_reason": null});
    assert_eq!(seen[0], chunk(role));
    assert_eq!(seen[1], chunk(json!({"index": 0, "delta": {"content": " the"}, "finish_reason": null})));
    assert_eq!(seen[2], chunk(json!({"index": 0, "delta": {"content": " naïve"}, "finish_reason": null})));
    assert_eq!(seen[3], chunk(json!({"index": 0, "delta": {}, "finish_reason": "length"})));
    assert_eq!(seen[4]["choices"], json!([]));
    assert_eq!(seen[4]["usage"]["prompt_tokens"], 3);
    assert_eq!(seen[4]["usage"]["completion_tokens"], 2);
    assert_eq!(seen[4]["usage"]["total_tokens"], 5);
    assert_eq!(seen.len(), 5);
    assert!(objects[0]["created"].as_u64().unwrap() > 1_700_000_000);
}

#[test]
fn every_event_is_a_chunk_of_its_own() {
    for settings in [Settings::instant(), Settings { itl: "1ms".parse().unwrap(), ..Settings::instant() }] {
        let raw = chat(&start(settings), STREAM);
        assert_eq!(raw.chunks.len(), 8); // role, 5 tokens, finish reason, [DONE]
        assert!(raw.chunks.iter().all(|it| it.starts_with(b"data: ") && it.ends_with(b"\n\n")));
    }
}

#[test]
fn a_streamed_completion_has_the_format_of_openai() {
    let simulator = start(Settings::instant());
    let body = r#"{"model":"a \"b\"","prompt":"one two","stream":true,"max_tokens":3}"#;
    let raw = ask(&simulator, "POST", "/v1/completions", "", body);
    let objects = raw.objects();
    let first = json!({"id": "cmpl-0", "object": "text_completion", "model": "a \"b\"",
                       "choices": [{"index": 0, "text": " the", "logprobs": null, "finish_reason": null}]});
    assert_eq!(without(objects[0].clone(), &["created"]), first);
    assert_eq!(objects[3]["choices"][0]["finish_reason"], "length");
    assert_eq!(count(&text(&objects, "/choices/0/text")), 3);
    assert_eq!((objects.len(), raw.events().last().unwrap().as_str()), (4, "[DONE]"));
}

#[test]
fn an_unstreamed_answer_is_one_object() {
    let simulator = start(Settings { reasoning_tokens: 2, ..Settings::instant() });
    let raw = chat(&simulator, r#""max_completion_tokens":6"#);
    assert!(raw.complete && raw.head.contains("content-type: application/json"), "{}", raw.head);
    let answer = raw.json();
    assert_eq!(answer["object"], "chat.completion");
    assert_eq!(answer["choices"][0]["message"]["role"], "assistant");
    assert_eq!(answer["choices"][0]["finish_reason"], "length");
    assert_eq!(count(answer["choices"][0]["message"]["reasoning_content"].as_str().unwrap()), 2);
    assert_eq!(count(answer["choices"][0]["message"]["content"].as_str().unwrap()), 4);
    assert_eq!(answer["usage"]["completion_tokens"], 6);
    assert_eq!(answer["usage"]["completion_tokens_details"]["reasoning_tokens"], 2);
    let body = r#"{"model":"m","prompt":"one","max_tokens":4}"#;
    let answer = ask(&simulator, "POST", "/v1/completions", "", body).json();
    assert_eq!((&answer["id"], &answer["object"]), (&json!("cmpl-1"), &json!("text_completion")));
    assert_eq!(count(answer["choices"][0]["text"].as_str().unwrap()), 4);
}

#[test]
fn usage_is_in_the_chunks_of_its_mode() {
    let asked = r#""stream_options":{"include_usage":true}"#;
    let continuous = r#""stream_options":{"include_usage":true,"continuous_usage_stats":true}"#;
    // The number of chunks with usage, out of all chunks.
    let reports = |usage, options: &str| {
        let simulator = start(Settings { usage, ..Settings::instant() });
        let objects = chat(&simulator, &format!("{STREAM},{options}")).objects();
        (objects.iter().filter(|it| it["usage"].is_object()).count(), objects.len())
    };
    assert_eq!(reports(UsageMode::Last, r#""n":1"#), (0, 7));
    assert_eq!(reports(UsageMode::Last, asked), (1, 8));
    assert_eq!(reports(UsageMode::Last, continuous), (8, 8));
    assert_eq!(reports(UsageMode::EveryChunk, r#""n":1"#), (8, 8));
    assert_eq!(reports(UsageMode::Never, continuous), (0, 7));
    let never = start(Settings { usage: UsageMode::Never, ..Settings::instant() });
    assert_eq!(chat(&never, r#""max_tokens":5"#).json().get("usage"), None);
}

#[test]
fn usage_in_every_chunk_counts_the_output_so_far() {
    let tokens_per_chunk = NonZeroU32::new(3).unwrap();
    let settings = Settings { usage: UsageMode::EveryChunk, tokens_per_chunk, ..Settings::instant() };
    let objects = chat(&start(settings), r#""stream":true,"max_tokens":7"#).objects();
    let counts: Vec<_> =
        objects.iter().map(|it| it["usage"]["completion_tokens"].as_u64().unwrap()).collect();
    assert_eq!(counts, [0, 3, 6, 7, 7, 7]);
    assert_eq!(count(&text(&objects, "/choices/0/delta/content")), 7);
}

#[test]
fn reasoning_comes_first_and_is_part_of_the_output() {
    for (reasoning_field, name) in
        [(ReasoningField::Reasoning, "reasoning"), (ReasoningField::ReasoningContent, "reasoning_content")]
    {
        let tokens_per_chunk = NonZeroU32::new(2).unwrap();
        let settings =
            Settings { reasoning_tokens: 3, reasoning_field, tokens_per_chunk, ..Settings::instant() };
        let simulator = start(settings);
        let usage = r#""stream":true,"stream_options":{"include_usage":true}"#;
        let objects = chat(&simulator, &format!(r#"{usage},"max_tokens":8"#)).objects();
        let path = format!("/choices/0/delta/{name}");
        assert_eq!(count(&text(&objects, &path)), 3);
        assert_eq!(count(&text(&objects, "/choices/0/delta/content")), 5);
        assert!(objects[1..3].iter().all(|it| it.pointer(&path).is_some()), "{objects:?}");
        let usage = &objects.last().unwrap()["usage"];
        assert_eq!((&usage["completion_tokens"], &usage["total_tokens"]), (&json!(8), &json!(11)));
        assert_eq!(usage["completion_tokens_details"]["reasoning_tokens"], 3);
        let objects = chat(&simulator, r#""stream":true,"max_tokens":2"#).objects();
        assert_eq!(
            (count(&text(&objects, &path)), text(&objects, "/choices/0/delta/content")),
            (2, String::new())
        );
    }
}
