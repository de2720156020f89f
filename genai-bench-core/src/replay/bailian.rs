//! Rows of the traces of Alibaba's Bailian: whole prompts, each with the id of the request that it follows.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::Finding;
use super::fields::Fields;
use super::row::{Row, RowTime};

/// The type of text requests. Requests of other types are sent as text too.
const TEXT: &str = "text";

/// A parser of lines, with the conversations so far.
#[derive(Debug, Default)]
pub(super) struct Bailian {
    /// The conversation of each request, by the id of the request.
    sessions: HashMap<i64, u64>,
    sessions_so_far: u64,
    others: BTreeMap<String, u64>,
    unused: BTreeSet<String>,
}

impl Bailian {
    /// Parses a line.
    pub(super) fn row(&mut self, line: u64, text: &[u8]) -> Result<Row, String> {
        let mut fields = Fields::parse(text)?;
        let time = RowTime::Number(fields.number("timestamp")?);
        let (input, output) = (fields.tokens("input_length")?, fields.tokens("output_length")?);
        let [chat, parent] = [id(&mut fields, "chat_id")?, id(&mut fields, "parent_chat_id")?];
        // The number of the turn follows from the parents, and does not change what is sent.
        fields.remove("turn");
        if let Some(kind) = fields.name("type")?.filter(|kind| kind != TEXT) {
            *self.others.entry(kind).or_default() += 1;
        }
        self.unused.extend(fields.rest().map(str::to_owned));
        let session = chat.map(|chat| self.session(chat, parent));
        Ok(Row { line, time, input, output, hash_ids: fields.hash_ids, session })
    }

    /// Returns the number of the conversation of a request: that of its parent if the file has the parent, otherwise a new
    /// one.
    fn session(&mut self, chat: i64, parent: Option<i64>) -> u64 {
        let known = parent.and_then(|parent| self.sessions.get(&parent).copied());
        let session = known.unwrap_or_else(|| {
            self.sessions_so_far += 1;
            self.sessions_so_far - 1
        });
        self.sessions.insert(chat, session);
        session
    }

    /// Returns the findings on all lines.
    pub(super) fn findings(self) -> Vec<Finding> {
        let others = Some(self.others).filter(|others| !others.is_empty()).map(Finding::OtherContent);
        let unused = Some(self.unused).filter(|unused| !unused.is_empty()).map(Finding::UnusedFields);
        others.into_iter().chain(unused).collect()
    }
}

/// Parses the id in a field.
fn id(fields: &mut Fields, name: &str) -> Result<Option<i64>, String> {
    let Some(value) = fields.remove(name) else { return Ok(None) };
    value.as_i64().map(Some).ok_or_else(|| format!("'{name}' is {value}: it must be a whole number"))
}
