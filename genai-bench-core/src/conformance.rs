//! The laws that every backend, auth provider and storage must obey (feature `conformance`).
//!
//! A backend brings its [`Cassette`]s, and every law is tried on it: nobody calls a law, so nobody can forget
//! one. A law that a backend brings no cassette for does not apply, and is shown as ignored, never as passed.

mod cassette;
mod decode;
mod laws;
mod scripted;

pub use cassette::{Cassette, Expected, Role, Subject};
pub use decode::decode_chunks;
pub use laws::{
    AUTH_LAWS, AuthLaw, AuthSubject, LAWS, Law, Outcome, STORAGE_LAWS, StorageLaw, StorageSubject,
};
pub use scripted::{ScriptedTransport, Step};
