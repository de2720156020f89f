//! What is sent: the options that say so, the sampler that is made of them, and `genai-bench workload`.

mod beginnings;
mod build;
mod check;
mod command;
mod dataset;
mod hub;
mod left_out;
mod locked;
mod make;
mod media;
mod moved;
mod options;
mod overhead;
mod recording;
mod repeats;
mod show;
mod spec;
mod tokenizer;

pub(crate) use beginnings::Beginnings;
pub(crate) use build::Ingredients;
pub(crate) use command::{Command, run};
pub(crate) use hub::HubAccess;
pub(crate) use left_out::LeftOut;
pub(crate) use locked::open_locked;
pub(crate) use moved::Places;
pub(crate) use options::{Endpoint, LockedOption, WorkloadOptions};
pub(crate) use overhead::{Overhead, measured};
pub(crate) use repeats::Repeats;
pub(crate) use spec::{default_scenarios, spec, with_defaults};
pub(crate) use tokenizer::{BUILT_IN, open_tokenizer};
