//! `genai-bench workload make`: the requests of a benchmark, written to a file.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use genai_bench_core::experiment::{JournalEntry, JournalReader};
use genai_bench_core::plan::Plan;
use genai_bench_core::prompt::PromptBuilder;
use genai_bench_core::replay::{BLOCK, Skipped, TraceRow};
use genai_bench_core::request::Session;

use genai_bench_core::sampler::{ReplaySampler, Sampler};
use genai_bench_core::task::Task;
use genai_bench_core::units::Offset;
use genai_bench_core::workload::{
    self, Header, LockWriter, LockedContent, PREFLIGHTS, TokenizerId, WorkloadError,
};
use serde::{Deserialize, Serialize};

use super::dataset::DatasetId;
use super::inputs::{SamplerAndTokenizer, WorkloadInputs, text_endpoint};
use super::options::WorkloadOptions;
use super::recording::note_left_out;
use super::spec::{self, spec, with_defaults};
use super::{Overhead, open_tokenizer, overhead};
use crate::console::print_line;
use crate::failure::Failure;
use crate::load_options::LoadOptions;

/// Writes the requests of a benchmark to a file, without sending them.
#[derive(Debug, clap::Args)]
#[command(after_help = spec::default_scenarios())]
pub(crate) struct Options {
    /// File to write.
    #[arg(long, value_name = "FILE")]
    output: PathBuf,
    /// Name of the model in requests.
    #[arg(long, value_name = "NAME")]
    api_model_name: Option<String>,
    /// Write only the inputs of the sessions and their hash: a small file, which needs the same tokenizer and dataset to
    /// make the sessions again.
    #[arg(long)]
    recipe_only: bool,
    /// Journal of a run to replay: requests have the times and lengths of the journal, with other words.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["trace", "recipe_only", "traffic_scenario", "dataset_path", "dataset_config"])]
    from_journal: Option<PathBuf>,
    /// Number of threads, which does not change the result. Default: the number of processors.
    #[arg(long, value_name = "COUNT")]
    threads: Option<usize>,
    #[command(flatten, next_help_heading = "Workload")]
    workload: WorkloadOptions,
    #[command(flatten, next_help_heading = "Load")]
    load: LoadOptions,
}

/// The inputs of the sessions in a lock.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Recipe {
    /// The name of the model in requests.
    pub(crate) model: String,
    /// The options of the workload.
    pub(crate) options: WorkloadOptions,
    /// The dataset that was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) dataset: Option<DatasetId>,
}

impl Recipe {
    /// Parses the recipe in the header of a lock.
    pub(super) fn from_header(header: &Header) -> Result<Self, String> {
        let recipe = serde_json::Value::Object(header.recipe.clone());
        serde_json::from_value(recipe).map_err(|error| format!("its recipe cannot be read: {error}"))
    }
}

/// Returns the number of processors.
pub(super) fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Writes the lock and prints its size and hash.
pub(super) fn run(mut options: Options) -> Result<(), Failure> {
    let model = match (&options.api_model_name, &options.workload.model_mix) {
        (Some(model), _) => model.clone(),
        (None, Some(_)) => String::new(),
        (None, None) => {
            return Err(Failure::Usage(
                "--api-model-name is needed: the name of the model in requests".to_owned(),
            ));
        }
    };
    if overhead_of(&options.workload)? == Some(Overhead::Auto) {
        return Err(Failure::option(
            "prompt-overhead",
            "'auto' needs a server, and none is used here: give 'template' or a number",
        ));
    }
    if let Some(journal) = options.from_journal.clone() {
        options.workload.trace.trace = Some(journal);
    }
    with_defaults(&mut options.workload, &mut options.load);
    let plan = Plan::try_from(spec(&options.workload, &options.load))?;
    let (made, dataset) = match &options.from_journal {
        Some(journal) => (from_journal(journal, &model, &options.workload)?, None),
        None => {
            let inputs = WorkloadInputs::open(&options.workload, None)?;
            let overhead = inputs.overhead(&options.workload)?;
            let made = inputs.make(&model, &plan, &options.workload, overhead)?;
            (made, inputs.dataset_id())
        }
    };
    let limits = plan.limit.max_sessions().map(u64::from).into_iter().chain(made.sampler.sessions());
    let sessions_per_run = limits.min().ok_or_else(|| {
        Failure::option(
            "max-requests-per-run",
            "a workload file needs a number of requests, which a time limit does not set",
        )
    })?;
    let recipe = Recipe { model, options: options.workload.clone(), dataset };
    let header = header(&options, &plan, &made, (&recipe, sessions_per_run))?;
    write(&options, &plan, &made, &header)
}

