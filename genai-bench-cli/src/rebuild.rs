//! `genai-bench rebuild`: result files from the journals of an experiment.

use std::path::PathBuf;
use std::process::ExitCode;

use genai_bench_core::experiment::{self, Folder};

use crate::console::print_line;
use crate::failure::Failure;
use crate::workload::{self, HubAccess};

/// Rebuilds the result files of an experiment from its journals, such as after a crash.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Folder of the experiment.
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,
    /// Folder of the experiment, as an option.
    #[arg(long, value_name = "DIR", conflicts_with = "folder")]
    experiment_folder: Option<PathBuf>,
    /// Tokenizer for answers that the server did not count. Default: the tokenizer of the experiment, which is read from
    /// this machine only and not fetched from a hub, because the folder may come from another machine.
    #[arg(long)]
    model_tokenizer: Option<String>,
}

/// The advice for a tokenizer that is not on this machine.
const ADVICE: &str = "name the tokenizer with --model-tokenizer to fetch it";

/// Writes the result files and prints their names.
pub(crate) fn run(options: &Options) -> Result<ExitCode, Failure> {
    let Some(path) = options.folder.as_ref().or(options.experiment_folder.as_ref()) else {
        return Err(Failure::Usage("no folder is given: run `genai-bench rebuild DIR`".to_owned()));
    };
    // Every one of these errors names the folder or a file in it.
    let (folder, metadata) = Folder::open(path).map_err(|error| Failure::Usage(error.to_string()))?;
    if folder.journals()?.is_empty() {
        // The tokenizer is needed for journals only, so it is not opened.
        experiment::rebuild(&folder, None)?;
    }
    let (named, access) = match &options.model_tokenizer {
        Some(typed) => (Some(typed.clone()), HubAccess::Fetch),
        None => (metadata.server_model_tokenizer, HubAccess::CacheOnly(ADVICE)),
    };
    let tokenizer = workload::open_tokenizer(named.as_deref(), access)?.tokenizer;
    for file in experiment::rebuild(&folder, Some(&tokenizer))? {
        print_line!("{}", file.display());
    }
    Ok(ExitCode::SUCCESS)
}
