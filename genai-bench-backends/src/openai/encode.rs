//! Requests as JSON.

use genai_bench_core::request::{Input, Message, OutputLength, Request, Role};
use serde_json::{Map, Value, json};

use super::{Dialect, ExactLength, LengthField};

/// Where a request goes, and what it says.
pub(super) struct Encoded {
    pub(super) path: &'static str,
    pub(super) body: Value,
}

/// The request in `dialect`; `None` for an input that this API does not know.
pub(super) fn encode(request: &Request, dialect: &Dialect) -> Option<Encoded> {
    let mut body = Map::new();
    body.insert("model".into(), json!(&*request.model));
    let (path, output, length_field) = match &request.input {
        Input::Chat { messages, output } => {
            body.insert("messages".into(), conversation(messages, dialect));
            ("chat/completions", *output, dialect.length_field)
        }
        Input::Completion { prompt, output } => {
            body.insert("prompt".into(), json!(&**prompt));
            // Here the old name never went away.
            ("completions", *output, LengthField::MaxTokens)
        }
        _ => return None,
    };
    add_length(&mut body, output, length_field, dialect.exact_length);
    body.extend(dialect.temperature.map(|it| ("temperature".into(), json!(it))));
    let stream = dialect.body.get("stream").and_then(Value::as_bool).unwrap_or(request.stream);
    body.insert("stream".into(), json!(stream));
    if stream && (dialect.include_usage || dialect.continuous_usage) {
        let mut options = json!({"include_usage": true});
        if dialect.continuous_usage {
            options["continuous_usage_stats"] = json!(true);
        }
        body.insert("stream_options".into(), options);
    }
    body.extend(dialect.body.iter().map(|(name, value)| (name.clone(), value.clone())));
    Some(Encoded { path, body: Value::Object(body) })
}

fn conversation(messages: &[Message], dialect: &Dialect) -> Value {
    let system = dialect.system_message.iter().map(|it| json!({"role": "system", "content": it}));
    let rest = messages.iter().map(|it| json!({"role": role(it.role), "content": &*it.text}));
    Value::Array(system.chain(rest).collect())
}

fn role(role: Role) -> &'static str {
    match role {
        Role::System => "system",
        Role::Assistant => "assistant",
        _ => "user",
    }
}

fn add_length(body: &mut Map<String, Value>, output: OutputLength, field: LengthField, exact: ExactLength) {
    let Some(limit) = output.limit() else { return };
    let name = match field {
        LengthField::MaxCompletionTokens => "max_completion_tokens",
        LengthField::MaxTokens => "max_tokens",
    };
    body.insert(name.into(), json!(limit));
    if matches!(output, OutputLength::Exactly(_)) && exact == ExactLength::IgnoreEosAndMinTokens {
        body.insert("min_tokens".into(), json!(limit));
        body.insert("ignore_eos".into(), json!(true));
    }
}

#[cfg(test)]
mod tests {
    use genai_bench_core::units::Tokens;

    use super::*;

    fn chat() -> Request {
        Request::chat("m", "Hello", OutputLength::Exactly(Tokens(16)))
    }

    fn body(request: &Request, dialect: &Dialect) -> Value {
        encode(request, dialect).unwrap().body
    }

    #[test]
    fn the_provider_is_asked_as_its_own_sdk_asks() {
        let expected = json!({"model": "m", "messages": [{"role": "user", "content": "Hello"}],
            "max_completion_tokens": 16, "stream": true, "stream_options": {"include_usage": true}});
        assert_eq!(body(&chat(), &Dialect::openai()), expected);
    }

    #[test]
    fn a_server_of_open_models_is_told_to_go_on_to_the_end() {
        let expected = json!({"model": "m", "messages": [{"role": "user", "content": "Hello"}], "max_tokens": 16,
            "min_tokens": 16, "ignore_eos": true, "temperature": 0.0, "stream": true,
            "stream_options": {"include_usage": true}});
        assert_eq!(body(&chat(), &Dialect::self_hosted("vllm")), expected);
        let free = Request::chat("m", "Hello", OutputLength::AtMost(Tokens(16)));
        assert_eq!(body(&free, &Dialect::self_hosted("vllm")).get("ignore_eos"), None);
    }

    #[test]
    fn completions_keep_the_old_name() {
        let request = Request::completion("m", "Hello", OutputLength::AtMost(Tokens(4)));
        let encoded = encode(&request, &Dialect::openai()).unwrap();
        assert_eq!(encoded.path, "completions");
        assert_eq!((&encoded.body["prompt"], &encoded.body["max_tokens"]), (&json!("Hello"), &json!(4)));
    }

    #[test]
    fn extra_fields_win() {
        let extra = json!({"temperature": 0.7, "ignore_eos": false, "stream": false, "top_k": 5});
        let dialect = Dialect { body: extra.as_object().unwrap().clone(), ..Dialect::self_hosted("vllm") };
        let body = body(&chat(), &dialect);
        assert_eq!(
            (&body["temperature"], &body["ignore_eos"], &body["top_k"]),
            (&json!(0.7), &json!(false), &json!(5))
        );
        assert_eq!((&body["stream"], body.get("stream_options")), (&json!(false), None));
    }

    #[test]
    fn counts_on_every_chunk_and_a_system_message_can_be_had() {
        let dialect =
            Dialect { continuous_usage: true, system_message: Some("Be brief".into()), ..Dialect::openai() };
        let body = body(&chat(), &dialect);
        assert_eq!(body["stream_options"], json!({"include_usage": true, "continuous_usage_stats": true}));
        assert_eq!(body["messages"][0], json!({"role": "system", "content": "Be brief"}));
    }
}
