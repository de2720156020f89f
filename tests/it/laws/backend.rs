//! Backends that violate one law each.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use bytes::Bytes;
use genai_bench_backends::registry;
use genai_bench_core::backend::Events;
use genai_bench_core::backend::{Backend, Decoder, Unsupported};
use genai_bench_core::conformance::{LAWS, Outcome, Role, Subject};

use genai_bench_core::failure::{DecodeError, Failure};
use genai_bench_core::record::FinishReason;
use genai_bench_core::request::Request;
use http::HeaderValue;

use super::Saboteur;
use super::hasty::Hasty;
use super::late::{Hoarder, Late};

pub(super) const SABOTEURS: &[Saboteur<Subject>] = &[
    Saboteur {
        law: "carries_no_credentials",
        deed: "a backend that puts a key into its requests",
        subject: || encoding(|wire| insert(wire, "authorization", HeaderValue::from_static("Bearer sk-1"))),
    },
    Saboteur {
        law: "carries_no_credentials",
        deed: "a backend that puts a key into a header of its own",
        subject: || {
            encoding(|wire| {
                let mut key = HeaderValue::from_static("sk-1");
                key.set_sensitive(true);
                insert(wire, "acme-key", key);
            })
        },
    },
    Saboteur {
        law: "carries_no_credentials",
        deed: "a backend that numbers its requests",
        subject: || {
            static SENT: AtomicU32 = AtomicU32::new(0);
            encoding(|wire| insert(wire, "x-number", SENT.fetch_add(1, Ordering::Relaxed).into()))
        },
    },
    Saboteur {
        law: "carries_no_credentials",
        deed: "a backend that encodes the same request in two ways",
        subject: || {
            static SENT: AtomicU32 = AtomicU32::new(0);
            encoding(|wire| {
                if SENT.fetch_add(1, Ordering::Relaxed).is_multiple_of(2) {
                    *wire.method_mut() = http::Method::PUT;
                }
            })
        },
    },
    Saboteur {
        law: "spells_the_recorded_answer",
        deed: "a decoder that drops what is not ASCII",
        subject: || {
            decoding(|inner| {
                Box::new(Rewriting(inner, |it| it.iter().copied().filter(u8::is_ascii).collect()))
            })
        },
    },
    Saboteur {
        law: "spells_the_recorded_answer",
        deed: "a decoder that reports one item too many",
        subject: || decoding(|inner| Box::new(Adding { inner, at_the_end: |it| it.item() })),
    },
    Saboteur {
        law: "spells_the_recorded_answer",
        deed: "a decoder that reports audio that did not arrive",
        subject: || decoding(|inner| Box::new(Adding { inner, at_the_end: |it| it.audio(1) })),
    },
    Saboteur {
        law: "ignores_chunk_boundaries",
        deed: "a decoder that reads each chunk as UTF-8",
        subject: || {
            decoding(|inner| {
                Box::new(Rewriting(inner, |it| String::from_utf8_lossy(it).into_owned().into_bytes()))
            })
        },
    },
    Saboteur {
        law: "ignores_chunk_boundaries",
        deed: "a decoder that drops the first byte of every chunk of audio",
        subject: || {
            unmarked(|inner| Box::new(Rewriting(inner, |it| it.get(1..).unwrap_or_default().to_vec())))
        },
    },
    Saboteur {
        law: "never_calls_a_cut_body_complete",
        deed: "a decoder that ignores the end of a body",
        subject: || decoding(|inner| Box::new(Lenient { inner, at: Leniency::End })),
    },
    Saboteur {
        law: "never_calls_a_cut_body_complete",
        deed: "a decoder that accepts an empty body as audio",
        subject: || unmarked(|inner| Box::new(Lenient { inner, at: Leniency::End })),
    },
    Saboteur {
        law: "never_calls_a_cut_body_complete",
        deed: "a decoder that invents a finish reason of audio",
        subject: || {
            unmarked(|inner| Box::new(Adding { inner, at_the_end: |it| it.finished(FinishReason::Stop) }))
        },
    },
    Saboteur {
        law: "is_complete_only_behind_the_last_output",
        deed: "a decoder that is complete with its first byte",
        subject: || decoding(|inner| Box::new(Hasty { inner, has_begun: false })),
    },
    Saboteur {
        law: "stamps_an_event_when_its_last_byte_arrives",
        deed: "a decoder that is one chunk of audio behind",
        subject: || unmarked(|inner| Box::new(Late { inner, held: Vec::new() })),
    },
    Saboteur {
        law: "stamps_an_event_when_its_last_byte_arrives",
        deed: "a decoder that holds each chunk back until the next",
        subject: || decoding(|inner| Box::new(Late { inner, held: Vec::new() })),
    },
    Saboteur {
        law: "skips_what_it_does_not_know",
        deed: "a decoder that does not count what it skips",
        subject: || decoding(|inner| Lines::without(inner, b"sglext")),
    },
    Saboteur {
        law: "refuses_what_is_broken",
        deed: "a decoder that goes on after garbage",
        subject: || decoding(|inner| Box::new(Lenient { inner, at: Leniency::Middle })),
    },
    Saboteur {
        law: "reports_an_error_inside_a_good_response",
        deed: "a decoder that overlooks errors",
        subject: || decoding(|inner| Lines::without(inner, b"\"error\"")),
    },
    Saboteur {
        law: "reads_an_answer_whose_counts_are_absurd",
        deed: "a decoder that refuses a negative count",
        subject: || decoding(|inner| Box::new(Refusing { inner, unwanted: b"_tokens\":-1" })),
    },
    Saboteur {
        law: "reads_an_answer_whose_counts_are_absurd",
        deed: "a decoder that accepts a fraction as a count",
        subject: || decoding(|inner| Box::new(Rewriting(inner, |it| replaced(it, b"\":1.5", b"\":9000001")))),
    },
    Saboteur {
        law: "leaves_unknown_fields_alone",
        deed: "a decoder that refuses half of a surrogate pair",
        subject: || decoding(|inner| Box::new(Refusing { inner, unwanted: b"\\ud83d" })),
    },
    Saboteur {
        law: "reads_the_last_of_two_equal_keys",
        deed: "a decoder that refuses an object with a repeated key",
        subject: || decoding(|inner| Box::new(Refusing { inner, unwanted: b"\"choices\":null,\"choices\"" })),
    },
    Saboteur {
        law: "survives_anything",
        deed: "a decoder that panics at a byte it did not expect",
        subject: || {
            decoding(|inner| {
                Box::new(Rewriting(inner, |it| {
                    assert!(!it.contains(&0), "no server sends this");
                    it.to_vec()
                }))
            })
        },
    },
    Saboteur {
        law: "survives_anything",
        deed: "a decoder that buffers the whole body",
        subject: || decoding(|inner| Box::new(Hoarder { inner, held: Vec::new() })),
    },
];

