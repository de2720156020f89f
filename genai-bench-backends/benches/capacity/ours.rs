//! The complete client of the benchmark.

use std::sync::Arc;

use genai_bench_backends::entry::Settings;
use genai_bench_backends::registry;
use genai_bench_backends::transport::{Reqwest, ReqwestOptions};
use genai_bench_core::experiment::{Folder, Metadata};
use genai_bench_core::plan::Plan;
use genai_bench_core::runner::Runner;
use genai_bench_core::sampler::TextSampler;
use genai_bench_core::target::Target;
use genai_bench_core::tokenizer::Words;

use super::{CHUNKS, PROMPT, REQUESTS, cpu};

/// Sends all requests, `level` at a time; returns the CPU seconds used.
pub(crate) fn run(address: &str, level: u32) -> f64 {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let scenario = format!("D({PROMPT},{CHUNKS})");
    let plan =
        Plan::builder().scenario(scenario).concurrency([level]).requests(REQUESTS).build().expect("a plan");
    let entry = registry::find("simulated").expect("this bench needs the simulator");
    let settings = Settings { api_base: Some(format!("http://{address}")), ..Settings::default() };
    let endpoint = entry.build(&settings).expect("an endpoint");
    let transport = Arc::new(Reqwest::new(&ReqwestOptions::default()).expect("a transport"));
    let sampler = Arc::new(TextSampler::new("m", Arc::new(Words)).expect("a sampler"));
    let parent = tempfile::tempdir().expect("a folder");
    let folder = Folder::create(&parent.path().join("capacity"), &metadata()).expect("a folder");
    let runner = Runner::new(Target::new(endpoint.backend, transport), sampler).with_folder(folder);

    let before = cpu::seconds();
    let experiment = runtime.block_on(runner.run(&plan)).expect("an experiment");
    let used = cpu::seconds() - before;
    let metrics = &experiment.runs[0].metrics;
    assert_eq!((metrics.completed, metrics.failed), (REQUESTS, 0), "every request succeeds");
    used
}

fn metadata() -> Metadata {
    let least = r#"{"cmd": "", "benchmark_version": "", "api_backend": "simulated", "api_model_name": "m",
        "model": "m", "task": "text-to-text", "num_concurrency": [], "max_time_per_run_s": 0,
        "max_requests_per_run": 0, "experiment_folder_name": ""}"#;
    serde_json::from_str(least).expect("the keys that metadata must have")
}
