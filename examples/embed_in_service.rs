//! Two benchmarks at once inside a service that is busy with other work, one of them ended from outside.
//!
//! The service has a multi-threaded runtime. Each benchmark gets a thread and a runtime of its own by `Runner::spawn`, so
//! that the service's tasks do not delay the stamps of arriving bytes. The server is the simulator of this workspace.
//!
//! `cargo run --example embed_in_service`

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use genai_bench_backends::openai::{Dialect, OpenAi};
use genai_bench_backends::simulator::{Settings, Simulator};
use genai_bench_backends::transport::Reqwest;
use genai_bench_core::{Observer, Plan, RequestRecord, Runner, Running, Target, TextSampler, Words};

/// A count of ended requests that the service could export as a metric of its own.
struct EndedRequests(Arc<AtomicU64>);

impl Observer for EndedRequests {
    fn request_ended(&mut self, _: &RequestRecord) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// Starts a benchmark of the server at `server`, a URL, on a thread of its own.
fn start(server: &str, plan: Plan, ended: Arc<AtomicU64>) -> Result<Running, Box<dyn Error>> {
    let backend = OpenAi::new(server.parse()?, Dialect::self_hosted("simulated"));
    let target = Target::new(backend, Reqwest::new(&Default::default())?);
    let sampler = TextSampler::new("my-model", Arc::new(Words))?;
    Ok(Runner::new(target, sampler).with_observer(EndedRequests(ended)).spawn(plan)?)
}

/// Does the other work of the service for as long as it is polled: a task that keeps a thread of the runtime busy.
async fn serve() {
    loop {
        let work: u64 = (0..200_000_u64).fold(0, |sum, number| sum.wrapping_mul(31).wrapping_add(number));
        std::hint::black_box(work);
        tokio::task::yield_now().await;
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let simulator = Simulator::start(Settings::default(), ([127, 0, 0, 1], 0).into())?;
    let service = tokio::spawn(serve());
    let ended = Arc::new(AtomicU64::new(0));

    let short = Plan::builder().scenario("D(100,10)").concurrency([1, 4]).requests(8).build()?;
    let long =
        Plan::builder().scenario("D(100,100)").concurrency([4]).time(Duration::from_secs(600)).build()?;
    let short = start(&simulator.url(), short, Arc::clone(&ended))?;
    let long = start(&simulator.url(), long, Arc::clone(&ended))?;

    println!("{}", short.await?);
    long.stop();
    let experiment = long.await?;
    println!("stopped from outside: {}", experiment.interrupted);
    println!("{experiment}");
    println!("{} requests have ended", ended.load(Ordering::Relaxed));
    service.abort();
    Ok(())
}
