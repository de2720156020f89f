//! `genai-bench rebuild`.

use std::path::PathBuf;
use std::process::ExitCode;

use genai_bench_core::experiment::{self, Folder};

use crate::failure::Failure;
use crate::say::say;
use crate::workload;

/// Makes the result files of an experiment from its journal, after a crash.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// The folder of the experiment.
    #[arg(long)]
    experiment_folder: PathBuf,
    /// The tokenizer, where the server did not count: the experiment's own unless given.
    #[arg(long)]
    model_tokenizer: Option<String>,
}

/// Makes the files and names them.
pub(crate) fn run(options: &Options) -> Result<ExitCode, Failure> {
    let unusable = |it| Failure::option("experiment-folder", it);
    let (folder, metadata) = Folder::open(&options.experiment_folder).map_err(unusable)?;
    let named = options.model_tokenizer.clone().or(metadata.server_model_tokenizer);
    let tokenizer = workload::open_tokenizer(named.as_deref())?.tokenizer;
    for file in experiment::rebuild(&folder, Some(&tokenizer))? {
        say!("{}", file.display());
    }
    Ok(ExitCode::SUCCESS)
}
