//! Who we are to a server.

mod api_key;
mod secret;
#[cfg(feature = "bedrock")]
mod sigv4;

pub use api_key::{ApiKey, InvalidKey};
pub use secret::Secret;
#[cfg(feature = "bedrock")]
pub use sigv4::SigV4;
