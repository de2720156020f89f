//! Experiment folders, and their rebuilding from journals.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use genai_bench_backends::auth::{ApiKey, Secret};
use genai_bench_core::conformance::{ScriptedTransport, Step};
use genai_bench_core::error::Error;
use genai_bench_core::experiment::{Folder, JournalEntry, JournalReader, Metadata, RunFile, rebuild};
use genai_bench_core::plan::Plan;
use genai_bench_core::report::Experiment;
use genai_bench_core::runner::Runner;
use genai_bench_core::target::Target;
use genai_bench_core::tokenizer::{Tokenizer, Words};
use genai_bench_core::transport::Transport;
use genai_bench_core::units::Tokens;
use serde_json::json;

use crate::doubles::{Playlist, Unreachable, answer, backend, ms, sampler, text};

const KEY: &str = "sk-never-to-be-seen";

pub(crate) fn metadata() -> Metadata {
    let metadata = json!({
        "cmd": "a test", "benchmark_version": "0", "api_backend": "openai", "api_model_name": "m", "model": "m",
        "task": "text-to-text", "num_concurrency": [1, 3], "max_time_per_run_s": 0, "max_requests_per_run": 20,
        "experiment_folder_name": "here",
    });
    serde_json::from_value(metadata).expect("what the Python tool writes is enough")
}

fn plan() -> Plan {
    let plan = Plan::builder().scenario("D(10,4)").scenario("N(40,10)/(20,5)").concurrency([1, 3]);
    plan.requests(20).trim(0.1, 0.1).timeouts(None, Some(ms(100))).build().expect("a plan that makes sense")
}

/// Returns answers of all kinds: counted, not counted, in one piece, refused, broken, stalled.
fn mixed() -> Playlist {
    let uncounted = ScriptedTransport::new([
        Step::Wait(ms(7)),
        text("two words"),
        Step::Bytes("data: [DONE]\n\n".into()),
    ]);
    let refusal = ScriptedTransport::new([Step::Bytes("no".into())])
        .with_head(429, "text/plain")
        .with_header("retry-after", "0.3");
    let broken = ScriptedTransport::new([Step::Wait(ms(3)), text("a"), Step::Break]);
    let silent = ScriptedTransport::new([text("a"), Step::Hang]);
    let counted = |number: u64| answer(4, ms(20 + number), ms(7 + number));
    Playlist::new([
        counted(0),
        uncounted,
        counted(1),
        refusal,
        counted(2),
        broken,
        counted(3),
        silent,
        counted(4),
    ])
}

fn words() -> Arc<dyn Tokenizer> {
    Arc::new(Words)
}

async fn benchmark(path: &Path, transport: impl Transport) -> Experiment {
    benchmark_plan(path, &plan(), transport).await
}

async fn benchmark_plan(path: &Path, plan: &Plan, transport: impl Transport) -> Experiment {
    let folder = Folder::create(path, &metadata()).expect("a folder that can be written");
    let key = ApiKey::bearer(&Secret::from(KEY)).expect("a plain key is a header");
    let target = Target::new(backend(), Arc::new(transport)).with_auth(Arc::new(key));
    let runner = Runner::new(target, sampler()).with_tokenizer(words()).with_folder(folder);
    runner.run(plan).await.expect("a run that can happen")
}

/// Returns every file below `path` by its relative name.
fn files(path: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![path.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a readable folder") {
            let file = entry.expect("a readable entry").path();
            if file.is_dir() {
                folders.push(file);
            } else {
                let name = file.strip_prefix(path).expect("it is below the path").to_owned();
                found.insert(name, fs::read(&file).expect("a readable file"));
            }
        }
    }
    found
}

fn results(path: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let is_result = |file: &Path| file.to_str().is_some_and(|it| it.contains("_time_"));
    files(path).into_iter().filter(|(file, _)| is_result(file)).collect()
}

pub(crate) fn journal(path: &Path) -> Vec<JournalEntry> {
    let entries = JournalReader::open(path).expect("a readable journal");
    entries.collect::<Result<_, _>>().expect("lines of a journal")
}

