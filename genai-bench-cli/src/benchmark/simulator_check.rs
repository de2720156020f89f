//! What the simulator really did, against what was reported of it.

use std::sync::{Arc, Mutex, PoisonError};

use genai_bench_backends::simulator::{self, Simulator};
use genai_bench_core::metrics::{Distribution, Metric};
use genai_bench_core::report::RunReport;

/// The simulator, and by how much reports were off so far.
#[derive(Clone)]
pub(crate) struct SimulatorCheck {
    simulator: Arc<Simulator>,
    gaps: Arc<Mutex<Vec<Deviation>>>,
}

/// What was reported and what was true of one figure, in milliseconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deviation {
    pub(crate) figure: &'static str,
    pub(crate) reported_ms: f64,
    pub(crate) true_ms: f64,
}

impl Deviation {
    /// How much more was reported than was true.
    pub(crate) fn excess_ms(&self) -> f64 {
        self.reported_ms - self.true_ms
    }
}

impl SimulatorCheck {
    pub(crate) fn new(simulator: Arc<Simulator>) -> Self {
        simulator.forget(); // what came before the first run
        Self { simulator, gaps: Arc::default() }
    }

    /// Compares a run that has just ended, and forgets it.
    pub(crate) fn compare(&self, report: &RunReport) {
        let truth: Vec<simulator::Truth> =
            self.simulator.truth().into_iter().filter(|it| it.fault.is_none() && it.stream).collect();
        self.simulator.forget();
        let ttft = truth.iter().filter_map(|it| Some(it.written.first()?.since(it.received)?.as_secs_f64()));
        let between = truth.iter().flat_map(|it| it.written.windows(2));
        let itl = between.filter_map(|it| Some(it[1].since(it[0])?.as_secs_f64()));
        let reported_ttft = report.metrics.distribution(Metric::Ttft);
        let reported_itl = report.metrics.itl.as_ref();
        let mut gaps = self.gaps.lock().unwrap_or_else(PoisonError::into_inner);
        if let (Some(truth), Some(reported)) = (Distribution::from_values(ttft), reported_ttft) {
            gaps.push(gap("TTFT p50", reported.p50, truth.p50));
            gaps.push(gap("TTFT p99", reported.p99, truth.p99));
        }
        if let (Some(truth), Some(reported)) = (Distribution::from_values(itl), reported_itl) {
            gaps.push(gap("ITL p50", reported.p50_s, truth.p50));
            gaps.push(gap("ITL p99", reported.p99_s, truth.p99));
        }
    }

    /// Of each figure, the run in which the report was furthest off.
    pub(crate) fn worst(&self) -> Vec<Deviation> {
        let gaps = self.gaps.lock().unwrap_or_else(PoisonError::into_inner);
        let figures = ["TTFT p50", "TTFT p99", "ITL p50", "ITL p99"];
        let worst = |figure| {
            let of_figure = gaps.iter().filter(|it| it.figure == figure);
            of_figure.copied().max_by(|a, b| a.excess_ms().abs().total_cmp(&b.excess_ms().abs()))
        };
        figures.into_iter().filter_map(worst).collect()
    }
}

fn gap(figure: &'static str, reported_s: f64, true_s: f64) -> Deviation {
    Deviation { figure, reported_ms: reported_s * 1e3, true_ms: true_s * 1e3 }
}
