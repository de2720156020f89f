//! When an answer is complete.

use super::super::decode::decode;
use super::{COMPLETE, Outcome, Subject, ensure};

/// For every prefix: an error, unless the provider had already said that it was done.
pub(super) fn never_calls_a_cut_body_complete(subject: &Subject) -> Outcome {
    for cassette in subject.cassettes.iter().filter(|it| COMPLETE.contains(&it.role)) {
        for cut in 0..cassette.body.len() {
            let (trace, outcome) = decode(subject, cassette, &[&cassette.body[..cut]]);
            let said_done = trace.finish.is_some();
            let all_there = trace.spoken.answer == cassette.expected.answer;
            ensure(outcome.is_err() || said_done && all_there, || {
                format!("{} cut at byte {cut} passed for a complete body", cassette.name)
            })?;
        }
    }
    Ok(())
}