#[tokio::test(start_paused = true)]
async fn a_folder_has_metadata_results_and_journals() {
    let temp = tempfile::tempdir().unwrap();
    let experiment = benchmark(temp.path(), mixed()).await;
    let (folder, read) = Folder::open(temp.path()).unwrap();
    assert_eq!(read, metadata());
    let expected: Vec<&Path> = experiment.runs.iter().map(|it| it.file.as_deref().unwrap()).collect();
    let mut written: Vec<PathBuf> = folder.run_files().unwrap().into_iter().map(|it| it.0).collect();
    assert_eq!(written.len(), 4);
    written.sort_by_key(|it| expected.iter().position(|file| file == it));
    assert_eq!(written, expected);
    for (report, path) in experiment.runs.iter().zip(folder.journals().unwrap()) {
        let entries = journal(&path);
        let [JournalEntry::Run(header), requests @ .., JournalEntry::End(end)] = &entries[..] else {
            panic!("{} has no beginning or no end", path.display());
        };
        assert_eq!((header.number, header.level), (report.run.number, report.run.level));
        assert_eq!((end.elapsed, end.interrupted), (report.elapsed, false));
        let index = |it: &JournalEntry| match it {
            JournalEntry::Request(trace) => trace.index,
            other => panic!("{other:?} in the middle"),
        };
        let mut indices: Vec<u64> = requests.iter().map(index).collect();
        indices.sort_unstable();
        assert_eq!(indices, (0..20).collect::<Vec<_>>(), "each request is there, once");
    }
}

#[tokio::test(start_paused = true)]
async fn a_journal_has_the_facts_of_its_run() {
    let temp = tempfile::tempdir().unwrap();
    let folder = Folder::create(temp.path(), &metadata()).unwrap();
    let mut plan = plan();
    plan.same_prompts = true;
    let target = Target::new(backend(), Arc::new(answer(4, ms(20), ms(10))));
    let runner = Runner::new(target, sampler()).with_template(Some(Tokens(7))).with_folder(folder.clone());
    runner.run(&plan).await.unwrap();
    let facts = |path: &PathBuf| match journal(path).swap_remove(0) {
        JournalEntry::Run(header) => (header.facts.template, header.facts.repeats_prompts),
        other => panic!("{other:?} at the beginning"),
    };
    let found: Vec<_> = folder.journals().unwrap().iter().map(facts).collect();
    // Two scenarios at two levels each: the second level of each sends the prompts of the first.
    assert_eq!(found, [false, true, false, true].map(|repeats| (Some(Tokens(7)), repeats)));
}

#[tokio::test(start_paused = true)]
async fn a_result_file_has_the_numbers_of_the_report() {
    let temp = tempfile::tempdir().unwrap();
    let experiment = benchmark(temp.path(), mixed()).await;
    for report in &experiment.runs {
        let text = fs::read(report.file.as_ref().unwrap()).unwrap();
        let file: RunFile = serde_json::from_slice(&text).unwrap();
        let (result, metrics) = (&file.aggregated_metrics, &report.metrics);
        assert_eq!(result.num_completed_requests, metrics.completed);
        assert_eq!(result.num_error_requests, metrics.failed);
        assert_eq!(result.error_codes_frequency, metrics.error_codes);
        assert_eq!(result.mean_output_throughput_tokens_per_s, metrics.output_tokens_per_s);
        assert_eq!(file.individual_request_metrics.len(), metrics.requests.len());
        assert!(metrics.completed > 5 && metrics.failed > 5, "both are tried");
    }
}

#[tokio::test(start_paused = true)]
async fn rebuilt_results_are_identical() {
    let temp = tempfile::tempdir().unwrap();
    benchmark(temp.path(), mixed()).await;
    let before = results(temp.path());
    assert_eq!(before.len(), 4);
    for file in before.keys() {
        fs::remove_file(temp.path().join(file)).unwrap();
    }
    let (folder, _) = Folder::open(temp.path()).unwrap();
    let made = rebuild(&folder, Some(&words())).unwrap();
    assert_eq!(made.len(), 4);
    assert_eq!(results(temp.path()), before);
}

