//! The gaps of answers, until it is known which answers the window holds.

use std::collections::VecDeque;

use super::facts::RunFacts;
use super::{AnswerGaps, InterTokenLatency, Window, WindowBasis};
use crate::units::Offset;

/// The fewest answers that are kept one by one.
const FEWEST_RECENT: usize = 1_024;
/// The most gaps that are kept one by one: 8 MB.
const MOST_RECENT_GAPS: usize = 1 << 21;
/// The most segments that a run is divided into.
const MOST_SEGMENTS: usize = 256;

/// The gaps of answers in the order in which they ended, in bounded memory.
///
/// The latest answers are kept one by one, so that it can be told exactly which of them ended in the window. Those
/// before them are joined into one histogram, or, where a warm-up or cool-down is to be left out, into at most 256 of
/// consecutive answers, of which each is inside the window or not as a whole. A run of up to a thousand answers is
/// exact in any case.
#[derive(Clone, Debug)]
pub(super) struct GapLog {
    recent: VecDeque<Answer>,
    recent_gaps: usize,
    most_recent: usize,
    ramp_ended: Offset,
    /// Answers to requests that were sent while slots were still being opened.
    early: InterTokenLatency,
    segments: Vec<Segment>,
    /// How many answers a segment holds; all of them where nothing is to be left out.
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
        let leaves_out = facts.warmup_ratio > 0.0 || facts.cooldown_ratio > 0.0;
        // Sessions of several turns go on after the first slot is empty.
        let most_recent = (facts.slots as usize).saturating_mul(4).clamp(FEWEST_RECENT, 1 << 16);
        Self {
            recent: VecDeque::new(),
            recent_gaps: 0,
            most_recent,
            ramp_ended: facts.ramp_ended,
            early: InterTokenLatency::default(),
            segments: Vec::new(),
            answers_per_segment: if leaves_out { 1 } else { u64::MAX },
        }
    }

    /// Adds the gaps of an answer that was sent and ended at these times.
    pub(super) fn add(&mut self, sent: Offset, ended: Offset, gaps: AnswerGaps) {
        self.recent_gaps += gaps.len();
        self.recent.push_back(Answer { sent, ended, gaps });
        while self.recent.len() > self.most_recent || self.recent_gaps > MOST_RECENT_GAPS {
            let Some(oldest) = self.recent.pop_front() else { break };
            self.recent_gaps -= oldest.gaps.len();
            self.join(&oldest);
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

    fn join(&mut self, answer: &Answer) {
        if answer.sent < self.ramp_ended {
            return self.early.add(&answer.gaps);
        }
        match self.segments.last_mut() {
            Some(last) if last.answers < self.answers_per_segment => last.add(answer),
            _ => {
                if self.segments.len() == MOST_SEGMENTS {
                    self.join_segments();
                }
                self.segments.push(Segment::new(answer));
            }
        }
    }

    /// Joins each two segments.
    fn join_segments(&mut self) {
        let mut joined: Vec<Segment> = Vec::with_capacity(MOST_SEGMENTS);
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

    /// Returns whether its middle is in the window: of a segment at the edge about as much is outside as inside.
    fn is_inside(&self, window: &Window) -> bool {
        let middle = |(first, last): (Offset, Offset)| {
            Offset::from_nanos(u64::midpoint(first.as_nanos(), last.as_nanos()))
        };
        window.holds_request(middle(self.sent), middle(self.ended))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::Events;
    use crate::record::RequestRecord;

    fn at(ms: u64) -> Offset {
        Offset::from_nanos(ms * 1_000_000)
    }

    /// A log of answers of one gap each, one after the other, every 10 ms.
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
    fn the_warm_up_of_a_long_run_is_cut_to_one_part_in_a_hundred() {
        let facts = RunFacts { slots: 8, warmup_ratio: 0.1, ..RunFacts::default() };
        let log = log(100_000, &facts);
        assert!(log.segments.len() <= MOST_SEGMENTS);
        let count = inside(&log, 100_000, 1_000_000);
        assert!(count.abs_diff(90_000) < 1_000, "{count}");
    }

    #[test]
    fn a_run_that_was_never_steady_counts_whole() {
        let facts = RunFacts { slots: 8, ramp_ended: at(1_000_000), ..RunFacts::default() };
        let window = Window { from: at(0), to: at(100_000), basis: WindowBasis::WholeRun };
        assert_eq!(log(10_000, &facts).inside(&window).stats().map(|stats| stats.count), Some(10_000));
    }
}
