//! Who we are to a server.

mod api_key;
#[cfg(feature = "custom")]
mod fixed_headers;
mod secret;
#[cfg(feature = "bedrock")]
mod sigv4;

pub use api_key::{ApiKey, InvalidKey};
#[cfg(feature = "custom")]
pub use fixed_headers::FixedHeaders;
pub use secret::Secret;
#[cfg(feature = "bedrock")]
pub use sigv4::SigV4;
