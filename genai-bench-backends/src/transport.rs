//! HTTP transports.

#[cfg(feature = "reqwest")]
mod closed_connection;
#[cfg(feature = "reqwest")]
mod connection;
#[cfg(feature = "reqwest")]
mod reqwest;
#[cfg(feature = "reqwest")]
mod tls_failure;

#[cfg(any(feature = "hub", feature = "oci"))]
pub(crate) use self::reqwest::chain;
#[cfg(feature = "reqwest")]
pub use self::reqwest::{BuildTransportError, Reqwest, ReqwestOptions};
