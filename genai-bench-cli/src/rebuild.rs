//! `genai-bench rebuild`.

use std::path::PathBuf;
use std::process::ExitCode;

use genai_bench_core::experiment::{self, Folder};

use crate::console::print_line;
use crate::failure::Failure;
use crate::workload::{self, HubAccess};

/// Makes the result files of an experiment from its journal, after a crash.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Folder of the experiment.
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,
    /// Folder of the experiment, as an option.
    #[arg(long, value_name = "DIR", conflicts_with = "folder")]
    experiment_folder: Option<PathBuf>,
    /// The tokenizer, where the server did not count: the experiment's own unless given. The experiment's own is not fetched
    /// from a hub, because someone else may have made the folder: it is read where it is on this machine.
    #[arg(long)]
    model_tokenizer: Option<String>,
}

/// What fetches the tokenizer that an experiment names.
const ADVICE: &str = "name the tokenizer with --model-tokenizer to fetch it";

/// Makes the files and names them.
pub(crate) fn run(options: &Options) -> Result<ExitCode, Failure> {
    let Some(path) = options.folder.as_ref().or(options.experiment_folder.as_ref()) else {
        return Err(Failure::Usage("no folder is named: give it as `genai-bench rebuild DIR`".to_owned()));
    };
    // Every one of these errors names the folder or a file in it.
    let (folder, metadata) = Folder::open(path).map_err(|error| Failure::Usage(error.to_string()))?;
    if folder.journals()?.is_empty() {
        // Before the tokenizer is opened, which is needed for journals alone.
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
