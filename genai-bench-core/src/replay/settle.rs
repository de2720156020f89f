//! Conversion of the rows of a file to those of a recording: units, block size, rows that are left out, order.

use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

use super::row::{Row, RowTime};
use super::stamp::Stamp;
use super::{
    Finding, FollowUp, ReadOptions, Recording, ReplayError, Skipped, TraceFormat, TraceRow, TraceTimeUnit,
    block_size, time_unit,
};
use crate::units::Tokens;

/// Builds the recording of a file in `format` from its rows, the findings on them, and the hash of the file.
pub(super) fn recording(
    path: &Path,
    format: TraceFormat,
    rows: Vec<Row>,
    options: &ReadOptions,
    (mut findings, fingerprint): (Vec<Finding>, String),
) -> Result<Recording, ReplayError> {
    let (path, row_count) = (path.to_owned(), rows.len());
    if rows.is_empty() {
        return Err(ReplayError::Empty { path });
    }
    let (unit, found) = unit(format, &rows, options).map_err(|doubt| ReplayError::TimeUnit {
        path: path.clone(),
        line: doubt.line,
        problem: doubt.problem,
    })?;
    findings.extend(found);
    let (block, found) =
        block_size::settle(format.usual_block(), options.block, &rows).map_err(|misfit| {
            ReplayError::Blocks { path: path.clone(), line: misfit.line, problem: misfit.problem }
        })?;
    findings.extend(found);
    let mut kept = Kept {
        format,
        unit,
        rows: Vec::with_capacity(row_count),
        skipped: Skipped::default(),
        leaders: HashMap::new(),
    };
    for row in rows {
        let line = row.line;
        kept.add(row).map_err(|message| ReplayError::Row { path: path.clone(), line, message })?;
    }
    let skipped = kept.skipped;
    let rows = kept.in_order();
    if rows.is_empty() {
        return Err(ReplayError::AllSkipped { path, skipped });
    }
    Ok(Recording { path, format, rows, skipped, findings, block, fingerprint })
}

/// Returns the unit of the times; `None` for dates, which have none.
fn unit(
    format: TraceFormat,
    rows: &[Row],
    options: &ReadOptions,
) -> Result<(Option<TraceTimeUnit>, Option<Finding>), time_unit::Doubt> {
    let Some(usual) = format.time_unit() else {
        return match options.time_unit {
            None => Ok((None, None)),
            Some(_) => {
                let problem = "the times are dates, which have no unit".to_owned();
                Err(time_unit::Doubt { line: rows[0].line, problem })
            }
        };
    };
    let times: Vec<(u64, f64)> = rows.iter().filter_map(numbered_time).collect();
    let (unit, finding) = time_unit::settle(usual, options.time_unit, &times)?;
    Ok((Some(unit), finding))
}

/// Returns the line and the time of a row whose time is a number.
fn numbered_time(row: &Row) -> Option<(u64, f64)> {
    match row.time {
        RowTime::Number(time) => Some((row.line, time)),
        _ => None,
    }
}

/// The rows of the recording so far. Their arrivals count from the earliest possible stamp.
struct Kept {
    format: TraceFormat,
    unit: Option<TraceTimeUnit>,
    /// Each row with the number of its leader, or its own number.
    rows: Vec<(usize, TraceRow)>,
    skipped: Skipped,
    /// The last row with a time of its own in each session.
    leaders: HashMap<u64, Leader>,
}

/// A row with a time of its own, after which others of its session follow.
#[derive(Clone, Copy)]
struct Leader {
    arrival: Duration,
    number: usize,
    is_kept: bool,
}

impl Kept {
    /// Adds a row, or counts it as left out.
    fn add(&mut self, row: Row) -> Result<(), String> {
        let number = self.rows.len() + self.skipped.total() as usize;
        let is_kept = !self.skip(&row);
        let (leader, follow_up) = match row.time {
            RowTime::Date(stamp) => (Leader { arrival: stamp.since_earliest(), number, is_kept }, None),
            RowTime::Number(time) => (Leader { arrival: self.stamp(time)?, number, is_kept }, None),
            RowTime::AfterAnswer { delay, is_whole } => {
                let delay = self.duration(delay)?;
                match row.session.and_then(|session| self.leaders.get(&session)) {
                    Some(leader) if leader.is_kept => (*leader, Some(FollowUp { delay, is_whole })),
                    // The rows before it are left out, so it is the first row of its session.
                    Some(leader) => (Leader { arrival: leader.arrival + delay, number, is_kept }, None),
                    None => return Err("it has a 'delay', but no row of its session precedes it".to_owned()),
                }
            }
        };
        if let Some(session) = row.session {
            self.leaders.insert(session, leader);
        }
        if is_kept {
            let Row { hash_ids, session, .. } = row;
            let (input, output) = (Tokens(row.input), Tokens(row.output));
            let row = TraceRow { arrival: leader.arrival, input, output, hash_ids, session, follow_up };
            self.rows.push((leader.number, row));
        }
        Ok(())
    }

    /// Counts a row if it is left out, and returns `true` if it is.
    fn skip(&mut self, row: &Row) -> bool {
        let count = match (row.input, row.output) {
            (_, 0) if self.format == TraceFormat::BurstGpt => &mut self.skipped.failed,
            (0, _) => &mut self.skipped.no_input,
            (_, 0) => &mut self.skipped.no_output,
            _ => return false,
        };
        *count += 1;
        true
    }

    /// Returns a time of the file as an arrival.
    fn stamp(&self, time: f64) -> Result<Duration, String> {
        let unit = self.unit.unwrap_or(TraceTimeUnit::Seconds);
        let stamp = Stamp::from_units(time, unit.nanos());
        stamp
            .map(Stamp::since_earliest)
            .ok_or_else(|| format!("the time {time:?} is out of range: give {unit}"))
    }

    /// Converts a delay of the file.
    fn duration(&self, delay: f64) -> Result<Duration, String> {
        let unit = self.unit.unwrap_or(TraceTimeUnit::Seconds);
        let seconds = delay * f64::from(unit.nanos()) / 1e9;
        Duration::try_from_secs_f64(seconds).map_err(|_| format!("'delay' is {delay:?}: it is out of range"))
    }

    /// Returns the rows sorted by time, with arrivals counted from the first. Rows that follow the answers of a leader stand
    /// after it.
    fn in_order(mut self) -> Vec<TraceRow> {
        self.rows.sort_by_key(|(number, row)| (row.arrival, *number));
        let first = self.rows.first().map_or(Duration::ZERO, |(_, row)| row.arrival);
        self.rows.into_iter().map(|(_, row)| TraceRow { arrival: row.arrival - first, ..row }).collect()
    }
}
