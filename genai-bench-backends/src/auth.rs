//! Who we are to a server.

mod api_key;
mod environment;
#[cfg(feature = "custom")]
mod fixed_headers;
#[cfg(feature = "vertex")]
mod google;
#[cfg(feature = "renewed")]
mod renewed;
mod secret;
#[cfg(feature = "bedrock")]
mod sigv4;
mod typed_header;

pub use api_key::{ApiKey, InvalidKey};
pub use environment::Environment;
#[cfg(feature = "custom")]
pub use fixed_headers::FixedHeaders;
#[cfg(feature = "vertex")]
pub use google::{Google, GoogleFile, InvalidGoogleFile};
#[cfg(feature = "renewed")]
pub use renewed::{Issued, Issuer, Renewed};
pub use secret::{Origin, Secret};
#[cfg(feature = "bedrock")]
pub use sigv4::SigV4;
pub use typed_header::TypedHeader;
