//! How many tokens came when.

use crate::units::Offset;

/// How finely time is cut.
const STEP_NANOS: u64 = 10_000_000;

/// Amounts by the time at which they came, in steps of 10 ms: an hour is 6 MB, whatever came in it.
///
/// A step includes its end and not its beginning.
#[derive(Clone, Debug, Default)]
pub(super) struct Timeline(Vec<Step>);

#[derive(Clone, Copy, Debug, Default)]
struct Step {
    amount: f64,
    /// When the first of it came, in nanoseconds from the beginning of the step.
    first: u32,
    /// When the last of it came.
    last: u32,
}

impl Timeline {
    /// Adds an amount that came at `at`.
    pub(super) fn add(&mut self, at: Offset, amount: f64) {
        // What came at the very beginning of a run came after it, too.
        let nanos = at.as_nanos().max(1);
        let number = nanos.div_ceil(STEP_NANOS) - 1;
        let within = u32::try_from(nanos - number * STEP_NANOS).unwrap_or(u32::MAX);
        let index = usize::try_from(number).unwrap_or(usize::MAX);
        if index >= self.0.len() {
            self.0.resize(index + 1, Step { first: u32::MAX, ..Step::default() });
        }
        let step = &mut self.0[index];
        step.amount += amount;
        (step.first, step.last) = (step.first.min(within), step.last.max(within));
    }

    /// How much came after `from` and until `to`.
    ///
    /// Windows end with an answer, and the last tokens of an answer come at its end, so a step at the edge of a
    /// window is not simply cut: it counts whole when all of it came inside, and by the part of its time when
    /// only some did.
    pub(super) fn between(&self, from: Offset, to: Offset) -> f64 {
        let (from, to) = (from.as_nanos(), to.as_nanos());
        let first = usize::try_from(from / STEP_NANOS).unwrap_or(usize::MAX).saturating_sub(1);
        let steps = (0..).map(|number| number * STEP_NANOS).zip(&self.0).skip(first);
        let until_the_end = steps.take_while(|(begin, _)| *begin <= to);
        until_the_end.map(|(begin, step)| step.amount * step.share(begin, from, to)).sum()
    }
}

impl Step {
    /// Which share of a step that begins at `begin` came after `from` and until `to`.
    fn share(&self, begin: u64, from: u64, to: u64) -> f64 {
        let (first, last) = (begin + u64::from(self.first), begin + u64::from(self.last));
        if from < first && last <= to {
            return 1.0;
        }
        if last <= from || to < first {
            return 0.0;
        }
        let inside = to.min(begin + STEP_NANOS).saturating_sub(from.max(begin));
        inside as f64 / STEP_NANOS as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> Offset {
        Offset::from_nanos(ms * 1_000_000)
    }

    #[test]
    fn what_came_at_the_end_of_a_window_is_inside_it() {
        let mut timeline = Timeline::default();
        timeline.add(at(0), 1.0);
        timeline.add(at(100), 2.0);
        timeline.add(at(200), 4.0);
        assert_eq!(timeline.between(at(0), at(100)), 3.0);
        assert_eq!(timeline.between(at(100), at(200)), 4.0);
        assert_eq!(timeline.between(at(0), at(1_000)), 7.0);
    }

    #[test]
    fn a_step_at_the_edge_counts_whole_when_all_of_it_came_inside() {
        let mut timeline = Timeline::default();
        timeline.add(at(13), 8.0);
        assert_eq!(timeline.between(at(0), at(13)), 8.0);
        assert_eq!(timeline.between(at(12), at(99)), 8.0);
        assert_eq!(timeline.between(at(13), at(99)), 0.0, "the beginning of a window is not in it");
        assert_eq!(timeline.between(at(0), at(12)), 0.0);
    }

    #[test]
    fn a_step_that_is_cut_counts_by_its_part() {
        let mut timeline = Timeline::default();
        timeline.add(at(12), 4.0);
        timeline.add(at(18), 4.0);
        assert_eq!(timeline.between(at(0), at(15)), 4.0);
        assert_eq!(timeline.between(at(15), at(99)), 4.0);
    }
}
