//! Requests for text.

use bytes::Bytes;
use genai_bench_core::request::{Media, MediaKind, Message, OutputLength, Role};
use serde::Serialize;
use serde_json::Value;

use super::extra_params::ExtraParams;
use crate::wire::request::RequestBody;

/// The method of streamed answers. Without `alt=sse` it sends a JSON array.
const STREAMED: &str = "streamGenerateContent?alt=sse";
const WHOLE: &str = "generateContent";

/// The media types by the end of an address. The service requires a media type.
const MEDIA_TYPES: [(&str, &str); 15] = [
    ("png", "image/png"),
    ("jpg", "image/jpeg"),
    ("jpeg", "image/jpeg"),
    ("webp", "image/webp"),
    ("gif", "image/gif"),
    ("heic", "image/heic"),
    ("heif", "image/heif"),
    ("mp4", "video/mp4"),
    ("mpeg", "video/mpeg"),
    ("mpg", "video/mpg"),
    ("mov", "video/mov"),
    ("avi", "video/avi"),
    ("webm", "video/webm"),
    ("wmv", "video/wmv"),
    ("flv", "video/x-flv"),
];

/// Writes a request for the next message of a conversation, and returns its method and body.
///
/// # Errors
///
/// Returns a description of what cannot be requested.
pub(super) fn write_request(
    messages: &[Message],
    output: OutputLength,
    stream: bool,
    extra_params: &ExtraParams,
) -> Result<(&'static str, Bytes), &'static str> {
    let mut body = RequestBody::new(&extra_params.top);
    let (instructions, said): (Vec<_>, Vec<_>) = messages.iter().partition(|it| it.role == Role::System);
    let contents: Result<Vec<_>, _> = said.into_iter().map(Content::new).collect();
    body.set("contents", &contents?);
    let mut instruction: Vec<_> = extra_params.instruction.iter().map(|it| Part::Text(it)).collect();
    for message in instructions {
        instruction.extend(parts(message)?);
    }
    if !instruction.is_empty() {
        body.set("systemInstruction", &Content { role: Some("user"), parts: instruction });
    }
    let limit = output.limit().map(|it| ("maxOutputTokens", it.0.into()));
    Ok((method(stream, extra_params), finish(body, limit, extra_params)))
}

/// Writes a request for output other than text, such as `AUDIO`, and returns its method and body.
pub(super) fn write_request_for(
    modality: &str,
    text: &str,
    stream: bool,
    extra_params: &ExtraParams,
) -> (&'static str, Bytes) {
    let mut body = RequestBody::new(&extra_params.top);
    body.set("contents", &[Content::from_text(text, Some("user"))]);
    let modalities = ("responseModalities", [modality].as_slice().into());
    (method(stream, extra_params), finish(body, Some(modalities), extra_params))
}

fn method(stream: bool, extra_params: &ExtraParams) -> &'static str {
    if extra_params.stream.unwrap_or(stream) { STREAMED } else { WHOLE }
}

/// Returns the finished body, with `ours` in its `generationConfig` unless the user's fields set another value.
fn finish(mut body: RequestBody<'_>, ours: Option<(&str, Value)>, extra_params: &ExtraParams) -> Bytes {
    let mut config = extra_params.generation.clone();
    if let Some((name, value)) = ours {
        config.entry(name).or_insert(value);
    }
    if !config.is_empty() {
        body.set("generationConfig", &config);
    }
    body.finish()
}

/// A message on the wire. Long values are borrowed.
#[derive(Debug, Serialize)]
pub(super) struct Content<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'static str>,
    parts: Vec<Part<'a>>,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
enum Part<'a> {
    Text(&'a str),
    InlineData(Blob<'a>),
    FileData(File<'a>),
}

/// A file's data in base64.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Blob<'a> {
    mime_type: &'a str,
    data: &'a str,
}

/// The address of a file.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct File<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    mime_type: Option<&'static str>,
    file_uri: &'a str,
}

