//! Servers that repeat the credential of a request: it is in no recorded text.

use std::path::Path;
use std::sync::Arc;

use genai_bench_backends::auth::{ApiKey, Secret};
use genai_bench_core::conformance::{ScriptedTransport, Step};
use genai_bench_core::experiment::{Folder, JournalEntry};
use genai_bench_core::plan::PlanBuilder;
use genai_bench_core::runner::Runner;
use genai_bench_core::sampler::{History, MultiTurnSampler, Sampler, Turns};

use genai_bench_core::prompt::PromptBuilder;
use genai_bench_core::record::OutputText;
use genai_bench_core::target::Target;
use genai_bench_core::tokenizer::Words;
use genai_bench_core::transport::Transport;

use super::plan;
use crate::doubles::{Watched, backend, ms, reasoning, sampler, text};
use crate::folder::{journal, metadata};

const KEY: &str = "sk-0123456789";

/// Runs a plan with a key against a server, and returns the texts of the answers in the journal.
async fn recorded_text(
    folder: &Path,
    plan: PlanBuilder,
    sampler: Arc<dyn Sampler>,
    server: impl Transport,
) -> Vec<OutputText> {
    let key = ApiKey::bearer(&Secret::from(KEY)).expect("a plain key is a header");
    let target = Target::new(backend(), Arc::new(server)).with_auth(Arc::new(key));
    let writing = Folder::create(folder, &metadata()).expect("a folder that can be written");
    let runner = Runner::new(target, sampler).with_folder(writing);
    runner.run(&plan.build().expect("a plan that makes sense")).await.expect("a run that can happen");
    let path = Folder::open(folder).expect("an experiment").0.journals().expect("journals").remove(0);
    let written = std::fs::read_to_string(&path).expect("a readable journal");
    assert!(!written.contains(KEY), "{written}");
    let entries = journal(&path).into_iter();
    entries
        .filter_map(|entry| match entry {
            JournalEntry::Request(trace) => Some(trace.output_text),
            _ => None,
        })
        .collect()
}

/// Returns an answer that repeats the key and is not counted, so that its text is recorded.
fn echo(last: impl IntoIterator<Item = Step>) -> ScriptedTransport {
    let pieces = [reasoning("it was sk-01234"), reasoning("56789"), text("your key is sk-0123456789")];
    ScriptedTransport::new(pieces.into_iter().chain(last))
}

fn hidden() -> OutputText {
    OutputText { answer: "your key is ***".to_owned(), reasoning: "it was ***".to_owned() }
}

#[tokio::test(start_paused = true)]
async fn a_recorded_answer_has_stars_for_the_credential() {
    let folder = tempfile::tempdir().unwrap();
    let server = echo([Step::Bytes("data: [DONE]\n\n".into())]);
    let recorded = recorded_text(folder.path(), plan().concurrency([1]).requests(2), sampler(), server).await;
    assert_eq!((recorded.len(), &recorded[0]), (2, &hidden()));
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_answer_has_stars_for_the_credential() {
    let folder = tempfile::tempdir().unwrap();
    let plan = plan().concurrency([1]).time(ms(100)).drain(ms(50));
    let recorded = recorded_text(folder.path(), plan, sampler(), echo([Step::Hang])).await;
    assert_eq!(recorded, [hidden()]);
}

#[tokio::test(start_paused = true)]
async fn a_later_turn_repeats_no_credential() {
    let folder = tempfile::tempdir().unwrap();
    let turns = Turns { count: 2..=2, think: ms(0), history: History::Live };
    let prompts = PromptBuilder::new(Arc::new(Words)).expect("the built-in tokenizer has words");
    let sampler = Arc::new(MultiTurnSampler::new("m", prompts, turns).expect("turns that make sense"));
    let (server, log) = Watched::new(echo([Step::Bytes("data: [DONE]\n\n".into())]));
    recorded_text(folder.path(), plan().concurrency([1]).sessions(1), sampler, server).await;
    let bodies = log.bodies();
    assert_eq!((bodies.len(), &bodies[1]["messages"][1]["content"]), (2, &"your key is ***".into()));
}
