//! `genai-bench simulate`: the simulated server as a program of its own.

use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroUsize;
use std::process::ExitCode;

use genai_bench_backends::simulator::{self, Settings, SimulatorError};
use serde_json::{Map, Value, json};

use crate::console::print_line;
use crate::failure::Failure;

/// Serves a simulated OpenAI-compatible API with known latencies; the true times are at /truth.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// IP address to listen on.
    #[arg(long, default_value = "127.0.0.1")]
    host: IpAddr,
    /// Port to listen on; 0 for any free port.
    #[arg(long, default_value_t = 8089)]
    port: u16,
    /// Settings as a JSON object; options take precedence.
    #[arg(long, value_name = "JSON")]
    settings: Option<String>,
    /// Answer as fast as possible: no latency, no limit on requests in flight.
    #[arg(long)]
    instant: bool,
    /// Time to first token of an empty prompt on an idle server: 20ms, exp(20ms) or lognormal(20ms,0.3).
    #[arg(long)]
    ttft: Option<String>,
    /// Time that every 1,000 input tokens add to the time to first token, such as 20ms.
    #[arg(long)]
    prefill: Option<String>,
    /// Time between two chunks on an idle server, in the form of --ttft.
    #[arg(long)]
    itl: Option<String>,
    /// Number of requests in flight up to which the server has its full speed.
    #[arg(long)]
    capacity: Option<u32>,
    /// Number of output tokens in a chunk.
    #[arg(long)]
    tokens_per_chunk: Option<u32>,
    /// Number of reasoning tokens before the answer.
    #[arg(long)]
    reasoning_tokens: Option<u32>,
    /// Chunks that report token counts: last, every_chunk or never.
    #[arg(long)]
    usage: Option<String>,
    /// Number of tokens that the chat template adds to each chat.
    #[arg(long)]
    template_tokens: Option<u32>,
    /// Length of an image in a prompt, in tokens.
    #[arg(long)]
    tokens_per_image: Option<u32>,
    /// Length of a video in a prompt, in tokens.
    #[arg(long)]
    tokens_per_video: Option<u32>,
    /// Size of the prefix cache for prompts and answers, in tokens; 0 for none.
    #[arg(long, value_name = "TOKENS")]
    prefix_cache_tokens: Option<u64>,
    /// Number of dimensions of an embedding.
    #[arg(long)]
    embedding_dimensions: Option<u32>,
    /// Form of answers to rerank requests: object (as from vLLM) or list (as from SGLang).
    #[arg(long)]
    rerank_shape: Option<String>,
    /// Time to generate one image, in the form of --ttft.
    #[arg(long, value_name = "LATENCY")]
    image: Option<String>,
    /// Additional model name to list, such as that of an adapter; may be given several times.
    #[arg(long, value_name = "NAME")]
    also_model: Vec<String>,
    /// Refuse requests for models that are not in the list.
    #[arg(long)]
    refuse_unknown_models: bool,
    /// Report the hash of each request's body at /truth.
    #[arg(long)]
    body_hashes: bool,
    /// Fault to inject and its frequency, in percent of requests: rate_limited, server_error, stall, cut, error_event,
    /// garbage or early_end; may be given several times.
    #[arg(long, value_name = "NAME=PERCENT")]
    fault: Vec<String>,
    /// Number of body bytes after which the fault cut ends the answer. Default: random.
    #[arg(long, value_name = "BYTES")]
    cut_after_bytes: Option<u64>,
    /// API key that all requests except those for /health must have.
    #[arg(long, hide_env_values = true, env = "SIMULATOR_API_KEY")]
    api_key: Option<String>,
    /// Seed of all random numbers of the server.
    #[arg(long)]
    seed: Option<u64>,
    /// Allow an address that other machines can reach.
    #[arg(long)]
    allow_remote: bool,
    /// Host name that requests may have in their Host header, besides localhost and the address of --host. If other machines
    /// can reach the server, any host name is allowed unless this option is given; may be given several times.
    #[arg(long, value_name = "NAME")]
    allow_host: Vec<String>,
    /// Maximum number of connections served at the same time, others wait. Default: 16384.
    #[arg(long, value_name = "COUNT")]
    max_connections: Option<NonZeroUsize>,
}

/// Serves until the process ends.
pub(crate) fn run(options: &Options) -> Result<ExitCode, Failure> {
    let mut written = options.settings.as_deref().map_or_else(|| Ok(Map::new()), object)?;
    options.add_to(&mut written)?;
    let settings = read(written, options.instant)?;
    let address = SocketAddr::new(options.host, options.port);
    let Err(error) = simulator::serve(settings, address, print_address);
    Err(failure(&error))
}

/// Prints the addresses of a server that is ready.
fn print_address(address: SocketAddr) {
    print_line!("serving at http://{address}/v1, the truth at http://{address}/truth");
}

/// Parses settings from a JSON object, for `--simulator-settings`.
pub(crate) fn settings(json: Option<&str>) -> Result<Settings, Failure> {
    read(json.map_or_else(|| Ok(Map::new()), object)?, false)
}

/// Converts an error of the simulator into a failure of the command.
pub(crate) fn failure(error: &SimulatorError) -> Failure {
    Failure::Usage(format!("simulator: {error}"))
}

fn object(text: &str) -> Result<Map<String, Value>, Failure> {
    serde_json::from_str(text)
        .map_err(|error| Failure::Usage(format!("simulator settings: not a JSON object: {error}")))
}

