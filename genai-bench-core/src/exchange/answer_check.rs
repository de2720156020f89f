//! The check that a complete response with a successful status is an answer.

use super::BodyStart;
use crate::failure::{Failure, FailureKind};
use crate::record::FinishReason;
use crate::record::RequestRecord;

/// The parts of finish reasons with which servers report an aborted answer: `abort`, `error`, `network_error`,
/// `cancelled`, `insufficient_system_resource` and similar ones.
const ABORT_MARKS: [&str; 9] =
    ["abort", "cancel", "error", "fail", "timeout", "timed_out", "overload", "shutdown", "insufficient"];

/// Checks that a complete response holds an answer; `opening` is the beginning of its body.
///
/// # Errors
///
/// [`FailureKind::Aborted`] if the finish reason reports an aborted answer, and
/// [`FailureKind::EmptyAnswer`] if there is no output, no finish reason and no count of output tokens.
pub(super) fn check_answer(record: &RequestRecord, opening: &BodyStart) -> Result<(), Failure> {
    if let Some(FinishReason::Other(reason)) = &record.finish
        && reports_abort(reason)
    {
        let message = format!("the server ended the answer with finish reason '{reason}'");
        return Err(Failure::new(FailureKind::Aborted, message));
    }
    let has_reason = !matches!(record.finish, None | Some(FinishReason::Unstated));
    let is_counted = record.usage.output.is_some_and(|tokens| tokens.0 > 0);
    if record.arrivals.is_empty() && !has_reason && !is_counted {
        if let Some(failure) = opening.named() {
            return Err(failure);
        }
        let body = opening.shown();
        let message = format!("no output, no finish reason and no token count in the response: {body}");
        return Err(Failure::new(FailureKind::EmptyAnswer, message));
    }
    Ok(())
}

/// Returns `true` if a finish reason reports an aborted answer.
fn reports_abort(reason: &str) -> bool {
    let reason = reason.to_ascii_lowercase();
    ABORT_MARKS.iter().any(|part| reason.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::Events;

    use crate::record::Usage;
    use crate::units::{Offset, Tokens};

    fn opening(body: &[u8]) -> BodyStart {
        let mut opening = BodyStart::default();
        opening.extend(body);
        opening
    }

    fn kind_after(fill: impl Fn(&mut Events<'_>)) -> Option<FailureKind> {
        let mut record = RequestRecord::default();
        fill(&mut Events::new(Offset::from_nanos(5), &mut record));
        check_answer(&record, &opening(b"data: {}\n\n")).err().map(|failure| failure.kind)
    }

    #[test]
    fn a_good_status_without_anything_is_no_answer() {
        assert_eq!(kind_after(|_| {}), Some(FailureKind::EmptyAnswer));
        assert_eq!(
            kind_after(|events| {
                events.done();
            }),
            Some(FailureKind::EmptyAnswer)
        );
        let prompt_only = Usage { input: Some(Tokens(9)), output: Some(Tokens(0)), ..Usage::default() };
        assert_eq!(kind_after(|events| events.usage(prompt_only)), Some(FailureKind::EmptyAnswer));
    }

    #[test]
    fn an_answer_of_the_end_token_alone_is_one() {
        assert_eq!(kind_after(|events| events.finished(FinishReason::Stop)), None);
        let hidden = Usage { output: Some(Tokens(200)), ..Usage::default() };
        assert_eq!(kind_after(|events| events.usage(hidden)), None);
    }

    #[test]
    fn finish_reasons_of_servers_that_gave_up_are_failures() {
        for reason in ["abort", "error", "CANCELLED", "network_error", "insufficient_system_resource"] {
            let finish = |events: &mut Events<'_>| {
                events.text("half an ans");
                events.finished(FinishReason::Other(reason.to_owned()));
            };
            assert_eq!(kind_after(finish), Some(FailureKind::Aborted), "{reason}");
        }
        let benign =
            |events: &mut Events<'_>| events.finished(FinishReason::Other("guardrail_intervened".into()));
        assert_eq!(kind_after(benign), None);
    }

    #[test]
    fn the_message_quotes_the_beginning_of_the_body() {
        let failure = check_answer(&RequestRecord::default(), &opening(b"{\"detail\": \"engine is dead\"}"))
            .unwrap_err();
        assert!(failure.message.contains("engine is dead"), "{failure}");
    }
}
