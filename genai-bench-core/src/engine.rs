//! Load: sends the sessions of a run to a target, and passes every record to the recorder as its request ends.

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
