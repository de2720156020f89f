//! Rows of Mooncake traces of agents: sessions in which a request follows the answer to the one before it.

use std::collections::{BTreeSet, HashMap};

use super::Finding;
use super::fields::Fields;
use super::row::{Row, RowTime};

/// The fields of texts and parameters. A row that has one is refused, because only lengths, blocks and times are replayed.
const TEXTS: [&str; 6] = ["messages", "text_input", "payload", "tools", "message_mode", "extra"];
/// The modes of a session that can be replayed, each with `true` if its prompts are whole.
const MODES: [(&str, bool); 2] =
    [("message_array_with_responses", true), ("deltas_without_responses", false)];

/// A parser of lines, with the sessions so far.
#[derive(Debug, Default)]
pub(super) struct Agentic {
    sessions: HashMap<String, SessionSoFar>,
    unused: BTreeSet<String>,
    whole: u64,
    messages: u64,
}

/// A session whose later rows may still follow.
#[derive(Debug)]
struct SessionSoFar {
    number: u64,
    /// The hashes of the last row.
    hash_ids: Vec<u64>,
    /// `true` if its prompts are whole, `false` if they are messages; `None` until its second row.
    is_whole: Option<bool>,
}

impl Agentic {
    /// Parses a line.
    pub(super) fn row(&mut self, line: u64, text: &[u8]) -> Result<Row, String> {
        let mut fields = Fields::parse(text)?;
        for name in TEXTS {
            if fields.remove(name).is_some() {
                return Err(format!(
                    "'{name}' cannot be replayed, because prompts are generated from lengths and hash_ids: remove the field, \
                     or send the texts as a dataset"
                ));
            }
        }
        let (timestamp, delay) = (time(&mut fields, "timestamp")?, time(&mut fields, "delay")?);
        let name = fields.name("session_id")?;
        let mode = mode(&mut fields)?;
        let (input, output) = (fields.tokens("input_length")?, fields.tokens("output_length")?);
        self.unused.extend(fields.rest().map(str::to_owned));
        let mut row = Row {
            line,
            time: RowTime::Number(timestamp.unwrap_or_default()),
            input,
            output,
            hash_ids: fields.hash_ids,
            session: None,
        };
        let known = name.as_ref().and_then(|name| self.sessions.get_mut(name));
        let Some(session) = known else {
            if timestamp.is_none() {
                return Err("no 'timestamp', which the first request of a session must have".to_owned());
            }
            row.session = name.map(|name| self.begin(name, row.hash_ids.clone()));
            return Ok(row);
        };
        row.session = Some(session.number);
        let is_whole = session.reading(mode, &row.hash_ids)?;
        session.hash_ids.clone_from(&row.hash_ids);
        match (delay, timestamp) {
            (Some(delay), _) => row.time = RowTime::AfterAnswer { delay, is_whole },
            // A whole prompt does not depend on the previous answer, so it is sent at its own time.
            (None, Some(_)) if is_whole => return Ok(row),
            (None, Some(_)) => {
                return Err("no 'delay': this row is a message that follows the previous answer of its session, so its \
                            timestamp is not enough: add a 'delay', or for whole prompts \"context_mode\": \
                            \"message_array_with_responses\""
                    .to_owned());
            }
            (None, None) => row.time = RowTime::AfterAnswer { delay: 0.0, is_whole },
        }
        *(if is_whole { &mut self.whole } else { &mut self.messages }) += 1;
        Ok(row)
    }

    /// Adds a session and returns its number.
    fn begin(&mut self, name: String, hash_ids: Vec<u64>) -> u64 {
        let number = self.sessions.len() as u64;
        self.sessions.insert(name, SessionSoFar { number, hash_ids, is_whole: None });
        number
    }

    /// Returns the findings on all lines.
    pub(super) fn findings(self) -> Vec<Finding> {
        let (whole, messages) = (self.whole, self.messages);
        let turns = (whole + messages > 0).then_some(Finding::Turns { whole, messages });
        let unused = Some(self.unused).filter(|unused| !unused.is_empty()).map(Finding::UnusedFields);
        turns.into_iter().chain(unused).collect()
    }
}

impl SessionSoFar {
    /// Returns `true` if a further row is a whole prompt: by its mode, or without one because its hashes begin with those of
    /// the row before.
    ///
    /// # Errors
    ///
    /// The problem, if the row differs in this from the rows before it.
    fn reading(&mut self, mode: Option<bool>, hash_ids: &[u64]) -> Result<bool, String> {
        // The last block of a prompt is rarely full, so it has another hash in a longer prompt.
        let before = &self.hash_ids[..self.hash_ids.len().saturating_sub(1).max(1).min(self.hash_ids.len())];
        let is_whole = mode.unwrap_or_else(|| !before.is_empty() && hash_ids.starts_with(before));
        match self.is_whole.replace(is_whole) {
            Some(other) if other != is_whole => Err(
                "some rows of this session begin with the hash_ids of the row before, and some do not: add a \
                 \"context_mode\" to each row"
                    .to_owned(),
            ),
            _ => Ok(is_whole),
        }
    }
}

/// Returns the time in a field, which must not be negative.
fn time(fields: &mut Fields, name: &str) -> Result<Option<f64>, String> {
    match fields.optional_number(name)? {
        Some(time) if time < 0.0 => Err(format!("'{name}' is {time}: it must be at least 0")),
        time => Ok(time),
    }
}

/// Parses the mode of a session: `true` for whole prompts, `false` for messages.
fn mode(fields: &mut Fields) -> Result<Option<bool>, String> {
    let Some(mode) = fields.name("context_mode")? else { return Ok(None) };
    let known = MODES.into_iter().find(|(name, _)| *name == mode).map(|(_, is_whole)| is_whole);
    known
        .map(Some)
        .ok_or_else(|| format!("'context_mode' is '{mode}': it must be {} or {}", MODES[0].0, MODES[1].0))
}
