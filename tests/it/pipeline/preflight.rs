//! Preflight requests before the first run.

use std::time::Duration;

use genai_bench_core::conformance::{ScriptedTransport, Step};
use genai_bench_core::failure::FailureKind;
use genai_bench_core::plan::Plan;
use genai_bench_core::runner::PREFLIGHT_LIMIT;

use super::{plan, runner};
use crate::doubles::{Playlist, Unreachable, Watched, answer, ms, text};

fn patient() -> Plan {
    plan().concurrency([1]).requests(1).timeouts(None, None).build().expect("a plan that makes sense")
}

fn loading() -> ScriptedTransport {
    let body = r#"{"error": {"message": "Loading model", "code": 503}}"#;
    ScriptedTransport::new([Step::Bytes(body.into())]).with_head(503, "application/json")
}

#[tokio::test(start_paused = true)]
async fn a_preflight_has_a_timeout_of_its_own() {
    let silent = ScriptedTransport::new([text("a"), Step::Hang]);
    let trace = runner(silent).preflight(&patient(), 0).await.expect("a request");
    assert_eq!(trace.failure.map(|failure| failure.kind), Some(FailureKind::Timeout));
    assert_eq!(trace.ended.since(trace.sent), Some(PREFLIGHT_LIMIT));
}

#[tokio::test(start_paused = true)]
async fn the_request_of_a_preflight_is_known_before_it_is_sent() {
    let (transport, log) = Watched::new(answer(4, ms(1), ms(1)));
    let (runner, plan) = (runner(transport), patient());
    let request = runner.preflight_request(&plan, 0).expect("a request").expect("one for this backend");
    assert_eq!(request.uri(), "http://localhost:8000/v1/chat/completions");
    runner.preflight(&plan, 0).await.expect("a request");
    let body: serde_json::Value = serde_json::from_slice(request.body()).expect("JSON");
    assert_eq!(log.bodies(), [body]);
}

/// Returns the time of the wait for a server, the number of reports about it, and the final failure.
async fn waited(
    transport: impl genai_bench_core::transport::Transport,
    limit: Duration,
) -> (Duration, usize, Option<FailureKind>) {
    let began = genai_bench_core::clock::now();
    let mut reports = 0;
    let failure = runner(transport).wait_for_server(&patient(), limit, |_| reports += 1).await;
    let kind = failure.expect("a request").map(|failure| failure.kind);
    (genai_bench_core::clock::now().since(began), reports, kind)
}

#[tokio::test(start_paused = true)]
async fn a_preflight_waits_for_a_server_that_loads() {
    let gateway = ScriptedTransport::new([]).with_head(502, "text/plain");
    let playlist = Playlist::new([loading(), gateway, loading(), answer(4, ms(10), ms(10))]);
    assert_eq!(waited(playlist, ms(60_000)).await, (ms(3_040), 3, None));
}

#[tokio::test(start_paused = true)]
async fn a_preflight_gives_up_on_a_server_that_is_never_ready() {
    assert_eq!(waited(loading(), ms(3_500)).await, (ms(3_000), 3, Some(FailureKind::Unavailable)));
    assert_eq!(waited(Unreachable, ms(500)).await, (ms(0), 0, Some(FailureKind::Connect)));
    let silent = ScriptedTransport::new([Step::Hang]);
    assert_eq!(waited(silent, ms(5_000)).await, (ms(5_000), 0, Some(FailureKind::Timeout)));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_refuses_is_ready() {
    for status in [400, 401, 429] {
        let refusal = ScriptedTransport::new([]).with_head(status, "text/plain");
        assert_eq!(waited(refusal, ms(60_000)).await, (ms(0), 0, None), "{status}");
    }
}
