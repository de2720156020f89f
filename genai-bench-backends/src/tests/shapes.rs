//! Small bodies as servers send them, with the expected reading of each: one table for each dialect.

use genai_bench_core::backend::Backend;
use genai_bench_core::conformance::decode_chunks;
use genai_bench_core::record::{OutputKind, RequestRecord};
use genai_bench_core::request::Request;

/// The content type of an event stream.
pub(crate) const EVENTS: Option<&str> = Some("text/event-stream");

/// The body of a response, and its expected reading.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    /// The servers that send the body.
    pub(crate) sent_by: &'static str,
    pub(crate) content_type: Option<&'static str>,
    pub(crate) body: &'static [u8],
    pub(crate) reads: Reads,
}

/// The reading of a body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reads {
    pub(crate) reasoning: &'static str,
    /// The answer, tool calls included.
    pub(crate) answer: &'static str,
    /// The kinds of output in their order, as letters: `R`easoning, `T`ext, `C`all.
    pub(crate) kinds: &'static str,
    pub(crate) finish: Option<&'static str>,
    /// The tokens of the prompt and of the output.
    pub(crate) usage: (Option<u64>, Option<u64>),
    /// `true` for an unstreamed answer, which has no TTFT.
    pub(crate) is_whole: bool,
    /// The number of keep-alives.
    pub(crate) keep_alives: u64,
    /// A part of the message of a failure.
    pub(crate) failure: Option<&'static str>,
}

/// Asserts that the answers to `request` are read as the shapes specify: in one chunk, in every pair of chunks, and
/// byte by byte.
pub(crate) fn check(backend: &dyn Backend, request: &Request, shapes: &[Shape]) {
    for shape in shapes {
        check_chunks(backend, request, shape, &[shape.body]);
        for cut in 0..=shape.body.len() {
            let (before, after) = shape.body.split_at(cut);
            check_chunks(backend, request, shape, &[before, after]);
        }
        check_chunks(backend, request, shape, &shape.body.chunks(1).collect::<Vec<_>>());
    }
}

fn check_chunks(backend: &dyn Backend, request: &Request, shape: &Shape, chunks: &[&[u8]]) {
    let response = http::Response::builder();
    let response = match shape.content_type {
        Some(kind) => response.header(http::header::CONTENT_TYPE, kind),
        None => response,
    };
    let (head, ()) = response.body(()).unwrap().into_parts();
    let (record, outcome) = decode_chunks(backend.decoder(request, &head), chunks);
    let failure = record.failure.as_ref().map(|failure| failure.message.clone());
    let failure = failure.or_else(|| outcome.err().map(|error| error.to_string()));
    let Reads { reasoning, answer, kinds, finish, usage, is_whole, keep_alives, failure: wanted_failure } =
        shape.reads;
    let name = format!("{}, in {} chunks: {}", shape.sent_by, chunks.len(), shape.body.escape_ascii());
    match (&failure, wanted_failure) {
        (Some(failure), Some(part)) => assert!(failure.contains(part), "{name}: {failure}"),
        (failure, wanted) => assert_eq!(failure.as_deref(), wanted, "{name}"),
    }
    let counts = (record.usage.input.map(|it| it.0), record.usage.output.map(|it| it.0));
    let read = (&*record.output_text.reasoning, &*record.output_text.answer, kinds_of(&record));
    assert_eq!(read, (reasoning, answer, kinds.to_owned()), "{name}");
    let finish_read = record.finish.as_ref().map(ToString::to_string);
    let read = (finish_read.as_deref(), counts, record.unstreamed, u64::from(record.keep_alives));
    assert_eq!(read, (finish, usage, is_whole, keep_alives), "{name}");
}

/// Returns the letters of the kinds of output, each once where several of a kind follow one another.
fn kinds_of(record: &RequestRecord) -> String {
    let mut kinds = String::new();
    for arrival in &record.arrivals {
        let letter = match arrival.kind {
            OutputKind::Reasoning => 'R',
            OutputKind::Text => 'T',
            OutputKind::ToolCall => 'C',
            _ => '?',
        };
        if !kinds.ends_with(letter) {
            kinds.push(letter);
        }
    }
    kinds
}
