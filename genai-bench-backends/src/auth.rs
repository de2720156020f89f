//! Who we are to a server.

mod api_key;
#[cfg(feature = "bedrock")]
mod aws_chain;
#[cfg(feature = "bedrock")]
mod aws_http_client;
#[cfg(feature = "bedrock")]
mod aws_keys;
#[cfg(feature = "bedrock")]
pub(crate) mod aws_profile;
#[cfg(any(feature = "renewed", feature = "vertex"))]
mod beside;
#[cfg(any(feature = "bedrock", feature = "oci"))]
mod body_hash;
#[cfg(feature = "bedrock")]
mod causes;
#[cfg(feature = "azure")]
mod entra;
mod environment;
#[cfg(feature = "custom")]
mod fixed_headers;
#[cfg(feature = "vertex")]
mod google;
pub(crate) mod loopback;
#[cfg(feature = "oci")]
pub mod oci;
pub(crate) mod precedence;
pub(crate) mod provider_hosts;
#[cfg(feature = "renewed")]
mod renewed;
mod secret;
#[cfg(feature = "bedrock")]
mod sigv4;
mod typed_header;

pub use api_key::{ApiKey, InvalidKey};
#[cfg(feature = "bedrock")]
pub use aws_chain::AwsChain;
#[cfg(feature = "bedrock")]
pub use aws_keys::AwsKeys;
#[cfg(feature = "azure")]
pub(crate) use entra::{Candidate, Entra, Place};
pub use environment::Environment;
#[cfg(feature = "custom")]
pub use fixed_headers::FixedHeaders;
#[cfg(feature = "vertex")]
pub use google::{Google, GoogleFile, InvalidGoogleFile};
pub use precedence::{Credentials, OwnCredential};
#[cfg(feature = "renewed")]
pub use renewed::{Issued, Issuer, Renewed};
pub use secret::{Origin, Secret};
#[cfg(feature = "bedrock")]
pub use sigv4::SigV4;
pub use typed_header::TypedHeader;
