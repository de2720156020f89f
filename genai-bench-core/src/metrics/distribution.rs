//! What many values look like together.

use serde::{Deserialize, Serialize};

/// The spread of a set of values. There is none of an empty set.
///
/// Percentiles interpolate linearly between the two nearest ranks, as numpy does by default: the one for `p`
/// is at position `(n − 1) · p / 100` of the sorted values. The standard deviation is that of the population
/// (divided by `n`).
///
/// ```
/// # use genai_bench_core::metrics::Distribution;
/// let spread = Distribution::of([4.0, 1.0, 3.0, 2.0]).unwrap();
/// assert_eq!((spread.p25, spread.p50, spread.p75), (1.75, 2.5, 3.25));
/// assert!((spread.p99 - 3.97).abs() < 1e-12);
/// assert!((spread.stddev - 1.118033988749895).abs() < 1e-12);
/// assert!(Distribution::of([]).is_none());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Distribution {
    /// How many values there are.
    pub count: u64,
    /// The smallest value.
    pub min: f64,
    /// The largest value.
    pub max: f64,
    /// The arithmetic mean.
    pub mean: f64,
    /// The standard deviation of the population.
    pub stddev: f64,
    /// All values together.
    pub sum: f64,
    /// A quarter of the values is below this.
    pub p25: f64,
    /// The median.
    pub p50: f64,
    /// A quarter of the values is above this.
    pub p75: f64,
    /// A tenth of the values is above this.
    pub p90: f64,
    /// One value in twenty is above this.
    pub p95: f64,
    /// One value in a hundred is above this.
    pub p99: f64,
}

impl Distribution {
    /// The spread of `values`; `None` when there are none. A value that is no number is left out.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut sorted: Vec<f64> = values.into_iter().filter(|it| !it.is_nan()).collect();
        sorted.sort_unstable_by(f64::total_cmp);
        let (&min, &max) = (sorted.first()?, sorted.last()?);
        let count = sorted.len() as f64;
        let sum: f64 = sorted.iter().sum();
        let mean = sum / count;
        let variance = sorted.iter().map(|it| (it - mean).powi(2)).sum::<f64>() / count;
        let at = |percent| percentile(&sorted, percent);
        Some(Self {
            count: sorted.len() as u64,
            min,
            max,
            mean,
            stddev: variance.sqrt(),
            sum,
            p25: at(25.0),
            p50: at(50.0),
            p75: at(75.0),
            p90: at(90.0),
            p95: at(95.0),
            p99: at(99.0),
        })
    }

    /// The same spread in another unit: every value times `factor`.
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

/// Returns the percentile of `values` at `quantile`, from 0 to 1; `None` when there are no values, or for any other quantile.
pub(super) fn percentile_of(values: impl Iterator<Item = f64>, quantile: f64) -> Option<f64> {
    if !(0.0..=1.0).contains(&quantile) {
        return None;
    }
    let mut sorted: Vec<f64> = values.filter(|value| !value.is_nan()).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    (!sorted.is_empty()).then(|| percentile(&sorted, quantile * 100.0))
}

/// Returns the percentile of sorted values that are not empty.
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
    fn live_metrics_of_the_python_tools_own_test() {
        let ttft = Distribution::of([0.1, 0.2]).unwrap();
        let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-12, "{a} {b}");
        close(ttft.mean, 0.15);
        close(ttft.p50, 0.15);
        close(ttft.p90, 0.19);
        close(ttft.p99, 0.199);
        let output_latency = Distribution::of([0.9, 1.3]).unwrap();
        close(output_latency.p50, 1.1);
        close(output_latency.p90, 1.26);
        close(output_latency.p99, 1.296);
    }

    #[test]
    fn a_percentile_is_that_of_the_distribution() {
        let values = [4.0, 1.0, f64::NAN, 3.0, 2.0];
        let spread = Distribution::of(values).unwrap();
        for (quantile, expected) in [(0.0, 1.0), (0.25, spread.p25), (0.99, spread.p99), (1.0, 4.0)] {
            assert_eq!(percentile_of(values.into_iter(), quantile), Some(expected));
        }
        for quantile in [-0.1, 1.1, f64::NAN] {
            assert_eq!(percentile_of(values.into_iter(), quantile), None);
        }
        assert_eq!(percentile_of(std::iter::empty(), 0.5), None);
    }

    #[test]
    fn one_value_is_its_own_spread() {
        let one = Distribution::of([7.0]).unwrap();
        assert_eq!((one.min, one.p25, one.p99, one.max, one.stddev), (7.0, 7.0, 7.0, 7.0, 0.0));
    }
}
