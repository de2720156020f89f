//! The binary, as a person runs it, against the simulator on loopback.

mod azure;
mod bad_input;
mod command;
mod crash;
mod datasets;
mod faults;
mod google;
mod hub;
mod output;
mod rerun;
mod secrets;
mod tasks;
mod workload;
