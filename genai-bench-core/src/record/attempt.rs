//! Attempts at a request that is sent again after a failure.

use serde::{Deserialize, Serialize};

use super::RequestRecord;
use crate::failure::Failure;
use crate::units::Offset;

/// An attempt that failed, and was followed by another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Attempt {
    /// The arrival of the response head, if one arrived.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head: Option<Offset>,
    /// The end of the attempt.
    pub ended: Offset,
    /// The failure.
    pub failure: Failure,
}

impl RequestRecord {
    /// Records the send time of an attempt: latency counts from that of the first one.
    pub(crate) fn record_send(&mut self, called: Offset, sent: Offset) {
        if self.retries == 0 {
            (self.called, self.sent) = (called, sent);
        } else {
            self.sent_last = Some(sent);
        }
    }

    /// Returns the end of an exchange that is over `now`, and clears the earlier completion of its answer: the wait
    /// for the end of the body is not part of the exchange, except for token counts that arrive in it.
    pub(crate) fn end(&mut self, now: Offset) -> Offset {
        let counted = self.usage_at.max(self.finished_at).max(self.last_output());
        self.completed.take().map_or(now, |completed| counted.map_or(completed, |last| last.max(completed)))
    }

    /// Resets the record for another attempt. The request and its send times stay, and so does the end of the first
    /// attempt.
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
    fn a_new_attempt_keeps_only_the_end_of_the_first_one() {
        let at = Offset::from_nanos;
        let mut record = RequestRecord::due(7, 1, at(1));
        (record.input, record.max_output_tokens) = (Some(Tokens(3)), Some(Tokens(4)));
        record.record_send(at(2), at(3));
        let next = record.clone();
        // Events that may arrive before any output.
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
