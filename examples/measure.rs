//! A benchmark in ten lines: a backend, a way there, a scenario, a level of load.
//!
//! The way there is a script on a virtual clock, so this takes no time, needs no server, and its numbers are
//! exactly those of the script. Put `Reqwest` in the place of `ScriptedTransport` to measure a server.
//!
//! `cargo run --example measure`

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use genai_bench_backends::openai::{Dialect, OpenAi};
use genai_bench_core::conformance::ScriptedTransport;
use genai_bench_core::metrics::Metric;
use genai_bench_core::plan::Plan;
use genai_bench_core::runner::Runner;
use genai_bench_core::sampler::TextSampler;
use genai_bench_core::target::Target;
use genai_bench_core::tokenizer::Words;

/// An answer of three tokens, as such a server streams it.
const ANSWER: [&str; 4] = [
    "data: {\"choices\":[{\"delta\":{\"content\":\"To be\"}}]}\n\n",
    "data: {\"choices\":[{\"delta\":{\"content\":\" or\"}}]}\n\n",
    "data: {\"choices\":[{\"delta\":{\"content\":\" not\"}}],\"usage\":{\"prompt_tokens\":108,\"completion_tokens\":3}}\n\n",
    "data: [DONE]\n\n",
];

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() -> Result<(), Box<dyn Error>> {
    let server = ScriptedTransport::paced(ANSWER.map(Into::into), Duration::from_millis(20));
    let backend = OpenAi::new("http://localhost:8000".parse()?, Dialect::self_hosted("vllm"));
    let target = Target::new(Arc::new(backend), Arc::new(server));
    let sampler = Arc::new(TextSampler::new("my-model", Arc::new(Words))?);
    let plan = Plan::builder().scenario("D(100,3)").concurrency([1, 8, 64]).requests(200).build()?;
    for report in Runner::new(target, sampler).run(&plan).await?.runs {
        let p50 = |metric| report.metrics.distribution(metric).map_or(0.0, |it| it.p50 * 1e3);
        let [ttft, tpot] = [Metric::Ttft, Metric::Tpot].map(p50);
        let tokens = report.metrics.output_tokens_per_s.unwrap_or_default();
        println!("{}: TTFT {ttft} ms, TPOT {tpot} ms, {tokens:.0} tokens/s", report.run);
    }
    Ok(())
}
