//! Who we are to a server.

mod api_key;
mod secret;

pub use api_key::{ApiKey, InvalidKey};
pub use secret::Secret;
