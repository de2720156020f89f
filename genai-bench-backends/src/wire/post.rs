//! A request with a body in JSON.

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderValue};
use http::{HeaderMap, Method, Request, Uri};

/// Posts `json` to `uri`, with `headers`, which win over ours.
pub(crate) fn json(uri: Uri, json: Bytes, headers: &HeaderMap) -> Request<Bytes> {
    let mut wire = Request::new(json);
    *wire.method_mut() = Method::POST;
    *wire.uri_mut() = uri;
    let ours = wire.headers_mut();
    ours.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    ours.insert(ACCEPT, HeaderValue::from_static("*/*"));
    ours.extend(headers.clone());
    wire
}
