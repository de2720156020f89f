//! Text of servers, files and hubs, made safe to show: control characters escaped, credentials in addresses replaced.

mod printable;
mod redact_urls;

pub use printable::printable;
pub use redact_urls::redact_urls;
