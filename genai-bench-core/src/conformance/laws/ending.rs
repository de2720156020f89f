//! The laws for the end of answers.

use super::super::decode::{decode, head};
use super::super::{Cassette, Role};
use super::{COMPLETE, Outcome, Subject, ensure};
use crate::backend::Events;
use crate::failure::DecodeError;
use crate::record::RequestRecord;
use crate::units::Offset;

/// Checks that every prefix of a body is an error, unless the provider had already declared the answer complete.
pub(super) fn never_calls_a_cut_body_complete(subject: &Subject) -> Outcome {
    for cassette in subject.cassettes.iter().filter(|cassette| COMPLETE.contains(&cassette.role)) {
        for cut in 0..cassette.body.len() {
            let (record, outcome) = decode(subject, cassette, &[&cassette.body[..cut]]);
            let holds = if cassette.role == Role::Unmarked {
                claims_no_more_than_came(&record, &outcome, cut)
            } else {
                outcome.is_err() || record.finish.is_some() && is_all_there(&record, cassette)
            };
            ensure(holds, || format!("{} cut at byte {cut} was accepted as a complete body", cassette.name))?;
        }
    }
    Ok(())
}

/// Checks that an answer is declared complete only behind its last output and finish reason, and stays complete: the
/// harness may stop reading there.
pub(super) fn is_complete_only_behind_the_last_output(subject: &Subject) -> Outcome {
    for cassette in subject.cassettes.iter().filter(|cassette| COMPLETE.contains(&cassette.role)) {
        let mut decoder = subject.backend.decoder(&cassette.request, &head(cassette));
        let mut record = RequestRecord::default();
        let mut completed_at = decoder.is_complete().then_some(0);
        for (number, byte) in (1..).zip(cassette.body) {
            let mut events = Events::new(Offset::from_nanos(number), &mut record);
            let decoded = decoder.decode(std::slice::from_ref(byte), &mut events);
            decoded.map_err(|error| format!("{}: byte {number}: {error}", cassette.name))?;
            match (decoder.is_complete(), completed_at) {
                (true, None) => completed_at = Some(number),
                (false, Some(at)) => {
                    return Err(format!("{}: complete at byte {at}, and not at {number}", cassette.name));
                }
                _ => {}
            }
        }
        let Some(at) = completed_at else { continue };
        let last = record.last_output().max(record.finished_at).unwrap_or_default();
        ensure(Offset::from_nanos(at) >= last, || {
            format!("{}: complete at byte {at}, before {last:?} in bytes", cassette.name)
        })?;
        ensure(is_all_there(&record, cassette), || {
            format!("{}: declared complete before all output arrived", cassette.name)
        })?;
    }
    Ok(())
}

fn is_all_there(record: &RequestRecord, cassette: &Cassette) -> bool {
    let expected = &cassette.expected;
    (&*record.output_text.answer, record.items(), record.audio_bytes)
        == (expected.answer, expected.items, expected.audio_bytes)
}

/// Returns `true` if a decoder claims no more of an unmarked body than the `came` bytes that arrived. Such a body has
/// no end mark, so an empty one is no answer, and any other has no finish reason.
fn claims_no_more_than_came(record: &RequestRecord, outcome: &Result<(), DecodeError>, came: usize) -> bool {
    outcome.is_err() || came > 0 && record.finish.is_none() && record.audio_bytes <= came as u64
}
