//! `genai-bench workload show` and `verify`: the content of a workload file.

use std::path::PathBuf;

use genai_bench_core::plan::Plan;
use genai_bench_core::request::{Input, Message, Session};
use genai_bench_core::sampler::Sampler;
use genai_bench_core::workload::{
    LengthHistogram, LockReader, LockedContent, PREFLIGHTS, Profile, WorkloadError,
};

use super::file_locations::FileLocations;
use super::hub::HubAccess;
use super::{locked, make};
use crate::console::{self, print_line};
use crate::failure::Failure;

/// The number of characters of a text that are shown.
const SHOWN: usize = 160;

/// Prints the lengths of requests and answers in a workload file, and the first requests.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// The file that `workload make` wrote.
    file: PathBuf,
    /// Number of requests to show.
    #[arg(long, value_name = "COUNT", default_value_t = 3)]
    requests: u64,
    /// Show the full text of requests.
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
    /// Fetch the tokenizer and the dataset that the file names from the hub, with the token of this machine. Default: they
    /// are only read from the cache, because the file may come from another machine.
    #[arg(long)]
    fetch: bool,
}

impl HubOption {
    fn access(&self) -> HubAccess {
        if self.fetch { HubAccess::Fetch } else { HubAccess::CacheOnly("give --fetch to fetch it") }
    }
}

/// Verifies that the content of a workload file matches its hash: its sessions, or those that its recipe makes.
#[derive(Debug, clap::Args)]
pub(crate) struct VerifyOptions {
    /// The file that `workload make` wrote.
    file: PathBuf,
    #[command(flatten)]
    hub: HubOption,
    #[command(flatten)]
    places: FileLocations,
}

/// Verifies a workload file and prints the result.
pub(super) fn verify(options: &VerifyOptions) -> Result<(), Failure> {
    let (header, hash) = locked::verify(&options.file, &options.places, options.hub.access())?;
    let what = match header.content {
        LockedContent::Sessions => "contains the sessions that were locked",
        LockedContent::Recipe => "makes the sessions that were locked",
    };
    print_line!("{}: {what}, {hash}", options.file.display());
    Ok(())
}

/// Converts an error of a lock into a failure of the command.
fn failed(error: WorkloadError) -> Failure {
    Failure::option("workload", error)
}

/// Prints a workload file.
pub(super) fn run(options: &Options) -> Result<(), Failure> {
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
    /// Adds a session. Requests before the first run are left out.
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
        if profile.turns.distribution().is_some_and(|turns| turns.max > 1.0) {
            histogram("turns of sessions", &profile.turns);
        }
        histogram("documents, images or videos in a request", &profile.items);
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

    /// Formats a message with its media and tool calls.
    fn message(&self, message: &Message) -> String {
        let text = match message.reply_to {
            Some(turn) => format!("(the answer to turn {turn})"),
            None => self.shortened(&message.text),
        };
        let media: String = message.media.iter().map(|media| format!(" [{media:?}]")).collect();
        let calls =
            message.tool_calls.iter().map(|call| format!(" [call {}({})]", call.name, call.arguments));
        format!("  {:?}: {text}{media}{}", message.role, calls.collect::<String>())
    }

    /// Returns the beginning of a text, or all of it with `--full`.
    fn shortened(&self, text: &str) -> String {
        match text.char_indices().nth(SHOWN) {
            Some((at, _)) if !self.options.full => {
                format!("{}… ({} characters)", &text[..at], text.chars().count())
            }
            _ => text.to_owned(),
        }
    }

    /// Formats the input of a request.
    fn text(&self, input: &Input) -> String {
        match input {
            Input::Chat { messages, .. } => {
                messages.iter().map(|message| self.message(message)).collect::<Vec<_>>().join("\n")
            }
            Input::Completion { prompt, .. } | Input::Images { prompt, .. } => {
                format!("  {}", self.shortened(prompt))
            }
            Input::Speech { text } => format!("  {}", self.shortened(text)),
            Input::Embeddings { texts, images } => {
                let texts = texts.iter().map(|text| format!("  {}", self.shortened(text)));
                texts.chain(images.iter().map(|image| format!("  {image:?}"))).collect::<Vec<_>>().join("\n")
            }
            Input::Rerank { query, documents } => {
                let documents = documents.iter().map(|text| format!("  document: {}", self.shortened(text)));
                let query = std::iter::once(format!("  query: {}", self.shortened(query)));
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
