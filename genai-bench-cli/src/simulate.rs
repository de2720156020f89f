//! `genai-bench simulate`.

use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroUsize;
use std::process::ExitCode;

use genai_bench_backends::simulator::{self, Settings, SimulatorError};
use serde_json::{Map, Value, json};

use crate::console::print_line;
use crate::failure::Failure;

/// Serves an OpenAI-compatible API with known latencies, and the truth about them at /truth.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// The address to listen on.
    #[arg(long, default_value = "127.0.0.1")]
    host: IpAddr,
    /// The port to listen on; 0 picks a free one.
    #[arg(long, default_value_t = 8089)]
    port: u16,
    /// All settings as a JSON object, before those that have an option of their own.
    #[arg(long, value_name = "JSON")]
    settings: Option<String>,
    /// Answer as fast as it can: no latency, no limit on requests in flight.
    #[arg(long)]
    instant: bool,
    /// Time to first token of an empty prompt on an idle server: 20ms, exp(20ms) or lognormal(20ms,0.3).
    #[arg(long)]
    ttft: Option<String>,
    /// What every 1,000 input tokens add to it, such as 20ms.
    #[arg(long)]
    prefill: Option<String>,
    /// Time between two chunks on an idle server, as --ttft.
    #[arg(long)]
    itl: Option<String>,
    /// How many requests in flight it serves at full speed.
    #[arg(long)]
    capacity: Option<u32>,
    /// Output tokens in a chunk.
    #[arg(long)]
    tokens_per_chunk: Option<u32>,
    /// Reasoning tokens before the answer.
    #[arg(long)]
    reasoning_tokens: Option<u32>,
    /// When it says how many tokens there were: last, every_chunk or never.
    #[arg(long)]
    usage: Option<String>,
    /// Tokens that the chat template adds to each chat.
    #[arg(long)]
    template_tokens: Option<u32>,
    /// What a picture is in a prompt, in tokens.
    #[arg(long)]
    tokens_per_image: Option<u32>,
    /// What a video is in a prompt, in tokens.
    #[arg(long)]
    tokens_per_video: Option<u32>,
    /// How much of prompts and answers it remembers, in tokens; 0 is nothing.
    #[arg(long, value_name = "TOKENS")]
    prefix_cache_tokens: Option<u64>,
    /// The length of a vector.
    #[arg(long)]
    embedding_dimensions: Option<u32>,
    /// How it answers to rerank: object (as vLLM does) or list (as SGLang does).
    #[arg(long)]
    rerank_shape: Option<String>,
    /// What it takes to make one picture, as --ttft.
    #[arg(long, value_name = "LATENCY")]
    image: Option<String>,
    /// A further name to list among the models, such as that of an adapter. May be given several times.
    #[arg(long, value_name = "NAME")]
    also_model: Vec<String>,
    /// Refuse requests for models that are not listed.
    #[arg(long)]
    refuse_unknown_models: bool,
    /// Tell the hash of each request's body in the truth.
    #[arg(long)]
    body_hashes: bool,
    /// A fault and how often, in percent of requests: rate_limited, server_error, stall, cut, error_event,
    /// garbage or early_end. May be given several times.
    #[arg(long, value_name = "NAME=PERCENT")]
    fault: Vec<String>,
    /// Where a cut is, in bytes of the body; at random unless given.
    #[arg(long, value_name = "BYTES")]
    cut_after_bytes: Option<u64>,
    /// The key that all requests but those for /health must bring.
    #[arg(long, hide_env_values = true, env = "SIMULATOR_API_KEY")]
    api_key: Option<String>,
    /// What its randomness comes from.
    #[arg(long)]
    seed: Option<u64>,
    /// Listen on an address that other machines can reach.
    #[arg(long)]
    allow_remote: bool,
    /// A host that requests may name, besides localhost and the address that it listens on. Where other machines can reach
    /// it, any may be named unless one is given here. May be given several times.
    #[arg(long, value_name = "NAME")]
    allow_host: Vec<String>,
    /// Connections that are served at the same time, 16384 by default; others wait.
    #[arg(long, value_name = "COUNT")]
    max_connections: Option<NonZeroUsize>,
}

/// Serves until it is killed.
pub(crate) fn run(options: &Options) -> Result<ExitCode, Failure> {
    let mut written = options.settings.as_deref().map_or_else(|| Ok(Map::new()), object)?;
    options.add_to(&mut written)?;
    let settings = read(written, options.instant)?;
    let address = SocketAddr::new(options.host, options.port);
    let ready = |it: SocketAddr| print_line!("serving at http://{it}/v1, the truth at http://{it}/truth");
    let Err(error) = simulator::serve(settings, address, ready);
    Err(failure(&error))
}

/// Settings from a JSON object, for `--simulator-settings`.
pub(crate) fn settings(json: Option<&str>) -> Result<Settings, Failure> {
    read(json.map_or_else(|| Ok(Map::new()), object)?, false)
}

/// What went wrong with the simulator, as a failure of the command.
pub(crate) fn failure(error: &SimulatorError) -> Failure {
    Failure::Usage(format!("simulator: {error}"))
}

fn object(text: &str) -> Result<Map<String, Value>, Failure> {
    serde_json::from_str(text)
        .map_err(|it| Failure::Usage(format!("simulator settings: no JSON object: {it}")))
}

fn read(written: Map<String, Value>, instant: bool) -> Result<Settings, Failure> {
    let base = if instant { Settings::instant() } else { Settings::default() };
    let unusable = |it: serde_json::Error| Failure::Usage(format!("simulator settings: {it}"));
    let mut all = serde_json::to_value(base).map_err(unusable)?;
    merge(&mut all, Value::Object(written));
    serde_json::from_value(all).map_err(unusable)
}

/// Puts what is in `over` in place of what is in `base`, name by name.
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
        set("slowdown", self.capacity.map(|it| json!({"capacity": it})));
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
        set("max_connections", self.max_connections.map(|it| Value::from(it.get())));
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
            let wrong = |_| Failure::option("fault", format!("'{fault}' is not NAME=PERCENT, such as cut=5"));
            faults.insert(name.to_owned(), json!(percent.parse::<f64>().map_err(wrong)?));
        }
        faults.extend(self.cut_after_bytes.map(|it| ("cut_after_bytes".to_owned(), json!(it))));
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
