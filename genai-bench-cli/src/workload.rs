//! Workloads: their options, the samplers built from these, and `genai-bench workload`.

mod command;
mod dataset;
mod file_locations;
mod hub;
mod inputs;
mod left_out;
mod locked;
mod make;
mod media;
mod option_checks;
mod options;
mod overhead;
mod prompt_starts;
mod recording;
mod repeated_rows;
mod show;
mod spec;
mod tokenizer;

pub(crate) use command::{Command, run};
pub(crate) use file_locations::FileLocations;
pub(crate) use hub::HubAccess;
pub(crate) use inputs::WorkloadInputs;
pub(crate) use left_out::LeftOut;
pub(crate) use locked::open_locked;
pub(crate) use options::{Endpoint, LockedOption, WorkloadOptions};
pub(crate) use overhead::{Overhead, measured};
pub(crate) use prompt_starts::PromptStarts;
pub(crate) use repeated_rows::RepeatedRows;
pub(crate) use spec::{default_scenarios, spec, with_defaults};
pub(crate) use tokenizer::{BUILT_IN, open_tokenizer};
