//! Credentials as the settings select them, and every authentication method against a local server.

mod fake;
mod principals;
mod settings;
