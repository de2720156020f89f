//! The window of a run: the part that its metrics are computed over.

use std::ops::Range;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::RequestMetrics;
use super::facts::RunFacts;
use crate::units::Offset;

/// The part of a run that its metrics are computed over. Time, tokens and requests have the same limits.
///
/// A window starts when the last slot opens, and ends when the first slot stays empty because the run has reached its
/// limit: between these, the load is the one of the plan. A warmup ratio moves the start to the end of the last request
/// that is left out; a cooldown ratio moves the end to the end of the last request that is not.
///
/// The rule is the same for requests of the ramp-up, the warmup, the cooldown and the tail of the run: distributions and
/// the gaps between arrivals are over the answers to requests that were *sent inside the window and ended inside it*
/// ([`holds_request`](Self::holds_request)). Throughput includes all output that arrived inside, and a request across an
/// edge counts by the share of its duration inside ([`share_inside`](Self::share_inside)).
///
/// If a run has fewer such answers than slots, its load did not last long enough: then the window is the whole run, and
/// the verdict reports it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Window {
    /// The start.
    #[serde(rename = "from_s", with = "seconds")]
    pub from: Offset,
    /// The end.
    #[serde(rename = "to_s", with = "seconds")]
    pub to: Offset,
    /// The basis of start and end.
    pub basis: WindowBasis,
}

/// The basis of the start and the end of a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum WindowBasis {
    /// The time in which all slots were open. The state of the server is not checked.
    #[serde(alias = "steady")]
    AllSlotsOpen,
    /// The whole run, because the time in which all slots were open was too short.
    WholeRun,
}

impl Window {
    /// Creates the window of a run whose `requests` are in the order in which they ended.
    pub(super) fn new(facts: &RunFacts, requests: &[RequestMetrics]) -> Self {
        let trimmed = trimmed(facts, requests.len());
        Self::all_slots_open(facts, requests, &trimmed)
            .filter(|window| window.is_long_enough(facts, requests))
            .unwrap_or_else(|| Self::whole(&requests[trimmed]))
    }

    /// Returns `true` if the window has a duration, and holds at least as many answers as the run has slots.
    fn is_long_enough(&self, facts: &RunFacts, requests: &[RequestMetrics]) -> bool {
        let answers = requests
            .iter()
            .filter(|request| request.succeeded() && self.holds_request(request.sent, request.ended))
            .count();
        answers >= facts.slots as usize && self.duration() > Duration::ZERO
    }

    /// Returns `true` if a request with these times was sent inside the window and ended inside it.
    #[must_use]
    pub fn holds_request(&self, sent: Offset, ended: Offset) -> bool {
        self.from <= sent && ended <= self.to
    }

    /// Returns the share of the time from `sent` to `ended` that is inside the window, from 0 to 1.
    #[must_use]
    pub fn share_inside(&self, sent: Offset, ended: Offset) -> f64 {
        let duration = ended.since(sent).unwrap_or_default();
        if duration.is_zero() {
            return if self.holds_request(sent, ended) { 1.0 } else { 0.0 };
        }
        let inside = ended.min(self.to).since(sent.max(self.from)).unwrap_or_default();
        inside.as_secs_f64() / duration.as_secs_f64()
    }

    /// Returns the length of the window.
    #[must_use]
    pub fn duration(&self) -> Duration {
        self.to.since(self.from).unwrap_or_default()
    }

    fn all_slots_open(facts: &RunFacts, requests: &[RequestMetrics], trimmed: &Range<usize>) -> Option<Self> {
        let last_ended = requests[trimmed.clone()].last()?.ended;
        let warmup_ended = trimmed.start.checked_sub(1).map_or(Offset::ZERO, |last| requests[last].ended);
        let from = warmup_ended.max(facts.ramp_ended);
        let to = facts.slot_emptied.map_or(last_ended, |emptied| emptied.min(last_ended));
        (to > from).then_some(Self { from, to, basis: WindowBasis::AllSlotsOpen })
    }

    fn whole(requests: &[RequestMetrics]) -> Self {
        let from = requests.iter().map(|request| request.sent).min().unwrap_or_default();
        let to = requests.iter().map(|request| request.ended).max().unwrap_or_default();
        Self { from, to, basis: WindowBasis::WholeRun }
    }
}

/// Returns the range of the requests without warmup and cooldown. The arithmetic is that of the Python tool.
fn trimmed(facts: &RunFacts, count: usize) -> Range<usize> {
    let warmup = (count as f64 * facts.warmup_ratio).floor() as usize;
    let cooldown = (count as f64 * facts.cooldown_ratio).floor() as usize;
    warmup..count.saturating_sub(cooldown).max(warmup)
}

