//! Sends sessions at a target, as a plan says, and hands every trace on as it ends.

mod ahead;
mod closed;
mod heartbeat;
mod stop;

pub(crate) use ahead::Ahead;
pub(crate) use closed::{Job, drive};
pub use stop::Stopper;
