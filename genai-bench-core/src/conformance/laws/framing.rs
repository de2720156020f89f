//! The laws for the content of answers, independent of chunk boundaries.

use super::super::Role;
use super::super::decode::{decode, meaning};
use super::{COMPLETE, Outcome, Subject, ensure};

/// Checks that recorded bytes decode to the expected answer.
pub(super) fn spells_the_recorded_answer(subject: &Subject) -> Outcome {
    for cassette in subject.cassettes.iter().filter(|cassette| COMPLETE.contains(&cassette.role)) {
        let (record, outcome) = decode(subject, cassette, &[cassette.body]);
        outcome.map_err(|error| format!("{}: {error}", cassette.name))?;
        let recorded = &cassette.expected;
        let decoded =
            (&*record.output_text.answer, &*record.output_text.reasoning, record.items(), record.audio_bytes);
        let expected = (recorded.answer, recorded.reasoning, recorded.items, recorded.audio_bytes);
        ensure(decoded == expected, || format!("{}: {decoded:?} instead of {expected:?}", cassette.name))?;
        let decoded = (record.usage, record.server_time, &record.finish, &record.failure);
        let expected = (recorded.usage, recorded.server_time, &recorded.finish, &None);
        ensure(decoded == expected, || format!("{}: {decoded:?} instead of {expected:?}", cassette.name))?;
    }
    Ok(())
}

/// Checks that the events are the same for every split into two chunks, and byte by byte.
pub(super) fn ignores_chunk_boundaries(subject: &Subject) -> Outcome {
    for cassette in &subject.cassettes {
        let read = |chunks: &[&[u8]]| {
            let (record, outcome) = decode(subject, cassette, chunks);
            let (record, mut output) = meaning(record);
            if cassette.role == Role::Unmarked {
                // Pieces of an unmarked body are its chunks.
                output.iter_mut().for_each(|(_, pieces)| *pieces = 0);
            }
            // Output before a broken part in the same chunk may or may not be reported.
            outcome.map(|()| (record, output))
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
