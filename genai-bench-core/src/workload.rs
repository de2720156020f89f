//! Workloads: the sessions that runs send, drawn in advance. The same seed gives the same sessions on any machine and
//! with any number of threads.
//!
//! A workload can be stored in a file, a *lock*: either with all sessions, so that it can be sent again byte for byte
//! from the file alone, or with the recipe only, and a hash of the sessions that the recipe must give.
//!
//! # The file
//!
//! Each line is JSON: the header, then every session (unless the lock holds the recipe only), then the end with the
//! number of sessions and their [`ContentHash`]. A file without its end was truncated. A byte order mark and CRLF line
//! ends, as added by editors and git, are ignored.
//!
//! ```text
//! {"workload":{"version":1,"content":"sessions","spec":{...},"tokenizer":{...},"recipe":{...}}}
//! {"session":[0,0,{"turns":[{"request":{...},"input":100}]}]}
//! {"end":{"sessions":1,"content_hash":"sha256:..."}}
//! ```

mod draw;
mod hash;
mod lock;
mod locked;
mod profile;
mod same_text;

pub use draw::{PREFLIGHTS, draw, has_output_limit, preflight, session, session_spec};
pub use hash::ContentHash;
pub use lock::{End, Header, LockReader, LockWriter, LockedContent, Placed, TokenizerId, WorkloadError};
pub use locked::LockedSampler;
pub use profile::{LengthHistogram, Profile};
pub use same_text::{file_hash, text_difference};
