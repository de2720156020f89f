//! Memory limits of one answer and of all answers of a run.
//!
//! They are far above the answers of a well-behaved server. A server that never ends its answer, or sends many
//! gigabytes, fails its request with [`FailureKind::AnswerTooLong`], and the run goes on.

use super::LiveCounts;
use crate::failure::{Failure, FailureKind};
use crate::record::{Arrival, MOST_ARRIVALS, RequestRecord};

/// The maximum size of the body of one answer, in bytes: a million tokens in events of a kilobyte each, or a thousand
/// pictures of a megabyte.
pub(crate) const MOST_BODY_BYTES: u64 = 1 << 30;
/// The maximum size of the text of one answer in bytes, reasoning included: a million tokens of 32 bytes.
pub(crate) const MOST_TEXT_BYTES: u64 = 32 << 20;
/// The memory limit of all answers of a run in bytes, however few requests are in flight: ten answers with the
/// longest text and the most arrivals fit.
const HELD_BYTES_OF_A_RUN: u64 = 1 << 30;
/// The memory limit of all answers of a run per request in flight, in bytes: 7,000 tokens with an arrival of 32 bytes
/// and a text of 5 bytes each. A growing answer has half of its length on average, so the final answers may have
/// 14,000 tokens each.
const HELD_BYTES_PER_REQUEST: u64 = 256 << 10;
/// The growth of an answer in bytes after which the sum over the run is updated: answers of ordinary length never
/// update it.
const STEP_BYTES: u64 = 64 << 10;

/// Checks the limits of an answer, of which the decoder buffers `buffered` more bytes, and adds its growth to the sum
/// of the run.
///
/// # Errors
///
/// [`FailureKind::AnswerTooLong`] if a limit is exceeded.
pub(super) fn check(
    record: &mut RequestRecord,
    buffered: usize,
    activity: &LiveCounts,
) -> Result<(), Failure> {
    let text = text_bytes(record);
    let arrivals = record.arrivals.len();
    if record.body_bytes > MOST_BODY_BYTES || text > MOST_TEXT_BYTES || arrivals > MOST_ARRIVALS {
        return Err(too_long(record));
    }
    let held = held_bytes(record) + buffered as u64;
    if held < record.held_bytes + STEP_BYTES {
        return Ok(());
    }
    let total = activity.hold(held - record.held_bytes);
    record.held_bytes = held;
    let most = most_held_bytes(activity);
    if total > most {
        return Err(too_much_in_flight(most));
    }
    Ok(())
}

/// Returns the memory limit of all answers of a run in bytes, from their first byte until they are recorded: texts,
/// arrivals and the buffers of decoders. The limit grows with the configured load, by the highest number of requests
/// that were in flight so far, and not with the bytes of the server: 1 GiB, and from 4,096 requests in flight on 256
/// KiB for each. A `Vec` may use up to twice the memory of its content.
fn most_held_bytes(activity: &LiveCounts) -> u64 {
    HELD_BYTES_OF_A_RUN.max(activity.most_in_flight().saturating_mul(HELD_BYTES_PER_REQUEST))
}

/// Releases the buffer of the decoder, and the text of an answer that was too long: its tokens are not counted, and a
/// journal has a limit for its lines.
pub(super) fn settle(record: &mut RequestRecord, failure: Option<&Failure>, activity: &LiveCounts) {
    if failure.is_some_and(|failure| failure.kind == FailureKind::AnswerTooLong) {
        record.drop_text();
    }
    if record.held_bytes > 0 {
        let left = held_bytes(record).min(record.held_bytes);
        activity.release(record.held_bytes - left);
        record.held_bytes = left;
    }
}

/// Returns the size of the recorded text, in bytes.
fn text_bytes(record: &RequestRecord) -> u64 {
    (record.output_text.answer.len() + record.output_text.reasoning.len()) as u64
}

/// Returns the heap memory of a record, in bytes.
fn held_bytes(record: &RequestRecord) -> u64 {
    text_bytes(record) + (record.arrivals.len() * size_of::<Arrival>()) as u64
}

fn too_long(record: &RequestRecord) -> Failure {
    let message = if text_bytes(record) > MOST_TEXT_BYTES {
        format!("more than {} MiB of text", MOST_TEXT_BYTES >> 20)
    } else if record.arrivals.len() > MOST_ARRIVALS {
        format!("more than {MOST_ARRIVALS} pieces of output")
    } else {
        format!("a body of more than {} MiB", MOST_BODY_BYTES >> 20)
    };
    Failure::new(FailureKind::AnswerTooLong, format!("{message}: the rest of the answer was not read"))
}

