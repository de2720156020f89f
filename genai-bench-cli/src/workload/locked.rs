//! A workload that was locked, sent again.

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

/// What a lock says is run.
pub(crate) struct Locked {
    pub(crate) plan: Plan,
    pub(crate) sampler: Arc<dyn Sampler>,
    pub(crate) tokenizer: Arc<dyn Tokenizer>,
    pub(crate) recipe: Recipe,
    /// What was chosen, found out or not read in the files of the dataset.
    pub(crate) dataset_notes: Vec<String>,
}

/// Opens the lock at `path`, checks that its sessions are those that were locked, and puts what `load` says of times
/// and limits of time around them. `places` are those of its dataset and tokenizer on this machine; what it names on a hub
/// is fetched as `access` says.
pub(crate) fn open_locked(
    path: &Path,
    places: &FileLocations,
    access: HubAccess,
    load: Option<&LoadOptions>,
) -> Result<Locked, Failure> {
    let failed = |it: WorkloadError| Failure::option(OPTION, it);
    let header = LockReader::open(path).map_err(failed)?.header().clone();
    let mut recipe = Recipe::from_header(&header).map_err(|it| Failure::option(OPTION, it))?;
    recipe.options.hub = access;
    let plan = plan(&header, load)?;
    match header.content {
        LockedContent::Sessions => {
            file_locations::note_unused(places);
            // It only counts what the server does not: a run without it is as good.
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

/// Whether the lock at `path` still holds what was locked, or its recipe still makes it. Returns the header and the
/// hash.
pub(super) fn verify(
    path: &Path,
    places: &FileLocations,
    access: HubAccess,
) -> Result<(Header, String), Failure> {
    let failed = |it: WorkloadError| Failure::option(OPTION, it);
    let mut reader = LockReader::open(path).map_err(failed)?;
    while reader.next_session().map_err(failed)?.is_some() {}
    let header = reader.header().clone();
    let hash = reader.end().map(|it| it.content_hash.clone()).unwrap_or_default();
    match header.content {
        LockedContent::Sessions => note_changes(path, reader.changes()),
        LockedContent::Recipe => {
            let mut recipe = Recipe::from_header(&header).map_err(|it| Failure::option(OPTION, it))?;
            recipe.options.hub = access;
            file_locations::replace(&mut recipe, places)?;
            let plan = Plan::try_from(header.spec.clone())?;
            let (made, _) = from_recipe(&header, &recipe, &plan)?;
            verify_recipe(path, &header, &plan, &*made.sampler)?;
        }
    }
    Ok((header, hash))
}

/// Notes what an editor or git has changed in a lock.
fn note_changes(path: &Path, changes: Option<&str>) {
    if let Some(changes) = changes {
        note(format!(
            "{}: an editor or git has put {changes} into it (git's core.autocrlf); its sessions are those that were locked",
            path.display()
        ));
    }
}

/// The plan of a lock: its scenarios, levels and numbers of requests, with the times that were typed.
fn plan(header: &Header, load: Option<&LoadOptions>) -> Result<Plan, Failure> {
    let mut spec: ExperimentSpec = header.spec.clone();
    load.into_iter().for_each(|it| it.add_to(&mut spec));
    Ok(Plan::try_from(spec)?)
}

/// Makes the sampler of a recipe, and returns the notes on its dataset.
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

/// Refuses a recipe that makes another number of sessions than were locked, before any is made.
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

/// Makes all sessions of a recipe, and compares their hash with the one that was locked.
fn verify_recipe(path: &Path, header: &Header, plan: &Plan, sampler: &dyn Sampler) -> Result<(), Failure> {
    let failed = |it: WorkloadError| Failure::option(OPTION, it);
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
