//! Text of servers, files and hubs, made safe to show: control characters escaped, credentials in addresses replaced.

mod printable;
mod redact_urls;
mod secret_names;

pub use printable::printable;
pub use redact_urls::redact_urls;
pub use secret_names::is_secret_name;
