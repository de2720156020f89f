//! The experiment folder: the results of a benchmark.
//!
//! | file | content |
//! | --- | --- |
//! | `experiment_metadata.json` | the settings of the experiment: [`Metadata`] |
//! | `{scenario}_{task}_num_concurrency_{level}_time_{seconds}s.json` | the result of a run: [`RunFile`] |
//! | `journal_{number}_{scenario}_num_concurrency_{level}.jsonl` | each request of a run, as it finished |
//!
//! Names and keys are those of the Python tool, whose `excel` and `plot` commands read such a folder; keys that it
//! does not have are added. Requests are appended to the journal as they finish, so finished requests survive even
//! `kill -9`, and [`rebuild`] makes the result files from it.

mod folder;
mod journal;
mod metadata;
mod names;
mod rebuild;
mod run_file;
mod unusable;

pub use folder::Folder;
pub use journal::{Journal, JournalEntry, JournalReader, RunEnd, RunHeader};
pub use metadata::{Metadata, RecordingMetadata};
pub use names::folder_name;
pub use rebuild::rebuild;
pub use run_file::{AggregatedMetrics, Beyond, RequestRow, RunFile, StatField, TimeUnit};
