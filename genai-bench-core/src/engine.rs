//! The load generator: starts the sessions of a run at a target and sends each finished record to the recorder.

mod byte_budget;
mod closed_loop;
mod drive;
mod heartbeat;
mod outcomes;
mod prefetch;
mod recorder_queue;
mod replay_schedule;
mod run_state;
mod session;
mod shutdown;

pub(crate) use drive::drive;
pub(crate) use outcomes::Outcomes;
pub(crate) use prefetch::Prefetcher;
pub(crate) use run_state::RunState;
pub(crate) use shutdown::Shutdown;
