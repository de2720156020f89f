//! The gaps of answers, stored until the end of the run, when the window is known.

use std::collections::VecDeque;

use super::facts::RunFacts;
use super::{AnswerGaps, InterTokenLatency, Window, WindowBasis};
use crate::units::Offset;

/// The minimum number of answers that are stored one by one.
const MIN_RECENT: usize = 1_024;
/// The maximum number of answers that are stored one by one.
const MAX_RECENT: usize = 1 << 16;
/// The maximum number of gaps of the answers that are stored one by one: 8 MB.
const MAX_RECENT_GAPS: usize = 1 << 21;
/// The maximum number of segments of a run.
const MAX_SEGMENTS: usize = 256;

/// The gaps of answers in the order in which they ended, in bounded memory.
///
/// The latest answers are stored one by one, so that the cut at the end of the window is exact. Earlier answers are
/// joined into one histogram or, in a run with a warmup or cooldown, into up to 256 segments of consecutive answers,
/// each of which is inside the window or outside as a whole. A run of up to a thousand answers is always exact.
#[derive(Clone, Debug)]
pub(super) struct GapLog {
    recent: VecDeque<Answer>,
    recent_gaps: usize,
    max_recent: usize,
    ramp_ended: Offset,
    /// Answers to requests that were sent during the ramp-up.
    early: InterTokenLatency,
    segments: Vec<Segment>,
    /// The number of answers in a segment; unlimited in a run without warmup and cooldown.
    answers_per_segment: u64,
}

#[derive(Clone, Debug)]
struct Answer {
    sent: Offset,
    ended: Offset,
    gaps: AnswerGaps,
}

#[derive(Clone, Debug)]
struct Segment {
    answers: u64,
    sent: (Offset, Offset),
    ended: (Offset, Offset),
    gaps: InterTokenLatency,
}

impl Default for GapLog {
    fn default() -> Self {
        Self::new(&RunFacts::default())
    }
}

impl GapLog {
    pub(super) fn new(facts: &RunFacts) -> Self {
        let is_trimmed = facts.warmup_ratio > 0.0 || facts.cooldown_ratio > 0.0;
        // Sessions of several turns continue after the first slot is empty.
        let max_recent = (facts.slots as usize).saturating_mul(4).clamp(MIN_RECENT, MAX_RECENT);
        Self {
            recent: VecDeque::new(),
            recent_gaps: 0,
            max_recent,
            ramp_ended: facts.ramp_ended,
            early: InterTokenLatency::default(),
            segments: Vec::new(),
            answers_per_segment: if is_trimmed { 1 } else { u64::MAX },
        }
    }

    /// Adds the gaps of an answer that was sent and ended at these times.
    pub(super) fn add(&mut self, sent: Offset, ended: Offset, gaps: AnswerGaps) {
        self.recent_gaps += gaps.len();
        self.recent.push_back(Answer { sent, ended, gaps });
        while self.recent.len() > self.max_recent || self.recent_gaps > MAX_RECENT_GAPS {
            let Some(oldest) = self.recent.pop_front() else { break };
            self.recent_gaps -= oldest.gaps.len();
            self.add_to_segment(&oldest);
        }
    }

    /// Returns the gaps of the answers that `window` holds.
    pub(super) fn inside(&self, window: &Window) -> InterTokenLatency {
        let mut gaps = InterTokenLatency::default();
        if window.basis == WindowBasis::WholeRun {
            gaps.merge(&self.early);
        }
        let is_inside =
            |segment: &&Segment| window.basis == WindowBasis::WholeRun || segment.is_inside(window);
        self.segments.iter().filter(is_inside).for_each(|segment| gaps.merge(&segment.gaps));
        let recent = self.recent.iter().filter(|answer| window.holds_request(answer.sent, answer.ended));
        recent.for_each(|answer| gaps.add(&answer.gaps));
        gaps
    }

    fn add_to_segment(&mut self, answer: &Answer) {
        if answer.sent < self.ramp_ended {
            return self.early.add(&answer.gaps);
        }
        match self.segments.last_mut() {
            Some(last) if last.answers < self.answers_per_segment => last.add(answer),
            _ => {
                if self.segments.len() == MAX_SEGMENTS {
                    self.join_segments();
                }
                self.segments.push(Segment::new(answer));
            }
        }
    }

