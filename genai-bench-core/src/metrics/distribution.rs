//! Summary statistics of a set of values.

use serde::{Deserialize, Serialize};

/// The distribution of a set of values that is not empty.
///
/// Percentiles interpolate linearly between the two nearest ranks, as numpy does by default: percentile `p` is at
/// position `(n − 1) · p / 100` of the sorted values. The standard deviation is that of the population (divided by
/// `n`).
///
/// ```
/// # use genai_bench_core::metrics::Distribution;
/// let values = Distribution::from_values([4.0, 1.0, 3.0, 2.0]).unwrap();
/// assert_eq!((values.p25, values.p50, values.p75), (1.75, 2.5, 3.25));
/// assert!((values.p99 - 3.97).abs() < 1e-12);
/// assert!((values.stddev - 1.118033988749895).abs() < 1e-12);
/// assert!(Distribution::from_values([]).is_none());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Distribution {
    /// The number of values.
    pub count: u64,
    /// The smallest value.
    pub min: f64,
    /// The largest value.
    pub max: f64,
    /// The arithmetic mean.
    pub mean: f64,
    /// The standard deviation of the population.
    pub stddev: f64,
    /// The sum of all values.
    pub sum: f64,
    /// The 25th percentile.
    pub p25: f64,
    /// The 50th percentile, the median.
    pub p50: f64,
    /// The 75th percentile.
    pub p75: f64,
    /// The 90th percentile.
    pub p90: f64,
    /// The 95th percentile.
    pub p95: f64,
    /// The 99th percentile.
    pub p99: f64,
}

impl Distribution {
    /// Creates the distribution of `values`; `None` when there are none. NaN values are left out.
    pub fn from_values(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut sorted: Vec<f64> = values.into_iter().filter(|value| !value.is_nan()).collect();
        sorted.sort_unstable_by(f64::total_cmp);
        let (&min, &max) = (sorted.first()?, sorted.last()?);
        let count = sorted.len() as f64;
        let sum: f64 = sorted.iter().sum();
        let mean = sum / count;
        let variance = sorted.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count;
        let [p25, p50, p75, p90, p95, p99] =
            [25.0, 50.0, 75.0, 90.0, 95.0, 99.0].map(|percent| percentile(&sorted, percent));
        Some(Self {
            count: sorted.len() as u64,
            min,
            max,
            mean,
            stddev: variance.sqrt(),
            sum,
            p25,
            p50,
            p75,
            p90,
            p95,
            p99,
        })
    }

    /// Returns the distribution in another unit: every value times `factor`.
    #[must_use]
    pub fn scaled(self, factor: f64) -> Self {
        Self {
            count: self.count,
            min: self.min * factor,
            max: self.max * factor,
            mean: self.mean * factor,
            stddev: self.stddev * factor,
            sum: self.sum * factor,
            p25: self.p25 * factor,
            p50: self.p50 * factor,
            p75: self.p75 * factor,
            p90: self.p90 * factor,
            p95: self.p95 * factor,
            p99: self.p99 * factor,
        }
    }
}

/// Returns the percentile of `values` at `quantile`; `None` when there are no values, or when `quantile` is
/// not from 0 to 1.
pub(super) fn percentile_of(values: impl Iterator<Item = f64>, quantile: f64) -> Option<f64> {
    if !(0.0..=1.0).contains(&quantile) {
        return None;
    }
    let mut sorted: Vec<f64> = values.filter(|value| !value.is_nan()).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    (!sorted.is_empty()).then(|| percentile(&sorted, quantile * 100.0))
}

/// Returns a percentile of sorted values, which must not be empty.
fn percentile(sorted: &[f64], percent: f64) -> f64 {
    let position = (sorted.len() - 1) as f64 * percent / 100.0;
    let below = position.floor() as usize;
    let above = (below + 1).min(sorted.len() - 1);
    sorted[below] + (sorted[above] - sorted[below]) * (position - below as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_those_of_a_test_of_the_python_tool() {
        let ttft = Distribution::from_values([0.1, 0.2]).unwrap();
        assert_close(ttft.mean, 0.15);
        assert_close(ttft.p50, 0.15);
        assert_close(ttft.p90, 0.19);
        assert_close(ttft.p99, 0.199);
        let output_latency = Distribution::from_values([0.9, 1.3]).unwrap();
        assert_close(output_latency.p50, 1.1);
        assert_close(output_latency.p90, 1.26);
        assert_close(output_latency.p99, 1.296);
    }

    fn assert_close(value: f64, expected: f64) {
        assert!((value - expected).abs() < 1e-12, "{value} {expected}");
    }

    #[test]
    fn a_percentile_is_that_of_the_distribution() {
        let values = [4.0, 1.0, f64::NAN, 3.0, 2.0];
        let distribution = Distribution::from_values(values).unwrap();
        for (quantile, expected) in
            [(0.0, 1.0), (0.25, distribution.p25), (0.99, distribution.p99), (1.0, 4.0)]
        {
            assert_eq!(percentile_of(values.into_iter(), quantile), Some(expected));
        }
        for quantile in [-0.1, 1.1, f64::NAN] {
            assert_eq!(percentile_of(values.into_iter(), quantile), None);
        }
        assert_eq!(percentile_of(std::iter::empty(), 0.5), None);
    }

    #[test]
    fn the_percentiles_of_one_value_are_that_value() {
        let one = Distribution::from_values([7.0]).unwrap();
        assert_eq!((one.min, one.p25, one.p99, one.max, one.stddev), (7.0, 7.0, 7.0, 7.0, 0.0));
    }
}