fn read(written: Map<String, Value>, instant: bool) -> Result<Settings, Failure> {
    let base = if instant { Settings::instant() } else { Settings::default() };
    let mut all = serde_json::to_value(base).map_err(|error| unusable(&error))?;
    merge(&mut all, Value::Object(written));
    serde_json::from_value(all).map_err(|error| unusable(&error))
}

/// Returns the failure for settings with a wrong name or type.
fn unusable(error: &serde_json::Error) -> Failure {
    Failure::Usage(format!("simulator settings: {error}"))
}

/// Replaces values in `base` by those of the same name in `over`, at every depth.
fn merge(base: &mut Value, over: Value) {
    match (base, over) {
        (Value::Object(base), Value::Object(over)) => {
            for (name, value) in over {
                merge(base.entry(name).or_insert(Value::Null), value);
            }
        }
        (base, over) => *base = over,
    }
}

impl Options {
    fn add_to(&self, written: &mut Map<String, Value>) -> Result<(), Failure> {
        let mut own = json!({});
        let mut set = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                own[name] = value;
            }
        };
        set("ttft", self.ttft.clone().map(Value::from));
        set("prefill", self.prefill.clone().map(Value::from));
        set("itl", self.itl.clone().map(Value::from));
        set("slowdown", self.capacity.map(|capacity| json!({"capacity": capacity})));
        set("tokens_per_chunk", self.tokens_per_chunk.map(Value::from));
        set("reasoning_tokens", self.reasoning_tokens.map(Value::from));
        set("usage", self.usage.clone().map(Value::from));
        set("template_tokens", self.template_tokens.map(Value::from));
        set("tokens_per_image", self.tokens_per_image.map(Value::from));
        set("tokens_per_video", self.tokens_per_video.map(Value::from));
        set("prefix_cache_tokens", self.prefix_cache_tokens.map(Value::from));
        set("embedding_dimensions", self.embedding_dimensions.map(Value::from));
        set("rerank_shape", self.rerank_shape.clone().map(Value::from));
        set("image", self.image.clone().map(Value::from));
        set("models", (!self.also_model.is_empty()).then(|| json!(self.also_model)));
        set("refuse_unknown_models", self.refuse_unknown_models.then_some(json!(true)));
        set("body_hashes", self.body_hashes.then_some(json!(true)));
        set("api_key", self.api_key.clone().map(Value::from));
        set("seed", self.seed.map(Value::from));
        set("allowed_hosts", (!self.allow_host.is_empty()).then(|| json!(self.allow_host)));
        set("max_connections", self.max_connections.map(|count| Value::from(count.get())));
        set("allow_remote", self.allow_remote.then_some(json!(true)));
        set("faults", self.faults()?);
        let mut all = Value::Object(std::mem::take(written));
        merge(&mut all, own);
        if let Value::Object(all) = all {
            *written = all;
        }
        Ok(())
    }

    fn faults(&self) -> Result<Option<Value>, Failure> {
        let mut faults = Map::new();
        for fault in &self.fault {
            let (name, percent) = fault.split_once('=').unwrap_or((fault, ""));
            let percent = percent.parse::<f64>().map_err(|_| {
                Failure::option("fault", format!("'{fault}' is not NAME=PERCENT, such as cut=5"))
            })?;
            faults.insert(name.to_owned(), json!(percent));
        }
        faults.extend(self.cut_after_bytes.map(|bytes| ("cut_after_bytes".to_owned(), json!(bytes))));
        Ok((!faults.is_empty()).then_some(Value::Object(faults)))
    }
}

#[cfg(test)]
mod tests {
    use clap::{Args, Command, FromArgMatches};

    use super::*;

    fn settings(arguments: &str) -> Result<Settings, Failure> {
        let command = Options::augment_args(Command::new("simulate").no_binary_name(true));
        let matches = command.try_get_matches_from(arguments.split_whitespace()).expect("good options");
        let options = Options::from_arg_matches(&matches).expect("good options");
        let mut written = options.settings.as_deref().map_or_else(|| Ok(Map::new()), object)?;
        options.add_to(&mut written)?;
        read(written, options.instant)
    }

    #[test]
    fn options_win_over_the_settings_in_json() {
        let all = r#"--settings {"tokens_per_image":1,"tokens_per_audio":3} --tokens-per-image 2
            --tokens-per-video 4 --template-tokens 5 --prefix-cache-tokens 160 --embedding-dimensions 6
            --rerank-shape list --image exp(5ms) --also-model a --also-model b --refuse-unknown-models
            --body-hashes"#;
        let it = settings(all).expect("good settings");
        assert_eq!((it.tokens_per_image, it.tokens_per_audio, it.tokens_per_video), (2, 3, 4));
        assert_eq!((it.template_tokens, it.prefix_cache_tokens, it.embedding_dimensions.get()), (5, 160, 6));
        assert_eq!(
            (it.rerank_shape, it.image.to_string()),
            (simulator::RerankShape::List, "exp(5ms)".to_owned())
        );
        assert_eq!(it.models, ["a", "b"]);
        assert!(it.refuse_unknown_models && it.body_hashes);
        assert_eq!(settings("").expect("good settings"), Settings::default());
        assert!(settings("--rerank-shape tree").is_err());
    }
}
