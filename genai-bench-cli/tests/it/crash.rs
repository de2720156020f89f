//! Results after a crash and after Ctrl-C.

use std::path::Path;
use std::process::{Child, Output, Stdio};
use std::time::Duration;

use crate::command::{genai_bench, journal, results, succeeded};

const LONG: [&str; 6] =
    ["--traffic-scenario", "D(20,10)", "--num-concurrency", "8", "--max-time-per-run", "5"];

/// A run that is killed when it is dropped.
struct Running(Option<Child>);

impl Running {
    fn id(&self) -> String {
        self.0.as_ref().expect("it runs").id().to_string()
    }

    fn kill(&mut self) {
        if let Some(mut child) = self.0.take() {
            let _ = child.kill(); // SIGKILL
            let _ = child.wait();
        }
    }

    fn output(mut self) -> Output {
        self.0.take().expect("it runs").wait_with_output().expect("it ends")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Starts a long run and waits until some requests have finished.
fn under_way(folder: &Path) -> Running {
    let base = folder.to_str().expect("a temporary folder has a plain name");
    let mut command =
        genai_bench(&["benchmark", "--api-backend", "simulated", "--experiment-base-dir", base]);
    command.args(["--experiment-folder-name", "e"]).args(LONG).stdout(Stdio::piped()).stderr(Stdio::piped());
    let running = Running(Some(command.spawn().expect("the binary runs")));
    for _ in 0..600 {
        if journal(folder).len() > 20 {
            return running;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("nothing finished in 30 seconds");
}

#[test]
fn finished_requests_survive_kill_9_and_give_the_result() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    under_way(folder.path()).kill();
    assert!(results(folder.path()).is_empty());
    let finished = journal(folder.path()).iter().filter(|it| it.get("request").is_some()).count();

    let experiment = folder.path().join("e");
    let rebuild = ["rebuild", experiment.to_str().expect("a plain name")];
    let named = succeeded(&genai_bench(&rebuild).output().expect("the binary runs"));
    assert!(named.contains("D20_10_text-to-text_num_concurrency_8_time_"), "{named}");
    let result = results(folder.path()).pop().expect("a result");
    assert_eq!(result["aggregated_metrics"]["num_completed_requests"], finished);
    assert!(
        result["aggregated_metrics"]["mean_output_throughput_tokens_per_s"].as_f64().expect("a rate") > 0.0
    );
}

#[cfg(unix)]
fn stops_and_saves(signal: &str, exit_code: i32, name: &str) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let running = under_way(folder.path());
    let sent = std::process::Command::new("kill").args([signal, &running.id()]).status();
    assert!(sent.expect("kill runs").success());
    let output = running.output();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(exit_code), "{errors}");
    assert!(errors.contains(&format!("{name}: stopping")), "{errors}");
    let table = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(table.contains("D(20,10)") && table.contains("Stopped before its end"), "{table}");
    let run = &results(folder.path())[0]["aggregated_metrics"];
    assert!(run["num_completed_requests"].as_u64().expect("a count") >= 20, "{run}");
    assert_eq!(run["error_rate"], 0.0, "cancelled requests are no errors");
}

#[cfg(unix)]
#[test]
fn ctrl_c_stops_and_saves() {
    stops_and_saves("-INT", 130, "Ctrl-C");
}

#[cfg(unix)]
#[test]
fn sigterm_stops_and_saves() {
    stops_and_saves("-TERM", 143, "SIGTERM");
}
