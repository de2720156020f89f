//! Authentication of requests.

mod api_key;
#[cfg(feature = "bedrock")]
pub(crate) mod aws;
#[cfg(any(feature = "credential-cache", feature = "vertex"))]
mod background_runtime;
#[cfg(any(feature = "bedrock", feature = "oci"))]
pub(crate) mod body_hash;
#[cfg(feature = "credential-cache")]
mod credential_cache;
#[cfg(feature = "azure")]
mod entra;
mod environment;
#[cfg(feature = "vertex")]
mod google;
mod headers;
pub(crate) mod loopback;
pub(crate) mod provider_hosts;
mod secret;

pub use api_key::{ApiKey, InvalidKey};
#[cfg(feature = "bedrock")]
pub use aws::{AwsChain, AwsKeys, SigV4};
#[cfg(feature = "credential-cache")]
pub use credential_cache::{CredentialCache, CredentialProvider, Expiring};
#[cfg(feature = "azure")]
pub(crate) use entra::{Candidate, Entra, EntraSource};
pub use environment::Environment;
#[cfg(feature = "vertex")]
pub use google::{Google, GoogleFile, InvalidGoogleFile};
#[cfg(feature = "custom")]
pub use headers::FixedHeaders;
pub use headers::TypedHeader;
pub use secret::{Origin, Secret};
