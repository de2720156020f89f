//! What a run sends, drawn before it is sent: the same from the same seed, on any machine and any number of
//! threads.
//!
//! A workload can be kept in a file, a *lock*: either all of it, so that it can be sent again byte for byte with
//! nothing but the file, or only what it is made from, with a hash of what has to come out.
//!
//! # The file
//!
//! A line of JSON each: the header, then every session (unless the lock holds only what they are made from), then
//! the end with the number of sessions and their [`ContentHash`]. A file without its end was cut off. A byte order mark and
//! CRLF line ends, as editors and git put them in, are no part of it.
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
