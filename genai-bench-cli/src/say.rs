//! Standard output.

use std::io::{ErrorKind, Write};

/// Prints a line, as `println!` does, but lives on when nobody reads on: `genai-bench … | head` is no accident, and
/// what has been measured still has to be reported by the exit code.
macro_rules! say {
    ($($words:tt)*) => { $crate::say::text(&format!("{}\n", format_args!($($words)*))) };
}
pub(crate) use say;

/// Prints a note to standard error, and writes it into the log file.
pub(crate) fn note(text: impl std::fmt::Display) {
    eprintln!("note: {text}");
    tracing::warn!("{text}");
}

/// Prints an error to standard error, and writes it into the log file.
pub(crate) fn error(text: impl std::fmt::Display) {
    eprintln!("error: {text}");
    tracing::error!("{text}");
}

/// Prints a text that has its line ends, in the same way.
pub(crate) fn text(text: &str) {
    match std::io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            eprintln!("cannot write to standard output: {error}");
        }
        _ => {}
    }
}
