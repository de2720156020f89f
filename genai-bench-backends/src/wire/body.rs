//! The body of a request, written field by field.

use bytes::Bytes;
use serde::Serialize;
use serde_json::{Map, Value};

/// A JSON object that is written as it is filled, so that a picture of a megabyte in it is copied once.
///
/// The fields that a person asked for are in it, whatever the task, and ours only where there is none of that
/// name.
#[derive(Debug)]
pub(crate) struct Body<'a> {
    json: Vec<u8>,
    extra: &'a Map<String, Value>,
}

impl<'a> Body<'a> {
    /// A body with the fields of `extra`.
    pub(crate) fn new(extra: &'a Map<String, Value>) -> Self {
        Self { json: vec![b'{'], extra }
    }

    /// Adds a field of ours.
    pub(crate) fn set(&mut self, name: &str, value: &(impl Serialize + ?Sized)) {
        if !self.extra.contains_key(name) {
            self.write(name, value);
        }
    }

    /// What a person wants to be in the field of this name.
    pub(crate) fn wanted(&self, name: &str) -> Option<&'a Value> {
        self.extra.get(name)
    }

    /// The whole of it.
    pub(crate) fn finish(mut self) -> Bytes {
        for (name, value) in self.extra {
            self.write(name, value);
        }
        self.json.push(b'}');
        self.json.into()
    }

    fn write(&mut self, name: &str, value: &(impl Serialize + ?Sized)) {
        const IN_MEMORY: &str = "plain fields are JSON, and writing to memory does not fail";
        if self.json.len() > 1 {
            self.json.push(b',');
        }
        serde_json::to_writer(&mut self.json, name).expect(IN_MEMORY);
        self.json.push(b':');
        serde_json::to_writer(&mut self.json, value).expect(IN_MEMORY);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_a_person_asks_for_wins_and_nothing_is_said_twice() {
        let extra = json!({"b": [1], "c": null});
        let mut body = Body::new(extra.as_object().unwrap());
        body.set("a", "x");
        body.set("b", &2);
        assert_eq!(body.wanted("b"), Some(&json!([1])));
        assert_eq!(body.finish(), r#"{"a":"x","b":[1],"c":null}"#);
        assert_eq!(Body::new(&Map::new()).finish(), "{}");
    }
}