#[tokio::test(start_paused = true)]
async fn a_truncated_journal_gives_its_finished_requests() {
    let temp = tempfile::tempdir().unwrap();
    benchmark(temp.path(), answer(4, ms(20), ms(10))).await;
    let (folder, _) = Folder::open(temp.path()).unwrap();
    let path = folder.journals().unwrap().swap_remove(0);
    let whole = fs::read(&path).unwrap();
    for file in results(temp.path()).keys() {
        fs::remove_file(temp.path().join(file)).unwrap();
    }
    // As if killed in the middle of the ninth request's line: header and eight requests are whole.
    let lines: Vec<&[u8]> = whole.split_inclusive(|it| *it == b'\n').collect();
    let cut = lines[..9].iter().map(|it| it.len()).sum::<usize>() + lines[9].len() / 2;
    fs::write(&path, &whole[..cut]).unwrap();
    let made = rebuild(&folder, None).unwrap();
    let file: RunFile = serde_json::from_slice(&fs::read(&made[0]).unwrap()).unwrap();
    assert_eq!(file.aggregated_metrics.num_completed_requests, 8);
    assert_eq!(file.individual_request_metrics.len(), 8);
    // 50 ms each, one after the other; a tenth at each end is less than one request.
    assert_eq!(file.aggregated_metrics.run_duration, 0.4);
    assert_eq!(file.aggregated_metrics.requests_per_second, Some(20.0));
}

#[tokio::test(start_paused = true)]
async fn an_empty_journal_does_not_prevent_the_rebuild_of_others() {
    let temp = tempfile::tempdir().unwrap();
    benchmark(temp.path(), answer(4, ms(20), ms(10))).await;
    let before = results(temp.path());
    let (folder, _) = Folder::open(temp.path()).unwrap();
    // As if killed when the next run had just begun.
    for (name, held) in [("journal_000_first.jsonl", ""), ("journal_009_last.jsonl", "{\"run\":{\"jour")] {
        fs::write(temp.path().join(name), held).unwrap();
    }
    assert_eq!(rebuild(&folder, None).unwrap().len(), 4);
    assert_eq!(results(temp.path()), before);
}

#[tokio::test(start_paused = true)]
async fn a_malformed_journal_is_an_error_with_its_path() {
    let temp = tempfile::tempdir().unwrap();
    let folder = Folder::create(temp.path(), &metadata()).unwrap();
    fs::write(temp.path().join("journal_000_x.jsonl"), "{\"end\":{}}\n").unwrap();
    let message = rebuild(&folder, None).unwrap_err().to_string();
    assert!(message.contains("journal_000_x.jsonl"), "{message}");
}

#[tokio::test(start_paused = true)]
async fn results_are_never_overwritten() {
    let temp = tempfile::tempdir().unwrap();
    benchmark(temp.path(), answer(1, ms(1), ms(0))).await;
    let before = files(temp.path());
    let error = Folder::create(temp.path(), &metadata()).unwrap_err();
    assert!(error.to_string().contains("holds an experiment already"), "{error}");
    assert_eq!(files(temp.path()), before);
}

#[test]
fn a_folder_that_cannot_be_written_is_an_error_with_its_path() {
    let temp = tempfile::tempdir().unwrap();
    let file = temp.path().join("a_file");
    fs::write(&file, "").unwrap();
    let error = Folder::create(&file.join("inside"), &metadata()).unwrap_err();
    assert!(matches!(error, Error::Folder { action: "create", .. }), "{error:?}");
    assert!(error.to_string().contains("a_file/inside"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_run_without_an_answer_has_a_result() {
    let temp = tempfile::tempdir().unwrap();
    let mut plan = plan();
    plan.keep_going = true;
    benchmark_plan(temp.path(), &plan, Unreachable).await;
    let (folder, _) = Folder::open(temp.path()).unwrap();
    let rates: Vec<Option<f64>> =
        folder.run_files().unwrap().into_iter().map(|it| it.1.aggregated_metrics.error_rate).collect();
    assert_eq!(rates, [Some(1.0); 4]);
}

#[tokio::test(start_paused = true)]
async fn no_file_holds_the_key() {
    let temp = tempfile::tempdir().unwrap();
    benchmark(temp.path(), mixed()).await;
    let files = files(temp.path());
    assert_eq!(files.len(), 1 + 4 + 4);
    for (file, held) in files {
        let shown = String::from_utf8_lossy(&held);
        assert!(!shown.contains(KEY), "{} holds the key", file.display());
    }
}