    /// Joins segments in pairs.
    fn join_segments(&mut self) {
        let mut joined: Vec<Segment> = Vec::with_capacity(MAX_SEGMENTS);
        for (number, segment) in std::mem::take(&mut self.segments).into_iter().enumerate() {
            match joined.last_mut() {
                Some(last) if number % 2 == 1 => last.merge(&segment),
                _ => joined.push(segment),
            }
        }
        self.segments = joined;
        self.answers_per_segment = self.answers_per_segment.saturating_mul(2);
    }
}

impl Segment {
    fn new(answer: &Answer) -> Self {
        let (sent, ended) = (answer.sent, answer.ended);
        let mut segment = Self {
            answers: 0,
            sent: (sent, sent),
            ended: (ended, ended),
            gaps: InterTokenLatency::default(),
        };
        segment.add(answer);
        segment
    }

    fn add(&mut self, answer: &Answer) {
        self.answers += 1;
        self.sent = (self.sent.0.min(answer.sent), self.sent.1.max(answer.sent));
        self.ended = (self.ended.0.min(answer.ended), self.ended.1.max(answer.ended));
        self.gaps.add(&answer.gaps);
    }

    fn merge(&mut self, other: &Self) {
        self.answers += other.answers;
        self.sent = (self.sent.0.min(other.sent.0), self.sent.1.max(other.sent.1));
        self.ended = (self.ended.0.min(other.ended.0), self.ended.1.max(other.ended.1));
        self.gaps.merge(&other.gaps);
    }

    /// Returns `true` if the middle of the segment is in the window.
    fn is_inside(&self, window: &Window) -> bool {
        window.holds_request(middle(self.sent), middle(self.ended))
    }
}

fn middle((first, last): (Offset, Offset)) -> Offset {
    Offset::from_nanos(u64::midpoint(first.as_nanos(), last.as_nanos()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::Events;
    use crate::record::RequestRecord;

    fn at(ms: u64) -> Offset {
        Offset::from_nanos(ms * 1_000_000)
    }

    /// Returns a log of answers of one gap each, one after the other, every 10 ms.
    fn log(answers: u64, facts: &RunFacts) -> GapLog {
        let mut log = GapLog::new(facts);
        for number in 0..answers {
            let mut record = RequestRecord::default();
            for ms in [number * 10, number * 10 + 5] {
                Events::new(at(ms), &mut record).text("x");
            }
            log.add(at(number * 10), at(number * 10 + 10), AnswerGaps::new(&record, None));
        }
        log
    }

    fn inside(log: &GapLog, from_ms: u64, to_ms: u64) -> u64 {
        let window = Window { from: at(from_ms), to: at(to_ms), basis: WindowBasis::AllSlotsOpen };
        log.inside(&window).stats().map_or(0, |stats| stats.count)
    }

    #[test]
    fn a_short_run_is_cut_exactly() {
        let facts = RunFacts { slots: 1, warmup_ratio: 0.1, ..RunFacts::default() };
        assert_eq!(inside(&log(100, &facts), 100, 1_000), 90);
        assert_eq!(inside(&log(100, &facts), 101, 999), 88);
    }

    #[test]
    fn the_tail_of_a_long_run_is_cut_exactly() {
        let facts = RunFacts { slots: 8, ramp_ended: at(5_000), ..RunFacts::default() };
        let log = log(20_000, &facts);
        assert_eq!(inside(&log, 5_000, 200_000), 19_500);
        assert_eq!(inside(&log, 5_000, 199_000), 19_400);
    }

    #[test]
    fn the_warmup_of_a_long_run_is_cut_to_within_one_percent() {
        let facts = RunFacts { slots: 8, warmup_ratio: 0.1, ..RunFacts::default() };
        let log = log(100_000, &facts);
        assert!(log.segments.len() <= MAX_SEGMENTS);
        let count = inside(&log, 100_000, 1_000_000);
        assert!(count.abs_diff(90_000) < 1_000, "{count}");
    }

    #[test]
    fn a_run_without_open_window_counts_as_a_whole() {
        let facts = RunFacts { slots: 8, ramp_ended: at(1_000_000), ..RunFacts::default() };
        let window = Window { from: at(0), to: at(100_000), basis: WindowBasis::WholeRun };
        assert_eq!(log(10_000, &facts).inside(&window).stats().map(|stats| stats.count), Some(10_000));
    }
}
