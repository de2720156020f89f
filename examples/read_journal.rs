//! The journal of an experiment: this program writes an experiment folder, then reads each request from its journal.
//!
//! The journal is written as requests finish, so it can be read while a benchmark runs, and after it was killed.
//!
//! `cargo run --example read_journal`

use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use genai_bench_backends::openai::{Dialect, OpenAi};
use genai_bench_core::conformance::{ScriptedTransport, Step};
use genai_bench_core::experiment::{Folder, JournalEntry, JournalReader, Metadata};
use genai_bench_core::plan::Plan;
use genai_bench_core::record::RequestRecord;
use genai_bench_core::runner::Runner;
use genai_bench_core::sampler::TextSampler;
use genai_bench_core::target::Target;
use genai_bench_core::tokenizer::Words;
use serde_json::json;

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() -> Result<(), Box<dyn Error>> {
    let temporary = tempfile::tempdir()?;
    write(temporary.path()).await?;
    let (folder, metadata) = Folder::open(temporary.path())?;
    println!("{} by {}", metadata.model, metadata.api_backend);
    for journal in folder.journals()? {
        for entry in JournalReader::open(&journal)? {
            match entry? {
                JournalEntry::Run(run) => println!("run {}: {} at {}", run.number, run.scenario, run.level),
                JournalEntry::Request(record) => println!("  {}", describe(&record)),
                JournalEntry::End(end) => println!("  ended after {:?}", end.elapsed),
                _ => {}
            }
        }
    }
    Ok(())
}

fn describe(record: &RequestRecord) -> String {
    let ttft = record.first_output().and_then(|at| at.since(record.sent)).unwrap_or_default();
    match &record.failure {
        Some(failure) => format!("request {} failed: {failure}", record.index),
        None => format!(
            "request {} sent at {:?}: first output after {ttft:?}, {} pieces, {} bytes",
            record.index,
            record.sent,
            record.arrivals.iter().map(|arrival| arrival.pieces).sum::<u32>(),
            record.body_bytes,
        ),
    }
}

/// Runs a small benchmark that writes an experiment folder.
async fn write(path: &Path) -> Result<(), Box<dyn Error>> {
    let metadata: Metadata = serde_json::from_value(json!({
        "cmd": "cargo run --example read_journal", "benchmark_version": env!("CARGO_PKG_VERSION"),
        "api_backend": "openai", "api_model_name": "my-model", "model": "my-model", "task": "text-to-text",
        "num_concurrency": [1, 2], "max_time_per_run_s": 0, "max_requests_per_run": 3,
        "experiment_folder_name": path.display().to_string(),
    }))?;
    let wait = Step::Wait(Duration::from_millis(15));
    let server = ScriptedTransport::new([
        wait.clone(),
        content("To"),
        wait.clone(),
        content("be"),
        Step::Bytes("data: [DONE]\n\n".into()),
    ]);
    let backend = OpenAi::new("http://localhost:8000".parse()?, Dialect::openai());
    let target = Target::new(backend, server);
    let sampler = Arc::new(TextSampler::new("my-model", Arc::new(Words))?);
    let plan = Plan::builder().scenario("D(100,2)").concurrency([1, 2]).requests(3).build()?;
    let runner = Runner::new(target, sampler).with_tokenizer(Arc::new(Words));
    runner.with_folder(Folder::create(path, &metadata)?).run(&plan).await?;
    Ok(())
}

/// Returns the bytes of an event with a word of text.
fn content(word: &str) -> Step {
    Step::Bytes(format!("data: {{\"choices\":[{{\"delta\":{{\"content\":\"{word} \"}}}}]}}\n\n").into())
}
