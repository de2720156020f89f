//! Amounts per second of the window.

use super::timeline::Timeline;
use super::unfinished::Unfinished;
use super::{RequestMetrics, TokenCounts, Window};
use crate::units::Tokens;

/// Amounts per second of the window. What no request has is absent, and no rate of 0.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Rates {
    pub(super) output_tokens: Option<f64>,
    pub(super) input_tokens: Option<f64>,
    pub(super) requests: Option<f64>,
    pub(super) items: Option<f64>,
    pub(super) audio_bytes: Option<f64>,
}

impl Rates {
    /// Computes the rates of a run with these `requests` and these timelines of prompt and output tokens.
    ///
    /// Tokens count where they came. A request counts by the share of its life inside the window, so that a window
    /// that begins with nothing in flight does not undercount, and requests per second times tokens per request are
    /// tokens per second. A cancelled request counts by how much of a mean answer had arrived.
    pub(super) fn new(
        window: &Window,
        requests: &[RequestMetrics],
        (input, output): (&Timeline, &Timeline),
        unfinished: &Unfinished,
        tokens_per_event: f64,
    ) -> Self {
        let seconds = window.duration().as_secs_f64();
        let answered = || requests.iter().filter(|request| request.succeeded());
        let has_answer = answered().next().is_some();
        if seconds <= 0.0 || !has_answer && unfinished.is_empty() {
            return Self::default();
        }
        let counted = |of: fn(&TokenCounts) -> Option<Tokens>| {
            answered().any(|request| of(&request.tokens()).is_some())
        };
        let per_s = |amount: f64| amount / seconds;
        let tokens = |timeline: &Timeline| per_s(timeline.between(window.from, window.to));
        let share = |request: &RequestMetrics| window.share_inside(request.sent, request.ended);
        let weighted = |of: fn(&RequestMetrics) -> Option<u64>| {
            let amounts = answered().filter_map(|request| Some(of(request)? as f64 * share(request)));
            amounts.reduce(|sum, amount| sum + amount).map(per_s)
        };
        let has_output = counted(|counts| counts.output) || !unfinished.is_empty();
        let cancelled = unfinished.answers_inside(window, mean_tokens(requests), tokens_per_event);
        Self {
            output_tokens: has_output.then(|| tokens(output)),
            input_tokens: counted(|counts| counts.input).then(|| tokens(input)),
            requests: weighted(|_| Some(1)).map(|answers| answers + per_s(cancelled)),
            items: weighted(RequestMetrics::items),
            audio_bytes: weighted(RequestMetrics::audio_bytes),
        }
    }

    /// Returns prompt and output tokens together; absent unless there are both.
    pub(super) fn total_tokens(&self) -> Option<f64> {
        Some(self.input_tokens? + self.output_tokens?)
    }
}

/// Returns the mean number of output tokens that were seen arriving; 0 where none was counted.
fn mean_tokens(requests: &[RequestMetrics]) -> f64 {
    let visible = requests
        .iter()
        .filter(|request| request.succeeded())
        .filter_map(|request| request.tokens().visible());
    let (count, sum) =
        visible.fold((0_u64, 0_u64), |(count, sum), tokens| (count + 1, sum.saturating_add(tokens.0)));
    if count == 0 { 0.0 } else { sum as f64 / count as f64 }
}
