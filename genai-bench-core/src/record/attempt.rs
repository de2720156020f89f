//! What came of a request the first time, when it was sent again.

use serde::{Deserialize, Serialize};

use super::RequestRecord;
use crate::failure::Failure;
use crate::units::Offset;

/// An attempt that failed, and was followed by another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Attempt {
    /// When the head of the response was there, if one came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head: Option<Offset>,
    /// When it was over.
    pub ended: Offset,
    /// Why it failed.
    pub failure: Failure,
}

impl RequestRecord {
    /// Notes when it is sent: of the first attempt as the time that latency counts from.
    pub(crate) fn sends(&mut self, called: Offset, sent: Offset) {
        if self.retries == 0 {
            (self.called, self.sent) = (called, sent);
        } else {
            self.sent_last = Some(sent);
        }
    }

    /// Returns the end of an exchange that is over `now`, and forgets that its answer was complete before: the wait
    /// for the end of the body is no part of the exchange, but for counts that came in it.
    pub(crate) fn end(&mut self, now: Offset) -> Offset {
        let counted = self.usage_at.max(self.finished_at).max(self.last_output());
        self.completed.take().map_or(now, |completed| counted.map_or(completed, |last| last.max(completed)))
    }

    /// Makes room for another attempt. What was asked for stays, and when; of the first attempt is kept how it ended.
    pub(crate) fn begin_again(&mut self, failure: Failure, ended: Offset) {
        let last = std::mem::take(self);
        let first =
            last.first_attempt.unwrap_or_else(|| Box::new(Attempt { head: last.head, ended, failure }));
        *self = Self {
            input: last.input,
            shared: last.shared,
            max_output_tokens: last.max_output_tokens,
            called: last.called,
            sent: last.sent,
            sent_last: last.sent_last,
            retries: last.retries + 1,
            first_attempt: Some(first),
            held_bytes: last.held_bytes,
            ..Self::due(last.index, last.turn, last.due)
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::Events;

    use crate::record::ServerTime;
    use crate::record::{FinishReason, Usage};
    use crate::units::Tokens;

    #[test]
    fn nothing_that_an_attempt_was_told_stays_but_how_it_ended() {
        let at = Offset::from_nanos;
        let mut record = RequestRecord::due(7, 1, at(1));
        (record.input, record.max_output_tokens) = (Some(Tokens(3)), Some(Tokens(4)));
        record.sends(at(2), at(3));
        let next = record.clone();
        // What may come before anything of an answer does.
        let mut events = Events::new(at(5), &mut record);
        events.unstreamed();
        events.usage(Usage { input: Some(Tokens(9)), ..Usage::default() });
        events.server_time(ServerTime::in_ms(None, Some(1.0)));
        events.finished(FinishReason::Stop);
        events.skipped();
        record.head = Some(at(4));
        let failure = Failure::in_band("gone");
        record.begin_again(failure.clone(), at(6));
        let first = Attempt { head: Some(at(4)), ended: at(6), failure };
        let next =
            RequestRecord { retries: 1, first_attempt: Some(Box::new(first)), ended: record.ended, ..next };
        assert_eq!(record, next);
    }
}
