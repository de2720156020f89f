//! Cases from public bug reports with a real backend: responses of servers, gateways and proxies that must not be
//! misread.

use std::collections::BTreeMap;
use std::time::Duration;

use genai_bench_core::conformance::{ScriptedTransport, Step};
use genai_bench_core::failure::FailureKind;
use genai_bench_core::metrics::{Metric, RunMetrics, TokenSource, VerdictLevel};
use genai_bench_core::units::Tokens;
use serde_json::{Value, json};

use super::{plan, run_once};
use crate::doubles::{Playlist, answer, event, ms, text};

const WORDS: u64 = 8;

fn done() -> Step {
    Step::Bytes("data: [DONE]\n\n".into())
}

fn role() -> Step {
    event(&json!({"choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}}]}))
}

fn stop() -> Step {
    event(&json!({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}))
}

fn usage(prompt: u64, completion: u64, details: &Value) -> Step {
    event(&json!({"choices": [], "usage": {"prompt_tokens": prompt, "completion_tokens": completion,
        "total_tokens": prompt + completion, "completion_tokens_details": details}}))
}

/// Returns a stream of eight words, the first after `first`, each further one `gap` later, and these counts.
fn words(first: Duration, gap: Duration, counts: Step) -> ScriptedTransport {
    let waits = std::iter::once(first).chain(std::iter::repeat(gap)).take(WORDS as usize);
    let pieces = waits.flat_map(|wait| [Step::Wait(wait), text("word ")]);
    ScriptedTransport::new([role()].into_iter().chain(pieces).chain([stop(), counts, done()]))
}

fn level(metrics: &RunMetrics, check: &str) -> Option<VerdictLevel> {
    metrics.verdict.checks.iter().find(|it| it.name == check).map(|it| it.level)
}

#[tokio::test(start_paused = true)]
async fn a_good_status_without_a_single_token_is_no_answer() {
    let object = event(&json!({"object": "error", "message": "engine is dead", "code": 500}));
    let other = event(&json!({"text": "NETWORK ERROR", "error_code": 50002}));
    let broken = [vec![done()], vec![role(), done()], vec![object, done()], vec![other, done()]];
    let scripts =
        broken.into_iter().flat_map(|steps| [answer(4, ms(20), ms(5)), ScriptedTransport::new(steps)]);
    let metrics = run_once(plan().concurrency([1]).requests(8), Playlist::new(scripts)).await.metrics;
    assert_eq!((metrics.completed, metrics.failed), (4, 4));
    let kinds = BTreeMap::from([(FailureKind::InBand, 2), (FailureKind::EmptyAnswer, 2)]);
    assert_eq!(metrics.failures, kinds);
    let messages: Vec<&str> =
        metrics.requests.iter().filter_map(|it| it.failure()).map(|it| &*it.message).collect();
    assert!(messages[0].contains("[DONE]") && messages[2].contains("engine is dead"), "{messages:?}");
}

#[tokio::test(start_paused = true)]
async fn a_gateway_that_buffers_leaves_no_ttft() {
    let pieces: Vec<Step> = [role()]
        .into_iter()
        .chain((0..WORDS).map(|_| text("word ")))
        .chain([stop(), usage(10, WORDS, &json!(null)), done()])
        .collect();
    let bytes: Vec<u8> = pieces
        .iter()
        .filter_map(|step| if let Step::Bytes(bytes) = step { Some(bytes.to_vec()) } else { None })
        .flatten()
        .collect();
    let script = ScriptedTransport::new([Step::Wait(ms(200)), Step::Bytes(bytes.into())]);
    let metrics = run_once(plan().concurrency([1]).requests(40), script).await.metrics;
    assert_eq!((metrics.completed, metrics.distribution(Metric::Ttft)), (40, None));
    assert_eq!(level(&metrics, "bundling"), Some(VerdictLevel::Degraded));
    assert_eq!(metrics.bundling.map(|it| (it.answers, it.answer_share)), Some((40, 1.0)));
}

#[tokio::test(start_paused = true)]
async fn hidden_reasoning_makes_no_model_look_fast() {
    let counts = usage(10, 208, &json!({"reasoning_tokens": 200}));
    let metrics = run_once(plan().concurrency([1]).requests(5), words(ms(400), ms(25), counts)).await.metrics;
    let request = &metrics.requests[0];
    assert_eq!((request.tpot(), request.ttft()), (Some(ms(25)), Some(ms(400))));
    assert_eq!(request.output_tokens_per_s(), Some(40.0));
    assert_eq!((request.tokens().output, request.tokens().hidden), (Some(Tokens(208)), Some(Tokens(200))));
    assert_eq!(level(&metrics, "hidden_reasoning"), Some(VerdictLevel::Degraded));
    assert_eq!(metrics.finish_reasons, BTreeMap::from([("stop".to_owned(), 5)]));
}

#[tokio::test(start_paused = true)]
async fn a_prompt_count_of_zero_is_no_count() {
    let counts = usage(0, WORDS, &json!(null));
    let metrics = run_once(plan().concurrency([1]).requests(5), words(ms(20), ms(20), counts)).await.metrics;
    let tokens = metrics.requests[0].tokens();
    assert_eq!((tokens.input, tokens.input_source), (Some(Tokens(10)), TokenSource::Tokenizer));
    assert!(metrics.input_tokens_per_s.is_some_and(|rate| rate > 0.0));
    assert_eq!(tokens.reasoning, None, "there is no count of reasoning");
}

#[tokio::test(start_paused = true)]
async fn an_abort_under_a_good_status_is_a_failure() {
    let abort = event(&json!({"choices": [{"index": 0, "delta": {}, "finish_reason": "abort"}]}));
    let script = ScriptedTransport::new([Step::Wait(ms(10)), text("half "), abort, done()]);
    let metrics = run_once(plan().concurrency([1]).requests(2), script).await.metrics;
    assert_eq!(metrics.failures, BTreeMap::from([(FailureKind::Aborted, 2)]));
}
