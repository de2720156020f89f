//! Parsing of the process's arguments, with an error that names an option whose value is not Unicode.

use std::any::TypeId;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{Arg, Parser};

use crate::failure::Failure;

/// Parses the arguments of the process. Exits the process after a help text, and after an error that clap reports.
///
/// # Errors
///
/// Returns an error if the value of an option that takes text is not Unicode: clap's own error does not name the option.
pub(crate) fn parse<C: Parser>() -> Result<C, Failure> {
    C::try_parse().map_err(|error| match error.kind() {
        ErrorKind::InvalidUtf8 => no_unicode(&C::command(), std::env::args_os()),
        _ => error.exit(),
    })
}

/// Returns the failure for the first text argument that is not Unicode.
fn no_unicode(command: &clap::Command, arguments: impl IntoIterator<Item = OsString>) -> Failure {
    let mut previous = OsString::new();
    for argument in arguments {
        if argument.to_str().is_none() {
            let option = option_of(&argument).or_else(|| option_of(&previous));
            let shown = argument.to_string_lossy();
            match option {
                Some(option) if takes_path(command, &option) => {}
                Some(option) => return Failure::option(&option, NO_UNICODE),
                None => return Failure::Usage(format!("the argument '{shown}': {NO_UNICODE}")),
            }
        }
        previous = argument;
    }
    Failure::Usage(format!("an argument: {NO_UNICODE}"))
}

/// The problem with such a value. The value itself is not shown, since it may be a secret.
const NO_UNICODE: &str = "the value is not valid Unicode (UTF-8); only paths may contain other bytes";

/// Returns the name of the option in an argument, without its value and its dashes.
fn option_of(argument: &OsStr) -> Option<String> {
    let shown = argument.to_string_lossy();
    let name = shown.split('=').next().unwrap_or_default();
    name.strip_prefix("--").filter(|name| !name.is_empty()).map(str::to_owned)
}

/// Returns `true` if an option of a command or of its subcommands takes a path.
fn takes_path(command: &clap::Command, option: &str) -> bool {
    command.get_arguments().any(|argument| is_path_option(argument, option))
        || command.get_subcommands().any(|inner| takes_path(inner, option))
}

/// Returns `true` if an argument is the option of this name and takes a path.
fn is_path_option(argument: &Arg, option: &str) -> bool {
    argument.get_long() == Some(option) && argument.get_value_parser().type_id() == TypeId::of::<PathBuf>()
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::ffi::OsStringExt;

    use clap::CommandFactory;

    use super::*;

    fn failure(arguments: &[&[u8]]) -> String {
        let arguments = arguments.iter().map(|bytes| OsString::from_vec(bytes.to_vec()));
        no_unicode(&crate::Command::command(), arguments).to_string()
    }

    #[test]
    fn a_text_that_is_not_unicode_is_named_by_its_option() {
        for arguments in [
            &[b"--server-engine".as_slice(), b"m\xff"][..],
            &[b"--server-engine=m\xff"],
            &[b"--log-dir", b"\xff", b"--server-engine", b"m\xff"],
        ] {
            assert_eq!(failure(arguments), format!("--server-engine: {NO_UNICODE}"));
        }
        assert_eq!(failure(&[b"genai-bench", b"\xff"]), format!("the argument '\u{fffd}': {NO_UNICODE}"));
    }

    #[test]
    fn a_value_that_may_be_a_secret_is_not_shown() {
        let shown = failure(&[b"--api-key", b"sesame\xff"]);
        assert!(shown.starts_with("--api-key: ") && !shown.contains("sesame"), "{shown}");
    }
}
