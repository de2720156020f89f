//! A custom auth provider: it fetches a token, caches it until it expires, and lets only one request fetch the next one.
//!
//! A token is fetched before the clock of a request starts: the time is in `send_lag`, and never in the TTFT.
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

/// The lifetime of a token.
const LIFETIME: Duration = Duration::from_millis(500);
/// The time to fetch a token.
const FETCH_TIME: Duration = Duration::from_millis(80);

/// An auth provider with a token cache.
#[derive(Default)]
struct CachedToken {
    token: Mutex<Option<(HeaderValue, Instant)>>,
    fetches: AtomicU32,
}

impl fmt::Debug for CachedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CachedToken").field("token", &"***").finish_non_exhaustive()
    }
}

impl CachedToken {
    /// Fetches a token. A real provider sends a request to the token service here.
    async fn fetch(&self) -> Result<HeaderValue, AuthError> {
        tokio::time::sleep(FETCH_TIME).await;
        let number = self.fetches.fetch_add(1, Ordering::Relaxed);
        let mut token = HeaderValue::try_from(format!("Bearer token-{number}"))
            .map_err(|source| AuthError { provider: "the token service", source: Box::new(source) })?;
        token.set_sensitive(true);
        Ok(token)
    }
}

#[async_trait]
impl AuthProvider for CachedToken {
    async fn authorize(&self, request: &mut http::Request<Bytes>) -> Result<(), AuthError> {
        // The first request holds the lock while it fetches the token; the others wait for the lock and find the token.
        let mut cached = self.token.lock().await;
        let token = match &*cached {
            Some((token, since)) if clock::now().since(*since) < LIFETIME => token.clone(),
            _ => {
                let token = self.fetch().await?;
                *cached = Some((token.clone(), clock::now()));
                token
            }
        };
        request.headers_mut().insert(AUTHORIZATION, token);
        Ok(())
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let subject = AuthSubject {
        name: "cached token",
        provider: Arc::new(CachedToken::default()),
        secrets: vec!["token-0"],
    };
    for (name, check) in AUTH_LAWS {
        check(&subject)?;
        println!("cached token: {}", name.replace('_', " "));
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
    let auth = Arc::new(CachedToken::default());
    let target = Target::new(backend, server).with_auth(auth.clone());
    let sampler = Arc::new(TextSampler::new("my-model", Arc::new(Words))?);
    let plan = Plan::builder().scenario("D(100,1)").concurrency([16]).requests(256).build()?;
    for report in Runner::new(target, sampler).run(&plan).await?.runs {
        let [ttft, send_lag] = [Metric::Ttft, Metric::SendLag]
            .map(|metric| report.metrics.distribution(metric).map_or(0.0, |values| values.max * 1e3));
        let fetches = auth.fetches.load(Ordering::Relaxed);
        println!("{} requests, {fetches} tokens fetched", report.metrics.completed);
        println!("longest TTFT {ttft:.0} ms, longest send lag {send_lag:.0} ms");
    }
    Ok(())
}
