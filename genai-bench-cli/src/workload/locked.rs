//! A workload that was locked, sent again.

use std::path::Path;
use std::sync::Arc;

use genai_bench_core::plan::{ExperimentSpec, Plan};
use genai_bench_core::sampler::Sampler;
use genai_bench_core::tokenizer::Tokenizer;
use genai_bench_core::workload::{
    ContentHash, Header, LockReader, LockedContent, LockedSampler, WorkloadError,
};

use super::build::{Ingredients, Made};
use super::make::{self, Recipe};
use super::open_tokenizer;
use crate::benchmark::LoadOptions;
use crate::failure::Failure;

const OPTION: &str = "workload";

/// What a lock says is run.
pub(crate) struct Locked {
    pub(crate) plan: Plan,
    pub(crate) sampler: Arc<dyn Sampler>,
    pub(crate) tokenizer: Arc<dyn Tokenizer>,
    pub(crate) recipe: Recipe,
}

/// Opens the lock at `path`, checks that its sessions are those that were locked, and puts what `load` says of times
/// and limits of time around them.
pub(crate) fn open_locked(
    path: &Path,
    tokenizer: Option<&str>,
    load: Option<&LoadOptions>,
) -> Result<Locked, Failure> {
    let failed = |it: WorkloadError| Failure::option(OPTION, it);
    let header = LockReader::open(path).map_err(failed)?.header().clone();
    let recipe = Recipe::of(&header).map_err(|it| Failure::option(OPTION, it))?;
    let plan = plan(&header, load)?;
    let (sampler, tokenizer): (Arc<dyn Sampler>, _) = match header.content {
        LockedContent::Sessions => {
            let place = tokenizer.or(recipe.options.model_tokenizer.as_deref());
            // It only counts what the server does not: a run without it is as good.
            let tokenizer = open_tokenizer(place).or_else(|_| open_tokenizer(None))?.tokenizer;
            (Arc::new(LockedSampler::open(path).map_err(failed)?), tokenizer)
        }
        LockedContent::Recipe => {
            let Made { sampler, tokenizer } = from_recipe(&header, &recipe, tokenizer, &plan)?;
            verify_recipe(path, &header, &plan, &*sampler)?;
            (sampler, tokenizer)
        }
    };
    Ok(Locked { plan, sampler, tokenizer, recipe })
}

/// Whether the lock at `path` still holds what was locked, or its recipe still makes it. Returns the header and the
/// hash.
pub(super) fn verify(path: &Path, tokenizer: Option<&str>) -> Result<(Header, String), Failure> {
    let failed = |it: WorkloadError| Failure::option(OPTION, it);
    let mut reader = LockReader::open(path).map_err(failed)?;
    while reader.next_session().map_err(failed)?.is_some() {}
    let header = reader.header().clone();
    let hash = reader.end().map(|it| it.content_hash.clone()).unwrap_or_default();
    if header.content == LockedContent::Recipe {
        let recipe = Recipe::of(&header).map_err(|it| Failure::option(OPTION, it))?;
        let plan = Plan::try_from(header.spec.clone())?;
        let made = from_recipe(&header, &recipe, tokenizer, &plan)?;
        verify_recipe(path, &header, &plan, &*made.sampler)?;
    }
    Ok((header, hash))
}

/// The plan of a lock: its scenarios, levels and numbers of requests, with the times that were typed.
fn plan(header: &Header, load: Option<&LoadOptions>) -> Result<Plan, Failure> {
    let mut spec: ExperimentSpec = header.spec.clone();
    load.into_iter().for_each(|it| it.add_to(&mut spec));
    Ok(Plan::try_from(spec)?)
}

fn from_recipe(
    header: &Header,
    recipe: &Recipe,
    tokenizer: Option<&str>,
    plan: &Plan,
) -> Result<Made, Failure> {
    let mut options = recipe.options.clone();
    if let Some(place) = tokenizer {
        options.model_tokenizer = Some(place.to_owned());
    }
    let ingredients = Ingredients::open(&options, None)?;
    let overhead = ingredients.overhead(&options)?;
    let made = ingredients.make(&recipe.model, plan, &options, overhead)?;
    let found = made.tokenizer.fingerprint();
    if found != header.tokenizer.fingerprint {
        let problem = format!(
            "it was made with the tokenizer {} ({}), but {} is another one ({found}): give --model-tokenizer",
            header.tokenizer.name,
            header.tokenizer.fingerprint,
            made.tokenizer.name(),
        );
        return Err(Failure::option(OPTION, problem));
    }
    Ok(made)
}

/// Makes all sessions of a recipe, and compares their hash with the one that was locked.
fn verify_recipe(path: &Path, header: &Header, plan: &Plan, sampler: &dyn Sampler) -> Result<(), Failure> {
    let failed = |it: WorkloadError| Failure::option(OPTION, it);
    let mut reader = LockReader::open(path).map_err(failed)?;
    while reader.next_session().map_err(failed)?.is_some() {}
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
