//! A benchmark in ten lines: a backend, a transport, a scenario, three levels of concurrency.
//!
//! The transport plays a script on a virtual clock: the example takes no time and needs no server, and its figures are
//! exactly those of the script. Replace `ScriptedTransport` by `Reqwest` to measure a server.
//!
//! `cargo run --example measure`

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use genai_bench_backends::openai::{Dialect, OpenAi};
use genai_bench_core::conformance::ScriptedTransport;
use genai_bench_core::{Plan, Runner, Target, TextSampler, Words};

/// An answer of three tokens, as a server of this API streams it.
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
    let target = Target::new(backend, server);
    let sampler = TextSampler::new("my-model", Arc::new(Words))?;
    let plan = Plan::builder().scenario("D(100,3)").concurrency([1, 8, 64]).requests(200).build()?;
    let experiment = Runner::new(target, sampler).run(&plan).await?;
    for report in &experiment.runs {
        println!("{report}");
    }
    Ok(())
}
