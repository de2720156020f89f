//! Rates over the window of a run.

use super::timeline::Timeline;
use super::unfinished::Unfinished;
use super::{RequestMetrics, Window};

/// Amounts per second of the window. A rate of something that no request has is absent, not 0.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Rates {
    pub(super) output_tokens: Option<f64>,
    pub(super) input_tokens: Option<f64>,
    pub(super) requests: Option<f64>,
    pub(super) items: Option<f64>,
    pub(super) audio_bytes: Option<f64>,
}

impl Rates {
    /// Creates the rates of a run with these requests and these timelines of prompt and output tokens.
    ///
    /// Tokens count at their arrival. A request counts by the share of its duration inside the window, so that a window
    /// that starts with nothing in flight does not undercount, and requests per second times tokens per request are
    /// tokens per second. A cancelled request counts by the share of a mean answer that had arrived.
    pub(super) fn new(
        window: &Window,
        requests: &[RequestMetrics],
        (input, output): (&Timeline, &Timeline),
        unfinished: &Unfinished,
        tokens_per_event: f64,
    ) -> Self {
        let seconds = window.duration().as_secs_f64();
        let answered: Vec<&RequestMetrics> = requests.iter().filter(|request| request.succeeded()).collect();
        if seconds <= 0.0 || answered.is_empty() && unfinished.is_empty() {
            return Self::default();
        }
        let has_input = answered.iter().any(|request| request.tokens().input.is_some());
        let has_output =
            !unfinished.is_empty() || answered.iter().any(|request| request.tokens().output.is_some());
        let cancelled = unfinished.answers_inside(window, mean_tokens(&answered), tokens_per_event);
        Self {
            output_tokens: has_output.then(|| output.between(window.from, window.to) / seconds),
            input_tokens: has_input.then(|| input.between(window.from, window.to) / seconds),
            requests: rate_inside(window, &answered, |_| Some(1)).map(|rate| rate + cancelled / seconds),
            items: rate_inside(window, &answered, RequestMetrics::items),
            audio_bytes: rate_inside(window, &answered, RequestMetrics::audio_bytes),
        }
    }

    /// Returns the rate of prompt and output tokens together; absent unless both exist.
    pub(super) fn total_tokens(&self) -> Option<f64> {
        Some(self.input_tokens? + self.output_tokens?)
    }
}

/// Returns the rate of an amount over the window, each request weighted by the share of its duration inside; `None`
/// when no request has the amount.
fn rate_inside(
    window: &Window,
    answered: &[&RequestMetrics],
    amount: fn(&RequestMetrics) -> Option<u64>,
) -> Option<f64> {
    let sum = answered
        .iter()
        .filter_map(|request| {
            Some(amount(request)? as f64 * window.share_inside(request.sent, request.ended))
        })
        .reduce(|sum, amount| sum + amount)?;
    Some(sum / window.duration().as_secs_f64())
}

/// Returns the mean number of visible output tokens; 0 when there is no count.
fn mean_tokens(answered: &[&RequestMetrics]) -> f64 {
    let visible = answered.iter().filter_map(|request| request.tokens().visible());
    let (count, sum) =
        visible.fold((0_u64, 0_u64), |(count, sum), tokens| (count + 1, sum.saturating_add(tokens.0)));
    if count == 0 { 0.0 } else { sum as f64 / count as f64 }
}
