//! A server of any kind, described in a file: no Rust has to be written for it.
//!
//! ```json
//! {
//!     "path": "/generate_stream",
//!     "headers": {"x-team": "{{ env.TEAM }}"},
//!     "body": {"inputs": "{{ prompt }}", "parameters": {"max_new_tokens": "{{ max_tokens }}"}},
//!     "answer": {
//!         "framing": "sse",
//!         "text": "/token/text",
//!         "finish_reason": "/details/finish_reason",
//!         "output_tokens": "/details/generated_tokens",
//!         "error": "/error"
//!     }
//! }
//! ```
//!
//! | key | what it is | when absent |
//! | --- | --- | --- |
//! | `method` | the HTTP method | `POST` |
//! | `path` | what is put behind `--api-base` | nothing |
//! | `headers` | texts, also templates; one with `env` or `api_key` in it is a credential, and shown nowhere | none |
//! | `body` | JSON in which texts are templates | no body |
//! | `answer.framing` | `sse`, `ndjson`, `json` or `bytes` | `sse` |
//! | `answer.event` | the name of the events that count, of `sse` | all of them |
//! | `answer.end` | the data that ends a stream, such as `[DONE]` | |
//! | `answer.text`, `reasoning`, `finish_reason`, `input_tokens`, `output_tokens`, `reasoning_tokens`, `cached_tokens`, `error` | JSON pointers (RFC 6901) into each event, line or answer | not read |
//! | `answer.items` | the JSON pointer of an array of embeddings, ranked documents or pictures | not read |
//!
//! A template is in the language of Jinja. A text that is one expression, `"{{ max_tokens }}"`, becomes its value,
//! number or list; a member of an object whose expression has no value is left out. What there is: `model`, `stream`,
//! `max_tokens` (no value when the model may decide), and of the request `prompt` (the text, or the last message),
//! `messages` (`role`, `content`), `images` and `videos` (URLs), `texts`, `query`, `documents`, `width`, `height`,
//! `count`; in headers also `env.NAME` and `api_key`. A name that is none of these is an error.
//!
//! A stream is complete when it has said `end` or a `finish_reason`; where neither is described, when the response
//! ends.

mod answer;
#[cfg(feature = "conformance")]
mod cassettes;
mod codec;
mod description;
mod entry;
mod template;

pub(crate) use entry::ENTRY;