pub(super) fn unbroken() -> Subject {
    let entry = registry::find("openai").expect("the root builds every backend");
    let (_, subject) = (entry.subjects)().into_iter().next().expect("every backend has a test setup");
    subject
}

pub(super) fn check(name: &str, subject: &Subject) -> Outcome {
    let law = LAWS.iter().find(|it| it.name == name).expect("a saboteur names an existing law");
    assert!(law.applies_to(subject), "there is no recording to try {name} on");
    (law.check)(subject)
}

/// Returns a real backend with modified requests.
fn encoding(tamper: fn(&mut http::Request<Bytes>)) -> Subject {
    broken(tamper, |inner| inner)
}

/// Returns a real backend with a wrapped decoder.
fn decoding(wrap: fn(Box<dyn Decoder>) -> Box<dyn Decoder>) -> Subject {
    broken(|_| {}, wrap)
}

/// Returns a real backend with a wrapped decoder, and only unmarked recordings.
fn unmarked(wrap: fn(Box<dyn Decoder>) -> Box<dyn Decoder>) -> Subject {
    let Subject { backend, mut cassettes } = decoding(wrap);
    cassettes.retain(|it| it.role == Role::Unmarked);
    Subject { backend, cassettes }
}

fn broken(tamper: fn(&mut http::Request<Bytes>), wrap: fn(Box<dyn Decoder>) -> Box<dyn Decoder>) -> Subject {
    let Subject { backend, cassettes } = unbroken();
    Subject { backend: Arc::new(Broken { inner: backend, tamper, wrap }), cassettes }
}

fn insert(wire: &mut http::Request<Bytes>, name: &'static str, value: HeaderValue) {
    wire.headers_mut().insert(name, value);
}

#[derive(Debug)]
struct Broken {
    inner: Arc<dyn Backend>,
    tamper: fn(&mut http::Request<Bytes>),
    wrap: fn(Box<dyn Decoder>) -> Box<dyn Decoder>,
}

impl Backend for Broken {
    fn name(&self) -> &'static str {
        "broken"
    }

    fn encode(&self, request: &Request) -> Result<http::Request<Bytes>, Unsupported> {
        let mut wire = self.inner.encode(request)?;
        (self.tamper)(&mut wire);
        Ok(wire)
    }

    fn decoder(&self, request: &Request, head: &http::response::Parts) -> Box<dyn Decoder> {
        (self.wrap)(self.inner.decoder(request, head))
    }

    fn failure(&self, head: &http::response::Parts, body: &[u8]) -> Failure {
        self.inner.failure(head, body)
    }
}

