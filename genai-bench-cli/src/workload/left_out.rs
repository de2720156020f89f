//! The parts of a dataset that are not sent, or are sent in another form.

use std::collections::BTreeMap;

use genai_bench_core::dataset::{Dataset, Record};
use genai_bench_core::request::Role;
use genai_bench_core::task::Task;

use super::{Endpoint, WorkloadOptions, option_checks};

/// The name of rows that cannot be read, in the metadata.
const BAD_ROW: &str = "bad_row";

/// The rows of a dataset that are left out, and the changes to those that are sent, by reason.
#[derive(Clone, Debug, Default)]
pub(crate) struct LeftOut {
    rows: Vec<Counted>,
    changes: Vec<Counted>,
    rows_seen: u64,
}

/// A number of rows or changes, with the reason. One with an empty description appears in the metadata only.
#[derive(Clone, Debug)]
struct Counted {
    name: &'static str,
    description: String,
    count: u64,
}

impl LeftOut {
    /// Counts the parts of `dataset` that a workload of these `options` does not send. `backend` names the backend for which
    /// rows with tools are left out.
    pub(super) fn new(dataset: &Dataset, options: &WorkloadOptions, backend: Option<&str>) -> Self {
        let mut rows: Vec<Counted> = dataset
            .rows_left_out()
            .iter()
            .map(|(reason, count)| Counted {
                name: reason.name(),
                description: match (reason, backend) {
                    (genai_bench_core::dataset::LeftOut::Tools, Some(backend)) => {
                        format!("{}, which {backend} cannot send", reason.description())
                    }
                    _ => reason.description().to_owned(),
                },
                count,
            })
            .collect();
        let bad_rows = dataset.bad_rows().count;
        if bad_rows > 0 {
            rows.push(Counted {
                name: BAD_ROW,
                description: "that cannot be read".to_owned(),
                count: bad_rows,
            });
        }
        let mut changes = Vec::new();
        if sends_conversations(options) {
            changes.extend(dataset.changes().iter().map(|(change, count)| Counted {
                name: change.name(),
                description: change.description().to_owned(),
                count,
            }));
            let description = "conversations with tools, whose prompts have no known length to check";
            let count = count_records(dataset, Record::uses_tools);
            changes.push(Counted { name: "unknown_length", description: description.to_owned(), count });
        } else if option_checks::generates(options) && !shows_images(options.task) {
            // The note for these is printed with the texts that prompts are cut from.
            let count = count_records(dataset, |record| !record.conversation.is_empty());
            changes.push(Counted { name: "conversation_as_text", description: String::new(), count });
        } else {
            let description = "conversations of which only the first message of the user is sent: text-to-text with \
                               --endpoint chat sends them whole";
            let count = count_records(dataset, Record::is_more_than_a_prompt);
            changes.push(Counted { name: "conversation_cut", description: description.to_owned(), count });
        }
        if !shows_images(options.task) {
            let count = count_records(dataset, |record| !record.images.is_empty());
            let description = format!("rows whose images are not sent by {}", options.task);
            changes.push(Counted { name: "images_not_sent", description, count });
        }
        changes.retain(|counted| counted.count > 0);
        Self { rows, changes, rows_seen: dataset.rows_seen() }
    }

    /// Returns the notes to print: one on rows that are left out and one on changes, if there are any.
    pub(super) fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        let total: u64 = self.rows.iter().map(|row| row.count).sum();
        if total > 0 {
            let reasons: Vec<String> =
                self.rows.iter().map(|row| format!("{} {}", row.count, row.description)).collect();
            let seen = self.rows_seen;
            notes.push(format!("dataset: {total} of {seen} rows left out: {}", reasons.join(", ")));
        }
        let changes = self.changes.iter().filter(|change| !change.description.is_empty());
        let changes: Vec<String> =
            changes.map(|change| format!("\n  {}: {}", change.description, change.count)).collect();
        if !changes.is_empty() {
            notes.push(format!("dataset: parts left out or sent in another form:{}", changes.concat()));
        }
        notes
    }

    /// Returns the number of rows that are left out, by the name of the reason.
    pub(crate) fn rows_by_name(&self) -> BTreeMap<String, u64> {
        by_name(&self.rows)
    }

    /// Returns the number of changes to rows that are sent, by the name of the change.
    pub(crate) fn changes_by_name(&self) -> BTreeMap<String, u64> {
        by_name(&self.changes)
    }
}

fn by_name(counted: &[Counted]) -> BTreeMap<String, u64> {
    counted.iter().map(|counted| (counted.name.to_owned(), counted.count)).collect()
}

fn count_records(dataset: &Dataset, is_counted: impl Fn(&Record) -> bool) -> u64 {
    dataset.records().iter().filter(|record| is_counted(record)).count() as u64
}

/// Returns the number of conversations with a system message.
pub(crate) fn system_prompts(dataset: &Dataset) -> u64 {
    count_records(dataset, |record| record.conversation.iter().any(|message| message.speaker == Role::System))
}

/// Returns `true` if conversations of a dataset are sent turn by turn.
pub(super) fn sends_conversations(options: &WorkloadOptions) -> bool {
    let sends_chats = options.task == Task::TextToText && options.endpoint != Endpoint::Completions;
    sends_chats && !option_checks::generates(options)
}

fn shows_images(task: Task) -> bool {
    matches!(task, Task::ImageTextToText | Task::ImageToEmbeddings)
}
