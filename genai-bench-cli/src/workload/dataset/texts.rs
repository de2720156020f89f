//! The texts of a dataset from which prompts are cut.

use std::sync::Arc;

use genai_bench_core::dataset::Record;
use genai_bench_core::request::Role;

use super::Opened;
use crate::console::note;
use crate::failure::Failure;

impl Opened {
    /// Returns the prompts of rows and the user messages of conversations, and prints notes on the rest.
    pub(in crate::workload) fn texts(&self) -> Result<Vec<Arc<str>>, Failure> {
        let records = self.dataset.records();
        let texts: Vec<Arc<str>> = records.iter().flat_map(texts_of).collect();
        if texts.is_empty() {
            let problem = format!(
                "no row of {} has a text that prompts can be cut from: leave the dataset out (prompts are random words then), \
                 or name the column of its texts with --dataset-prompt-column",
                records.len()
            );
            return Err(Failure::option(self.option, problem));
        }
        let conversations = records.iter().filter(|record| !record.conversation.is_empty()).count();
        if conversations > 0 {
            note(format!(
                "prompts are cut from the user messages of the dataset's conversations ({conversations}); their other messages \
                 are left out"
            ));
        }
        let without = records.iter().filter(|record| texts_of(record).next().is_none()).count();
        if without > 0 {
            let rows = records.len();
            note(format!(
                "rows of the dataset without a text that prompts can be cut from: {without} of {rows}"
            ));
        }
        Ok(texts)
    }
}

/// Returns the prompt of a row, or the user messages of its conversation.
fn texts_of(record: &Record) -> impl Iterator<Item = Arc<str>> {
    let prompt = record.prompt.as_ref().filter(|_| record.conversation.is_empty());
    let messages = record.conversation.iter().filter(|message| message.speaker == Role::User);
    prompt.into_iter().chain(messages.map(|message| &message.text)).cloned()
}
