//! Ways to a server.

#[cfg(feature = "reqwest")]
mod connection;
#[cfg(feature = "reqwest")]
mod reqwest;

#[cfg(feature = "reqwest")]
pub use self::reqwest::{BuildTransportError, Reqwest, ReqwestOptions};
