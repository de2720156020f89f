//! The fields of a request's body, and the errors for invalid ones.

use std::ops::RangeInclusive;

use serde_json::{Map, Value};

use crate::simulator::error_response::ErrorResponse;

/// The body of a request: a JSON object.
#[derive(Debug)]
pub(super) struct Fields(Map<String, Value>);

impl Fields {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ErrorResponse> {
        serde_json::from_slice(body)
            .map(Self)
            .map_err(|error| ErrorResponse::invalid(None, format!("The body is no JSON object: {error}.")))
    }

    /// Returns the field, unless it is absent or `null`.
    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|it| !it.is_null())
    }

    /// Returns the name of the requested model.
    pub(super) fn model(&self) -> Result<String, ErrorResponse> {
        let name = self.get("model").and_then(Value::as_str).filter(|it| !it.is_empty());
        name.map(str::to_owned).ok_or_else(|| wrong("model", "the name of a model"))
    }

    pub(super) fn text(&self, name: &'static str) -> Result<&str, ErrorResponse> {
        self.get(name).and_then(Value::as_str).ok_or_else(|| wrong(name, "a text"))
    }

    pub(super) fn flag(&self, name: &'static str, default: bool) -> Result<bool, ErrorResponse> {
        let value = self.get(name).map(|it| it.as_bool().ok_or_else(|| wrong(name, "true or false")));
        value.unwrap_or(Ok(default))
    }

    /// Returns a field that is one of several words.
    pub(super) fn choice(
        &self,
        name: &'static str,
        words: &[&'static str],
    ) -> Result<&'static str, ErrorResponse> {
        let Some(given) = self.get(name) else { return Ok(words[0]) };
        let found = words.iter().find(|word| given.as_str() == Some(word));
        found.copied().ok_or_else(|| wrong(name, &format!("one of {}", words.join(", "))))
    }

    /// Returns a field that is a whole number within `range`.
    pub(super) fn number(
        &self,
        name: &'static str,
        range: RangeInclusive<u64>,
        default: u64,
    ) -> Result<u64, ErrorResponse> {
        let Some(given) = self.get(name) else { return Ok(default) };
        let within = given.as_u64().filter(|it| range.contains(it));
        within
            .ok_or_else(|| wrong(name, &format!("a whole number from {} to {}", range.start(), range.end())))
    }

    /// Returns a field that is an array of one value or more.
    pub(super) fn list(&self, name: &'static str, expected: &str) -> Result<&[Value], ErrorResponse> {
        let list = self.get(name).and_then(Value::as_array).filter(|it| !it.is_empty());
        list.map(Vec::as_slice).ok_or_else(|| wrong(name, expected))
    }
}

/// Returns the error for a field with an invalid value.
pub(super) fn wrong(name: &'static str, expected: &str) -> ErrorResponse {
    ErrorResponse::invalid(Some(name), format!("`{name}` must be {expected}."))
}
