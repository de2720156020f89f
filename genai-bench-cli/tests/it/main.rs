//! Tests of the binary against the simulator on loopback.

mod auth;
mod aws;
mod azure;
mod bad_input;
mod command;
mod conversations;
mod crash;
mod dataset_files;
mod datasets;
#[cfg(unix)]
mod entra;
mod exposure;
mod faults;
mod google;
mod guarded_simulator;
mod hostile_files;
mod hostile_server;
mod hub;
mod links;
mod log_file;
mod moved_workload;
#[cfg(target_os = "linux")]
mod not_utf8;
mod oci;
mod one_answer;
mod output;
mod preflight;
mod prompt_starts;
mod provider_tasks;
mod python_tool;
mod recordings;
mod rerun;
mod secrets;
mod simulator;
mod tasks;
mod tokenizers;
mod workload;
