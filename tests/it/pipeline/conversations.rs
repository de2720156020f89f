//! Requests of dataset conversations.

use std::sync::Arc;

use genai_bench_backends::openai::{ChatApi, Dialect, OpenAi};
use genai_bench_core::conformance::ScriptedTransport;
use genai_bench_core::dataset::{Dataset, Mapping, Sample};
use genai_bench_core::media::PictureFormat;
use genai_bench_core::runner::Runner;
use genai_bench_core::sampler::{ConversationSettings, DatasetSampler, History, PictureSettings};
use genai_bench_core::target::Target;
use genai_bench_core::task::Task;
use genai_bench_core::tokenizer::Words;
use serde_json::{Value, json};

use super::run_with;
use crate::doubles::{Log, Playlist, Watched, ending, ms, one_word};

/// Returns a sampler of the rows of a file in JSON Lines.
fn sampler(rows: &str, history: History) -> Arc<DatasetSampler> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("rows.jsonl");
    std::fs::write(&path, rows).expect("a file");
    let dataset = Dataset::open(&[path], None, &Mapping::default(), Sample::default()).expect("a dataset");
    let format = PictureFormat::Png;
    let pictures = PictureSettings { format, allow_large: false, resized_rows: 1 };
    let conversations = ConversationSettings { history, think: ms(0), most_turns: u32::MAX };
    let sampler = DatasetSampler::new("m", Task::TextToText, Arc::new(dataset), Arc::new(Words), pictures, 1);
    Arc::new(sampler.with_conversations(conversations))
}

/// Sends one session of the rows of a file, and returns the bodies of its requests.
async fn bodies(rows: &str, history: History) -> Vec<Value> {
    let (transport, log): (_, Log) = Watched::new(Playlist::new(["first", "second", "third"].map(one_word)));
    let plan = genai_bench_core::plan::Plan::builder().scenario("dataset").concurrency([1]).sessions(1);
    run_with(sampler(rows, history), plan, transport).await;
    log.bodies()
}

#[tokio::test(start_paused = true)]
async fn questions_of_one_speaker_are_sent_in_turn() {
    for history in [History::Live, History::Recorded] {
        let sent = bodies(r#"{"question_id": 81, "turns": ["q1", "q2"]}"#, history).await;
        let first = json!([{"role": "user", "content": "q1"}]);
        let second = json!([{"role": "user", "content": "q1"}, {"role": "assistant", "content": "first"},
            {"role": "user", "content": "q2"}]);
        assert_eq!((&sent[0]["messages"], &sent[1]["messages"], sent.len()), (&first, &second, 2));
    }
}

const TOOLS: &str = r#"{"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": null, "tool_calls": [{"id": "x", "type": "function", "function": {"name": "f", "arguments": {"n": 1}}}]}, {"role": "tool", "tool_call_id": "x", "content": "1"}, {"role": "assistant", "content": "a"}, {"role": "user", "content": "p"}], "tools": [{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}]}"#;

#[tokio::test(start_paused = true)]
async fn tools_their_calls_and_results_are_sent_as_such() {
    let sent = bodies(TOOLS, History::Live).await;
    let call = json!({"id": "x", "type": "function", "function": {"name": "f", "arguments": "{\"n\":1}"}});
    let mut messages = vec![json!({"role": "user", "content": "q"})];
    assert_eq!(sent[0]["messages"], json!(messages));
    messages.push(json!({"role": "assistant", "content": null, "tool_calls": [call]}));
    messages.push(json!({"role": "tool", "tool_call_id": "x", "content": "1"}));
    assert_eq!(sent[1]["messages"], json!(messages));
    messages.push(json!({"role": "assistant", "content": "second"}));
    messages.push(json!({"role": "user", "content": "p"}));
    assert_eq!((&sent[2]["messages"], sent.len()), (&json!(messages), 3));
    let tools = json!([{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}]);
    assert!(sent.iter().all(|body| body["tools"] == tools && body.get("tool_choice").is_none()));
}

#[tokio::test(start_paused = true)]
async fn a_backend_that_cannot_send_tools_is_sent_none() {
    let mut dialect = Dialect::openai();
    dialect.chat_api = ChatApi::Responses;
    let backend = OpenAi::new("http://localhost:8000".parse().expect("a base URL"), dialect);
    let (transport, log) = Watched::new(Playlist::new([ScriptedTransport::new(ending(10, 1))]));
    let target = Target::new(Arc::new(backend), Arc::new(transport));
    let plan = genai_bench_core::plan::Plan::builder().scenario("dataset").concurrency([1]).sessions(1);
    let runner = Runner::new(target, sampler(TOOLS, History::Live));
    let report = runner.run(&plan.build().expect("a plan")).await.expect("a run").runs.remove(0);
    assert_eq!((log.bodies().len(), report.metrics.completed), (0, 0));
    let failure = report.metrics.requests[0].failure().cloned().expect("a failure");
    assert_eq!(failure.message, "openai cannot express definitions, calls or results of tools");
}
