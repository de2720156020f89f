//! Latency metrics of single requests.

use std::sync::Arc;
use std::time::Duration;

use genai_bench_core::conformance::{ScriptedTransport, Step};
use genai_bench_core::metrics::{RequestMetrics, TokenSource};
use genai_bench_core::plan::Plan;
use genai_bench_core::sampler::ImageGenerationSampler;

use genai_bench_core::prompt::PromptBuilder;
use genai_bench_core::task::Task;
use genai_bench_core::tokenizer::Words;
use genai_bench_core::units::Tokens;
use serde_json::json;

use super::{plan, run_once, run_with};
use crate::doubles::{answer, ending, event, ms, reasoning, text};

async fn measured(script: ScriptedTransport) -> RequestMetrics {
    let report = run_once(plan().concurrency([1]).requests(1), script).await;
    let [request] = <[_; 1]>::try_from(report.metrics.requests).expect("one request");
    assert_eq!(request.failure(), None);
    request
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_timed_from_its_sending_to_its_finish_reason() {
    let mut steps = vec![
        Step::Wait(ms(20)),
        event(&json!({"choices": [{"delta": {"role": "assistant", "content": ""}}]})),
    ];
    steps.extend([Step::Wait(ms(30)), text("a"), Step::Wait(ms(10)), text("b")]);
    steps.extend([Step::Wait(ms(15)), text("c"), Step::Wait(ms(5)), text("d")]);
    let [reason, usage, done] = ending(12, 4);
    steps.extend([Step::Wait(ms(6)), reason, Step::Wait(ms(500)), usage, done]);
    let request = measured(ScriptedTransport::new(steps)).await;
    assert_eq!(request.time_to_headers(), Some(Duration::ZERO));
    assert_eq!(request.ttft(), Some(ms(50)), "the role is no token");
    assert_eq!(request.e2e_latency(), Some(ms(86)), "the counts end nothing");
    assert_eq!(request.output_latency(), Some(ms(36)));
    assert_eq!(request.tpot(), Some(ms(12)), "the token that ends the answer has no text");
    assert_eq!(request.output_tokens_per_s(), Some(3.0 / 0.036));
    assert_eq!(request.input_tokens_per_s(), Some(12.0 / 0.05));
    assert_eq!(request.send_lag(), Duration::ZERO);
    assert_eq!((request.tokens().input, request.tokens().output), (Some(Tokens(12)), Some(Tokens(4))));
}

#[tokio::test(start_paused = true)]
async fn the_head_of_a_response_is_timed_by_itself() {
    let request = measured(answer(2, ms(30), ms(10)).headed_after(ms(25))).await;
    assert_eq!(request.time_to_headers(), Some(ms(25)));
    assert_eq!((request.ttft(), request.e2e_latency()), (Some(ms(55)), Some(ms(65))));
}

#[tokio::test(start_paused = true)]
async fn reasoning_is_output_but_no_answer() {
    let mut steps = vec![Step::Wait(ms(10)), reasoning("hm"), Step::Wait(ms(30)), text("yes")];
    steps.extend(ending(10, 2));
    let request = measured(ScriptedTransport::new(steps)).await;
    assert_eq!((request.ttft(), request.time_to_first_answer()), (Some(ms(10)), Some(ms(40))));
    assert_eq!(request.tpot(), Some(ms(30)));
}

#[tokio::test(start_paused = true)]
async fn an_event_arrives_with_its_last_byte() {
    let Step::Bytes(bytes) = text("word") else { unreachable!("a text is bytes") };
    let cut = bytes.len() - 5;
    let mut steps = vec![Step::Wait(ms(10)), Step::Bytes(bytes.slice(..cut))];
    steps.extend([Step::Wait(ms(10)), Step::Bytes(bytes.slice(cut..))]);
    steps.extend(ending(10, 1));
    let request = measured(ScriptedTransport::new(steps)).await;
    assert_eq!((request.ttft(), request.e2e_latency()), (Some(ms(20)), Some(ms(20))));
}

#[tokio::test(start_paused = true)]
async fn tokens_in_one_chunk_share_a_time() {
    let pieces = [text("a"), text("b"), text("c")].map(|it| match it {
        Step::Bytes(bytes) => bytes,
        _ => unreachable!("a text is bytes"),
    });
    let mut steps = vec![Step::Wait(ms(10)), Step::Bytes(pieces.concat().into())];
    steps.extend(ending(10, 3));
    let request = measured(ScriptedTransport::new(steps)).await;
    assert_eq!((request.ttft(), request.output_latency()), (Some(ms(10)), Some(Duration::ZERO)));
    assert_eq!((request.tpot(), request.output_tokens_per_s()), (None, None));
}

#[tokio::test(start_paused = true)]
async fn an_answer_in_one_piece_has_no_first_token() {
    let body = json!({"choices": [{"message": {"content": "two words"}, "finish_reason": "stop"}]});
    let steps = [Step::Wait(ms(25)), Step::Bytes(body.to_string().into())];
    let request = measured(ScriptedTransport::new(steps).with_head(200, "application/json")).await;
    assert_eq!((request.ttft(), request.time_to_first_answer(), request.tpot()), (None, None, None));
    assert_eq!(request.e2e_latency(), Some(ms(25)));
}

#[tokio::test(start_paused = true)]
async fn uncounted_output_is_tokenized_after_the_run() {
    let steps = [text("two words"), Step::Bytes("data: [DONE]\n\n".into())];
    let counted = super::runner(ScriptedTransport::new(steps))
        .with_tokenizer(std::sync::Arc::new(genai_bench_core::tokenizer::Words));
    let plan = plan().concurrency([1]).requests(1).build().unwrap();
    let report = counted.run(&plan).await.unwrap().runs.remove(0);
    let tokens = report.metrics.requests[0].tokens();
    assert_eq!((tokens.output, tokens.output_source), (Some(Tokens(2)), TokenSource::Tokenizer));
    assert_eq!((tokens.input, tokens.input_source), (Some(Tokens(10)), TokenSource::Tokenizer));
}

#[tokio::test(start_paused = true)]
async fn server_times_are_reported_beside_measured_times() {
    let mut steps = vec![Step::Wait(ms(50)), text("a")];
    steps
        .extend([event(&json!({"choices": [], "metrics": {"time_to_first_token_ms": 41.5}, "usage": null}))]);
    steps.extend(ending(10, 1));
    let request = measured(ScriptedTransport::new(steps)).await;
    assert_eq!(
        (request.ttft(), request.server_time().first_token),
        (Some(ms(50)), Some(Duration::from_micros(41_500)))
    );
    assert_eq!(request.server_time().total, None);
    // By that name another server means something else.
    let mut steps = vec![text("a"), event(&json!({"choices": [], "metrics": "none", "usage": null}))];
    steps.extend(ending(10, 1));
    assert_eq!(measured(ScriptedTransport::new(steps)).await.server_time().first_token, None);
}

#[tokio::test(start_paused = true)]
async fn a_preview_of_an_image_is_output_but_no_item() {
    let draft = json!({"type": "image_generation.partial_image", "b64_json": "QUJD"});
    let picture = json!({"type": "image_generation.completed", "b64_json": "REVG",
        "usage": {"input_tokens": 10, "output_tokens": 40, "total_tokens": 50}});
    let script =
        ScriptedTransport::new([Step::Wait(ms(30)), event(&draft), Step::Wait(ms(70)), event(&picture)]);
    let plan = Plan::builder().task(Task::TextToImage).scenario("I(64,64)").concurrency([1]).requests(1);
    let prompts = PromptBuilder::new(Arc::new(Words)).expect("the built-in tokenizer has words");
    let report = run_with(Arc::new(ImageGenerationSampler::new("m", prompts)), plan, script).await;
    let request = &report.runs[0].metrics.requests[0];
    assert_eq!(
        (request.ttft(), request.e2e_latency(), request.items()),
        (Some(ms(30)), Some(ms(100)), Some(1))
    );
}

#[tokio::test(start_paused = true)]
async fn an_answer_of_the_end_token_alone_has_no_first_token() {
    let reason = event(&json!({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}));
    let usage = event(&json!({"choices": [], "usage": {"prompt_tokens": 10, "completion_tokens": 1}}));
    let request =
        measured(ScriptedTransport::new([Step::Wait(ms(30)), reason, Step::Wait(ms(90)), usage])).await;
    assert_eq!((request.ttft(), request.tpot(), request.e2e_latency()), (None, None, Some(ms(30))));
    assert_eq!(request.tokens().output, Some(Tokens(1)));
}
