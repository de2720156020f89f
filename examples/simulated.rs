//! A benchmark over TCP against the simulator, which generates text at a fixed rate and records the true times. The
//! program prints the measured TTFT beside the true one.
//!
//! `cargo run --example simulated`

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use genai_bench_backends::openai::{Dialect, OpenAi};
use genai_bench_backends::simulator::{Latency, Settings, Simulator, Truth};
use genai_bench_backends::transport::{Reqwest, ReqwestOptions};
use genai_bench_core::metrics::Metric;
use genai_bench_core::plan::Plan;
use genai_bench_core::runner::Runner;
use genai_bench_core::sampler::TextSampler;
use genai_bench_core::target::Target;
use genai_bench_core::tokenizer::Words;

const REQUESTS: u64 = 48;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let itl = Latency::Fixed(Duration::from_millis(2));
    let simulator = Simulator::start(Settings { itl, ..Settings::default() }, ([127, 0, 0, 1], 0).into())?;
    let sampler = Arc::new(TextSampler::new("simulated", Arc::new(Words))?);
    for concurrency in [2, 8, 32] {
        simulator.forget();
        let backend = OpenAi::new(simulator.url().parse()?, Dialect::self_hosted("simulated"));
        let transport = Reqwest::new(&ReqwestOptions::default())?;
        let target = Target::new(backend, transport);
        let plan = Plan::builder().scenario("D(100,10)").concurrency([concurrency]).requests(REQUESTS);
        for report in Runner::new(target, sampler.clone()).run(&plan.build()?).await?.runs {
            let ttft = report.metrics.distribution(Metric::Ttft).map_or(0.0, |values| values.p50 * 1e3);
            let true_ttft = true_median_ttft_ms(&simulator.truth());
            println!("{}: TTFT p50 {ttft:.2} ms, true TTFT p50 {true_ttft:.2} ms", report.run);
        }
    }
    Ok(())
}

/// Returns the median time from the last byte of a request to the first byte of its answer, in milliseconds, by the
/// server's clock.
fn true_median_ttft_ms(truths: &[Truth]) -> f64 {
    let mut times: Vec<Duration> =
        truths.iter().filter_map(|truth| truth.written.first()?.since(truth.received)).collect();
    times.sort_unstable();
    times.get(times.len() / 2).map_or(0.0, |time| time.as_secs_f64() * 1e3)
}
