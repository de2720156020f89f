//! Which part of a run its metrics speak of.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::RequestMetrics;
use super::facts::RunFacts;
use crate::units::Offset;

/// The part of a run that throughput is computed over: time and tokens are cut alike.
///
/// It begins when the last slot has been opened, and ends when the first slot stays empty because the run has
/// reached its limit: in between, the load is what was asked for. A warm-up ratio moves the beginning to the
/// end of the last request that is left out; a cool-down ratio moves the end to the end of the last request
/// that is not.
///
/// A run with fewer answers than it has slots was never steady, and neither was one whose window is shorter
/// than that: then the window is the whole run, and the verdict says so.
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
    /// The load was what was asked for.
    Steady,
    /// It never was for long enough: this is the whole run.
    WholeRun,
}

impl Window {
    /// The window of a run whose `requests` are in the order in which they ended, and the range of those that
    /// are in it.
    pub(super) fn of(facts: &RunFacts, requests: &[RequestMetrics]) -> (Self, std::ops::Range<usize>) {
        let kept = kept(facts, requests.len());
        let steady = Self::steady(facts, requests, &kept);
        let answered = requests[kept.clone()].iter().filter(|it| it.succeeded());
        let inside = |window: &Self| answered.clone().filter(|it| window.holds(it.ended)).count();
        let enough =
            |window: &Self| inside(window) >= facts.slots as usize && window.duration() > Duration::ZERO;
        let window = steady.filter(enough).unwrap_or_else(|| Self::whole(requests, &kept));
        (window, kept)
    }

    /// How long it is.
    #[must_use]
    pub fn duration(&self) -> Duration {
        self.to.since(self.from).unwrap_or_default()
    }

    /// Whether something that happened at `at` is in it: its end is, its beginning is not.
    #[must_use]
    pub fn holds(&self, at: Offset) -> bool {
        self.from < at && at <= self.to
    }

    fn steady(facts: &RunFacts, requests: &[RequestMetrics], kept: &std::ops::Range<usize>) -> Option<Self> {
        let last_kept = requests[kept.clone()].last()?.ended;
        let warm = kept.start.checked_sub(1).map_or(Offset::ZERO, |last| requests[last].ended);
        let from = warm.max(facts.ramp_ended);
        let to = facts.slot_emptied.map_or(last_kept, |it| it.min(last_kept));
        (to > from).then_some(Self { from, to, basis: WindowBasis::Steady })
    }

    fn whole(requests: &[RequestMetrics], kept: &std::ops::Range<usize>) -> Self {
        let kept = &requests[kept.clone()];
        let from = kept.iter().map(|it| it.sent).min().unwrap_or_default();
        let to = kept.iter().map(|it| it.ended).max().unwrap_or_default();
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
        let request =
            |&(sent, ended)| RequestMetrics { sent: at(sent), ended: at(ended), ..RequestMetrics::default() };
        times_ms.iter().map(request).collect()
    }

    fn facts(slots: u32, slot_emptied_ms: u64) -> RunFacts {
        RunFacts { slots, slot_emptied: Some(at(slot_emptied_ms)), ..RunFacts::default() }
    }

    #[test]
    fn the_window_ends_when_the_first_slot_stays_empty() {
        // Two slots, six requests: from 300 on the first slot has nothing to do.
        let requests = requests(&[(0, 100), (0, 150), (100, 200), (150, 250), (200, 300), (250, 360)]);
        let (window, kept) = Window::of(&facts(2, 300), &requests);
        assert_eq!((window.from, window.to, window.basis), (at(0), at(300), WindowBasis::Steady));
        assert_eq!(kept, 0..6);
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
        let (window, kept) = Window::of(&facts, &requests);
        assert_eq!((window.from, window.to), (at(20), at(80)));
        assert_eq!(kept, 2..8);
    }

    #[test]
    fn a_run_with_no_more_answers_than_slots_was_never_steady() {
        let (window, _) = Window::of(&facts(4, 100), &requests(&[(0, 100), (0, 110), (0, 120), (0, 130)]));
        assert_eq!((window.from, window.to, window.basis), (at(0), at(130), WindowBasis::WholeRun));
    }

    #[test]
    fn the_ramp_is_outside() {
        let facts = RunFacts { ramp_ended: at(100), ..facts(1, 400) };
        let requests = requests(&[(0, 100), (100, 200), (200, 300), (300, 400)]);
        assert_eq!(Window::of(&facts, &requests).0.from, at(100));
    }

    #[test]
    fn failures_do_not_make_a_run_steady() {
        let mut requests = requests(&[(0, 100), (100, 200)]);
        for request in &mut requests {
            request.failure = Some(Failure::in_band("no"));
        }
        assert_eq!(Window::of(&facts(1, 200), &requests).0.basis, WindowBasis::WholeRun);
    }

    #[test]
    fn an_empty_run_has_an_empty_window() {
        assert_eq!(Window::of(&facts(1, 0), &[]).0.duration(), Duration::ZERO);
    }
}
