//! Rows of the traces of Alibaba's Bailian: each a whole request, with the request that it follows.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::Value;

use super::Finding;
use super::fields::Fields;
use super::row::{Row, RowTime};

/// The type of requests that are text, as is sent for all.
const TEXT: &str = "text";

/// A reader of the lines, and what it knows of the conversations so far.
#[derive(Debug, Default)]
pub(super) struct Bailian {
    /// The conversation of each request.
    sessions: HashMap<i64, u64>,
    sessions_so_far: u64,
    others: BTreeMap<String, u64>,
    unused: BTreeSet<String>,
}

impl Bailian {
    pub(super) fn row(&mut self, line: u64, text: &[u8]) -> Result<Row, String> {
        let mut fields = Fields::parse(text)?;
        let time = RowTime::Number(fields.number("timestamp")?);
        let (input, output) = (fields.tokens("input_length")?, fields.tokens("output_length")?);
        let [chat, parent] = [id(&mut fields, "chat_id")?, id(&mut fields, "parent_chat_id")?];
        // The number of the turn follows from the parents, and does not change what is sent.
        fields.take("turn");
        if let Some(kind) = fields.name("type")?.filter(|kind| kind != TEXT) {
            *self.others.entry(kind).or_default() += 1;
        }
        self.unused.extend(fields.rest().map(str::to_owned));
        let session = chat.map(|chat| self.session(chat, parent));
        Ok(Row { line, time, input, output, hash_ids: fields.hash_ids, session })
    }

    /// Returns the conversation of a request: that of its parent, if the file has it, else a new one.
    fn session(&mut self, chat: i64, parent: Option<i64>) -> u64 {
        let known = parent.and_then(|parent| self.sessions.get(&parent).copied());
        let session = known.unwrap_or_else(|| {
            self.sessions_so_far += 1;
            self.sessions_so_far - 1
        });
        self.sessions.insert(chat, session);
        session
    }

    pub(super) fn findings(self) -> Vec<Finding> {
        let others = Some(self.others).filter(|others| !others.is_empty()).map(Finding::OtherContent);
        let unused = Some(self.unused).filter(|unused| !unused.is_empty()).map(Finding::UnusedFields);
        others.into_iter().chain(unused).collect()
    }
}

fn id(fields: &mut Fields, name: &str) -> Result<Option<i64>, String> {
    let number =
        |value: Value| value.as_i64().ok_or_else(|| format!("'{name}' is {value}: a whole number is needed"));
    fields.take(name).map(number).transpose()
}
