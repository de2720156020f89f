//! Experiment folders of this program, opened by the Python genai-bench.

use std::fs;
use std::net::TcpListener;
use std::path::Path;

use genai_bench_backends::simulator::{Settings, Simulator};
use serde_json::{Value, json};

use crate::command::Benchmark;
use crate::experiment::Experiment;
use crate::installed::script;
use crate::llama_server::LlamaServer;

/// Runs a command of the Python tool or a script around it, asserts that it succeeds, and returns its output.
fn python(experiment: &Experiment, arguments: &[&str]) -> String {
    let mut command = script("python_tool", "python_tool.py");
    // It leaves a log where it is run, and asks the terminal how wide it is.
    command.args(arguments).current_dir(experiment.folder().parent().expect("it is in a folder"));
    let output = command.env("COLUMNS", "200").output().expect("python_tool.py can be run");
    let complained = String::from_utf8_lossy(&output.stderr);
    let printed = String::from_utf8(output.stdout).expect("it prints UTF-8");
    assert!(output.status.success(), "{arguments:?}: {}\n{printed}\n{complained}", output.status);
    for bad in ["Traceback", "ERROR"] {
        assert!(
            !printed.contains(bad) && !complained.contains(bad),
            "{arguments:?}\n{printed}\n{complained}"
        );
    }
    printed
}

/// Runs a short sweep over a real server.
fn sweep() -> Experiment {
    let server = LlamaServer::start();
    Benchmark::new(&server.url)
        .with("--additional-request-params", r#"{"ignore_eos": true}"#)
        .with("--max-requests-per-run", "12")
        .with("--traffic-scenario", "D(100,32)")
        .with("--traffic-scenario", "N(60,10)/(20,5)")
        .with("--num-concurrency", "1")
        .with("--num-concurrency", "4")
        .run()
}

/// Runs a benchmark of a port without a server.
fn all_failed() -> Experiment {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port can be had");
    let address = listener.local_addr().expect("a listener has an address");
    drop(listener);
    Benchmark::new(&format!("http://{address}"))
        .with("--max-requests-per-run", "3")
        .with("--traffic-scenario", "D(10,2)")
        .with("--num-concurrency", "1")
        .with_flag("--skip-preflight")
        .run_unanswered()
}

fn load(experiment: &Experiment) -> Value {
    let folder = experiment.folder();
    let printed = python(experiment, &["load", utf8(&folder)]);
    serde_json::from_str(&printed).unwrap_or_else(|it| panic!("{it}: {printed}"))
}

/// Returns the content of the workbook that the Python tool makes of an experiment.
fn workbook(experiment: &Experiment) -> Value {
    let folder = experiment.folder();
    let place = ["--experiment-folder", utf8(&folder), "--excel-name", "out"];
    let style = ["--metric-percentile", "mean", "--metrics-time-unit", "s"];
    python(experiment, &[&["excel"], &place[..], &style[..]].concat());
    let printed = python(experiment, &["sheets", utf8(&folder.join("out.xlsx"))]);
    serde_json::from_str(&printed).unwrap_or_else(|it| panic!("{it}: {printed}"))
}

fn utf8(path: &Path) -> &str {
    path.to_str().expect("a temporary folder's name is UTF-8")
}

/// Returns the rows of a sheet without the first one.
fn rows<'a>(sheets: &'a Value, name: &str) -> &'a [Value] {
    &sheets[name].as_array().unwrap_or_else(|| panic!("no sheet {name}"))[1..]
}

#[test]
#[ignore = "needs tests/real/setup"]
fn the_python_tool_makes_a_workbook_of_our_folder() {
    let experiment = sweep();
    let sheets = workbook(&experiment);
    let names: Vec<&String> = sheets.as_object().expect("sheets have names").keys().collect();
    let aggregated = "Aggregated Metrics for Each Run";
    let requests = "Individual Request Metrics";
    assert_eq!(names, ["Summary", "Appendix", "Experiment Metadata", aggregated, requests]);
    let scenarios: Vec<&Value> = rows(&sheets, "Summary").iter().map(|it| &it[1]).collect();
    assert_eq!(scenarios, ["D(100,32)", "N(60,10)/(20,5)"]);
    assert_eq!(rows(&sheets, "Appendix").len(), experiment.runs.len());
    assert_eq!(rows(&sheets, aggregated).len(), experiment.runs.len());
    assert_eq!(rows(&sheets, requests).len(), experiment.requests());
}

#[test]
#[ignore = "needs tests/real/setup"]
fn the_python_tool_draws_our_folder() {
    let experiment = sweep();
    let folder = experiment.folder();
    let place = ["--experiments-folder", utf8(&folder), "--group-key", "traffic_scenario"];
    let style = ["--preset", "2x4_default", "--metrics-time-unit", "s"];
    let printed = python(&experiment, &[&["plot"], &place[..], &style[..]].concat());
    let mut pictures = experiment.files();
    pictures.retain(|it| it.extension().is_some_and(|it| it == "png"));
    // Eight plots, and all of them in one.
    assert_eq!(pictures.len(), 9, "{printed}");
    for picture in pictures {
        let bytes = fs::read(&picture).expect("a picture can be read");
        assert!(bytes.starts_with(b"\x89PNG"), "{} is no picture", picture.display());
    }
}

#[test]
#[ignore = "needs tests/real/setup"]
fn the_python_tool_reads_a_folder_of_every_task() {
    let server = Simulator::start(Settings::instant(), ([127, 0, 0, 1], 0).into()).expect("a server");
    for (task, scenario) in [
        ("text-to-embeddings", "E(64)"),
        ("text-to-rerank", "R(64,10)"),
        ("text-to-image", "I(64,64)"),
        ("text-to-speech", "A(50)"),
        ("image-text-to-text", "I(64,64,1)/(10,5)"),
        ("image-to-embeddings", "I(64,64)"),
    ] {
        let experiment = Benchmark::with_backend("vllm", &server.url())
            .with("--task", task)
            .with("--traffic-scenario", scenario)
            .with("--max-requests-per-run", "6")
            .with("--num-concurrency", "1")
            .run();
        let loaded = load(&experiment);
        let runs = loaded["runs"].as_array().expect("runs are a list");
        assert_eq!(runs.len(), experiment.runs.len(), "{task}: {loaded}");
        assert_eq!(rows(&workbook(&experiment), "Individual Request Metrics").len(), experiment.requests());
    }
}

#[test]
#[ignore = "needs tests/real/setup"]
fn the_python_tool_reads_a_run_in_which_every_request_failed() {
    let experiment = all_failed();
    let loaded = load(&experiment);
    let [run] = &loaded["runs"].as_array().expect("runs are a list")[..] else { panic!("one run: {loaded}") };
    assert_eq!(run["rows"], 3);
    assert_eq!(run["aggregated_metrics"]["num_error_requests"], 3);
    assert_eq!(run["aggregated_metrics"]["error_rate"], json!(1.0));
    assert_eq!(rows(&workbook(&experiment), "Individual Request Metrics").len(), 3);
}
