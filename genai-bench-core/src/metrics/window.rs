//! Which part of a run its metrics speak of.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::RequestMetrics;
use super::facts::RunFacts;
use crate::units::Offset;

/// The part of a run that its metrics speak of: time, tokens and requests are cut alike.
///
/// It begins when the last slot has been opened, and ends when the first slot stays empty because the run has
/// reached its limit: in between, the load is what was asked for. A warm-up ratio moves the beginning to the
/// end of the last request that is left out; a cool-down ratio moves the end to the end of the last request
/// that is not.
///
/// The rule for requests, whether a ramp, a warm-up, a cool-down or the tail cuts them off: distributions, and the
/// gaps between arrivals, are over the answers to requests that were *sent inside the window and ended inside it*
/// ([`holds_request`](Self::holds_request)). Throughput counts what arrived inside, and a request that lies across an
/// edge counts by the share of its life inside ([`share_inside`](Self::share_inside)).
///
/// A run with fewer such answers than it has slots never had its load for long enough: then the window is the whole
/// run, and the verdict reports it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Window {
    /// Where it begins.
    #[serde(rename = "from_s", with = "seconds")]
    pub from: Offset,
    /// Where it ends.
    #[serde(rename = "to_s", with = "seconds")]
    pub to: Offset,
    /// Why there.
    pub basis: WindowBasis,
}

/// Why a window is where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum WindowBasis {
    /// All slots were open. Whether the server had settled by then is not looked at.
    #[serde(alias = "steady")]
    AllSlotsOpen,
    /// They were not for long enough: this is the whole run.
    WholeRun,
}

impl Window {
    /// Finds the window of a run whose `requests` are in the order in which they ended.
    pub(super) fn new(facts: &RunFacts, requests: &[RequestMetrics]) -> Self {
        let kept = kept(facts, requests.len());
        let answered = requests.iter().filter(|request| request.succeeded());
        let inside = |window: &Self| {
            answered.clone().filter(|request| window.holds_request(request.sent, request.ended)).count()
        };
        let enough =
            |window: &Self| inside(window) >= facts.slots as usize && window.duration() > Duration::ZERO;
        let open = Self::all_slots_open(facts, requests, &kept).filter(enough);
        open.unwrap_or_else(|| Self::whole(&requests[kept]))
    }

    /// Returns whether a request that was sent and ended at these times was sent inside the window and ended inside it.
    #[must_use]
    pub fn holds_request(&self, sent: Offset, ended: Offset) -> bool {
        self.from <= sent && ended <= self.to
    }

    /// Returns the share of the time from `sent` to `ended` that is inside the window, from 0 to 1.
    #[must_use]
    pub fn share_inside(&self, sent: Offset, ended: Offset) -> f64 {
        let life = ended.since(sent).unwrap_or_default();
        if life.is_zero() {
            return if self.holds_request(sent, ended) { 1.0 } else { 0.0 };
        }
        let inside = ended.min(self.to).since(sent.max(self.from)).unwrap_or_default();
        inside.as_secs_f64() / life.as_secs_f64()
    }

    /// How long it is.
    #[must_use]
    pub fn duration(&self) -> Duration {
        self.to.since(self.from).unwrap_or_default()
    }

    fn all_slots_open(
        facts: &RunFacts,
        requests: &[RequestMetrics],
        kept: &std::ops::Range<usize>,
    ) -> Option<Self> {
        let last_kept = requests[kept.clone()].last()?.ended;
        let warm = kept.start.checked_sub(1).map_or(Offset::ZERO, |last| requests[last].ended);
        let from = warm.max(facts.ramp_ended);
        let to = facts.slot_emptied.map_or(last_kept, |emptied| emptied.min(last_kept));
        (to > from).then_some(Self { from, to, basis: WindowBasis::AllSlotsOpen })
    }

    fn whole(kept: &[RequestMetrics]) -> Self {
        let from = kept.iter().map(|request| request.sent).min().unwrap_or_default();
        let to = kept.iter().map(|request| request.ended).max().unwrap_or_default();
        Self { from, to, basis: WindowBasis::WholeRun }
    }
}

/// Which requests are left when both ends are cut off: the Python tool's arithmetic.
fn kept(facts: &RunFacts, count: usize) -> std::ops::Range<usize> {
    let share = |ratio: f64| (count as f64 * ratio).floor() as usize;
    let from = share(facts.warmup_ratio);
    from..count.saturating_sub(share(facts.cooldown_ratio)).max(from)
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
        let request = |&(sent, ended): &(u64, u64)| {
            let mut request = RequestMetrics::default();
            (request.sent, request.ended) = (at(sent), at(ended));
            request
        };
        times_ms.iter().map(request).collect()
    }

    fn facts(slots: u32, slot_emptied_ms: u64) -> RunFacts {
        RunFacts { slots, slot_emptied: Some(at(slot_emptied_ms)), ..RunFacts::default() }
    }

    #[test]
    fn the_window_ends_when_the_first_slot_stays_empty() {
        // Two slots, six requests: from 300 on the first slot has nothing to do.
        let requests = requests(&[(0, 100), (0, 150), (100, 200), (150, 250), (200, 300), (250, 360)]);
        let window = Window::new(&facts(2, 300), &requests);
        assert_eq!((window.from, window.to, window.basis), (at(0), at(300), WindowBasis::AllSlotsOpen));
    }

    #[test]
    fn ratios_cut_requests_and_time_alike() {
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
    fn a_run_with_no_more_answers_than_slots_was_never_steady() {
        let window = Window::new(&facts(4, 100), &requests(&[(0, 100), (0, 110), (0, 120), (0, 130)]));
        assert_eq!((window.from, window.to, window.basis), (at(0), at(130), WindowBasis::WholeRun));
    }

    #[test]
    fn the_ramp_is_outside() {
        let facts = RunFacts { ramp_ended: at(100), ..facts(1, 400) };
        let requests = requests(&[(0, 100), (100, 200), (200, 300), (300, 400)]);
        assert_eq!(Window::new(&facts, &requests).from, at(100));
    }

    #[test]
    fn failures_do_not_make_a_run_steady() {
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
    fn an_older_file_calls_the_basis_steady() {
        let window: Window =
            serde_json::from_str(r#"{"from_s": 0.0, "to_s": 1.0, "basis": "steady"}"#).unwrap();
        assert_eq!(window.basis, WindowBasis::AllSlotsOpen);
    }
}
