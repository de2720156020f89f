//! Requests as JSON.

use bytes::Bytes;
use genai_bench_core::request::{Input, Request};

use super::{ChatApi, Dialect, embeddings, images, rerank, responses, speech};
use crate::wire::request::RequestBody;

mod chat;

/// The path and the body of a request.
#[derive(Debug)]
pub(super) struct Encoded {
    pub(super) path: &'static str,
    pub(super) body: Bytes,
}

/// Returns the request in `dialect`.
///
/// # Errors
///
/// Returns a description of what the dialect cannot express.
pub(super) fn encode(request: &Request, dialect: &Dialect) -> Result<Encoded, &'static str> {
    let mut body = RequestBody::new(&dialect.body);
    body.set("model", dialect.model(request));
    let path = match &request.input {
        Input::Chat { .. } if dialect.chat_api == ChatApi::Responses && request.uses_tools() => {
            return Err("definitions, calls or results of tools as a response");
        }
        Input::Chat { messages, output } => {
            if !request.tools.is_empty() {
                body.set("tools", &*request.tools);
            }
            let write_request = match dialect.chat_api {
                ChatApi::Completions => chat::write_request,
                ChatApi::Responses => responses::write_request,
            };
            write_request(&mut body, messages, *output, request.stream, dialect)?
        }
        Input::Completion { prompt, output } => {
            chat::write_completion_request(&mut body, prompt, *output, request.stream, dialect)
        }
        Input::Embeddings { texts, images } => embeddings::write_request(&mut body, texts, images, dialect)?,
        Input::Rerank { query, documents } => rerank::write_request(&mut body, query, documents, dialect)?,
        Input::Images { prompt, size, count } => {
            images::write_request(&mut body, prompt, *size, *count, dialect)
        }
        Input::Speech { text } => speech::write_request(&mut body, text),
        _ => return Err("this kind of input"),
    };
    Ok(Encoded { path, body: body.finish() })
}

/// Returns the path and the body of a request, for comparison.
#[cfg(test)]
pub(super) fn encoded(request: &Request, dialect: &Dialect) -> (&'static str, serde_json::Value) {
    let encoded = encode(request, dialect).expect("it can be said");
    (encoded.path, serde_json::from_slice(&encoded.body).expect("it is JSON"))
}

#[cfg(test)]
mod tests {
    use genai_bench_core::request::{Media, OutputLength};
    use genai_bench_core::units::Tokens;
    use serde_json::json;

    use super::*;

    #[test]
    fn what_only_text_answers_have_does_not_leak_and_what_a_person_asks_for_is_always_sent() {
        let extra = json!({"seed": 1});
        let dialect = Dialect { body: extra.as_object().unwrap().clone(), ..Dialect::self_hosted("vllm") };
        let picture = Media::image("data:image/png;base64,QUJD");
        let inputs = [
            Input::Embeddings { texts: vec!["a".into()], images: vec![] },
            Input::Embeddings { texts: vec![], images: vec![picture] },
            Input::Rerank { query: "q".into(), documents: vec!["d".into()] },
            Input::Images { prompt: "p".into(), size: None, count: 1 },
            Input::Speech { text: "t".into() },
        ];
        for input in inputs {
            let (_, body) = encoded(&Request::new("m", input.clone()), &dialect);
            assert_eq!(body["seed"], 1, "{input:?}");
            for name in ["stream", "stream_options", "temperature", "ignore_eos", "min_tokens", "max_tokens"]
            {
                assert_eq!(body.get(name), None, "{input:?}");
            }
            let unstreamed = encoded(&Request::new("m", input.clone()).unstreamed(), &dialect).1;
            assert_eq!(unstreamed, body, "{input:?}");
        }
    }

    #[test]
    fn a_completion_stays_one_whatever_chats_are() {
        let dialect = Dialect { chat_api: ChatApi::Responses, ..Dialect::openai() };
        let completion = Request::completion("m", "Hello", OutputLength::AtMost(Tokens(4)));
        assert_eq!(encoded(&completion, &dialect).0, "completions");
        let chat = Request::chat("m", "Hello", OutputLength::AtMost(Tokens(4)));
        assert_eq!(encoded(&chat, &dialect).0, "responses");
    }
}
