//! The laws for unknown, corrupt and failing responses.

use std::collections::HashSet;
use std::mem::discriminant;
use std::time::Duration;

use super::super::decode::decode;
use super::super::{Role, ScriptedTransport, Step};
use super::{Outcome, Subject, ensure};
use crate::clock::Epoch;
use crate::exchange::{Timeouts, exchange};
use crate::failure::FailureKind;
use crate::record::RequestRecord;
use crate::rng::{Rng, Stream};
use crate::target::Target;

/// Checks that unknown events are skipped and counted.
pub(super) fn skips_what_it_does_not_know(subject: &Subject) -> Outcome {
    for cassette in subject.cassettes.iter().filter(|cassette| cassette.role == Role::Unknown) {
        let (record, outcome) = decode(subject, cassette, &[cassette.body]);
        outcome.map_err(|error| format!("{}: {error}", cassette.name))?;
        ensure(record.skipped > 0, || format!("{}: nothing was counted as skipped", cassette.name))?;
    }
    Ok(())
}

/// Checks that a corrupt event of a known type is an error.
pub(super) fn refuses_what_is_broken(subject: &Subject) -> Outcome {
    for cassette in subject.cassettes.iter().filter(|cassette| cassette.role == Role::Broken) {
        let (_, outcome) = decode(subject, cassette, &[cassette.body]);
        ensure(outcome.is_err(), || format!("{} was accepted as an answer", cassette.name))?;
    }
    Ok(())
}

/// Checks that an error inside a successful response is a failure with the provider's status and message.
pub(super) fn reports_an_error_inside_a_good_response(subject: &Subject) -> Outcome {
    for cassette in subject.cassettes.iter().filter(|cassette| cassette.role == Role::ErrorInside) {
        let (record, _) = decode(subject, cassette, &[cassette.body]);
        let failure = record.failure.ok_or_else(|| format!("{} was accepted as an answer", cassette.name))?;
        let Some((status, message)) = cassette.expected.error else {
            return Err(format!("{}: the cassette has no expected error", cassette.name));
        };
        let is_expected = failure.kind == FailureKind::InBand
            && failure.status == status
            && failure.message.contains(message);
        ensure(is_expected, || format!("{}: {failure:?} instead of {status:?} {message:?}", cassette.name))?;
    }
    Ok(())
}

/// Checks that random bytes, alone and in the middle of an answer, never cause a panic or unbounded memory. (An
/// unmarked body needs no buffer, so any length of it is accepted.)
pub(super) fn survives_anything(subject: &Subject) -> Outcome {
    let mut decoders = HashSet::new();
    for cassette in &subject.cassettes {
        for round in 0..200 {
            let mut rng = Rng::at(round, Stream::Content, 0, 0);
            let noise: Vec<u8> = (0..rng.below(300)).map(|_| rng.below(256) as u8).collect();
            let cut = rng.below(cassette.body.len() as u64 + 1) as usize;
            let (a, b) = cassette.body.split_at(cut);
            let _ = decode(subject, cassette, &[a, &noise, b]);
            let _ = decode(subject, cassette, &[&noise, a]);
        }
        // Answers of the same kind to requests of the same kind are read by the same decoder.
        let decoder = (cassette.content_type, discriminant(&cassette.request.input), cassette.request.stream);
        if cassette.role != Role::Unmarked && decoders.insert(decoder) {
            refuses_a_line_without_end(subject, cassette)?;
        }
    }
    Ok(())
}

/// Checks that a line without end is an error before it fills the memory.
fn refuses_a_line_without_end(subject: &Subject, cassette: &super::super::Cassette) -> Outcome {
    const MEBIBYTE: usize = 1 << 20;
    let piece = bytes::Bytes::from(vec![b'x'; MEBIBYTE]);
    let mut steps = vec![Step::Bytes("data: ".into())];
    steps.extend(std::iter::repeat_n(Step::Bytes(piece), 200));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    let runtime = runtime.map_err(|it| it.to_string())?;
    let transport = ScriptedTransport::new(steps).with_head(200, cassette.content_type);
    let target = Target::new(subject.backend.clone(), std::sync::Arc::new(transport));
    let record = runtime.block_on(async {
        let mut record = RequestRecord::default();
        let timeouts = Timeouts { request: Some(Duration::from_secs(60)), stall: None };
        exchange(&target, &cassette.request, timeouts, Epoch::start(), &mut record).await;
        record
    });
    ensure(record.failure.is_some(), || {
        format!("{}: a line without end was accepted as an answer", cassette.name)
    })?;
    let read = record.body_bytes as usize;
    ensure(read < 100 * MEBIBYTE, || format!("{}: {read} bytes of one line were buffered", cassette.name))
}
