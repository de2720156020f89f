//! Parameters of text generation: length, temperature and streaming.

use genai_bench_core::request::OutputLength;
use genai_bench_core::units::Tokens;
use serde::Serialize;

use super::{Dialect, ExactLength};
use crate::wire::request::RequestBody;

/// The names of this family of APIs for the maximum number of output tokens. Servers refuse or misread a request with
/// two of them, so a user's field under any of these names replaces the backend's own.
const LIMITS: [&str; 3] = ["max_tokens", "max_completion_tokens", "max_output_tokens"];

/// Writes the parameters that all text APIs share; `length_field` is the name of the maximum number of output tokens.
/// Returns `true` if a streamed answer is requested.
pub(super) fn write_sampling(
    body: &mut RequestBody<'_>,
    length_field: &str,
    output: OutputLength,
    stream: bool,
    dialect: &Dialect,
) -> bool {
    let limit = output.limit().and_then(|limit| set_limit(body, length_field, limit));
    if let Some(limit) = limit
        && matches!(output, OutputLength::Exactly(_))
        && dialect.exact_length == ExactLength::IgnoreEosAndMinTokens
        && goes_on(body)
    {
        body.set("min_tokens", &limit);
        body.set("ignore_eos", &true);
    }
    if let Some(temperature) = dialect.temperature {
        body.set("temperature", &temperature);
    }
    let stream = body.streams("stream", stream);
    body.set("stream", &stream);
    stream
}

/// Sets the limit to `limit` tokens, unless the user's fields set another or `null`. Returns the limit that holds, if
/// any.
fn set_limit(body: &mut RequestBody<'_>, length_field: &str, limit: Tokens) -> Option<Tokens> {
    let given = LIMITS.iter().find_map(|name| body.extra_param(name).filter(|value| !value.is_null()));
    match given {
        Some(value) => value.as_u64().map(Tokens),
        // The user's field is `null`, so it is left out: without a limit, an answer that ignores its end would never
        // end.
        None if body.extra_param(length_field).is_some() => None,
        None => {
            body.set(length_field, &limit);
            Some(limit)
        }
    }
}

/// Returns `true` if the request may force the answer to its limit: `min_tokens` delays the end as `ignore_eos` does,
/// so a user's `"ignore_eos": false` removes both.
fn goes_on(body: &RequestBody<'_>) -> bool {
    body.extra_param("ignore_eos").is_none_or(|value| value.as_bool() == Some(true))
}

/// Requests token counts at the end of a stream of chunks, or in every chunk.
pub(super) fn write_stream_options(body: &mut RequestBody<'_>, dialect: &Dialect) {
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

#[cfg(test)]
mod tests {
    use genai_bench_core::request::Request;
    use serde_json::{Value, json};

    use super::super::request::encoded;
    use super::*;

    const FIELDS: [&str; 5] =
        ["max_tokens", "max_completion_tokens", "min_tokens", "ignore_eos", "stream_options"];

    /// Returns the fields of length, and those of the stream, in a request for exactly 16 tokens with `extra`.
    fn asked(extra: &Value, dialect: Dialect) -> Value {
        let dialect = Dialect { body: extra.as_object().unwrap().clone(), ..dialect };
        let request = Request::chat("m", "Hello", OutputLength::Exactly(Tokens(16)));
        let Value::Object(mut body) = encoded(&request, &dialect).1 else { panic!("no object") };
        body.retain(|name, _| FIELDS.contains(&name.as_str()));
        body.into()
    }

    #[test]
    fn who_wants_answers_to_end_by_themselves_gets_no_min_tokens() {
        let usage = json!({"include_usage": true});
        for (extra, expected) in [
            (
                json!({"ignore_eos": false}),
                json!({"max_tokens": 16, "stream_options": usage, "ignore_eos": false}),
            ),
            (json!({"ignore_eos": null}), json!({"max_tokens": 16, "stream_options": usage})),
            (
                json!({"ignore_eos": true}),
                json!({"max_tokens": 16, "min_tokens": 16, "stream_options": usage, "ignore_eos": true}),
            ),
            (
                json!({"min_tokens": 2}),
                json!({"max_tokens": 16, "ignore_eos": true, "stream_options": usage, "min_tokens": 2}),
            ),
        ] {
            assert_eq!(asked(&extra, Dialect::self_hosted("vllm")), expected, "{extra}");
        }
    }

    #[test]
    fn a_limit_that_a_person_gives_is_the_only_one() {
        let usage = json!({"include_usage": true});
        for name in ["max_tokens", "max_completion_tokens"] {
            let extra = json!({name: 5});
            let expected = json!({"stream_options": usage, name: 5});
            assert_eq!(asked(&extra, Dialect::openai()), expected);
            let exact = json!({"min_tokens": 5, "ignore_eos": true, "stream_options": usage, name: 5});
            assert_eq!(asked(&extra, Dialect::self_hosted("vllm")), exact);
        }
    }

    #[test]
    fn without_a_limit_nothing_makes_an_answer_go_on() {
        let extra = json!({"max_tokens": null, "stream_options": null});
        assert_eq!(asked(&extra, Dialect::self_hosted("vllm")), json!({}));
        // A `null` under another name does not concern the backend's field.
        assert_eq!(asked(&extra, Dialect::openai()), json!({"max_completion_tokens": 16}));
    }

    #[test]
    fn without_a_stream_there_are_no_stream_options() {
        assert_eq!(asked(&json!({"stream": null}), Dialect::openai()), json!({"max_completion_tokens": 16}));
    }
}
