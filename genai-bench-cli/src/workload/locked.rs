//! Locked workloads: their opening and verification.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use genai_bench_core::plan::{ExperimentSpec, Plan};
use genai_bench_core::sampler::Sampler;
use genai_bench_core::tokenizer::Tokenizer;
use genai_bench_core::workload::{
    ContentHash, Header, LockReader, LockedContent, LockedSampler, WorkloadError,
};

use super::file_locations::{self, FileLocations};
use super::hub::HubAccess;
use super::inputs::{SamplerAndTokenizer, WorkloadInputs};
use super::make::{self, Recipe};
use crate::console::note;
use crate::failure::Failure;
use crate::load_options::LoadOptions;

const OPTION: &str = "workload";

/// Converts an error of a lock into a failure of its option.
fn failed(error: WorkloadError) -> Failure {
    Failure::option(OPTION, error)
}

/// The content of a lock.
pub(crate) struct Locked {
    pub(crate) plan: Plan,
    pub(crate) sampler: Arc<dyn Sampler>,
    pub(crate) tokenizer: Arc<dyn Tokenizer>,
    pub(crate) recipe: Recipe,
    /// The notes on choices that were made while the files of the dataset were read.
    pub(crate) dataset_notes: Vec<String>,
}

/// Opens the lock at `path` and verifies its sessions. The times and time limits of the plan come from `load`. `places` are
/// the locations of its dataset and tokenizer on this machine; `access` is the permission to fetch them from a hub.
pub(crate) fn open_locked(
    path: &Path,
    places: &FileLocations,
    access: HubAccess,
    load: Option<&LoadOptions>,
) -> Result<Locked, Failure> {
    let header = LockReader::open(path).map_err(failed)?.header().clone();
    let mut recipe = Recipe::from_header(&header).map_err(|error| Failure::option(OPTION, error))?;
    recipe.options.hub = access;
    let plan = plan(&header, load)?;
    match header.content {
        LockedContent::Sessions => {
            file_locations::note_unused(places);
            // The tokenizer is only used if the server does not count tokens: a run without it is as good.
            let tokenizer = file_locations::tokenizer_of_sessions(&header, &recipe, places)?;
            let sampler = LockedSampler::open(path).map_err(failed)?;
            note_changes(path, sampler.changes());
            let sampler: Arc<dyn Sampler> = Arc::new(sampler);
            Ok(Locked { plan, sampler, tokenizer, recipe, dataset_notes: Vec::new() })
        }
        LockedContent::Recipe => {
            file_locations::replace(&mut recipe, places)?;
            let (SamplerAndTokenizer { sampler, tokenizer }, dataset_notes) =
                from_recipe(&header, &recipe, &plan)?;
            verify_recipe(path, &header, &plan, &*sampler)?;
            Ok(Locked { plan, sampler, tokenizer, recipe, dataset_notes })
        }
    }
}

/// Verifies that the lock at `path` contains the sessions that were locked, or that its recipe makes them. Returns the
/// header and the hash.
pub(super) fn verify(
    path: &Path,
    places: &FileLocations,
    access: HubAccess,
) -> Result<(Header, String), Failure> {
    let mut reader = LockReader::open(path).map_err(failed)?;
    while reader.next_session().map_err(failed)?.is_some() {}
    let header = reader.header().clone();
    let hash = reader.end().map(|it| it.content_hash.clone()).unwrap_or_default();
    match header.content {
        LockedContent::Sessions => note_changes(path, reader.changes()),
        LockedContent::Recipe => {
            let mut recipe = Recipe::from_header(&header).map_err(|error| Failure::option(OPTION, error))?;
            recipe.options.hub = access;
            file_locations::replace(&mut recipe, places)?;
            let plan = Plan::try_from(header.spec.clone())?;
            let (made, _) = from_recipe(&header, &recipe, &plan)?;
            verify_recipe(path, &header, &plan, &*made.sampler)?;
        }
    }
    Ok((header, hash))
}

/// Prints a note on changes to a lock by an editor or git.
fn note_changes(path: &Path, changes: Option<&str>) {
    if let Some(changes) = changes {
        note(format!(
            "{}: an editor or git has put {changes} into it (git's core.autocrlf); its sessions are those that were locked",
            path.display()
        ));
    }
}

/// Returns the plan of a lock: its scenarios, levels and numbers of requests, with the given times.
fn plan(header: &Header, load: Option<&LoadOptions>) -> Result<Plan, Failure> {
    let mut spec: ExperimentSpec = header.spec.clone();
    load.into_iter().for_each(|load| load.add_to(&mut spec));
    Ok(Plan::try_from(spec)?)
}

/// Builds the sampler of a recipe. Also returns the notes on its dataset.
fn from_recipe(
    header: &Header,
    recipe: &Recipe,
    plan: &Plan,
) -> Result<(SamplerAndTokenizer, Vec<String>), Failure> {
    let options = &recipe.options;
    file_locations::find(recipe)?;
    let inputs = WorkloadInputs::open(options, None)?;
    file_locations::check_tokenizer(header, &inputs.opened, options.model_tokenizer.as_deref())?;
    if let Some(dataset) = &recipe.dataset {
        inputs.check_dataset(dataset)?;
    }
    let overhead = inputs.overhead(options)?;
    let made = inputs.make(&recipe.model, plan, options, overhead)?;
    Ok((made, inputs.dataset_notes().to_vec()))
}

/// Checks that a recipe makes no more sessions than were locked, before any is made.
fn check_count(path: &Path, header: &Header, plan: &Plan, locked: Option<u64>) -> Result<(), Failure> {
    let groups: BTreeSet<u64> = plan.runs().iter().map(|run| run.content_group).collect();
    let made = header.sessions_per_run.saturating_mul(groups.len() as u64);
    // A recording or a dataset may end earlier; the sessions before the first run are few.
    match locked {
        Some(locked) if made > locked => {
            let problem = format!(
                "{}: sessions_per_run is {}, which makes {made} sessions in all, but {locked} were locked",
                path.display(),
                header.sessions_per_run
            );
            Err(Failure::option(OPTION, problem))
        }
        _ => Ok(()),
    }
}

/// Makes all sessions of a recipe, and checks that their hash is the one in the lock.
fn verify_recipe(path: &Path, header: &Header, plan: &Plan, sampler: &dyn Sampler) -> Result<(), Failure> {
    let mut reader = LockReader::open(path).map_err(failed)?;
    while reader.next_session().map_err(failed)?.is_some() {}
    note_changes(path, reader.changes());
    check_count(path, header, plan, reader.end().map(|end| end.sessions))?;
    let mut hash = ContentHash::default();
    make::every_session(plan, sampler, header.sessions_per_run, make::threads(), |group, index, session| {
        hash.add(group, index, &session);
        Ok(())
    })?;
    let (locked, found) =
        (reader.end().map(|it| it.content_hash.clone()).unwrap_or_default(), hash.to_string());
    if locked == found {
        return Ok(());
    }
    Err(failed(WorkloadError::Differs { path: path.to_owned(), locked, found }))
}
