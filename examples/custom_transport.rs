//! A custom transport: a wrapper that adds a network delay to another transport.
//!
//! `cargo run --example custom_transport`

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use genai_bench_backends::openai::{Dialect, OpenAi};
use genai_bench_core::conformance::ScriptedTransport;
use genai_bench_core::metrics::Metric;
use genai_bench_core::plan::Plan;
use genai_bench_core::runner::Runner;
use genai_bench_core::sampler::TextSampler;
use genai_bench_core::target::Target;
use genai_bench_core::tokenizer::Words;
use genai_bench_core::transport::{Answer, Transport, TransportError};

/// A transport that delays every request by `round_trip`.
#[derive(Debug)]
struct Delayed<T> {
    inner: T,
    round_trip: Duration,
}

#[async_trait]
impl<T: Transport> Transport for Delayed<T> {
    async fn send(&self, request: http::Request<Bytes>) -> Result<Answer, TransportError> {
        tokio::time::sleep(self.round_trip).await;
        self.inner.send(request).await
    }
}

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() -> Result<(), Box<dyn Error>> {
    let answer = [
        "data: {\"choices\":[{\"delta\":{\"content\":\"Yes\"}}]}\n\n",
        "data: {\"choices\":[{\"delta\":{\"content\":\".\"}}],\"usage\":{\"completion_tokens\":2}}\n\n",
        "data: [DONE]\n\n",
    ];
    let plan = Plan::builder().scenario("D(100,2)").concurrency([4]).requests(40).build()?;
    for round_trip in [0, 40, 120].map(Duration::from_millis) {
        let inner = ScriptedTransport::paced(answer.map(Into::into), Duration::from_millis(20));
        let backend = OpenAi::new("http://localhost:8000".parse()?, Dialect::openai());
        let target = Target::new(Arc::new(backend), Arc::new(Delayed { inner, round_trip }));
        let sampler = Arc::new(TextSampler::new("my-model", Arc::new(Words))?);
        for report in Runner::new(target, sampler).run(&plan).await?.runs {
            let [ttft, tpot] = [Metric::Ttft, Metric::Tpot]
                .map(|metric| report.metrics.distribution(metric).map_or(0.0, |values| values.p50 * 1e3));
            println!("round trip {round_trip:>5?}: TTFT {ttft:.0} ms, TPOT {tpot:.0} ms");
        }
    }
    Ok(())
}
