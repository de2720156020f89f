//! When an answer is complete.

use super::super::decode::decode;
use super::super::{Cassette, Role};
use super::{COMPLETE, Outcome, Subject, ensure};
use crate::failure::DecodeError;
use crate::trace::Trace;

/// For every prefix: an error, unless the provider had already said that it was done.
pub(super) fn never_calls_a_cut_body_complete(subject: &Subject) -> Outcome {
    for cassette in subject.cassettes.iter().filter(|it| COMPLETE.contains(&it.role)) {
        for cut in 0..cassette.body.len() {
            let (trace, outcome) = decode(subject, cassette, &[&cassette.body[..cut]]);
            let holds = if cassette.role == Role::Unmarked {
                claims_no_more_than_came(&trace, &outcome, cut)
            } else {
                outcome.is_err() || trace.finish.is_some() && is_all_there(&trace, cassette)
            };
            ensure(holds, || format!("{} cut at byte {cut} passed for a complete body", cassette.name))?;
        }
    }
    Ok(())
}

fn is_all_there(trace: &Trace, cassette: &Cassette) -> bool {
    let expected = &cassette.expected;
    (&*trace.spoken.answer, trace.items(), trace.audio_bytes)
        == (expected.answer, expected.items, expected.audio_bytes)
}

/// Nothing in such a body says that it is whole. So an empty one is no answer, and of any other nothing is
/// claimed but what came of it, least of all a reason why it ended.
fn claims_no_more_than_came(trace: &Trace, outcome: &Result<(), DecodeError>, came: usize) -> bool {
    outcome.is_err() || came > 0 && trace.finish.is_none() && trace.audio_bytes <= came as u64
}
