//! Reads the body of a request: what is asked for.

use serde_json::{Map, Value};

use super::refusal::Refusal;
use super::words;

/// The most tokens one request may ask for.
const MOST_TOKENS: u64 = 1 << 20;

/// The output of a request that does not say how much it wants, in tokens.
const DEFAULT_TOKENS: u64 = 16;

/// Which of the two ways to generate text is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Endpoint {
    Chat,
    Completions,
}

/// What one request asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ask {
    pub(super) endpoint: Endpoint,
    pub(super) model: String,
    pub(super) input_tokens: u64,
    pub(super) output_tokens: u64,
    pub(super) stream: bool,
    pub(super) include_usage: bool,
    pub(super) continuous_usage: bool,
}

impl Ask {
    pub(super) fn parse(endpoint: Endpoint, body: &[u8]) -> Result<Self, Refusal> {
        let fields: Map<String, Value> = serde_json::from_slice(body)
            .map_err(|error| Refusal::invalid(None, format!("The body is no JSON object: {error}.")))?;
        let input_tokens = match endpoint {
            Endpoint::Chat => messages(&fields)?,
            Endpoint::Completions => prompt(&fields)?,
        };
        let options = fields.get("stream_options");
        let option = |name| options.and_then(|it| it.get(name)).and_then(Value::as_bool).unwrap_or_default();
        Ok(Self {
            endpoint,
            model: model(&fields)?,
            input_tokens,
            output_tokens: limit(endpoint, &fields)?,
            stream: flag(&fields, "stream")?,
            include_usage: option("include_usage"),
            continuous_usage: option("continuous_usage_stats"),
        })
    }
}

/// The field, unless it is absent or `null`.
fn field<'a>(fields: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    fields.get(name).filter(|it| !it.is_null())
}

fn wrong(name: &'static str, wanted: &str) -> Refusal {
    Refusal::invalid(Some(name), format!("`{name}` must be {wanted}."))
}

fn model(fields: &Map<String, Value>) -> Result<String, Refusal> {
    let name = field(fields, "model").and_then(Value::as_str);
    name.filter(|it| !it.is_empty()).map(str::to_owned).ok_or_else(|| wrong("model", "the name of a model"))
}

fn flag(fields: &Map<String, Value>, name: &'static str) -> Result<bool, Refusal> {
    field(fields, name).map_or(Ok(false), |it| it.as_bool().ok_or_else(|| wrong(name, "true or false")))
}

fn limit(endpoint: Endpoint, fields: &Map<String, Value>) -> Result<u64, Refusal> {
    let names: &[&'static str] = match endpoint {
        Endpoint::Chat => &["max_completion_tokens", "max_tokens"],
        Endpoint::Completions => &["max_tokens"],
    };
    let given = names.iter().find_map(|name| field(fields, name).map(|it| (*name, it)));
    let Some((name, value)) = given else { return Ok(DEFAULT_TOKENS) };
    let in_range = value.as_u64().filter(|it| (1..=MOST_TOKENS).contains(it));
    in_range.ok_or_else(|| wrong(name, "a whole number from 1 to 1048576"))
}

fn messages(fields: &Map<String, Value>) -> Result<u64, Refusal> {
    let messages = field(fields, "messages").and_then(Value::as_array);
    let messages = messages.filter(|it| !it.is_empty());
    let messages = messages.ok_or_else(|| wrong("messages", "an array of one message or more"))?;
    messages.iter().map(message).sum()
}

fn message(message: &Value) -> Result<u64, Refusal> {
    match message.get("content") {
        _ if !message.is_object() => Err(wrong("messages", "an array of objects")),
        None | Some(Value::Null) => Ok(0),
        Some(Value::String(text)) => Ok(words::count(text)),
        Some(Value::Array(parts)) => {
            let texts = parts.iter().filter_map(|part| part.get("text")?.as_str());
            Ok(texts.map(words::count).sum())
        }
        Some(_) => Err(wrong("messages", "an array of objects whose `content` is text or an array of parts")),
    }
}

