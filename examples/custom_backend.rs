//! A custom backend for the protocol of a fictional server, checked against the laws of all backends.
//!
//! An answer consists of lines: `T "text"` for a piece of text, `U 7 2` for the tokens of prompt and output, `E` for the
//! end, `X message` for an error. Lines with an unknown letter are skipped.
//!
//! `cargo run --example custom_backend`

use std::error::Error;
use std::sync::Arc;

use bytes::Bytes;
use genai_bench_core::backend::{Backend, Decoder, Events, Unsupported};
use genai_bench_core::conformance::{Cassette, Expected, LAWS, Role, Subject};
use genai_bench_core::failure::{DecodeError, Failure};
use genai_bench_core::record::{FinishReason, Usage};
use genai_bench_core::request::{Input, OutputLength, Request};
use genai_bench_core::units::Tokens;

/// The maximum length of a line, in bytes.
const MAX_LINE_LEN: usize = 1 << 20;

/// The backend.
#[derive(Debug)]
struct Acme;

impl Backend for Acme {
    fn name(&self) -> &'static str {
        "acme"
    }

    fn encode(&self, request: &Request) -> Result<http::Request<Bytes>, Unsupported> {
        let Input::Completion { prompt, .. } = &request.input else {
            return Err(Unsupported::new("acme", "anything but completions"));
        };
        let wire = http::Request::post("http://localhost:7777/say").header("x-model", &*request.model);
        let wire = wire.body(Bytes::copy_from_slice(prompt.as_bytes()));
        wire.map_err(|error| Unsupported::new("acme", error.to_string()))
    }

    fn decoder(&self, _: &Request, _: &http::response::Parts) -> Box<dyn Decoder> {
        Box::<Lines>::default()
    }

    fn failure(&self, head: &http::response::Parts, body: &[u8]) -> Failure {
        Failure::refused(head, String::from_utf8_lossy(body))
    }
}

/// A decoder of lines, which may arrive in any number of chunks.
#[derive(Default)]
struct Lines {
    line: Vec<u8>,
    is_done: bool,
}

impl Decoder for Lines {
    fn decode(&mut self, chunk: &[u8], events: &mut Events<'_>) -> Result<(), DecodeError> {
        for part in chunk.split_inclusive(|byte| *byte == b'\n') {
            if self.line.len() + part.len() > MAX_LINE_LEN {
                return Err(DecodeError::Malformed("a line is longer than 1 MiB".into()));
            }
            self.line.extend_from_slice(part);
            if part.ends_with(b"\n") {
                let line = std::mem::take(&mut self.line);
                self.is_done |= decode_line(line.trim_ascii_end(), events)?;
            }
        }
        Ok(())
    }

    fn finish(self: Box<Self>, _: &mut Events<'_>) -> Result<(), DecodeError> {
        if self.is_done { Ok(()) } else { Err(DecodeError::Truncated) }
    }
}

/// Decodes one line. Returns `true` for the last line of an answer.
fn decode_line(line: &[u8], events: &mut Events<'_>) -> Result<bool, DecodeError> {
    let line = str::from_utf8(line).map_err(|_| malformed("a line is not UTF-8"))?;
    let (letter, rest) = line.split_once(' ').unwrap_or((line, ""));
    match letter {
        "T" => events.text(&serde_json::from_str::<String>(rest).map_err(|_| malformed("T without text"))?),
        "U" => {
            let (input, output) = rest.split_once(' ').ok_or_else(|| malformed("U without two counts"))?;
            events.usage(Usage {
                input: Some(parse_count(input)?),
                output: Some(parse_count(output)?),
                ..Usage::default()
            });
        }
        "E" => events.finished(FinishReason::Stop),
        "X" => events.failed(Failure::in_band(rest)),
        _ => events.skipped(),
    }
    Ok(letter == "E")
}

fn parse_count(digits: &str) -> Result<Tokens, DecodeError> {
    digits.parse().map(Tokens).map_err(|_| malformed("a count is not a number"))
}

fn malformed(problem: &'static str) -> DecodeError {
    DecodeError::Malformed(problem.into())
}

fn cassette(name: &'static str, role: Role, body: &'static str, expected: Expected) -> Cassette {
    let request = Request::completion("m", "Hello", OutputLength::AtMost(Tokens(2)));
    Cassette {
        name,
        origin: "written by hand",
        role,
        request,
        content_type: "text/plain",
        body: body.as_bytes(),
        expected,
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let greeting = Expected {
        answer: "Grüß dich",
        usage: Usage { input: Some(Tokens(7)), output: Some(Tokens(2)), ..Usage::default() },
        finish: Some(FinishReason::Stop),
        ..Expected::default()
    };
    let error = Expected { error: Some((None, "out of coffee")), ..Expected::default() };
    let cassettes = vec![
        cassette("answer", Role::Answer, "T \"Grüß\"\nT \" dich\"\nU 7 2\nE\n", greeting.clone()),
        cassette("unknown", Role::Unknown, "T \"Grüß\"\nZ new\nT \" dich\"\nU 7 2\nE\n", greeting),
        cassette("broken", Role::Broken, "T \"Grüß\nE\n", Expected::default()),
        cassette("error", Role::ErrorInside, "T \"Grüß\"\nX out of coffee\n", error),
    ];
    let subject = Subject { backend: Arc::new(Acme), cassettes };
    for law in LAWS {
        (law.check)(&subject).map_err(|problem| format!("{}: {problem}", law.name))?;
        println!("acme {}", law.name.replace('_', " "));
    }
    Ok(())
}
