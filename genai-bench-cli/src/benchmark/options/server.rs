//! The server, and how it is spoken to.

use clap::Args;

use crate::backend_options::BackendOptions;

#[derive(Debug, Args)]
pub(crate) struct ServerOptions {
    #[command(flatten)]
    pub(crate) backend: BackendOptions,
    /// A JSON object of fields added to every request, in place of ours where the name is the same. A field that is null
    /// is left out of every request: '{"temperature": null}'.
    #[arg(long, value_name = "JSON")]
    pub(crate) additional_request_params: Option<String>,
    /// Ask for token counts on every chunk, where the server knows that: vLLM and SGLang do.
    #[arg(long)]
    pub(crate) continuous_usage_stats: bool,
    /// Send no stream_options, for servers that refuse the field. Output tokens are then counted by the client unless the
    /// server counts them unasked.
    #[arg(long)]
    pub(crate) no_stream_options: bool,
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
