//! `genai-bench backends`: the list of backends of this build.

use std::process::ExitCode;

use clap::Args;
use genai_bench_backends::custom;
use genai_bench_backends::entry::Entry;
use genai_bench_backends::registry::{self, ENTRIES};
use genai_bench_core::task::Task;

use crate::console;
use crate::failure::Failure;

/// The maximum width of a line, in columns.
const WIDTH: usize = 100;
/// The indentation of the description of a backend, in columns.
const INDENT: usize = 14;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Show only this backend; for custom, also the guide to its description file.
    name: Option<String>,
}

/// Prints each backend of this build: its tasks, the sources of its key, its kinds of credentials, and its own options.
pub(crate) fn run(options: &Options) -> Result<ExitCode, Failure> {
    let Some(name) = &options.name else {
        ENTRIES.iter().for_each(|entry| console::print(&described(entry)));
        return Ok(ExitCode::SUCCESS);
    };
    let entry = registry::find(name).ok_or_else(|| {
        Failure::Usage(format!("'{name}' is not a backend of this build: `genai-bench backends` lists them"))
    })?;
    console::print(&described(entry));
    if entry.name == custom::NAME {
        console::print(&format!("\n{}", custom::GUIDE));
    }
    Ok(ExitCode::SUCCESS)
}

fn described(entry: &Entry) -> String {
    let tasks: Vec<&str> = entry.tasks.iter().copied().map(Task::name).collect();
    let keys: Vec<&str> = ["--api-key", "--model-api-key", "--api-key-file"]
        .iter()
        .chain(entry.key_variables)
        .copied()
        .collect();
    let mut lines = vec![entry.name.to_owned()];
    lines.extend(wrapped("tasks", &tasks));
    lines.extend(wrapped("key", &keys));
    let auth: Vec<&str> = entry.auth.iter().map(|it| it.name).collect();
    lines.extend(wrapped("auth", &auth));
    let default = format!("else {}", entry.default_base);
    let default = Some(&*default).filter(|_| !entry.default_base.is_empty());
    let address = ["--api-base"].iter().chain(entry.base_variables).copied().chain(default);
    lines.extend(wrapped("address", &address.collect::<Vec<_>>()));
    for option in entry.options {
        let names: Vec<String> = option.variables.iter().map(|name| format!("[{name}]")).collect();
        let words = [&[option.help][..], &names.iter().map(String::as_str).collect::<Vec<_>>()].concat();
        lines.push(format!("  --{} {}", option.name, option.value_name));
        lines.extend(wrapped("", &[&words.join(" ")]));
    }
    lines.iter().map(|line| format!("{line}\n")).collect()
}

/// Formats a title and its parts, separated by commas, as lines of at most [`WIDTH`] columns.
fn wrapped(title: &str, parts: &[&str]) -> Vec<String> {
    let mut lines = vec![format!("  {title:<width$}", width = INDENT - 2)];
    let text = parts.join(", ");
    for word in text.split(' ') {
        let line = lines.last_mut().expect("there is a line from the beginning");
        if line.chars().count() > INDENT && line.chars().count() + 1 + word.chars().count() > WIDTH {
            lines.push(format!("{:INDENT$}{word}", ""));
        } else if line.chars().count() > INDENT {
            line.push(' ');
            line.push_str(word);
        } else {
            line.push_str(word);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_backend_is_described_in_lines_that_fit() {
        for entry in ENTRIES {
            let text = described(entry);
            assert!(text.starts_with(entry.name), "{text}");
            assert!(entry.tasks.iter().all(|task| text.contains(task.name())), "{text}");
            assert!(entry.key_variables.iter().all(|name| text.contains(name)), "{text}");
            for line in text.lines() {
                assert!(line.chars().count() <= WIDTH, "{line}");
            }
        }
    }
}
