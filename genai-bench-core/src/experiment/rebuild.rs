//! Rebuilding of result files from journals.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::{Folder, JournalEntry, JournalReader, RunHeader, unusable};
use crate::error::Error;
use crate::metrics::{MetricsCollector, RunEnding, RunFacts};
use crate::tokenizer::Tokenizer;
use crate::units::Offset;

/// Builds the result file of every run that has a journal, and returns the paths of the files. An existing result
/// file of the same name is replaced. A run that was killed before its journal had a first line has no result.
///
/// `tokenizer` counts the tokens of outputs that the server did not count.
///
/// # Errors
///
/// When there are no journals, a journal is malformed, or a file cannot be written.
pub fn rebuild(folder: &Folder, tokenizer: Option<&Arc<dyn Tokenizer>>) -> Result<Vec<PathBuf>, Error> {
    let mut made = Vec::new();
    let journals = folder.journals()?;
    if journals.is_empty() {
        return Err(unusable::without_journals(folder.path()));
    }
    for journal in journals {
        let Some(run) = replay(&journal, tokenizer)? else { continue };
        let metrics =
            run.collector.finish(&run.facts).map_err(|error| malformed(&journal, &error.to_string()))?;
        made.extend(folder.save(&run.header.scenario, &run.header.level, run.elapsed, &metrics)?);
    }
    Ok(made)
}

/// Returns the error for a malformed journal.
fn malformed(journal: &Path, problem: &str) -> Error {
    Error::Malformed { path: journal.to_owned(), line: None, message: problem.to_owned() }
}

/// A run that was read back from its journal.
struct Replayed {
    header: RunHeader,
    facts: RunFacts,
    collector: MetricsCollector,
    elapsed: Duration,
}

/// Reads a run back from its journal; `None` if the journal is empty.
fn replay(journal: &Path, tokenizer: Option<&Arc<dyn Tokenizer>>) -> Result<Option<Replayed>, Error> {
    let mut entries = JournalReader::open(journal)?;
    let header = match entries.next().transpose()? {
        None => return Ok(None),
        Some(JournalEntry::Run(header)) => header,
        Some(_) => return Err(malformed(journal, "the first line of a journal must be a run header")),
    };
    // A journal without its last line belongs to a run that was cut off.
    let facts = RunFacts { ending: RunEnding::Interrupted, ..header.facts };
    let mut run = Replayed {
        facts,
        collector: MetricsCollector::new(&facts).with_tokenizer(tokenizer.cloned()),
        header,
        elapsed: Duration::ZERO,
    };
    for entry in entries {
        match entry? {
            JournalEntry::Run(_) => {
                return Err(malformed(journal, "a journal must have one run header only"));
            }
            JournalEntry::Request(record) => {
                let ended = record.ended.since(Offset::ZERO).unwrap_or_default();
                run.elapsed = run.elapsed.max(ended);
                run.collector.add(*record);
            }
            JournalEntry::End(end) => {
                (run.elapsed, run.facts) = (end.elapsed, end.facts);
                if end.interrupted && run.facts.ending.is_regular() {
                    run.facts.ending = RunEnding::Interrupted;
                }
            }
        }
    }
    Ok(Some(run))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_journal_without_its_last_line_is_an_interrupted_run() {
        const HEADER: &str = r#"{"run":{"journal_version":1,"number":0,"scenario":"D(1,1)","task":"text-to-text",
            "load":{"closed":{"concurrency":1}},"facts":{"slots":1,"warmup_ratio":0,"cooldown_ratio":0,
            "ramp_ended":0,"slot_emptied":null}}}"#;
        const FACTS: &str =
            r#""facts":{"slots":1,"warmup_ratio":0,"cooldown_ratio":0,"ramp_ended":0,"slot_emptied":5}"#;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal_000.jsonl");
        let ending = |last_line: String| {
            std::fs::write(&path, format!("{}\n{last_line}", HEADER.replace('\n', ""))).unwrap();
            replay(&path, None).unwrap().expect("a header").facts.ending
        };
        let end = |interrupted: bool| {
            format!("{{\"end\":{{\"elapsed_s\":1.0,{FACTS},\"interrupted\":{interrupted}}}}}\n")
        };
        assert_eq!(ending(String::new()), RunEnding::Interrupted);
        assert_eq!(ending("{\"end\":{\"elap".to_owned()), RunEnding::Interrupted);
        assert_eq!(ending(end(false)), RunEnding::Limit);
        assert_eq!(ending(end(true)), RunEnding::Interrupted, "a journal of an older version");
    }
}
