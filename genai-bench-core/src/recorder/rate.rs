//! Rates over the last few seconds, in constant memory.

use std::collections::VecDeque;
use std::time::Duration;

/// The time over which a rate is computed.
pub(super) const SPAN: Duration = Duration::from_secs(3);
/// The length of a time slot.
const SLOT: Duration = Duration::from_millis(100);
/// The number of time slots in a span.
const SLOTS: u64 = 30;

/// The counts of the last three seconds in slots of 100 ms. Its size does not depend on the rate.
#[derive(Debug, Default)]
pub(super) struct RecentCount {
    /// The number of each slot since the start of the run, and its count.
    slots: VecDeque<(u64, u64)>,
    total: u64,
}

impl RecentCount {
    /// Adds a count at this time since the start of the run; times do not decrease.
    pub(super) fn add(&mut self, elapsed: Duration, count: u64) {
        let number = slot_number(elapsed);
        self.total += count;
        match self.slots.back_mut() {
            Some((last, slot_count)) if *last == number => *slot_count += count,
            _ => self.slots.push_back((number, count)),
        }
        self.remove_before(number);
    }

    /// Returns the rate per second at this time since the start of the run.
    pub(super) fn per_second(&mut self, elapsed: Duration) -> f64 {
        let number = slot_number(elapsed);
        self.remove_before(number);
        // The oldest slot is complete and the newest is not: together they cover at most the span.
        let within_slot = elapsed.saturating_sub(SLOT.mul_f64(number as f64));
        let covered = (SPAN - SLOT + within_slot).min(elapsed).max(SLOT);
        self.total as f64 / covered.as_secs_f64()
    }

    fn remove_before(&mut self, number: u64) {
        while let Some((_, count)) = self.slots.pop_front_if(|(oldest, _)| *oldest + SLOTS <= number) {
            self.total -= count;
        }
    }
}

fn slot_number(elapsed: Duration) -> u64 {
    u64::try_from(elapsed.as_nanos() / SLOT.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_that_of_the_last_seconds_only() {
        let mut recent = RecentCount::default();
        for ms in 0..10_000 {
            recent.add(Duration::from_millis(ms), if ms < 5_000 { 7 } else { 2 });
        }
        let rate = recent.per_second(Duration::from_secs(10));
        assert!((rate - 2_000.0).abs() < 1e-6, "{rate}");
        assert!(recent.slots.len() <= 30, "the memory does not depend on the rate");
        assert_eq!(recent.per_second(Duration::from_secs(20)), 0.0);
    }

    #[test]
    fn a_rate_at_the_start_is_over_the_elapsed_time() {
        let mut recent = RecentCount::default();
        recent.add(Duration::from_millis(200), 5);
        assert_eq!(recent.per_second(Duration::from_millis(500)), 10.0);
        assert_eq!(RecentCount::default().per_second(Duration::ZERO), 0.0);
    }
}
