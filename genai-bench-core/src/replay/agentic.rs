//! Rows of Mooncake traces of agents: sessions of requests that follow one another's answers.

use std::collections::{BTreeSet, HashMap};

use super::Finding;
use super::fields::Fields;
use super::row::{Row, RowTime};

/// Fields that hold texts or parameters, which a recording does not send: only lengths, blocks and times are replayed.
const TEXTS: [&str; 6] = ["messages", "text_input", "payload", "tools", "message_mode", "extra"];
/// The modes of a session that can be replayed, and whether its prompts are whole in them.
const MODES: [(&str, bool); 2] =
    [("message_array_with_responses", true), ("deltas_without_responses", false)];

/// A reader of the lines, and the sessions so far.
#[derive(Debug, Default)]
pub(super) struct Agentic {
    sessions: HashMap<String, SessionSoFar>,
    unused: BTreeSet<String>,
    whole: u64,
    messages: u64,
}

#[derive(Debug)]
struct SessionSoFar {
    number: u64,
    /// The hashes of the row before.
    hash_ids: Vec<u64>,
    /// The reading of its prompts, once a second row has shown it.
    is_whole: Option<bool>,
}

impl Agentic {
    pub(super) fn row(&mut self, line: u64, text: &[u8]) -> Result<Row, String> {
        let mut fields = Fields::parse(text)?;
        for name in TEXTS {
            if fields.take(name).is_some() {
                return Err(format!(
                    "'{name}' cannot be replayed: a recording has lengths, times and hash_ids, and texts are made; \
                     take it out, or send the texts as a dataset"
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
                return Err("no 'timestamp', which the first request of a session needs".to_owned());
            }
            row.session = name.map(|name| self.begin(name, row.hash_ids.clone()));
            return Ok(row);
        };
        row.session = Some(session.number);
        let is_whole = session.reading(mode, &row.hash_ids)?;
        session.hash_ids.clone_from(&row.hash_ids);
        match (delay, timestamp) {
            (Some(delay), _) => row.time = RowTime::AfterAnswer { delay, is_whole },
            // A whole prompt needs no answer before it: it is sent at its time.
            (None, Some(_)) if is_whole => return Ok(row),
            (None, Some(_)) => {
                return Err("no 'delay': this row is a message that follows the answer before it in its session, at a \
                            time that a timestamp cannot say; for whole prompts give \"context_mode\": \
                            \"message_array_with_responses\""
                    .to_owned());
            }
            (None, None) => row.time = RowTime::AfterAnswer { delay: 0.0, is_whole },
        }
        *(if is_whole { &mut self.whole } else { &mut self.messages }) += 1;
        Ok(row)
    }

    /// Begins a session, and returns its number.
    fn begin(&mut self, name: String, hash_ids: Vec<u64>) -> u64 {
        let number = self.sessions.len() as u64;
        self.sessions.insert(name, SessionSoFar { number, hash_ids, is_whole: None });
        number
    }

    pub(super) fn findings(self) -> Vec<Finding> {
        let (whole, messages) = (self.whole, self.messages);
        let turns = (whole + messages > 0).then_some(Finding::Turns { whole, messages });
        let unused = Some(self.unused).filter(|unused| !unused.is_empty()).map(Finding::UnusedFields);
        turns.into_iter().chain(unused).collect()
    }
}

impl SessionSoFar {
    /// Decides whether a further row is a whole prompt: by its mode, else by whether its hashes begin as those of the
    /// row before. All rows of a session are read alike.
    fn reading(&mut self, mode: Option<bool>, hash_ids: &[u64]) -> Result<bool, String> {
        // The last block of a prompt is most often not full, and is another one when the prompt goes on.
        let before = &self.hash_ids[..self.hash_ids.len().saturating_sub(1).max(1).min(self.hash_ids.len())];
        let is_whole = mode.unwrap_or_else(|| !before.is_empty() && hash_ids.starts_with(before));
        match self.is_whole.replace(is_whole) {
            Some(other) if other != is_whole => Err(
                "some rows of this session begin with the hash_ids of the row before, and some do not: give each a \
                 \"context_mode\""
                    .to_owned(),
            ),
            _ => Ok(is_whole),
        }
    }
}

/// Takes a time, which is not negative.
fn time(fields: &mut Fields, name: &str) -> Result<Option<f64>, String> {
    match fields.optional_number(name)? {
        Some(time) if time < 0.0 => Err(format!("'{name}' is {time}: 0 or more is needed")),
        time => Ok(time),
    }
}

/// Takes the mode of a session: `true` for whole prompts, `false` for messages.
fn mode(fields: &mut Fields) -> Result<Option<bool>, String> {
    let Some(mode) = fields.name("context_mode")? else { return Ok(None) };
    let known = MODES.into_iter().find(|(name, _)| *name == mode).map(|(_, is_whole)| is_whole);
    known.map(Some).ok_or_else(|| {
        format!("'context_mode' is '{mode}': {} and {} can be replayed", MODES[0].0, MODES[1].0)
    })
}