fn prompt(fields: &Map<String, Value>) -> Result<u64, Refusal> {
    match field(fields, "prompt") {
        Some(Value::String(text)) => Ok(words::count(text)),
        Some(Value::Array(ids)) if !ids.is_empty() && ids.iter().all(Value::is_u64) => Ok(ids.len() as u64),
        Some(Value::Array(texts)) if texts.len() == 1 && texts[0].is_string() => {
            Ok(texts[0].as_str().map_or(0, words::count))
        }
        _ => Err(wrong("prompt", "one text or one array of token ids")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chat(body: &str) -> Result<Ask, Refusal> {
        Ask::parse(Endpoint::Chat, body.as_bytes())
    }

    fn blamed(endpoint: Endpoint, body: &str) -> Option<String> {
        let refusal = Ask::parse(endpoint, body.as_bytes()).unwrap_err();
        assert_eq!(refusal.status, http::StatusCode::BAD_REQUEST);
        let error: Value = serde_json::from_str(&refusal.json()).unwrap();
        error["error"]["param"].as_str().map(str::to_owned)
    }

    #[test]
    fn words_of_all_messages_are_counted() {
        let body = r#"{"model":"m","messages":[
            {"role":"system","content":"be  very\nbrief"}, {"role":"assistant","content":null},
            {"role":"user","content":[{"type":"text","text":"two words"},
                                      {"type":"image_url","image_url":{"url":"data:a b c"}}]}]}"#;
        let ask = chat(body).unwrap();
        assert_eq!((ask.input_tokens, ask.output_tokens, ask.stream), (5, 16, false));
    }

    #[test]
    fn the_newer_name_of_the_limit_wins() {
        let message = r#""model":"m","messages":[{"role":"user","content":"hi"}]"#;
        let asked = |rest: &str| chat(&format!("{{{message},{rest}}}")).unwrap().output_tokens;
        assert_eq!(asked(r#""max_tokens":5"#), 5);
        assert_eq!(asked(r#""max_tokens":5,"max_completion_tokens":7"#), 7);
        assert_eq!(asked(r#""max_tokens":5,"max_completion_tokens":null"#), 5);
    }

    #[test]
    fn prompts_are_texts_or_token_ids() {
        let asked = |prompt: &str| {
            let body = format!(r#"{{"model":"m","prompt":{prompt}}}"#);
            Ask::parse(Endpoint::Completions, body.as_bytes()).map(|it| it.input_tokens).ok()
        };
        assert_eq!(asked(r#""one two three""#), Some(3));
        assert_eq!(asked("[11,12,13,14]"), Some(4));
        assert_eq!(asked(r#"["one two"]"#), Some(2));
        assert_eq!(asked(r#"["one","two"]"#), None);
    }

    #[test]
    fn the_field_to_blame_is_named() {
        use Endpoint::{Chat, Completions};
        let message = r#""messages":[{"role":"user","content":"hi"}]"#;
        assert_eq!(blamed(Chat, "not json"), None);
        assert_eq!(blamed(Chat, "[1]"), None);
        assert_eq!(blamed(Chat, &format!("{{{message}}}")).as_deref(), Some("model"));
        assert_eq!(blamed(Chat, r#"{"model":"m"}"#).as_deref(), Some("messages"));
        assert_eq!(blamed(Chat, r#"{"model":"m","messages":[7]}"#).as_deref(), Some("messages"));
        assert_eq!(blamed(Completions, r#"{"model":"m"}"#).as_deref(), Some("prompt"));
        let with = |rest: &str| format!(r#"{{"model":"m",{message},{rest}}}"#);
        assert_eq!(blamed(Chat, &with(r#""max_tokens":0"#)).as_deref(), Some("max_tokens"));
        assert_eq!(blamed(Chat, &with(r#""max_tokens":2000000"#)).as_deref(), Some("max_tokens"));
        assert_eq!(blamed(Chat, &with(r#""stream":"yes""#)).as_deref(), Some("stream"));
    }
}
