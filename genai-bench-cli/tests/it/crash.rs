//! What is left when the program dies, and when a person stops it.

use std::process::{Child, Stdio};
use std::time::Duration;

use crate::command::{genai_bench, journal, results, simulated, succeeded};

const LONG: [&str; 6] =
    ["--traffic-scenario", "D(20,10)", "--num-concurrency", "8", "--max-time-per-run", "5"];

/// A long run that has finished some requests.
fn under_way(folder: &std::path::Path) -> Child {
    let mut command = simulated(folder, &[]);
    let arguments: Vec<_> = command
        .get_args()
        .map(ToOwned::to_owned)
        .filter(|it| it != "12" && it != "--max-requests-per-run")
        .collect();
    let mut command = genai_bench(&[]);
    command.args(arguments).args(LONG).stdout(Stdio::piped()).stderr(Stdio::null());
    let child = command.spawn().expect("the binary runs");
    let begun = || {
        folder.join("e").exists()
            && std::panic::catch_unwind(|| journal(folder).len()).is_ok_and(|it| it > 20)
    };
    for _ in 0..600 {
        if begun() {
            return child;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("nothing finished in 30 seconds");
}

#[test]
fn what_has_finished_survives_kill_9_and_gives_the_result() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut child = under_way(folder.path());
    child.kill().expect("a process can be killed"); // SIGKILL
    child.wait().expect("it is gone");
    assert!(results(folder.path()).is_empty());
    let finished = journal(folder.path()).iter().filter(|it| it.get("request").is_some()).count();

    let experiment = folder.path().join("e");
    let rebuild = ["rebuild", "--experiment-folder", experiment.to_str().expect("a plain name")];
    let named = succeeded(&genai_bench(&rebuild).output().expect("the binary runs"));
    assert!(named.contains("D20_10_text-to-text_num_concurrency_8_time_"), "{named}");
    let result = results(folder.path()).pop().expect("a result");
    assert_eq!(result["aggregated_metrics"]["num_completed_requests"], finished);
    assert!(
        result["aggregated_metrics"]["mean_output_throughput_tokens_per_s"].as_f64().expect("a rate") > 0.0
    );
}

#[cfg(unix)]
#[test]
fn ctrl_c_stops_and_saves() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let child = under_way(folder.path());
    let interrupt = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(interrupt.expect("kill runs").success());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(130));
    let table = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(table.contains("D(20,10)") && table.contains("Stopped before its end"), "{table}");
    let run = &results(folder.path())[0]["aggregated_metrics"];
    assert!(run["num_completed_requests"].as_u64().expect("a count") >= 20, "{run}");
    assert_eq!(run["error_rate"], 0.0, "cancelled requests are no errors");
}
