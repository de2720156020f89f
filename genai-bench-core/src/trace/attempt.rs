//! What came of a request the first time, when it was sent again.

use serde::{Deserialize, Serialize};

use super::Trace;
use crate::event::Usage;
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

impl Trace {
    /// Notes when it is sent: of the first attempt as the time that latency counts from.
    pub(crate) fn sends(&mut self, called: Offset, sent: Offset) {
        if self.retries == 0 {
            (self.called, self.sent) = (called, sent);
        } else {
            self.sent_last = Some(sent);
        }
    }

    /// Makes room for another attempt. Of the first one is kept how it ended.
    pub(crate) fn begin_again(&mut self, failure: Failure, ended: Offset) {
        let head = self.head.take();
        if self.first_attempt.is_none() {
            self.first_attempt = Some(Box::new(Attempt { head, ended, failure }));
        }
        self.retries += 1;
        (self.status, self.connection, self.usage) = (None, None, Usage::default());
        (self.chunks, self.body_bytes, self.skipped, self.keep_alives) = (0, 0, 0, 0);
    }
}
