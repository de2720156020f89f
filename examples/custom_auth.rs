//! An auth provider of your own: a token that has to be fetched, is kept while it lives, and is fetched by one
//! request only when many find it dead.
//!
//! Fetching comes before the clock of a request starts: it is in `send_lag`, and never in the time to the first
//! token.
//!
//! `cargo run --example custom_auth`

use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use genai_bench_backends::openai::{Dialect, OpenAi};
use genai_bench_core::auth::{AuthError, AuthProvider};
use genai_bench_core::clock::{self, Instant};
use genai_bench_core::conformance::{AUTH_LAWS, AuthSubject, ScriptedTransport};
use genai_bench_core::metrics::Metric;
use genai_bench_core::plan::Plan;
use genai_bench_core::runner::Runner;
use genai_bench_core::sampler::TextSampler;
use genai_bench_core::target::Target;
use genai_bench_core::tokenizer::Words;
use http::HeaderValue;
use http::header::AUTHORIZATION;
use tokio::sync::Mutex;

/// How long a token lives.
const LIFE: Duration = Duration::from_millis(500);
/// How long it takes to fetch one.
const FETCH: Duration = Duration::from_millis(80);

#[derive(Default)]
struct Fetched {
    token: Mutex<Option<(HeaderValue, Instant)>>,
    fetches: AtomicU32,
}

impl fmt::Debug for Fetched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fetched").field("token", &"***").finish_non_exhaustive()
    }
}

impl Fetched {
    /// Asks who gives tokens out; here nobody, after a while.
    async fn fetch(&self) -> Result<HeaderValue, AuthError> {
        tokio::time::sleep(FETCH).await;
        let number = self.fetches.fetch_add(1, Ordering::Relaxed);
        let failed = |source| AuthError { provider: "the token service", source: Box::new(source) };
        let mut token = HeaderValue::try_from(format!("Bearer token-{number}")).map_err(failed)?;
        token.set_sensitive(true);
        Ok(token)
    }
}

#[async_trait]
impl AuthProvider for Fetched {
    async fn authorize(&self, request: &mut http::Request<Bytes>) -> Result<(), AuthError> {
        // Whoever comes first holds the lock while it fetches; the others wait and find what it has got.
        let mut held = self.token.lock().await;
        let token = match &*held {
            Some((token, since)) if clock::now().since(*since) < LIFE => token.clone(),
            _ => {
                let token = self.fetch().await?;
                *held = Some((token.clone(), clock::now()));
                token
            }
        };
        request.headers_mut().insert(AUTHORIZATION, token);
        Ok(())
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let subject =
        AuthSubject { name: "fetched", provider: Arc::new(Fetched::default()), secrets: vec!["token-0"] };
    for (name, check) in AUTH_LAWS {
        check(&subject)?;
        println!("fetched {}", name.replace('_', " "));
    }
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()?
        .block_on(measure())
}

async fn measure() -> Result<(), Box<dyn Error>> {
    let answer = ["data: {\"choices\":[{\"delta\":{\"content\":\"Yes.\"}}]}\n\n", "data: [DONE]\n\n"];
    let server = ScriptedTransport::paced(answer.map(Into::into), Duration::from_millis(20));
    let backend = OpenAi::new("http://localhost:8000".parse()?, Dialect::openai());
    let auth = Arc::new(Fetched::default());
    let target = Target::new(backend, server).with_auth(auth.clone());
    let sampler = Arc::new(TextSampler::new("my-model", Arc::new(Words))?);
    let plan = Plan::builder().scenario("D(100,1)").concurrency([16]).requests(256).build()?;
    for report in Runner::new(target, sampler).run(&plan).await?.runs {
        let longest = |metric| report.metrics.distribution(metric).map_or(0.0, |it| it.max * 1e3);
        let fetches = auth.fetches.load(Ordering::Relaxed);
        println!("{} requests, {fetches} tokens fetched", report.metrics.completed);
        println!(
            "longest TTFT {:.0} ms, longest send lag {:.0} ms",
            longest(Metric::Ttft),
            longest(Metric::SendLag)
        );
    }
    Ok(())
}
