//! Requests in JSON: the body, written field by field, and the HTTP request that carries it.

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderValue};
use http::{HeaderMap, Method, Request, Uri};
use serde::Serialize;
use serde_json::{Map, Value};

const IN_MEMORY: &str = "plain fields are JSON, and writing to memory does not fail";

/// A JSON object that is written as it is filled, so that a picture of a megabyte in it is copied once.
///
/// The fields that a person asked for are in it, whatever the task, and ours only where there is none of that
/// name. A field that is asked for as `null` is left out, and so is ours of that name: servers that check their input
/// refuse fields that they do not know.
#[derive(Debug)]
pub(crate) struct RequestBody<'a> {
    json: Vec<u8>,
    /// How many objects are open.
    depth: usize,
    extra: &'a Map<String, Value>,
}

impl<'a> RequestBody<'a> {
    /// A body with the fields of `extra`.
    pub(crate) fn new(extra: &'a Map<String, Value>) -> Self {
        Self { json: vec![b'{'], depth: 1, extra }
    }

    /// Adds a field of ours.
    pub(crate) fn set(&mut self, name: &str, value: &(impl Serialize + ?Sized)) {
        if !self.extra.contains_key(name) {
            self.write(name, value);
        }
    }

    /// Returns what a person wants in the field of this name; `null` where the field is to be left out.
    pub(crate) fn extra_param(&self, name: &str) -> Option<&'a Value> {
        self.extra.get(name)
    }

    /// Returns whether the answer is asked for as a stream: as the field of this name says, not where that is left out,
    /// and as `stream` says where nobody asked for it.
    pub(crate) fn streams(&self, name: &str, stream: bool) -> bool {
        match self.extra_param(name) {
            Some(Value::Null) => false,
            Some(value) => value.as_bool().unwrap_or(stream),
            None => stream,
        }
    }

    /// The object in its last field, which is of this name: what is set from here on is in there, with the fields of
    /// `extra`.
    pub(crate) fn nested(mut self, name: &str, extra: &'a Map<String, Value>) -> Self {
        self.write_extra();
        self.name(name);
        self.json.push(b'{');
        Self { json: self.json, depth: self.depth + 1, extra }
    }

    /// The whole of it.
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

/// Posts `json` to `uri`, asking for an answer of the kind `accept`, with `headers`, which win over ours.
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
