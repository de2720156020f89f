//! Benchmarks of an emulator of AWS Bedrock, whose responses and checks are verified with AWS's own SDK.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

use serde_json::json;

use crate::command::Benchmark;
use crate::experiment::Run;
use crate::installed::script;

/// The number of requests in a run.
const REQUESTS: usize = 20;

/// The emulator, stopped when this is dropped.
#[derive(Debug)]
struct Runtime {
    process: Child,
    /// The address, without a path.
    url: String,
}

impl Runtime {
    /// Starts the emulator, and waits until it accepts connections.
    fn start() -> Self {
        let mut command = script("bedrock", "bedrock_runtime.py");
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().expect("bedrock_runtime.py can be run");
        let printed = process.stdout.take().expect("its output is piped");
        let ready = BufReader::new(printed).lines().map_while(Result::ok);
        let url = ready.filter_map(|it| it.strip_prefix("ready ").map(str::to_owned)).next();
        Self { process, url: url.expect("bedrock_runtime.py says where it is") }
    }

    /// Returns a benchmark of the emulator with a valid access key.
    fn benchmark(&self, model: &'static str) -> Benchmark {
        Benchmark::without_a_key("aws-bedrock", &self.url)
            .of_model(model)
            .with("--aws-access-key-id", "AKIAEXAMPLE")
            .with("--aws-secret-access-key", "example/secret+key")
            .hiding(["example/secret+key", "AKIAEXAMPLE"])
            .with("--aws-region", "eu-west-1")
            .with("--max-requests-per-run", &REQUESTS.to_string())
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Asserts that all requests were sent, signed and answered.
fn assert_all_answered(run: &Run) {
    assert_eq!(run.value("num_requests"), REQUESTS);
    assert_eq!(run.value("num_error_requests"), 0);
    assert_eq!(run.rows().len(), REQUESTS);
    assert_eq!(run.value("input_token_sources"), &json!({ "usage": REQUESTS }));
    assert_eq!(run.each("num_input_tokens"), [21.0; REQUESTS]);
}

/// Asserts the same for streamed text from `model` over this API.
fn assert_speaks(runtime: &Runtime, model: &'static str, api: &str) {
    let benchmark = runtime.benchmark(model).with("--aws-bedrock-api", api);
    let experiment = benchmark.with("--traffic-scenario", "D(20,8)").with("--num-concurrency", "4").run();
    let [run] = &experiment.runs[..] else { panic!("one run, not {}", experiment.runs.len()) };
    assert_all_answered(run);
    assert_eq!(run.value("output_token_sources"), &json!({ "usage": REQUESTS }));
    assert_eq!(run.each("num_output_tokens"), [8.0; REQUESTS]);
    for (ttft, e2e) in run.each("ttft").into_iter().zip(run.each("e2e_latency")) {
        assert!(0.0 < ttft && ttft < e2e, "a first token after {ttft} s of {e2e} s");
    }
}

#[test]
#[ignore = "needs tests/real/setup"]
fn bedrock_converses() {
    assert_speaks(&Runtime::start(), "amazon.nova-lite-v1:0", "converse");
}

#[test]
#[ignore = "needs tests/real/setup"]
fn bedrock_invokes_models_of_two_makers() {
    let runtime = Runtime::start();
    for model in ["anthropic.claude-haiku-4-5-20251001-v1:0", "meta.llama3-8b-instruct-v1:0"] {
        assert_speaks(&runtime, model, "invoke");
    }
}

#[test]
#[ignore = "needs tests/real/setup"]
fn bedrock_speaks_the_api_of_openai() {
    assert_speaks(&Runtime::start(), "openai.gpt-oss-20b-1:0", "openai");
}

#[test]
#[ignore = "needs tests/real/setup"]
fn bedrock_makes_vectors() {
    let runtime = Runtime::start();
    let benchmark = runtime.benchmark("amazon.titan-embed-text-v2:0").with("--task", "text-to-embeddings");
    let benchmark = benchmark.with("--traffic-scenario", "E(20)").with("--batch-size", "1");
    let experiment = benchmark.with("--num-concurrency", "4").run();
    assert_eq!(experiment.runs.len(), 1);
    assert_all_answered(&experiment.runs[0]);
}
