//! Ways to a server.

#[cfg(feature = "reqwest")]
mod closed;
#[cfg(feature = "reqwest")]
mod connection;
#[cfg(feature = "reqwest")]
mod reqwest;
#[cfg(feature = "reqwest")]
mod tls;

#[cfg(any(feature = "hub", feature = "oci"))]
pub(crate) use self::reqwest::chain;
#[cfg(feature = "reqwest")]
pub use self::reqwest::{BuildTransportError, Reqwest, ReqwestOptions};
