//! Sanitizing of untrusted text: escaping of control characters, redaction of credentials in URLs.

mod printable;
mod redact_urls;
mod secret_names;

pub use printable::printable;
pub use redact_urls::redact_urls;
pub use secret_names::is_secret_name;
