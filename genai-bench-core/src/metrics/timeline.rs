//! Amounts over time, such as tokens by their arrival.

use crate::units::Offset;

/// The initial width of a step, in nanoseconds.
const STEP_NANOS: u64 = 10_000_000;
/// The maximum number of steps: nearly three hours of 10 ms. A longer run has wider steps.
const MAX_STEPS: usize = 1 << 20;

/// Amounts over time, in steps of 10 ms, or wider ones in a run of more than three hours. The memory is bounded for all
/// times of requests.
///
/// A step includes its end and not its start.
#[derive(Clone, Debug)]
pub(super) struct Timeline {
    step_nanos: u64,
    steps: Vec<Step>,
}

#[derive(Clone, Copy, Debug)]
struct Step {
    /// The amount at single instants of the step.
    amount: f64,
    /// The first of these instants, in nanoseconds from the start of the step.
    first: u64,
    /// The last of these instants, in nanoseconds from the start of the step.
    last: u64,
    /// The amount that is spread evenly over the step.
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
    /// Adds an amount at the instant `at`.
    pub(super) fn add(&mut self, at: Offset, amount: f64) {
        let index = self.step_of(at);
        let within = Self::nanos(at) - index as u64 * self.step_nanos;
        let step = &mut self.steps[index];
        step.amount += amount;
        (step.first, step.last) = (step.first.min(within), step.last.max(within));
    }

    /// Adds an amount that is spread evenly from `from` to `to`.
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

    /// Adds all amounts of another timeline, times `factor`.
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

    /// Returns the amount after `from` and until `to`.
    ///
    /// Windows end with an answer, and the last tokens of an answer arrive at its end. In a step at the edge of a window
    /// the amount at instants therefore counts in full when all of these are inside, and by the share of the step's
    /// time when only some are.
    pub(super) fn between(&self, from: Offset, to: Offset) -> f64 {
        let (from, to) = (from.as_nanos(), to.as_nanos());
        let first = usize::try_from(from / self.step_nanos).unwrap_or(usize::MAX).saturating_sub(1);
        let steps = (0..).map(|number| number * self.step_nanos).zip(&self.steps).skip(first);
        let inside = steps
            .take_while(|(begin, _)| *begin <= to)
            .map(|(begin, step)| step.between(begin, self.step_nanos, from, to));
        // The sum of an empty iterator is -0.0.
        inside.sum::<f64>() + 0.0
    }

    /// Returns the number of the step of `at`. Adds steps if the timeline is shorter.
    fn step_of(&mut self, at: Offset) -> usize {
        let nanos = Self::nanos(at);
        while nanos.div_ceil(self.step_nanos) > MAX_STEPS as u64 {
            self.widen();
        }
        let index = usize::try_from(nanos.div_ceil(self.step_nanos) - 1).unwrap_or(MAX_STEPS - 1);
        if index >= self.steps.len() {
            self.steps.resize(index + 1, Step::default());
        }
        index
    }

    /// Returns the nanoseconds of `at`, and at least 1, because no step includes the start of the run.
    fn nanos(at: Offset) -> u64 {
        at.as_nanos().max(1)
    }

    /// Joins steps in pairs.
    fn widen(&mut self) {
        let width = self.step_nanos;
        self.steps = self.steps.chunks(2).map(|pair| Step::joined(pair, width)).collect();
        self.step_nanos = width * 2;
    }
}

impl Step {
    /// Creates the step of one or two consecutive steps of this `width`.
    fn joined(pair: &[Self], width: u64) -> Self {
        let later = pair.get(1).copied().unwrap_or_default();
        Self {
            amount: pair[0].amount + later.amount,
            first: pair[0].first.min(later.first.saturating_add(width)),
            last: if later.last > 0 { later.last + width } else { pair[0].last },
            spread: pair[0].spread + later.spread,
        }
    }

    /// Returns the amount after `from` and until `to` of a step of this `width` that starts at `begin`.
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
    fn an_amount_at_the_end_of_a_window_is_inside() {
        let mut timeline = Timeline::default();
        timeline.add(at(0), 1.0);
        timeline.add(at(100), 2.0);
        timeline.add(at(200), 4.0);
        assert_eq!(timeline.between(at(0), at(100)), 3.0);
        assert_eq!(timeline.between(at(100), at(200)), 4.0);
        assert_eq!(timeline.between(at(0), at(1_000)), 7.0);
    }

    #[test]
    fn a_step_at_the_edge_counts_in_full_when_all_of_it_is_inside() {
        let mut timeline = Timeline::default();
        timeline.add(at(13), 8.0);
        assert_eq!(timeline.between(at(0), at(13)), 8.0);
        assert_eq!(timeline.between(at(12), at(99)), 8.0);
        assert_eq!(timeline.between(at(13), at(99)), 0.0, "the start of a window is outside");
        assert_eq!(timeline.between(at(0), at(12)), 0.0);
    }

    #[test]
    fn a_step_that_is_cut_counts_by_its_share_inside() {
        let mut timeline = Timeline::default();
        timeline.add(at(12), 4.0);
        timeline.add(at(18), 4.0);
        assert_eq!(timeline.between(at(0), at(15)), 4.0);
        assert_eq!(timeline.between(at(15), at(99)), 4.0);
    }

    #[test]
    fn the_sum_of_an_empty_timeline_is_positive_zero() {
        assert!(Timeline::default().between(at(0), at(10)).is_sign_positive());
    }

    #[test]
    fn a_spread_amount_counts_by_its_share_inside() {
        let mut timeline = Timeline::default();
        timeline.add_spread(at(15), at(115), 10.0);
        assert!((timeline.between(at(0), at(200)) - 10.0).abs() < 1e-9);
        assert!((timeline.between(at(0), at(60)) - 4.5).abs() < 1e-9);
        let mut scaled = Timeline::default();
        scaled.add_scaled(&timeline, 2.0);
        assert!((scaled.between(at(0), at(60)) - 9.0).abs() < 1e-9);
    }

    #[test]
    fn a_very_late_time_takes_bounded_memory() {
        let mut timeline = Timeline::default();
        timeline.add(at(5), 1.0);
        timeline.add(at(25), 2.0);
        timeline.add(Offset::from_nanos(u64::MAX / 4), 4.0);
        assert!(timeline.steps.len() <= MAX_STEPS);
        assert_eq!(timeline.between(Offset::ZERO, Offset::from_nanos(u64::MAX / 2)), 7.0);
    }
}
