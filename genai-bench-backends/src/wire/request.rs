//! Requests in JSON: the body, written field by field, and the HTTP request that carries it.

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderValue};
use http::{HeaderMap, Method, Request, Uri};
use serde::Serialize;
use serde_json::{Map, Value};

const IN_MEMORY: &str = "plain fields are JSON, and writing to memory does not fail";

/// A JSON object that is written as it is filled, so that a picture of a megabyte in it is copied once.
///
/// The user's extra fields are always in it, and a field of the backend only where the user gave none of the same name.
/// A field given as `null` is left out, and so is the backend's field of that name: servers that validate their input
/// refuse unknown fields.
#[derive(Debug)]
pub(crate) struct RequestBody<'a> {
    json: Vec<u8>,
    /// The number of open objects.
    depth: usize,
    extra: &'a Map<String, Value>,
}

impl<'a> RequestBody<'a> {
    /// Creates a body with the fields of `extra`.
    pub(crate) fn new(extra: &'a Map<String, Value>) -> Self {
        Self { json: vec![b'{'], depth: 1, extra }
    }

    /// Sets a field of the backend.
    pub(crate) fn set(&mut self, name: &str, value: &(impl Serialize + ?Sized)) {
        if !self.extra.contains_key(name) {
            self.write(name, value);
        }
    }

    /// Returns the user's value for the field of this name; `null` where the field is to be left out.
    pub(crate) fn extra_param(&self, name: &str) -> Option<&'a Value> {
        self.extra.get(name)
    }

    /// Returns `true` if the answer is requested as a stream: by the user's field of this name, `false` where that is
    /// `null`, and as `stream` says where the user gave none.
    pub(crate) fn streams(&self, name: &str, stream: bool) -> bool {
        match self.extra_param(name) {
            Some(Value::Null) => false,
            Some(value) => value.as_bool().unwrap_or(stream),
            None => stream,
        }
    }

    /// Opens an object in a last field of this name: all further fields are set in there, with the fields of `extra`.
    pub(crate) fn nested(mut self, name: &str, extra: &'a Map<String, Value>) -> Self {
        self.write_extra();
        self.name(name);
        self.json.push(b'{');
        Self { json: self.json, depth: self.depth + 1, extra }
    }

    /// Returns the finished body.
    pub(crate) fn finish(mut self) -> Bytes {
        self.write_extra();
        self.json.extend(std::iter::repeat_n(b'}', self.depth));
        self.json.into()
    }

    fn write_extra(&mut self) {
        for (name, value) in self.extra {
            if !value.is_null() {
                self.write(name, value);
            }
        }
    }

    fn write(&mut self, name: &str, value: &(impl Serialize + ?Sized)) {
        self.name(name);
        serde_json::to_writer(&mut self.json, value).expect(IN_MEMORY);
    }

    fn name(&mut self, name: &str) {
        if self.json.last() != Some(&b'{') {
            self.json.push(b',');
        }
        serde_json::to_writer(&mut self.json, name).expect(IN_MEMORY);
        self.json.push(b':');
    }
}

/// Creates a request that posts `json` to `uri` and accepts `accept`. `headers` replace those of the same name.
pub(crate) fn post_json(
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_a_person_asks_for_wins_and_nothing_is_said_twice() {
        let extra = json!({"b": [1], "c": {"d": null}});
        let mut body = RequestBody::new(extra.as_object().unwrap());
        body.set("a", "x");
        body.set("b", &2);
        assert_eq!(body.extra_param("b"), Some(&json!([1])));
        assert_eq!(body.finish(), r#"{"a":"x","b":[1],"c":{"d":null}}"#);
        assert_eq!(RequestBody::new(&Map::new()).finish(), "{}");
    }

    #[test]
    fn null_leaves_a_field_out() {
        let extra = json!({"stream": null, "a": 1});
        let mut body = RequestBody::new(extra.as_object().unwrap());
        assert_eq!((body.streams("stream", true), body.streams("other", true)), (false, true));
        body.set("stream", &true);
        let within = json!({"b": null});
        let mut body = body.nested("c", within.as_object().unwrap());
        body.set("b", &2);
        assert_eq!(body.finish(), r#"{"a":1,"c":{}}"#);
    }

    #[test]
    fn an_object_can_be_in_its_last_field() {
        let (extra, within) = (json!({"a": 1}), json!({"d": 4}));
        let mut body = RequestBody::new(extra.as_object().unwrap());
        body.set("b", &2);
        let mut body = body.nested("c", within.as_object().unwrap());
        body.set("a", &3);
        body.set("d", &5);
        assert_eq!(body.finish(), r#"{"b":2,"a":1,"c":{"a":3,"d":4}}"#);
        assert_eq!(RequestBody::new(&Map::new()).nested("c", &Map::new()).finish(), r#"{"c":{}}"#);
    }
}
