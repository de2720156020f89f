//! The server, and how it is spoken to.

use clap::Args;
use genai_bench_backends::registry::ENTRIES;

#[derive(Debug, Args)]
pub(crate) struct ServerOptions {
    /// What the server speaks.
    #[arg(long, value_parser = backend_names(), ignore_case = true)]
    pub(crate) api_backend: Option<String>,
    /// Where the server is, with or without /v1.
    #[arg(long, value_name = "URL")]
    pub(crate) api_base: Option<String>,
    /// The key, if the server wants one. Else that of the environment is used: `genai-bench backends` names the
    /// variables of each backend.
    #[arg(long, value_name = "KEY")]
    pub(crate) api_key: Option<String>,
    /// The same as --api-key.
    #[arg(long, value_name = "KEY")]
    pub(crate) model_api_key: Option<String>,
    /// The model to ask for.
    #[arg(long, value_name = "NAME")]
    pub(crate) api_model_name: Option<String>,
    /// A header added to every request. May be given several times.
    #[arg(long, value_name = "NAME: VALUE")]
    pub(crate) header: Vec<String>,
    /// A JSON object of fields added to every request, in place of ours where the name is the same.
    #[arg(long, value_name = "JSON")]
    pub(crate) additional_request_params: Option<String>,
    /// Ask for token counts on every chunk, where the server knows that: vLLM and SGLang do.
    #[arg(long)]
    pub(crate) continuous_usage_stats: bool,
    /// The field that names the largest number of output tokens: max_completion_tokens or max_tokens. By default
    /// the first for openai and azure-openai, the second for the others.
    #[arg(long, value_name = "FIELD", value_parser = ["max_completion_tokens", "max_tokens"])]
    pub(crate) length_field: Option<String>,
    /// Whether to send ignore_eos and min_tokens, so that answers have the wanted length. By default to vLLM and
    /// SGLang, not to openai.
    #[arg(long, value_name = "BOOL")]
    pub(crate) ignore_eos: Option<bool>,
    /// Settings of the simulated server, as a JSON object: see `genai-bench simulate --help`.
    #[arg(long, value_name = "JSON")]
    pub(crate) simulator_settings: Option<String>,
    /// What serves the model, for the record.
    #[arg(long, value_name = "NAME")]
    pub(crate) server_engine: Option<String>,
    /// Its version, for the record.
    #[arg(long, value_name = "VERSION")]
    pub(crate) server_version: Option<String>,
    /// The GPUs it has, for the record.
    #[arg(long, value_name = "NAME")]
    pub(crate) server_gpu_type: Option<String>,
    /// How many GPUs it has, for the record.
    #[arg(long, value_name = "COUNT")]
    pub(crate) server_gpu_count: Option<String>,
}

fn backend_names() -> clap::builder::PossibleValuesParser {
    clap::builder::PossibleValuesParser::new(ENTRIES.iter().map(|it| it.name))
}