/// A decoder that rewrites each chunk before decoding it.
struct Rewriting(Box<dyn Decoder>, fn(&[u8]) -> Vec<u8>);

impl Decoder for Rewriting {
    fn decode(&mut self, chunk: &[u8], events: &mut Events<'_>) -> Result<(), DecodeError> {
        self.0.decode(&(self.1)(chunk), events)
    }

    fn finish(self: Box<Self>, events: &mut Events<'_>) -> Result<(), DecodeError> {
        self.0.finish(events)
    }
}

/// A decoder that refuses chunks with an unwanted text.
struct Refusing {
    inner: Box<dyn Decoder>,
    unwanted: &'static [u8],
}

impl Decoder for Refusing {
    fn decode(&mut self, chunk: &[u8], events: &mut Events<'_>) -> Result<(), DecodeError> {
        let blank_free: Vec<u8> = chunk.iter().copied().filter(|it| *it != b' ').collect();
        if blank_free.windows(self.unwanted.len()).any(|it| it == self.unwanted) {
            return Err(DecodeError::Malformed("a count below 0".into()));
        }
        self.inner.decode(chunk, events)
    }

    fn finish(self: Box<Self>, events: &mut Events<'_>) -> Result<(), DecodeError> {
        self.inner.finish(events)
    }
}

/// Returns `chunk` with `to` in place of `from`.
fn replaced(chunk: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let (mut kept, mut rest) = (Vec::new(), chunk);
    while let Some(start) = rest.windows(from.len()).position(|it| it == from) {
        kept.extend_from_slice(&rest[..start]);
        kept.extend_from_slice(to);
        rest = &rest[start + from.len()..];
    }
    kept.extend_from_slice(rest);
    kept
}

/// A decoder that ignores errors.
struct Lenient {
    inner: Box<dyn Decoder>,
    at: Leniency,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Leniency {
    Middle,
    End,
}

impl Decoder for Lenient {
    fn decode(&mut self, chunk: &[u8], events: &mut Events<'_>) -> Result<(), DecodeError> {
        // Line by line, so that what follows the garbage is read.
        chunk.split_inclusive(|it| *it == b'\n').try_for_each(|line| {
            let outcome = self.inner.decode(line, events);
            if self.at == Leniency::Middle { Ok(()) } else { outcome }
        })
    }

    fn finish(self: Box<Self>, events: &mut Events<'_>) -> Result<(), DecodeError> {
        let at = self.at;
        let outcome = self.inner.finish(events);
        if at == Leniency::End { Ok(()) } else { outcome }
    }
}

/// A decoder that adds an event at the end.
struct Adding {
    inner: Box<dyn Decoder>,
    at_the_end: fn(&mut Events<'_>),
}

impl Decoder for Adding {
    fn decode(&mut self, chunk: &[u8], events: &mut Events<'_>) -> Result<(), DecodeError> {
        self.inner.decode(chunk, events)
    }

    fn finish(self: Box<Self>, events: &mut Events<'_>) -> Result<(), DecodeError> {
        self.inner.finish(events)?;
        (self.at_the_end)(events);
        Ok(())
    }
}

/// A decoder that drops lines with an unwanted text.
struct Lines {
    inner: Box<dyn Decoder>,
    unwanted: &'static [u8],
    line: Vec<u8>,
}

impl Lines {
    fn without(inner: Box<dyn Decoder>, unwanted: &'static [u8]) -> Box<dyn Decoder> {
        Box::new(Self { inner, unwanted, line: Vec::new() })
    }

    fn decode_line(&mut self, events: &mut Events<'_>) -> Result<(), DecodeError> {
        let line = std::mem::take(&mut self.line);
        let is_decoded = !line.windows(self.unwanted.len()).any(|it| it == self.unwanted);
        if is_decoded { self.inner.decode(&line, events) } else { Ok(()) }
    }
}

impl Decoder for Lines {
    fn decode(&mut self, chunk: &[u8], events: &mut Events<'_>) -> Result<(), DecodeError> {
        for part in chunk.split_inclusive(|it| *it == b'\n') {
            self.line.extend_from_slice(part);
            if part.ends_with(b"\n") {
                self.decode_line(events)?;
            }
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>, events: &mut Events<'_>) -> Result<(), DecodeError> {
        self.decode_line(events)?;
        self.inner.finish(events)
    }
}
