//! How an answer in text is asked for: how long, how random, and whether piece by piece.

use genai_bench_core::request::OutputLength;
use serde::Serialize;
use serde_json::Value;

use super::body::Body;
use super::{Dialect, ExactLength};

/// Says what is the same for every API that answers in text; `length_field` is its name for the largest
/// number of tokens wanted. Returns whether the answer is asked for as a stream.
pub(super) fn ask(
    body: &mut Body<'_>,
    length_field: &str,
    output: OutputLength,
    stream: bool,
    dialect: &Dialect,
) -> bool {
    if let Some(limit) = output.limit() {
        body.set(length_field, &limit);
        let exactly = matches!(output, OutputLength::Exactly(_));
        if exactly && dialect.exact_length == ExactLength::IgnoreEosAndMinTokens {
            body.set("min_tokens", &limit);
            body.set("ignore_eos", &true);
        }
    }
    if let Some(temperature) = dialect.temperature {
        body.set("temperature", &temperature);
    }
    let stream = body.wanted("stream").and_then(Value::as_bool).unwrap_or(stream);
    body.set("stream", &stream);
    stream
}

/// Asks for token counts at the end of a stream of chunks, or on every chunk.
pub(super) fn ask_for_usage(body: &mut Body<'_>, dialect: &Dialect) {
    #[derive(Serialize)]
    struct StreamOptions {
        include_usage: bool,
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        continuous_usage_stats: bool,
    }

    let continuous_usage_stats = dialect.continuous_usage;
    if dialect.include_usage || continuous_usage_stats {
        body.set("stream_options", &StreamOptions { include_usage: true, continuous_usage_stats });
    }
}
