//! `genai-bench workload show` and `verify`.

use std::path::PathBuf;

use genai_bench_core::plan::Plan;
use genai_bench_core::request::{Input, Session};
use genai_bench_core::sampler::Sampler;
use genai_bench_core::workload::{
    LengthHistogram, LockReader, LockedContent, PREFLIGHTS, Profile, WorkloadError,
};

use super::file_locations::FileLocations;
use super::hub::HubAccess;
use super::{locked, make};
use crate::console::{self, print_line};
use crate::failure::Failure;

/// How much of a prompt is shown.
const SHOWN: usize = 160;

/// Prints how long requests and answers are, and the first of them. Sends nothing.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// The file that `workload make` wrote.
    file: PathBuf,
    /// How many requests are shown.
    #[arg(long, value_name = "COUNT", default_value_t = 3)]
    requests: u64,
    /// Show all of their text.
    #[arg(long)]
    full: bool,
    #[command(flatten)]
    hub: HubOption,
    #[command(flatten)]
    places: FileLocations,
}

/// The access to a hub that a file names.
#[derive(Debug, clap::Args)]
struct HubOption {
    /// Fetch the tokenizer and the dataset that the file names from the hub, with the token of this machine. Without it they
    /// are read from the cache, and the hub is not asked: someone else may have made the file.
    #[arg(long)]
    fetch: bool,
}

impl HubOption {
    fn access(&self) -> HubAccess {
        if self.fetch { HubAccess::Fetch } else { HubAccess::CacheOnly("give --fetch to fetch it") }
    }
}

/// Checks that a workload is the one that was locked: its sessions, or what its recipe makes.
#[derive(Debug, clap::Args)]
pub(crate) struct VerifyOptions {
    /// The file that `workload make` wrote.
    file: PathBuf,
    #[command(flatten)]
    hub: HubOption,
    #[command(flatten)]
    places: FileLocations,
}

/// Checks and says so.
pub(super) fn verify(options: &VerifyOptions) -> Result<(), Failure> {
    let (header, hash) = locked::verify(&options.file, &options.places, options.hub.access())?;
    let what = match header.content {
        LockedContent::Sessions => "holds the sessions that were locked",
        LockedContent::Recipe => "makes the sessions that were locked",
    };
    print_line!("{}: {what}, {hash}", options.file.display());
    Ok(())
}

/// Shows it.
pub(super) fn run(options: &Options) -> Result<(), Failure> {
    let failed = |it: WorkloadError| Failure::option("workload", it);
    let mut reader = LockReader::open(&options.file).map_err(failed)?;
    let header = reader.header().clone();
    print_line!("{} (made by {})", options.file.display(), header.made_by);
    print_line!(
        "task {}, seed {}, tokenizer {}",
        header.spec.task,
        header.spec.seed.unwrap_or_default(),
        header.tokenizer.name
    );
    let plan = Plan::try_from(header.spec.clone())?;
    for run in plan.runs() {
        print_line!(
            "  run {}: {} at {}, {} sessions",
            run.number + 1,
            run.scenario_text,
            run.level,
            header.sessions_per_run
        );
    }
    let mut shown = Shown { options, profile: Profile::default(), first: Vec::new() };
    match header.content {
        LockedContent::Sessions => {
            while let Some((group, index, session)) = reader.next_session().map_err(failed)? {
                shown.add(group, index, session);
            }
        }
        LockedContent::Recipe => {
            let opened = locked::open_locked(&options.file, &options.places, options.hub.access(), None)?;
            shown.make(&plan, &*opened.sampler, header.sessions_per_run)?;
        }
    }
    shown.print();
    Ok(())
}

struct Shown<'a> {
    options: &'a Options,
    profile: Profile,
    first: Vec<(u64, u64, Session)>,
}

impl Shown<'_> {
    /// Requests that only find out how a server behaves are no part of it.
    fn add(&mut self, group: u64, index: u64, session: Session) {
        if group == u64::MAX && index < PREFLIGHTS {
            return;
        }
        self.profile.add(&session);
        if (self.first.len() as u64) < self.options.requests {
            self.first.push((group, index, session));
        }
    }

    fn make(&mut self, plan: &Plan, sampler: &dyn Sampler, count: u64) -> Result<(), Failure> {
        make::every_session(plan, sampler, count, make::threads(), |group, index, session| {
            self.add(group, index, session);
            Ok(())
        })
    }

    fn print(&self) {
        let profile = &self.profile;
        print_line!("\n{} sessions, {} requests", profile.sessions, profile.requests);
        if let Some(last) = profile.last_arrival {
            print_line!("the last session arrives after {:.3} s", last.as_secs_f64());
        }
        if profile.models.len() > 1 {
            let models: Vec<String> =
                profile.models.iter().map(|(name, count)| format!("{name} {count}")).collect();
            print_line!("requests by model: {}", models.join(", "));
        }
        histogram("tokens of prompts", &profile.input);
        histogram("tokens of answers", &profile.output);
        if profile.turns.distribution().is_some_and(|it| it.max > 1.0) {
            histogram("turns of sessions", &profile.turns);
        }
        histogram("documents, pictures or videos in a request", &profile.items);
        for (group, index, session) in &self.first {
            for (number, turn) in session.turns.iter().enumerate() {
                print_line!("\nsession {index} of group {group}, turn {number}, to {}:", turn.request.model);
                print_line!("{}", self.text(&turn.request.input));
                let tools: String =
                    turn.request.tools.iter().map(|tool| format!("\n  tool: {tool}")).collect();
                print_line!("{}", tools.trim_start_matches('\n'));
            }
        }
    }

    fn text(&self, input: &Input) -> String {
        let shortened = |it: &str| match it.char_indices().nth(SHOWN) {
            Some((at, _)) if !self.options.full => {
                format!("{}… ({} characters)", &it[..at], it.chars().count())
            }
            _ => it.to_owned(),
        };
        match input {
            Input::Chat { messages, .. } => {
                let line = |it: &genai_bench_core::request::Message| {
                    let text = match it.reply_to {
                        Some(turn) => format!("(what is answered to turn {turn})"),
                        None => shortened(&it.text),
                    };
                    let media: String = it.media.iter().map(|it| format!(" [{it:?}]")).collect();
                    let calls: String = it
                        .tool_calls
                        .iter()
                        .map(|call| format!(" [call {}({})]", call.name, call.arguments))
                        .collect();
                    format!("  {:?}: {text}{media}{calls}", it.role)
                };
                messages.iter().map(line).collect::<Vec<_>>().join("\n")
            }
            Input::Completion { prompt, .. } | Input::Images { prompt, .. } => {
                format!("  {}", shortened(prompt))
            }
            Input::Speech { text } => format!("  {}", shortened(text)),
            Input::Embeddings { texts, images } => {
                let texts = texts.iter().map(|it| format!("  {}", shortened(it)));
                texts.chain(images.iter().map(|it| format!("  {it:?}"))).collect::<Vec<_>>().join("\n")
            }
            Input::Rerank { query, documents } => {
                let documents = documents.iter().map(|it| format!("  document: {}", shortened(it)));
                let query = std::iter::once(format!("  query: {}", shortened(query)));
                query.chain(documents).collect::<Vec<_>>().join("\n")
            }
            other => format!("  {other:?}"),
        }
    }
}

fn histogram(title: &str, lengths: &LengthHistogram) {
    if let Some(spread) = lengths.distribution() {
        print_line!(
            "\n{title}: mean {:.1}, from {} to {}, median {}",
            spread.mean,
            spread.min,
            spread.max,
            spread.p50
        );
        console::print(&lengths.to_string());
    }
}
