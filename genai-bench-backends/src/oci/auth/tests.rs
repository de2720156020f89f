//! Who we are, found as a person says it; and every way against a server on this machine.

mod fake;
mod principals;
mod settings;
