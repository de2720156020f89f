//! A transport of your own: the same server, but further away. It wraps another one, as yours may.
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

/// Every request and its answer travel for `round_trip`.
#[derive(Debug)]
struct Distant<T> {
    inner: T,
    round_trip: Duration,
}

#[async_trait]
impl<T: Transport> Transport for Distant<T> {
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
        let target = Target::new(Arc::new(backend), Arc::new(Distant { inner, round_trip }));
        let sampler = Arc::new(TextSampler::new("my-model", Arc::new(Words))?);
        for report in Runner::new(target, sampler).run(&plan).await?.runs {
            let p50 = |metric| report.metrics.distribution(metric).map_or(0.0, |it| it.p50 * 1e3);
            let [ttft, tpot] = [Metric::Ttft, Metric::Tpot].map(p50);
            println!("{round_trip:>5?} away: TTFT {ttft:.0} ms, TPOT {tpot:.0} ms");
        }
    }
    Ok(())
}
