//! A request with a body in JSON.

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderValue};
use http::{HeaderMap, Method, Request, Uri};

/// Posts `json` to `uri`, asking for an answer of the kind `accept`, with `headers`, which win over ours.
pub(crate) fn json(
    uri: Uri,
    json: Bytes,
    accept: Option<&'static str>,
    headers: &HeaderMap,
) -> Request<Bytes> {
    let mut wire = Request::new(json);
    *wire.method_mut() = Method::POST;
    *wire.uri_mut() = uri;
    let ours = wire.headers_mut();
    ours.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if let Some(accept) = accept {
        ours.insert(ACCEPT, HeaderValue::from_static(accept));
    }
    ours.extend(headers.clone());
    wire
}