impl<'a> Content<'a> {
    fn new(message: &'a Message) -> Result<Self, &'static str> {
        let role = if message.role == Role::Assistant { "model" } else { "user" };
        Ok(Self { role: Some(role), parts: parts(message)? })
    }

    /// Creates the content of a text to embed, with its role where one is given.
    pub(super) fn from_text(text: &'a str, role: Option<&'static str>) -> Self {
        Self { role, parts: vec![Part::Text(text)] }
    }
}

/// Returns the parts of a message: the text, then the media.
fn parts(message: &Message) -> Result<Vec<Part<'_>>, &'static str> {
    let says_nothing = message.text.is_empty() && !message.media.is_empty();
    let text = (!says_nothing).then(|| Ok(Part::Text(&message.text)));
    text.into_iter().chain(message.media.iter().map(Part::from_media)).collect()
}

impl<'a> Part<'a> {
    fn from_media(media: &'a Media) -> Result<Self, &'static str> {
        if !matches!(media.kind, MediaKind::Image | MediaKind::Video) {
            return Err("a message with media other than pictures and videos");
        }
        match media.data() {
            Some((mime_type, data)) => Ok(Self::InlineData(Blob { mime_type, data })),
            None if media.url.starts_with("data:") => Err("a data: URL that is not in base64"),
            None => Ok(Self::FileData(File { mime_type: media_type(&media.url), file_uri: &media.url })),
        }
    }
}

/// Returns the media type of the file at `url`, if the address shows it.
fn media_type(url: &str) -> Option<&'static str> {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let (_, ending) = path.rsplit('/').next().unwrap_or_default().rsplit_once('.')?;
    MEDIA_TYPES.iter().find(|it| it.0.eq_ignore_ascii_case(ending)).map(|it| it.1)
}

#[cfg(test)]
mod tests {
    use genai_bench_core::units::Tokens;
    use serde_json::json;

    use super::*;

    const AT_MOST: OutputLength = OutputLength::AtMost(Tokens(16));

    fn asked(messages: &[Message], output: OutputLength, extra: &Value) -> (&'static str, Value) {
        let extra_params = ExtraParams::from_body(extra).unwrap();
        let (method, body) = write_request(messages, output, true, &extra_params).unwrap();
        (method, serde_json::from_slice(&body).unwrap())
    }

    #[test]
    fn a_conversation_has_users_models_and_one_instruction() {
        let messages = [
            Message::system("Be brief."),
            Message::user("Hello"),
            Message::assistant("Yes?"),
            Message::system("In English."),
        ];
        let expected = json!({
            "contents": [
                {"role": "user", "parts": [{"text": "Hello"}]},
                {"role": "model", "parts": [{"text": "Yes?"}]}],
            "systemInstruction": {"role": "user", "parts": [{"text": "Be brief."}, {"text": "In English."}]},
        });
        assert_eq!(asked(&messages, OutputLength::Free, &json!({})), (STREAMED, expected));
        let extra = json!({"system_message": "Be kind."});
        let before = &asked(&messages, OutputLength::Free, &extra).1["systemInstruction"]["parts"];
        assert_eq!((&before[0], &before[2]), (&json!({"text": "Be kind."}), &json!({"text": "In English."})));
    }

    #[test]
    fn what_is_shown_is_sent_along_or_is_told_of_by_its_kind() {
        let shown = [
            Media::image("data:image/png;base64,QUJD"),
            Media::video("gs://bucket/a.b/C.MP4"),
            Media::image("https://h/a.jpg?size=1.5"),
            Media::image("https://h.gif/picture"),
        ];
        let message = Message::user("").showing(shown);
        let expected = json!([
            {"inlineData": {"mimeType": "image/png", "data": "QUJD"}},
            {"fileData": {"mimeType": "video/mp4", "fileUri": "gs://bucket/a.b/C.MP4"}},
            {"fileData": {"mimeType": "image/jpeg", "fileUri": "https://h/a.jpg?size=1.5"}},
            {"fileData": {"fileUri": "https://h.gif/picture"}}]);
        assert_eq!(asked(&[message], AT_MOST, &json!({})).1["contents"][0]["parts"], expected);

        let plain = Message::user("").showing([Media::image("data:image/svg+xml,<svg/>")]);
        let refused = write_request(&[plain], AT_MOST, true, &ExtraParams::default()).unwrap_err();
        assert_eq!(refused, "a data: URL that is not in base64");
    }

    #[test]
    fn fields_of_a_person_are_beside_the_length_and_win_over_it() {
        let hello = [Message::user("Hello")];
        let config = |extra| asked(&hello, AT_MOST, &extra).1["generationConfig"].clone();
        assert_eq!(config(json!({})), json!({"maxOutputTokens": 16}));
        let thinking = json!({"thinkingConfig": {"thinkingBudget": 0}});
        let both = json!({"maxOutputTokens": 16, "thinkingConfig": {"thinkingBudget": 0}});
        assert_eq!(config(json!({"generationConfig": thinking})), both);
        assert_eq!(
            config(json!({"generationConfig": {"maxOutputTokens": 4}})),
            json!({"maxOutputTokens": 4})
        );
        let (method, body) = asked(&hello, AT_MOST, &json!({"contents": [], "labels": {}, "stream": false}));
        assert_eq!((method, &body["contents"], &body["labels"]), (WHOLE, &json!([]), &json!({})));
        assert_eq!(body.get("stream"), None);
    }

    #[test]
    fn an_exact_length_is_asked_for_as_the_largest() {
        let exactly = asked(&[Message::user("a")], OutputLength::Exactly(Tokens(9)), &json!({})).1;
        assert_eq!(exactly["generationConfig"], json!({"maxOutputTokens": 9}));
    }
}