fn header(
    options: &Options,
    plan: &Plan,
    made: &SamplerAndTokenizer,
    (recipe, sessions_per_run): (&Recipe, u64),
) -> Result<Header, Failure> {
    let recipe = serde_json::to_value(recipe).map_err(|error| Failure::System(error.to_string()))?;
    Ok(Header {
        version: Header::VERSION,
        made_by: concat!("genai-bench ", env!("CARGO_PKG_VERSION")).to_owned(),
        content: if options.recipe_only { LockedContent::Recipe } else { LockedContent::Sessions },
        spec: plan.spec.clone(),
        sessions_per_run,
        tokenizer: TokenizerId {
            name: made.tokenizer.name().to_owned(),
            fingerprint: made.tokenizer.fingerprint(),
        },
        recipe: recipe.as_object().cloned().unwrap_or_default(),
    })
}

/// Converts an error of the lock into a failure of `--output`.
fn failed_output(error: WorkloadError) -> Failure {
    Failure::option("output", error)
}

fn write(options: &Options, plan: &Plan, made: &SamplerAndTokenizer, header: &Header) -> Result<(), Failure> {
    let mut lock = LockWriter::create(&options.output, header).map_err(failed_output)?;
    let threads = options.threads.unwrap_or_else(threads);
    every_session(plan, &*made.sampler, header.sessions_per_run, threads, |group, index, session| {
        lock.add(group, index, &session).map_err(failed_output)
    })?;
    let end = lock.end().map_err(failed_output)?;
    print_line!("{}: {} sessions, {}", options.output.display(), end.sessions, end.content_hash);
    Ok(())
}

/// Calls `on_session` with every session of the plan: those before the first run, then those of each run. Sessions that
/// several runs share are passed once.
pub(super) fn every_session(
    plan: &Plan,
    sampler: &dyn Sampler,
    sessions_per_run: u64,
    threads: usize,
    mut on_session: impl FnMut(u64, u64, Session) -> Result<(), Failure>,
) -> Result<(), Failure> {
    for number in 0..PREFLIGHTS {
        if let Some(session) = workload::preflight(plan, sampler, number)? {
            on_session(u64::MAX, number, session)?;
        }
    }
    let mut done = BTreeSet::new();
    for run in plan.runs() {
        if done.insert(run.content_group) {
            workload::draw(&run, plan.seed, sampler, sessions_per_run, threads, |index, session| {
                on_session(run.content_group, index, session)
            })?;
        }
    }
    Ok(())
}

/// Parses `--prompt-overhead`.
pub(super) fn overhead_of(options: &WorkloadOptions) -> Result<Option<Overhead>, Failure> {
    options.prompt_overhead.as_deref().map(str::parse).transpose()
}

/// Builds the sampler that replays a journal, with the times and lengths of its requests.
fn from_journal(
    journal: &Path,
    model: &str,
    options: &WorkloadOptions,
) -> Result<SamplerAndTokenizer, Failure> {
    let rows = journal_rows(journal)?;
    let opened = open_tokenizer(options.model_tokenizer.as_deref(), options.hub)?;
    let overhead = overhead::before_requests(overhead_of(options)?, options, &opened)?;
    let tokenizer = opened.tokenizer;
    let prompts = PromptBuilder::new(Arc::clone(&tokenizer))
        .map_err(|error| Failure::option("model-tokenizer", error))?;
    let sampler = ReplaySampler::new(model, prompts, rows, BLOCK, options.seed());
    let sampler = sampler.with_endpoint(text_endpoint(options)).with_overhead(overhead);
    Ok(SamplerAndTokenizer { sampler: Arc::new(sampler), tokenizer })
}

/// Converts an error of a journal into a failure of `--from-journal`.
fn failed_journal(error: genai_bench_core::error::Error) -> Failure {
    Failure::option("from-journal", error)
}

/// Reads the requests of a journal, in the order of their times. Requests with an unknown or zero length of input or output
/// are left out, as in other recordings.
fn journal_rows(journal: &Path) -> Result<Vec<TraceRow>, Failure> {
    let (mut rows, mut skipped) = (Vec::new(), Skipped::default());
    for entry in JournalReader::open(journal).map_err(failed_journal)? {
        let record = match entry.map_err(failed_journal)? {
            JournalEntry::Run(run) if run.task != Task::TextToText => {
                let problem = format!("it is of the task {}: only text-to-text can be replayed", run.task);
                return Err(Failure::option("from-journal", problem));
            }
            JournalEntry::Request(record) => record,
            _ => continue,
        };
        let input = record.input.or(record.usage.input).filter(|tokens| tokens.0 > 0);
        let output = record.max_output_tokens.or(record.usage.output).filter(|tokens| tokens.0 > 0);
        match (input, output) {
            (None, _) => skipped.no_input += 1,
            (_, None) => skipped.no_output += 1,
            (Some(input), Some(output)) => {
                let arrival = record.due.since(Offset::ZERO).unwrap_or_default();
                rows.push(TraceRow { arrival, input, output, ..TraceRow::default() });
            }
        }
    }
    if rows.is_empty() {
        return Err(Failure::option(
            "from-journal",
            "it has no request with known lengths of input and output",
        ));
    }
    note_left_out(skipped, rows.len());
    rows.sort_by_key(|it| it.arrival);
    Ok(rows)
}
