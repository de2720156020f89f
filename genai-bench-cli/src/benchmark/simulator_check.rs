//! Comparison of reported latencies with the true ones of the simulator.

use std::sync::{Arc, Mutex, PoisonError};

use genai_bench_backends::simulator::{self, Simulator};
use genai_bench_core::metrics::{Distribution, Metric};
use genai_bench_core::report::RunReport;

/// The simulator, and the deviations of the reports so far.
#[derive(Clone)]
pub(crate) struct SimulatorCheck {
    simulator: Arc<Simulator>,
    deviations: Arc<Mutex<Vec<Deviation>>>,
}

/// The reported and the true value of one figure, in milliseconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deviation {
    pub(crate) figure: &'static str,
    pub(crate) reported_ms: f64,
    pub(crate) true_ms: f64,
}

impl Deviation {
    /// Returns the reported value less the true one.
    pub(crate) fn excess_ms(&self) -> f64 {
        self.reported_ms - self.true_ms
    }
}

impl SimulatorCheck {
    pub(crate) fn new(simulator: Arc<Simulator>) -> Self {
        simulator.forget(); // the requests before the first run
        Self { simulator, deviations: Arc::default() }
    }

    /// Records the deviations of a run that has just ended, and clears the simulator's record of it.
    pub(crate) fn compare(&self, report: &RunReport) {
        let truth: Vec<simulator::Truth> = self
            .simulator
            .truth()
            .into_iter()
            .filter(|answer| answer.fault.is_none() && answer.stream)
            .collect();
        self.simulator.forget();
        let ttft = truth
            .iter()
            .filter_map(|answer| Some(answer.written.first()?.since(answer.received)?.as_secs_f64()));
        let between = truth.iter().flat_map(|answer| answer.written.windows(2));
        let itl = between.filter_map(|pair| Some(pair[1].since(pair[0])?.as_secs_f64()));
        let reported_ttft = report.metrics.distribution(Metric::Ttft);
        let reported_itl = report.metrics.itl.as_ref();
        let mut deviations = self.deviations.lock().unwrap_or_else(PoisonError::into_inner);
        if let (Some(truth), Some(reported)) = (Distribution::from_values(ttft), reported_ttft) {
            deviations.push(deviation("TTFT p50", reported.p50, truth.p50));
            deviations.push(deviation("TTFT p99", reported.p99, truth.p99));
        }
        if let (Some(truth), Some(reported)) = (Distribution::from_values(itl), reported_itl) {
            deviations.push(deviation("ITL p50", reported.p50_s, truth.p50));
            deviations.push(deviation("ITL p99", reported.p99_s, truth.p99));
        }
    }

    /// Returns the largest deviation of each figure over all runs.
    pub(crate) fn worst(&self) -> Vec<Deviation> {
        let deviations = self.deviations.lock().unwrap_or_else(PoisonError::into_inner);
        let figures = ["TTFT p50", "TTFT p99", "ITL p50", "ITL p99"];
        figures.into_iter().filter_map(|figure| largest(&deviations, figure)).collect()
    }
}

/// Returns the largest deviation of a figure.
fn largest(deviations: &[Deviation], figure: &str) -> Option<Deviation> {
    let of_figure = deviations.iter().filter(|deviation| deviation.figure == figure);
    of_figure.copied().max_by(|a, b| a.excess_ms().abs().total_cmp(&b.excess_ms().abs()))
}

fn deviation(figure: &'static str, reported_s: f64, true_s: f64) -> Deviation {
    Deviation { figure, reported_ms: reported_s * 1e3, true_ms: true_s * 1e3 }
}
