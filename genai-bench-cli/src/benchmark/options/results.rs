//! Where results go.

use std::path::PathBuf;

use clap::Args;
use genai_bench_core::experiment::TimeUnit;

#[derive(Debug, Args)]
pub(crate) struct ResultOptions {
    /// The name of the folder for results; made of backend, model and time when not given.
    #[arg(long, value_name = "NAME")]
    pub(crate) experiment_folder_name: Option<String>,
    /// Where that folder is made.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) experiment_base_dir: Option<PathBuf>,
    /// Write a log into genai_bench.log in this folder, at its end if it is there. GENAI_BENCH_LOGGING_LEVEL says how
    /// much: DEBUG, INFO (default), WARNING, ERROR or CRITICAL.
    #[arg(long, value_name = "DIR")]
    pub(crate) log_dir: Option<PathBuf>,
    /// What times in result files are counted in: s or ms.
    #[arg(long, default_value_t = TimeUnit::Seconds, value_parser = str::parse::<TimeUnit>)]
    pub(crate) metrics_time_unit: TimeUnit,
    /// Name of the model for people; the last part of --api-model-name when not given.
    #[arg(long, value_name = "NAME")]
    pub(crate) model: Option<String>,
}
