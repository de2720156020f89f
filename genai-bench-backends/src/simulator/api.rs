//! The endpoints that generate output: their requests and their responses.

mod chat;
mod completions;
mod embeddings;
mod fields;
mod images;
mod messages;
mod rerank;
mod responses;
mod speech;
mod text;

use self::embeddings::Embeddings;
use self::fields::{Fields, wrong};
use self::images::Images;
use self::rerank::Rerank;
use self::responses::Response;
use self::speech::Speech;
use self::text::{Answer, Text, TextFormat};
use super::error_response::ErrorResponse;
use super::planned_response::{PlannedResponse, RequestContext};
use super::prompt::Prompt;
use super::settings::Settings;

/// An endpoint that generates output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Endpoint {
    Chat,
    Completions,
    Responses,
    Embeddings,
    Rerank,
    Images,
    Speech,
}

impl Endpoint {
    fn generates_text(self) -> bool {
        matches!(self, Self::Chat | Self::Completions | Self::Responses)
    }
}

/// The parsed request to an [`Endpoint`].
#[derive(Debug)]
pub(super) struct ApiRequest {
    pub(super) model: String,
    pub(super) prompt: Prompt,
    /// `true` if the response is streamed.
    pub(super) stream: bool,
    pub(super) work: Work,
}

/// The output that a request is for.
#[derive(Debug)]
pub(super) enum Work {
    Text(&'static TextFormat, Text),
    Response(Text),
    Embeddings(Embeddings),
    Rerank(Rerank),
    Images(Images),
    Speech(Speech),
}

impl Work {
    /// Returns the plan of the response.
    pub(super) fn reply(self, context: &RequestContext<'_>) -> PlannedResponse {
        match self {
            Self::Text(shape, text) => Answer::new(context, shape, text).reply(context),
            Self::Response(text) => Response::new(context, text).reply(context),
            Self::Embeddings(embeddings) => embeddings.reply(context),
            Self::Rerank(rerank) => rerank.reply(context),
            Self::Images(images) => images.reply(context),
            Self::Speech(speech) => speech.reply(context),
        }
    }
}

/// Returns the work of generating a text in a format.
fn text_work((shape, text): (&'static TextFormat, Text)) -> Work {
    Work::Text(shape, text)
}

impl ApiRequest {
    pub(super) fn parse(endpoint: Endpoint, body: &[u8], settings: &Settings) -> Result<Self, ErrorResponse> {
        let fields = Fields::parse(body)?;
        let model = fields.model()?;
        let is_known = model == settings.model || settings.models.contains(&model);
        if settings.refuse_unknown_models && !is_known {
            return Err(ErrorResponse::unknown_model(&model));
        }
        let mut prompt = Prompt::new(settings, &model, endpoint.generates_text());
        let into = &mut prompt;
        let work = match endpoint {
            Endpoint::Chat => chat::read(&fields, settings, into).map(text_work)?,
            Endpoint::Completions => completions::read(&fields, into).map(text_work)?,
            Endpoint::Responses => Work::Response(responses::read(&fields, settings, into)?),
            Endpoint::Embeddings => Work::Embeddings(Embeddings::read(&fields, settings, into)?),
            Endpoint::Rerank => Work::Rerank(Rerank::read(&fields, settings, into)?),
            Endpoint::Images => Work::Images(Images::read(&fields, into)?),
            Endpoint::Speech => Work::Speech(Speech::read(&fields, settings, into)?),
        };
        let stream = match work {
            Work::Speech(_) => true,
            _ => fields.flag("stream", false)?,
        };
        if stream && matches!(work, Work::Embeddings(_) | Work::Rerank(_) | Work::Images(_)) {
            return Err(wrong("stream", "false here, where answers come in one piece"));
        }
        Ok(Self { model, prompt, stream, work })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn parse(endpoint: Endpoint, body: &str) -> Result<ApiRequest, ErrorResponse> {
        ApiRequest::parse(endpoint, body.as_bytes(), &Settings::default())
    }

    fn output_tokens(request: &ApiRequest) -> u64 {
        match &request.work {
            Work::Text(_, text) | Work::Response(text) => text.output_tokens,
            other => panic!("{other:?} is no text"),
        }
    }

    fn blamed(endpoint: Endpoint, body: &str) -> Option<String> {
        let refusal = parse(endpoint, body).unwrap_err();
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
        let request = parse(Endpoint::Chat, body).unwrap();
        assert_eq!((request.prompt.tokens, output_tokens(&request), request.stream), (5 + 256, 16, false));
    }

    #[test]
    fn the_newer_name_of_the_limit_takes_precedence() {
        let message = r#""model":"m","messages":[{"role":"user","content":"hi"}]"#;
        let limit =
            |rest: &str| output_tokens(&parse(Endpoint::Chat, &format!("{{{message},{rest}}}")).unwrap());
        assert_eq!(limit(r#""max_tokens":5"#), 5);
        assert_eq!(limit(r#""max_tokens":5,"max_completion_tokens":7"#), 7);
        assert_eq!(limit(r#""max_tokens":5,"max_completion_tokens":null"#), 5);
    }

    #[test]
    fn prompts_are_texts_or_token_ids() {
        let tokens = |prompt: &str| {
            let body = format!(r#"{{"model":"m","prompt":{prompt}}}"#);
            parse(Endpoint::Completions, &body).map(|it| it.prompt.tokens).ok()
        };
        assert_eq!(tokens(r#""one two three""#), Some(3));
        assert_eq!(tokens("[11,12,13,14]"), Some(4));
        assert_eq!(tokens(r#"["one two"]"#), Some(2));
        assert_eq!(tokens(r#"["one","two"]"#), None);
    }

    #[test]
    fn the_invalid_field_is_named() {
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
