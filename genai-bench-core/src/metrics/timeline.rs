//! Amounts by the time at which they came, such as tokens.

use crate::units::Offset;

/// The width of a step at first.
const STEP_NANOS: u64 = 10_000_000;
/// The most steps that are kept: nearly three hours of 10 ms. A longer run has wider steps.
const MOST_STEPS: usize = 1 << 20;

/// Amounts by the time at which they came, in steps of 10 ms, and wider ones in a run of more than three hours:
/// the memory is bounded, whatever times the requests have.
///
/// A step includes its end and not its beginning.
#[derive(Clone, Debug)]
pub(super) struct Timeline {
    step_nanos: u64,
    steps: Vec<Step>,
}

#[derive(Clone, Copy, Debug)]
struct Step {
    /// What came at instants of the step.
    amount: f64,
    /// When the first of it came, in nanoseconds from the beginning of the step.
    first: u64,
    /// When the last of it came.
    last: u64,
    /// What is spread evenly over the step.
    spread: f64,
}

impl Default for Step {
    fn default() -> Self {
        Self { amount: 0.0, first: u64::MAX, last: 0, spread: 0.0 }
    }
}

impl Default for Timeline {
    fn default() -> Self {
        Self { step_nanos: STEP_NANOS, steps: Vec::new() }
    }
}

impl Timeline {
    /// Adds an amount that came at `at`.
    pub(super) fn add(&mut self, at: Offset, amount: f64) {
        let index = self.step_of(at);
        let within = Self::nanos(at) - index as u64 * self.step_nanos;
        let step = &mut self.steps[index];
        step.amount += amount;
        (step.first, step.last) = (step.first.min(within), step.last.max(within));
    }

    /// Adds an amount that came evenly from `from` to `to`.
    pub(super) fn add_spread(&mut self, from: Offset, to: Offset, amount: f64) {
        let Some(span) = to.since(from).filter(|span| !span.is_zero()) else { return self.add(to, amount) };
        let last = self.step_of(to);
        let first = self.step_of(from);
        let (from, to) = (from.as_nanos() as f64, to.as_nanos() as f64);
        let per_nano = amount / span.as_nanos() as f64;
        let width = self.step_nanos as f64;
        for (index, step) in self.steps.iter_mut().enumerate().take(last + 1).skip(first) {
            let begin = index as f64 * width;
            step.spread += ((to.min(begin + width)) - from.max(begin)).max(0.0) * per_nano;
        }
    }

    /// Adds all of another timeline, times `factor`.
    pub(super) fn add_scaled(&mut self, other: &Self, factor: f64) {
        for (index, step) in other.steps.iter().enumerate() {
            let begin = index as u64 * other.step_nanos;
            if step.amount > 0.0 {
                let middle = begin + u64::midpoint(step.first, step.last);
                self.add(Offset::from_nanos(middle), step.amount * factor);
            }
            if step.spread > 0.0 {
                let end = Offset::from_nanos(begin + other.step_nanos);
                self.add_spread(Offset::from_nanos(begin), end, step.spread * factor);
            }
        }
    }

    /// Returns how much came after `from` and until `to`.
    ///
    /// Windows end with an answer, and the last tokens of an answer come at its end, so what came at instants of a
    /// step at the edge of a window is not simply cut: it counts whole when all of it came inside, and by the part
    /// of its time when only some did.
    pub(super) fn between(&self, from: Offset, to: Offset) -> f64 {
        let (from, to) = (from.as_nanos(), to.as_nanos());
        let first = usize::try_from(from / self.step_nanos).unwrap_or(usize::MAX).saturating_sub(1);
        let steps = (0..).map(|number| number * self.step_nanos).zip(&self.steps).skip(first);
        let until_the_end = steps.take_while(|(begin, _)| *begin <= to);
        let inside = until_the_end.map(|(begin, step)| step.between(begin, self.step_nanos, from, to));
        // The sum of nothing is -0.0.
        inside.sum::<f64>() + 0.0
    }

    /// Returns the number of the step of `at`, which then exists.
    fn step_of(&mut self, at: Offset) -> usize {
        let nanos = Self::nanos(at);
        while nanos.div_ceil(self.step_nanos) > MOST_STEPS as u64 {
            self.widen();
        }
        let index = usize::try_from(nanos.div_ceil(self.step_nanos) - 1).unwrap_or(MOST_STEPS - 1);
        if index >= self.steps.len() {
            self.steps.resize(index + 1, Step::default());
        }
        index
    }

    /// What came at the very beginning of a run came after it, too.
    fn nanos(at: Offset) -> u64 {
        at.as_nanos().max(1)
    }

    /// Joins each two steps.
    fn widen(&mut self) {
        let width = self.step_nanos;
        let joined = self.steps.chunks(2).map(|pair| {
            let later = pair.get(1).copied().unwrap_or_default();
            Step {
                amount: pair[0].amount + later.amount,
                first: pair[0].first.min(later.first.saturating_add(width)),
                last: if later.last > 0 { later.last + width } else { pair[0].last },
                spread: pair[0].spread + later.spread,
            }
        });
        self.steps = joined.collect();
        self.step_nanos = width * 2;
    }
}

impl Step {
    /// Returns how much of a step of this `width` that begins at `begin` came after `from` and until `to`.
    fn between(&self, begin: u64, width: u64, from: u64, to: u64) -> f64 {
        let inside = to.min(begin + width).saturating_sub(from.max(begin)) as f64 / width as f64;
        let spread = self.spread * inside;
        let (first, last) = (begin.saturating_add(self.first), begin + self.last);
        if from < first && last <= to {
            return spread + self.amount;
        }
        if last <= from || to < first {
            return spread;
        }
        spread + self.amount * inside
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

    #[test]
    fn nothing_is_zero_without_a_sign() {
        assert!(Timeline::default().between(at(0), at(10)).is_sign_positive());
    }

    #[test]
    fn what_is_spread_counts_by_the_part_inside() {
        let mut timeline = Timeline::default();
        timeline.add_spread(at(15), at(115), 10.0);
        assert!((timeline.between(at(0), at(200)) - 10.0).abs() < 1e-9);
        assert!((timeline.between(at(0), at(60)) - 4.5).abs() < 1e-9);
        let mut scaled = Timeline::default();
        scaled.add_scaled(&timeline, 2.0);
        assert!((scaled.between(at(0), at(60)) - 9.0).abs() < 1e-9);
    }

    #[test]
    fn a_time_far_away_takes_no_memory() {
        let mut timeline = Timeline::default();
        timeline.add(at(5), 1.0);
        timeline.add(at(25), 2.0);
        timeline.add(Offset::from_nanos(u64::MAX / 4), 4.0);
        assert!(timeline.steps.len() <= MOST_STEPS);
        assert_eq!(timeline.between(Offset::ZERO, Offset::from_nanos(u64::MAX / 2)), 7.0);
    }
}
