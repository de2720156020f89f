//! The laws that every backend, auth provider and storage must obey (feature `conformance`).
//!
//! A backend provides its [`Cassette`]s, and every law is checked against them: a backend does not call laws, so none
//! can be forgotten. A law without a matching cassette does not apply, and is shown as ignored, never as passed.

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
