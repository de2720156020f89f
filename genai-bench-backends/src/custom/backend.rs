//! The codec.

use std::sync::Arc;

use bytes::Bytes;
use genai_bench_core::backend::{Backend, Decoder, Unsupported};
use genai_bench_core::failure::Failure;
use genai_bench_core::request::{Input, MediaKind, Message, Request, Role};
use http::header::{ACCEPT, CONTENT_TYPE, HeaderName, HeaderValue};
use minijinja::{Value as Jinja, context};
use serde_json::{Map, Value};

use super::NAME;
use super::description::{Answer, Description};
use super::endpoint::BaseUrl;
use super::response::decoder;
use super::template::{Renderer, texts_in};
use crate::wire::json;

/// The methods that a description may name: others mean something to proxies.
const METHODS: [http::Method; 4] =
    [http::Method::GET, http::Method::POST, http::Method::PUT, http::Method::PATCH];

/// Speaks to a server as a file describes it.
#[derive(Debug)]
pub(super) struct Custom {
    base: BaseUrl,
    method: http::Method,
    path: String,
    /// Headers that hold no credential.
    headers: Vec<(HeaderName, String)>,
    body: Option<Value>,
    /// Fields that a person adds to the body, in place of the described ones where the name is the same.
    extra: Map<String, Value>,
    answer: Arc<Answer>,
    renderer: Renderer,
}

impl Custom {
    /// Makes the codec of the server at `base`.
    pub(super) fn new(
        base: &str,
        description: Description,
        headers: Vec<(HeaderName, String)>,
        extra: Map<String, Value>,
    ) -> Result<Self, String> {
        let Description { method, path, body, answer, .. } = description;
        let method = METHODS.into_iter().find(|it| it.as_str() == method);
        let method = method.ok_or_else(|| "its method is none of GET, POST, PUT and PATCH".to_owned())?;
        if !extra.is_empty() && !body.as_ref().is_some_and(Value::is_object) {
            return Err("its body is no object, so no fields can be added to it".to_owned());
        }
        let base = BaseUrl::read(base)?;
        if !path.contains('{') {
            base.join(&path)?;
        }
        let templates = headers.iter().map(|(_, template)| template.as_str()).chain([path.as_str()]);
        let renderer = Renderer::compile(templates.chain(body.iter().flat_map(texts_in)))?;
        let answer = Arc::new(answer);
        Ok(Self { base, method, path, headers, body, extra, answer, renderer })
    }

    fn unsupported(what: impl Into<String>) -> Unsupported {
        Unsupported::new(NAME, what)
    }

    fn rendered_body(&self, with: &Jinja) -> Result<Bytes, String> {
        let Some(template) = &self.body else { return Ok(Bytes::new()) };
        let mut body = self.renderer.json(template, with)?;
        if let Value::Object(fields) = &mut body {
            fields.extend(self.extra.iter().map(|(name, value)| (name.clone(), value.clone())));
            // As in the bodies of every backend: a field that is asked for as null is left out.
            fields.retain(|name, _| !self.extra.get(name).is_some_and(Value::is_null));
        }
        serde_json::to_vec(&body).map(Bytes::from).map_err(|it| it.to_string())
    }
}

impl Backend for Custom {
    fn name(&self) -> &str {
        NAME
    }

    fn encode(&self, request: &Request) -> Result<http::Request<Bytes>, Unsupported> {
        let with = values(request);
        let render = |it: &str| self.renderer.text(it, &with).map_err(Self::unsupported);
        let uri = self.base.join(&render(&self.path)?).map_err(Self::unsupported)?;
        let mut wire = http::Request::new(self.rendered_body(&with).map_err(Self::unsupported)?);
        *wire.method_mut() = self.method.clone();
        *wire.uri_mut() = uri;
        let headers = wire.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(ACCEPT, HeaderValue::from_static("*/*"));
        for (name, template) in &self.headers {
            let value = HeaderValue::try_from(render(template)?);
            let mut value = value.map_err(|_| Self::unsupported(format!("the header {name}")))?;
            value.set_sensitive(true);
            headers.insert(name.clone(), value);
        }
        Ok(wire)
    }

    fn decoder(&self, _: &Request, _: &http::response::Parts) -> Box<dyn Decoder> {
        decoder(&self.answer)
    }

    fn failure(&self, head: &http::response::Parts, body: &[u8]) -> Failure {
        let told = json::value(body).ok();
        let error = told.as_ref().and_then(|it| self.answer.error.as_ref()?.find_in(it));
        let message = error.map(|it| it.get("message").unwrap_or(it));
        let text = message.map(|it| it.as_str().map_or_else(|| it.to_string(), str::to_owned));
        Failure::refused(head, text.unwrap_or_else(|| String::from_utf8_lossy(body).trim().to_owned()))
    }
}

/// What templates can ask for.
fn values(request: &Request) -> Jinja {
    let common = context! {
        model => &*request.model,
        stream => request.stream,
        max_tokens => request.output().limit().map(|it| it.0),
    };
    let own = match &request.input {
        Input::Chat { messages, .. } => {
            let shown = messages.iter().flat_map(|it| &it.media);
            let urls = |kind| texts(shown.clone().filter(|it| it.kind == kind).map(|it| &it.url));
            context! {
                prompt => messages.last().map(|it| &*it.text),
                messages => messages.iter().map(message).collect::<Vec<_>>(),
                images => urls(MediaKind::Image),
                videos => urls(MediaKind::Video),
            }
        }
        Input::Completion { prompt, .. } => context! { prompt => &**prompt },
        Input::Embeddings { texts, images } => context! {
            texts => self::texts(texts),
            images => self::texts(images.iter().map(|it| &it.url)),
        },
        Input::Rerank { query, documents } => context! {
            query => &**query,
            documents => texts(documents),
        },
        Input::Images { prompt, size, count } => context! {
            prompt => &**prompt,
            width => size.map(|it| it.0),
            height => size.map(|it| it.1),
            count => *count,
        },
        Input::Speech { text } => context! { prompt => &**text },
        _ => context! {},
    };
    context! { ..own, ..common }
}

fn texts<'a>(texts: impl IntoIterator<Item = &'a Arc<str>>) -> Vec<String> {
    texts.into_iter().map(ToString::to_string).collect()
}

fn message(message: &Message) -> Jinja {
    let role = match message.role {
        Role::System => "system",
        Role::Assistant => "assistant",
        _ => "user",
    };
    context! { role => role, content => &*message.text }
}
