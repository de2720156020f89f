//! Makes result files from journals.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::{Folder, JournalEntry, JournalReader, RunHeader, unusable};
use crate::error::Error;
use crate::metrics::{MetricsCollector, RunEnding, RunFacts};
use crate::tokenizer::Tokenizer;
use crate::units::Offset;

/// Makes the result file of every run that has a journal, and returns the files. A file of the same name is
/// written over: it was made of the same journal. A run that was killed before its journal had a first line has
/// no result.
///
/// `tokenizer` counts outputs that the server did not count.
///
/// # Errors
///
/// When there are no journals, one of them is none, or a file cannot be written.
pub fn rebuild(folder: &Folder, tokenizer: Option<&Arc<dyn Tokenizer>>) -> Result<Vec<PathBuf>, Error> {
    let mut made = Vec::new();
    let journals = folder.journals()?;
    if journals.is_empty() {
        return Err(unusable::without_journals(folder.path()));
    }
    for journal in journals {
        let broken = |message: &str| Error::Malformed {
            path: journal.clone(),
            line: None,
            message: message.to_owned(),
        };
        let Some(run) = replay(&journal, tokenizer, &broken)? else { continue };
        let metrics = run.tally.finish(&run.facts).map_err(|it| broken(&it.to_string()))?;
        made.extend(folder.save(&run.header.scenario, &run.header.level, run.elapsed, &metrics)?);
    }
    Ok(made)
}

struct Replayed {
    header: RunHeader,
    facts: RunFacts,
    tally: MetricsCollector,
    elapsed: Duration,
}

fn replay(
    journal: &Path,
    tokenizer: Option<&Arc<dyn Tokenizer>>,
    broken: &dyn Fn(&str) -> Error,
) -> Result<Option<Replayed>, Error> {
    let mut entries = JournalReader::open(journal)?;
    let header = match entries.next().transpose()? {
        None => return Ok(None),
        Some(JournalEntry::Run(header)) => header,
        Some(_) => return Err(broken("a journal begins with a line that says which run it is")),
    };
    // A journal without its last line is of a run that was cut off.
    let facts = RunFacts { ending: RunEnding::Interrupted, ..header.facts };
    let mut run = Replayed {
        facts,
        tally: MetricsCollector::new(&facts).with_tokenizer(tokenizer.cloned()),
        header,
        elapsed: Duration::ZERO,
    };
    for entry in entries {
        match entry? {
            JournalEntry::Run(_) => return Err(broken("a journal is of one run only")),
            JournalEntry::Request(trace) => {
                let ended = trace.ended.since(Offset::ZERO).unwrap_or_default();
                run.elapsed = run.elapsed.max(ended);
                run.tally.add(*trace);
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
    fn a_journal_without_its_last_line_is_of_an_interrupted_run() {
        const HEADER: &str = r#"{"run":{"journal_version":1,"number":0,"scenario":"D(1,1)","task":"text-to-text",
            "load":{"closed":{"concurrency":1}},"facts":{"slots":1,"warmup_ratio":0,"cooldown_ratio":0,
            "ramp_ended":0,"slot_emptied":null}}}"#;
        const FACTS: &str =
            r#""facts":{"slots":1,"warmup_ratio":0,"cooldown_ratio":0,"ramp_ended":0,"slot_emptied":5}"#;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal_000.jsonl");
        let ending = |last_line: String| {
            std::fs::write(&path, format!("{}\n{last_line}", HEADER.replace('\n', ""))).unwrap();
            let broken = |message: &str| panic!("{message}");
            replay(&path, None, &broken).unwrap().expect("a header").facts.ending
        };
        let end = |interrupted: bool| {
            format!("{{\"end\":{{\"elapsed_s\":1.0,{FACTS},\"interrupted\":{interrupted}}}}}\n")
        };
        assert_eq!(ending(String::new()), RunEnding::Interrupted);
        assert_eq!(ending("{\"end\":{\"elap".to_owned()), RunEnding::Interrupted);
        assert_eq!(ending(end(false)), RunEnding::Limit);
        assert_eq!(ending(end(true)), RunEnding::Interrupted, "of a journal that has no other word for it");
    }
}
