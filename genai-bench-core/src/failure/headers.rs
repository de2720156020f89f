//! The headers of an unsuccessful response that are kept with its failure.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserializer;
use serde::de::{Error, MapAccess, Visitor};

use super::Failure;

/// Headers in which providers name a request.
const REQUEST_IDS: [&str; 6] = [
    "x-request-id",
    "request-id",
    "x-amzn-requestid",
    "opc-request-id",
    "apim-request-id",
    "x-debug-trace-id",
];

/// What is in the names of headers that speak of limits.
const LIMITS: [&str; 4] = ["ratelimit", "tokenlimit", "endpoint-call", "monthly-call"];

/// Returns what the provider calls the request.
pub(super) fn request_id(headers: &http::HeaderMap) -> Option<String> {
    REQUEST_IDS.iter().find_map(|name| text(headers.get(*name)?))
}

/// Returns what the headers say of limits, as much of it as is kept.
pub(super) fn rate_limits(headers: &http::HeaderMap) -> BTreeMap<String, String> {
    let is_limit = |name: &str| LIMITS.iter().any(|it| name.contains(it));
    let limits = headers.iter().filter(|it| is_limit(it.0.as_str()));
    let read = limits.filter_map(|(name, value)| Some((shortened(name.as_str()), text(value)?)));
    read.take(Failure::MOST_RATE_LIMITS).collect()
}

/// Reads as many limits as are kept; a file has no more unless someone has changed it.
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

/// Returns the word of a provider, cut to [`Failure::LONGEST_WORD`]: it stands in journals and reports.
pub(super) fn shortened(word: &str) -> String {
    word[..word.floor_char_boundary(Failure::LONGEST_WORD)].to_owned()
}
