//! What a backend makes of an answer, however it is cut.

use super::super::Role;
use super::super::decode::{decode, meaning};
use super::{COMPLETE, Outcome, Subject, ensure};

/// Recorded bytes decode to what is written beside them.
pub(super) fn spells_the_recorded_answer(subject: &Subject) -> Outcome {
    for cassette in subject.cassettes.iter().filter(|it| COMPLETE.contains(&it.role)) {
        let (trace, outcome) = decode(subject, cassette, &[cassette.body]);
        outcome.map_err(|it| format!("{}: {it}", cassette.name))?;
        let expected = &cassette.expected;
        let spelled =
            (&*trace.output_text.answer, &*trace.output_text.reasoning, trace.items(), trace.audio_bytes);
        let wanted = (expected.answer, expected.reasoning, expected.items, expected.audio_bytes);
        ensure(spelled == wanted, || format!("{}: {spelled:?} instead of {wanted:?}", cassette.name))?;
        let spelled = (trace.usage, trace.server_time, &trace.finish, &trace.failure);
        let wanted = (expected.usage, expected.server_time, &expected.finish, &None);
        ensure(spelled == wanted, || format!("{}: {spelled:?} instead of {wanted:?}", cassette.name))?;
    }
    Ok(())
}

/// The same events for every two-way cut, and byte by byte.
pub(super) fn ignores_chunk_boundaries(subject: &Subject) -> Outcome {
    for cassette in &subject.cassettes {
        let read = |chunks: &[&[u8]]| {
            let (trace, outcome) = decode(subject, cassette, chunks);
            // What came before a broken part may or may not be seen when it comes in the same chunk.
            let (trace, mut output) = meaning(trace);
            if cassette.role == Role::Unmarked {
                // There a piece is nothing but a chunk.
                output.iter_mut().for_each(|(_, pieces)| *pieces = 0);
            }
            outcome.map(|()| (trace, output))
        };
        let whole = read(&[cassette.body]);
        for cut in 0..=cassette.body.len() {
            let (a, b) = cassette.body.split_at(cut);
            ensure(read(&[a, b]) == whole, || {
                format!("{} cut at byte {cut} reads differently", cassette.name)
            })?;
        }
        let bytes: Vec<&[u8]> = cassette.body.chunks(1).collect();
        ensure(read(&bytes) == whole, || format!("{} reads differently byte by byte", cassette.name))?;
    }
    Ok(())
}
