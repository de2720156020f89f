//! Output to the console, without characters that control a terminal.

use std::io::{ErrorKind, Write};

use genai_bench_core::printable;

/// Prints a line, as `println!` does, but without a panic when the reader is gone: `genai-bench … | head` is normal use,
/// and the exit code still has to report the result.
macro_rules! print_line {
    ($($words:tt)*) => { $crate::console::print(&format!("{}\n", format_args!($($words)*))) };
}
pub(crate) use print_line;

/// Prints a note to standard error, and writes it into the log file.
pub(crate) fn note(text: impl std::fmt::Display) {
    let text = printable_lines(&text.to_string());
    eprintln!("note: {text}");
    tracing::warn!("{text}");
}

/// Prints an error to standard error, and writes it into the log file.
pub(crate) fn error(text: impl std::fmt::Display) {
    let text = printable_lines(&text.to_string());
    eprintln!("error: {text}");
    tracing::error!("{text}");
}

/// Prints a text that contains its own line ends. A reader that is gone is not an error.
pub(crate) fn print(text: &str) {
    match std::io::stdout().write_all(printable_lines(text).as_bytes()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            eprintln!("cannot write to standard output: {error}");
        }
        _ => {}
    }
}

/// Returns a text without characters that control a terminal: names and messages in it come from servers, files and hubs.
fn printable_lines(text: &str) -> String {
    text.split('\n').map(printable).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_stay_and_escape_sequences_do_not() {
        assert_eq!(printable_lines("one\n  two \u{1b}]0;title\u{7}\n"), "one\n  two \\u{1b}]0;title\\u{7}\n");
    }
}
