//! The headers of an unsuccessful response that are kept with its failure.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserializer;
use serde::de::{Error, MapAccess, Visitor};

use super::Failure;

/// The headers in which providers send the ID of a request.
const REQUEST_IDS: [&str; 6] = [
    "x-request-id",
    "request-id",
    "x-amzn-requestid",
    "opc-request-id",
    "apim-request-id",
    "x-debug-trace-id",
];

/// The parts of names that mark a header as one about rate limits.
const LIMITS: [&str; 4] = ["ratelimit", "tokenlimit", "endpoint-call", "monthly-call"];

/// Returns the provider's ID of the request.
pub(super) fn request_id(headers: &http::HeaderMap) -> Option<String> {
    REQUEST_IDS.iter().find_map(|name| text(headers.get(*name)?))
}

/// Returns the pause that the server requests, in seconds: `Retry-After-Ms` or `Retry-After`.
pub(super) fn retry_after_s(headers: &http::HeaderMap) -> Option<f64> {
    let seconds = number(headers, "retry-after-ms").map(|milliseconds| milliseconds / 1e3);
    seconds
        .or_else(|| number(headers, "retry-after"))
        .filter(|seconds| seconds.is_finite() && *seconds >= 0.0)
}

fn number(headers: &http::HeaderMap, name: &str) -> Option<f64> {
    headers.get(name)?.to_str().ok()?.trim().parse().ok()
}

/// Returns the headers about rate limits, at most [`Failure::MOST_RATE_LIMITS`].
pub(super) fn rate_limits(headers: &http::HeaderMap) -> BTreeMap<String, String> {
    let limits = headers.iter().filter(|(name, _)| is_rate_limit(name.as_str()));
    let read = limits.filter_map(|(name, value)| Some((shortened(name.as_str()), text(value)?)));
    read.take(Failure::MOST_RATE_LIMITS).collect()
}

/// Returns `true` if a header of this name is about rate limits.
fn is_rate_limit(name: &str) -> bool {
    LIMITS.iter().any(|part| name.contains(part))
}

/// Deserializes rate limits, at most [`Failure::MOST_RATE_LIMITS`]: a file holds more only if it was edited.
pub(super) fn few_limits<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<String, String>, D::Error> {
    struct Limits;

    impl<'de> Visitor<'de> for Limits {
        type Value = BTreeMap<String, String>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("headers of limits")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut headers: A) -> Result<Self::Value, A::Error> {
            let mut limits = BTreeMap::new();
            while let Some((name, value)) = headers.next_entry()? {
                limits.insert(name, value);
                if limits.len() > Failure::MOST_RATE_LIMITS {
                    let most = Failure::MOST_RATE_LIMITS;
                    return Err(A::Error::custom(format!("more than {most} headers of limits")));
                }
            }
            Ok(limits)
        }
    }

    from.deserialize_map(Limits)
}

fn text(value: &http::HeaderValue) -> Option<String> {
    value.to_str().ok().map(shortened)
}

/// Returns a code or ID of a provider, cut to [`Failure::LONGEST_WORD`] bytes: it is written to journals and reports.
pub(super) fn shortened(word: &str) -> String {
    word[..word.floor_char_boundary(Failure::LONGEST_WORD)].to_owned()
}
