//! The prefix cache, on the wire.

use std::num::NonZeroU32;

use serde_json::{Value, json};

use super::super::{Faults, Settings, Simulator};
use super::{chat, post, start};

fn settings() -> Settings {
    let prefix_block_tokens = NonZeroU32::new(4).unwrap();
    Settings { prefix_cache_tokens: 1_000, prefix_block_tokens, ..Settings::instant() }
}

/// Sends a chat, and returns the answer and the number of cached prompt tokens.
fn say(simulator: &Simulator, messages: &Value, output: u64) -> (String, u64) {
    let body = json!({"model": "m", "messages": messages, "max_tokens": output});
    let answer = post(simulator, "/v1/chat/completions", &body.to_string()).json();
    let cached = answer["usage"]["prompt_tokens_details"]["cached_tokens"].as_u64().unwrap();
    assert_eq!(simulator.truth().last().unwrap().cached_tokens.0, cached);
    (answer["choices"][0]["message"]["content"].as_str().unwrap().to_owned(), cached)
}

#[test]
fn a_conversation_finds_all_its_earlier_turns() {
    let simulator = start(settings());
    let mut messages = vec![json!({"role": "system", "content": "a b c d e"})];
    messages.push(json!({"role": "user", "content": "f g h"}));
    let (answer, cached) = say(&simulator, &json!(messages), 6);
    assert_eq!(cached, 0);
    messages.push(json!({"role": "assistant", "content": answer}));
    messages.push(json!({"role": "user", "content": "i j"}));
    let (answer, cached) = say(&simulator, &json!(messages), 3);
    assert_eq!(cached, 12, "three whole blocks of the 14 tokens so far");
    messages.push(json!({"role": "assistant", "content": answer}));
    messages.push(json!({"role": "user", "content": "k"}));
    assert_eq!(say(&simulator, &json!(messages), 1).1, 16, "of 19");
}

#[test]
fn only_a_prefix_with_the_same_roles_and_model_is_cached() {
    let simulator = start(settings());
    let user = |text: &str| json!([{"role": "user", "content": text}]);
    say(&simulator, &user("a b c d e f g h"), 1);
    assert_eq!(say(&simulator, &user("a b c d e f g h"), 1).1, 8);
    assert_eq!(say(&simulator, &user("a b c d x f g h"), 1).1, 4);
    assert_eq!(say(&simulator, &user("x b c d e f g h"), 1).1, 0);
    assert_eq!(say(&simulator, &json!([{"role": "system", "content": "a b c d"}]), 1).1, 0);
    let body = json!({"model": "n", "messages": user("a b c d e"), "max_tokens": 1});
    let answer = post(&simulator, "/v1/chat/completions", &body.to_string()).json();
    assert_eq!(answer["usage"]["prompt_tokens_details"]["cached_tokens"], 0);
}

#[test]
fn completions_and_responses_report_it_too() {
    let simulator = start(settings());
    let body =
        r#"{"model":"m","prompt":[1,2,3,4,5,6,7,8,9],"stream":true,"stream_options":{"include_usage":true}}"#;
    let cached = || {
        let objects = post(&simulator, "/v1/completions", body).objects();
        objects.last().unwrap()["usage"]["prompt_tokens_details"]["cached_tokens"].clone()
    };
    assert_eq!((cached(), cached()), (0.into(), 8.into()));
    let body = r#"{"model":"m","input":"a b c d e"}"#;
    let cached = || {
        post(&simulator, "/v1/responses", body).json()["usage"]["input_tokens_details"]["cached_tokens"]
            .clone()
    };
    assert_eq!((cached(), cached()), (0.into(), 4.into()));
}

#[test]
fn different_images_share_no_prefix() {
    let simulator = start(Settings { tokens_per_image: 4, ..settings() });
    let shown = |url: &str| {
        let part = json!({"type": "image_url", "image_url": {"url": url}});
        say(&simulator, &json!([{"role": "user", "content": [part]}]), 1).1
    };
    assert_eq!([shown("data:,a"), shown("data:,b"), shown("data:,a")], [0, 0, 4]);
}

#[test]
fn entries_are_dropped_by_a_reset_and_when_full() {
    let simulator = start(Settings { prefix_cache_tokens: 8, ..settings() });
    let user = |text: &str| say(&simulator, &json!([{"role": "user", "content": text}]), 1).1;
    for path in ["/reset_prefix_cache", "/flush_cache"] {
        assert_eq!([user("a b c d"), user("a b c d")], [0, 4]);
        assert_eq!(post(&simulator, path, "").status, 200);
    }
    assert_eq!([user("a b c d"), user("e f g h"), user("i j k l"), user("a b c d")], [0, 0, 0, 0]);
    assert_eq!(user("i j k l"), 4);
}

#[test]
fn a_broken_answer_is_not_cached_but_its_prompt_is() {
    let faults = Faults { early_end: 100.0, ..Faults::default() };
    let simulator = start(Settings { faults, ..settings() });
    let body = |messages: Value| {
        json!({"model": "m", "messages": messages, "max_tokens": 4, "stream": true}).to_string()
    };
    let first = json!([{"role": "user", "content": "a b c d"}]);
    post(&simulator, "/v1/chat/completions", &body(first));
    let second = json!([{"role": "user", "content": "a b c d"},
                        {"role": "assistant", "content": "the naïve token of"}]);
    post(&simulator, "/v1/chat/completions", &body(second));
    assert_eq!(simulator.truth()[1].cached_tokens.0, 4);
}

#[test]
fn usage_has_no_cached_tokens_without_a_cache() {
    let simulator = start(Settings::instant());
    for _ in 0..2 {
        assert_eq!(chat(&simulator, r#""max_tokens":1"#).json()["usage"].get("prompt_tokens_details"), None);
    }
    assert_eq!(post(&simulator, "/flush_cache", "").status, 200);
}