mod seconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    use crate::units::Offset;

    pub(super) fn serialize<S: Serializer>(value: &Offset, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_f64(value.as_secs_f64())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Offset, D::Error> {
        let seconds = f64::deserialize(from)?;
        Duration::try_from_secs_f64(seconds).map(Offset::from_duration).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Failure;

    fn at(ms: u64) -> Offset {
        Offset::from_nanos(ms * 1_000_000)
    }

    fn requests(times_ms: &[(u64, u64)]) -> Vec<RequestMetrics> {
        times_ms
            .iter()
            .map(|&(sent, ended)| {
                let mut request = RequestMetrics::default();
                (request.sent, request.ended) = (at(sent), at(ended));
                request
            })
            .collect()
    }

    fn facts(slots: u32, slot_emptied_ms: u64) -> RunFacts {
        RunFacts { slots, slot_emptied: Some(at(slot_emptied_ms)), ..RunFacts::default() }
    }

    #[test]
    fn the_window_ends_when_the_first_slot_stays_empty() {
        // Two slots, six requests: after 300 ms the first slot stays empty.
        let requests = requests(&[(0, 100), (0, 150), (100, 200), (150, 250), (200, 300), (250, 360)]);
        let window = Window::new(&facts(2, 300), &requests);
        assert_eq!((window.from, window.to, window.basis), (at(0), at(300), WindowBasis::AllSlotsOpen));
    }

    #[test]
    fn warmup_and_cooldown_limit_requests_and_time() {
        let requests = requests(&[
            (0, 10),
            (10, 20),
            (20, 30),
            (30, 40),
            (40, 50),
            (50, 60),
            (60, 70),
            (70, 80),
            (80, 90),
            (90, 100),
        ]);
        let facts = RunFacts { warmup_ratio: 0.2, cooldown_ratio: 0.2, ..facts(1, 100) };
        let window = Window::new(&facts, &requests);
        assert_eq!((window.from, window.to), (at(20), at(80)));
        let inside = requests.iter().filter(|request| window.holds_request(request.sent, request.ended));
        assert_eq!(inside.count(), 6);
    }

    #[test]
    fn a_run_with_no_more_answers_than_slots_is_used_as_a_whole() {
        let window = Window::new(&facts(4, 100), &requests(&[(0, 100), (0, 110), (0, 120), (0, 130)]));
        assert_eq!((window.from, window.to, window.basis), (at(0), at(130), WindowBasis::WholeRun));
    }

    #[test]
    fn the_ramp_up_is_outside_the_window() {
        let facts = RunFacts { ramp_ended: at(100), ..facts(1, 400) };
        let requests = requests(&[(0, 100), (100, 200), (200, 300), (300, 400)]);
        assert_eq!(Window::new(&facts, &requests).from, at(100));
    }

    #[test]
    fn failures_do_not_count_towards_an_open_window() {
        let mut requests = requests(&[(0, 100), (100, 200)]);
        for request in &mut requests {
            request.failure = Some(std::sync::Arc::new(Failure::in_band("no")));
        }
        assert_eq!(Window::new(&facts(1, 200), &requests).basis, WindowBasis::WholeRun);
    }

    #[test]
    fn an_empty_run_has_an_empty_window() {
        assert_eq!(Window::new(&facts(1, 0), &[]).duration(), Duration::ZERO);
    }

    #[test]
    fn a_request_across_an_edge_counts_by_its_share_inside() {
        let window = Window { from: at(100), to: at(200), basis: WindowBasis::AllSlotsOpen };
        assert_eq!(window.share_inside(at(120), at(180)), 1.0);
        assert_eq!(window.share_inside(at(80), at(120)), 0.5);
        assert_eq!(window.share_inside(at(150), at(350)), 0.25);
        assert_eq!(window.share_inside(at(0), at(400)), 0.25);
        assert_eq!(window.share_inside(at(0), at(50)), 0.0);
        assert_eq!(window.share_inside(at(150), at(150)), 1.0);
    }

    #[test]
    fn the_basis_steady_of_older_files_is_read() {
        let window: Window =
            serde_json::from_str(r#"{"from_s": 0.0, "to_s": 1.0, "basis": "steady"}"#).unwrap();
        assert_eq!(window.basis, WindowBasis::AllSlotsOpen);
    }
}
