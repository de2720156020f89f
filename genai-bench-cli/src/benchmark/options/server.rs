//! Options for the server and for the form of requests.

use clap::Args;

use crate::backend_options::BackendOptions;

#[derive(Debug, Args)]
pub(crate) struct ServerOptions {
    #[command(flatten)]
    pub(crate) backend: BackendOptions,
    /// Fields to add to every request, as a JSON object; they replace fields of the same name. A field that is null is left
    /// out of every request: '{"temperature": null}'.
    #[arg(long, value_name = "JSON")]
    pub(crate) additional_request_params: Option<String>,
    /// Request token counts in every chunk, from servers that support it, such as vLLM and SGLang.
    #[arg(long)]
    pub(crate) continuous_usage_stats: bool,
    /// Send no stream_options, for servers that refuse the field. Output tokens are then counted by the client, unless the
    /// server reports them anyway.
    #[arg(long)]
    pub(crate) no_stream_options: bool,
    /// Name of the field for the maximum number of output tokens: max_completion_tokens or max_tokens. Default: the first
    /// for openai and azure-openai, the second for all others.
    #[arg(long, value_name = "FIELD", value_parser = ["max_completion_tokens", "max_tokens"])]
    pub(crate) length_field: Option<String>,
    /// Send ignore_eos and min_tokens, so that answers have exactly the length of the scenario: true or false. Default:
    /// true for vLLM and SGLang, false for openai.
    #[arg(long, value_name = "BOOL")]
    pub(crate) ignore_eos: Option<bool>,
    /// Settings of the simulated server as a JSON object: see `genai-bench simulate --help`.
    #[arg(long, value_name = "JSON")]
    pub(crate) simulator_settings: Option<String>,
    /// Name of the engine that serves the model, for the metadata of results.
    #[arg(long, value_name = "NAME")]
    pub(crate) server_engine: Option<String>,
    /// Version of the engine, for the metadata of results.
    #[arg(long, value_name = "VERSION")]
    pub(crate) server_version: Option<String>,
    /// Type of the server's GPUs, for the metadata of results.
    #[arg(long, value_name = "NAME")]
    pub(crate) server_gpu_type: Option<String>,
    /// Number of the server's GPUs, for the metadata of results.
    #[arg(long, value_name = "COUNT")]
    pub(crate) server_gpu_count: Option<String>,
}
