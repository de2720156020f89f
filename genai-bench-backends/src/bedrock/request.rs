//! Conversations, as they are asked for.

use bytes::Bytes;
use genai_bench_core::request::{Message, OutputLength, Role};

use super::ExtraParams;
use super::content::{Block, WireMessage};
use super::extra_params::joined;
use crate::wire::request::RequestBody;

/// Asks for the next message of a conversation.
///
/// # Errors
///
/// What cannot be asked.
pub(super) fn write_request(
    messages: &[Message],
    output: OutputLength,
    extra_params: &ExtraParams,
) -> Result<Bytes, &'static str> {
    let (instructions, said): (Vec<_>, Vec<_>) = messages.iter().partition(|it| it.role == Role::System);
    if instructions.iter().any(|it| !it.media.is_empty()) {
        return Err("a picture in an instruction");
    }
    // The name that the bodies of most models have for it.
    let limit = extra_params.body.get("max_tokens").cloned().or(output.limit().map(|limit| limit.0.into()));
    let mut extra = joined(
        &extra_params.body,
        "inferenceConfig",
        [
            ("temperature", extra_params.temperature.clone()),
            ("topP", extra_params.top_p.clone()),
            ("maxTokens", limit),
        ],
    );
    extra.shift_remove("max_tokens");
    let mut body = RequestBody::new(&extra);
    let conversation: Result<Vec<_>, _> = said.into_iter().map(WireMessage::new).collect();
    body.set("messages", &conversation?);
    let instructions = instructions.into_iter().map(|it| &*it.text);
    let system: Vec<_> =
        extra_params.system_message.as_deref().into_iter().chain(instructions).map(Block::Text).collect();
    if !system.is_empty() {
        body.set("system", &system);
    }
    Ok(body.finish())
}

#[cfg(test)]
mod tests {
    use genai_bench_core::request::Media;
    use genai_bench_core::units::Tokens;
    use serde_json::{Value, json};

    use super::*;

    fn asked(messages: &[Message], output: OutputLength, extra: &Value) -> Value {
        let extra_params = ExtraParams::new(extra.as_object().unwrap().clone()).unwrap();
        serde_json::from_slice(&write_request(messages, output, &extra_params).unwrap()).unwrap()
    }

    #[test]
    fn it_is_asked_as_boto3_asks() {
        let hello = [Message::user("Hello")];
        let recorded: Value =
            serde_json::from_str(include_str!("../../fixtures/bedrock/sigv4.json")).unwrap();
        let bodies = recorded["cases"].as_array().unwrap().iter();
        let bodies = bodies.filter(|it| it["url"].as_str().unwrap().ends_with("/converse-stream"));
        let bodies = bodies.map(|it| serde_json::from_str(it["body"].as_str().unwrap()).unwrap());
        let bodies: Vec<Value> = bodies.collect();
        assert_eq!(bodies.len(), 7);
        for body in &bodies[..5] {
            assert_eq!(asked(&hello, OutputLength::Exactly(Tokens(16)), &json!({})), *body);
        }
        let extra = json!({"serviceTier": {"type": "flex"}, "performanceConfig": {"latency": "optimized"}});
        assert_eq!(asked(&hello, OutputLength::Free, &extra), bodies[5]);
        assert_eq!(asked(&hello, OutputLength::Free, &json!({})), bodies[6]);
    }

    #[test]
    fn instructions_stand_apart_from_what_is_said() {
        let messages = [
            Message::system("Be brief"),
            Message::user("Hello"),
            Message::assistant("Hi"),
            Message::user("Bye"),
        ];
        let expected = json!({
            "messages": [
                {"role": "user", "content": [{"text": "Hello"}]},
                {"role": "assistant", "content": [{"text": "Hi"}]},
                {"role": "user", "content": [{"text": "Bye"}]}],
            "system": [{"text": "Be kind"}, {"text": "Be brief"}]});
        let extra = json!({"system_message": "Be kind", "messages": ["other"]});
        assert_eq!(asked(&messages, OutputLength::Free, &extra), expected);
        let shown = Message::system("x").showing([Media::image("data:image/png;base64,QUJD")]);
        let refused = write_request(&[shown], OutputLength::Free, &ExtraParams::default());
        assert_eq!(refused.unwrap_err(), "a picture in an instruction");
    }

    #[test]
    fn what_a_person_wants_joins_the_length_and_wins() {
        let inference = |extra: &Value| {
            asked(&[Message::user("x")], OutputLength::AtMost(Tokens(9)), extra)["inferenceConfig"].clone()
        };
        let expected = json!({"temperature": 0.0, "topP": 0.9, "maxTokens": 9});
        assert_eq!(inference(&json!({"temperature": 0.0, "top_p": 0.9})), expected);
        let expected = json!({"maxTokens": 3, "temperature": 1});
        assert_eq!(inference(&json!({"max_tokens": 5})), json!({"maxTokens": 5}));
        assert_eq!(inference(&json!({"max_tokens": null})), Value::Null);
        let extra = json!({"inferenceConfig": {"maxTokens": 3, "temperature": 1}, "temperature": 0});
        assert_eq!(inference(&extra), expected);
    }

    #[test]
    fn what_only_some_models_know_is_passed_on() {
        let extra = json!({"additionalModelRequestFields": {"top_k": 5}, "system": [{"text": "own"}]});
        let body = asked(&[Message::system("ours"), Message::user("x")], OutputLength::Free, &extra);
        assert_eq!(body["additionalModelRequestFields"], json!({"top_k": 5}));
        assert_eq!(body["system"], json!([{"text": "own"}]));
    }
}