fn too_much_in_flight(most: u64) -> Failure {
    let message = format!(
        "the answers in flight hold more than {} MiB together: the rest of this one was not read; reduce --num-concurrency or the \
         length of answers",
        most >> 20
    );
    Failure::new(FailureKind::AnswerTooLong, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::Events;
    use crate::clock;
    use crate::units::Offset;

    #[test]
    fn the_text_of_an_answer_has_a_limit() {
        let (mut record, activity) = (RequestRecord::default(), LiveCounts::default());
        let piece = "x".repeat(1 << 20);
        for _ in 0..MOST_TEXT_BYTES >> 20 {
            Events::new(Offset::ZERO, &mut record).reasoning(&piece);
            check(&mut record, 0, &activity).unwrap();
        }
        Events::new(Offset::ZERO, &mut record).text("y");
        let failure = check(&mut record, 0, &activity).unwrap_err();
        assert_eq!(
            failure.to_string(),
            "answer_too_long: more than 32 MiB of text: the rest of the answer was not read"
        );
        settle(&mut record, Some(&failure), &activity);
        assert!(record.output_text.is_empty());
        assert_eq!(activity.held(), record.held_bytes);
        assert!(activity.held() < STEP_BYTES);
    }

    #[test]
    fn arrivals_and_bytes_have_limits() {
        let activity = LiveCounts::default();
        let mut record = RequestRecord::default();
        for nanos in 0..=MOST_ARRIVALS as u64 {
            Events::new(Offset::from_nanos(nanos), &mut record).text("x");
        }
        let failure = check(&mut record, 0, &activity).unwrap_err();
        assert!(failure.message.starts_with("more than 2097152 pieces of output"), "{failure}");
        let mut record = RequestRecord { body_bytes: MOST_BODY_BYTES, ..RequestRecord::default() };
        check(&mut record, 0, &activity).unwrap();
        record.body_bytes += 1;
        let failure = check(&mut record, 0, &activity).unwrap_err();
        assert!(failure.message.starts_with("a body of more than 1024 MiB"), "{failure}");
    }

    #[test]
    fn answers_of_a_run_share_a_limit_and_release_their_memory() {
        let activity = LiveCounts::default();
        let buffered = usize::try_from(HELD_BYTES_OF_A_RUN / 2).unwrap();
        let (mut first, mut second) = (RequestRecord::default(), RequestRecord::default());
        check(&mut first, buffered, &activity).unwrap();
        check(&mut second, buffered, &activity).unwrap();
        let failure = check(&mut second, buffered + (1 << 20), &activity).unwrap_err();
        assert!(failure.message.contains("hold more than 1024 MiB together"), "{failure}");
        settle(&mut first, None, &activity);
        settle(&mut second, Some(&failure), &activity);
        assert_eq!((activity.held(), first.held_bytes, second.held_bytes), (0, 0, 0));
    }

    #[test]
    fn the_shared_limit_grows_with_the_requests_in_flight() {
        const STREAMS: u64 = 16_000;
        let activity = LiveCounts::default();
        let answer = 4_096 * (size_of::<Arrival>() + "word ".len());
        let streams: Vec<_> = (0..STREAMS).map(|_| activity.begin(clock::now())).collect();
        let mut records: Vec<RequestRecord> = (0..STREAMS).map(|_| RequestRecord::default()).collect();
        for record in &mut records {
            check(record, answer, &activity).unwrap();
        }
        assert!(activity.held() > HELD_BYTES_OF_A_RUN);
        let rest = usize::try_from(STREAMS * HELD_BYTES_PER_REQUEST - activity.held()).unwrap();
        check(&mut records[0], answer + rest, &activity).unwrap();
        let failure = check(&mut records[1], answer + (1 << 20), &activity).unwrap_err();
        assert!(failure.message.contains("hold more than 4000 MiB together"), "{failure}");
        // Answers that end do not make the limit smaller for those that go on.
        drop(streams);
        assert_eq!(most_held_bytes(&activity), STREAMS * HELD_BYTES_PER_REQUEST);
    }

    #[test]
    fn ordinary_answers_do_not_touch_the_sum() {
        let (mut record, activity) = (RequestRecord::default(), LiveCounts::default());
        for nanos in 0..1_000 {
            Events::new(Offset::from_nanos(nanos), &mut record).text("word ");
            check(&mut record, 100, &activity).unwrap();
        }
        assert_eq!(activity.held(), 0);
    }
}
