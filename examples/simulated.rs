//! A real benchmark over TCP, without a server of your own: the simulator generates text at a pace that was
//! set, keeps the true times, and what was measured is held against them.
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
            let ttft = report.metrics.distribution(Metric::Ttft).map_or(0.0, |it| it.p50 * 1e3);
            let truly = median_ttft_ms(&simulator.truth());
            println!("{}: TTFT p50 {ttft:.2} ms, truly {truly:.2} ms", report.run);
        }
    }
    Ok(())
}

/// From the last byte of a request to the first byte of its answer, as the server saw it.
fn median_ttft_ms(truths: &[Truth]) -> f64 {
    let ttft = |it: &Truth| it.written.first()?.since(it.received);
    let mut times: Vec<Duration> = truths.iter().filter_map(ttft).collect();
    times.sort_unstable();
    times.get(times.len() / 2).map_or(0.0, |it| it.as_secs_f64() * 1e3)
}
