//! Sends sessions at a target, as a plan says, and hands every trace on as it ends.

mod ahead;
mod budget;
mod closed;
mod converse;
mod drive;
mod handover;
mod heartbeat;
mod job;
mod outcomes;
mod replay;
mod stop;

pub(crate) use ahead::Ahead;
pub(crate) use drive::drive;
pub(crate) use job::Job;
pub(crate) use outcomes::Outcomes;
pub use stop::Stopper;
