//! What this benchmark sends: made of its options, or of a lock.

use std::sync::Arc;

use genai_bench_core::experiment::RecordingMetadata;
use genai_bench_core::plan::Plan;
use genai_bench_core::sampler::{Sampler, TemplateOverhead};
use genai_bench_core::tokenizer::Tokenizer;

use super::options::{Options, SIMULATED};
use crate::console::note;
use crate::failure::Failure;
use crate::workload::{
    self, HubAccess, LeftOut, Overhead, PromptStarts, RepeatedRows, WorkloadInputs, WorkloadOptions,
};

/// The plan, and what makes its requests and counts their tokens.
pub(super) struct PreparedWorkload {
    pub(super) plan: Plan,
    pub(super) sampler: Arc<dyn Sampler>,
    pub(super) tokenizer: Arc<dyn Tokenizer>,
    /// What the server adds to prompts, as far as it is known; nothing of a lock.
    overhead: TemplateOverhead,
    dataset_notes: Vec<String>,
    /// How many rows of the dataset requests take; `None` where they take none, and of a lock.
    pub(super) repeats: Option<RepeatedRows>,
    /// What it can be made of again; nothing of a lock.
    again: Option<RemakeInputs>,
}

struct RemakeInputs {
    inputs: WorkloadInputs,
    model: String,
    options: WorkloadOptions,
}

impl PreparedWorkload {
    /// Opens tokenizer and dataset, or the lock, whose own options then stand in place of what was not typed.
    ///
    /// `without_tools` names a backend that cannot send tools.
    pub(super) fn prepare(options: &mut Options, without_tools: Option<&str>) -> Result<Self, Failure> {
        if let Some(path) = options.locked.workload.clone() {
            let places = workload::FileLocations::new(&options.workload);
            let locked = workload::open_locked(&path, &places, HubAccess::Fetch, Some(&options.load))?;
            options.workload = locked.recipe.options;
            options.server.backend.api_model_name = Some(locked.recipe.model);
            let (plan, sampler, tokenizer) = (locked.plan, locked.sampler, locked.tokenizer);
            let (overhead, dataset_notes) = (TemplateOverhead::default(), locked.dataset_notes);
            return Ok(Self {
                plan,
                sampler,
                tokenizer,
                overhead,
                dataset_notes,
                repeats: None,
                again: None,
            });
        }
        let plan = Plan::try_from(workload::spec(&options.workload, &options.load))?;
        let inputs = WorkloadInputs::open(&options.workload, without_tools)?;
        note_two_system_prompts(options, &inputs);
        let overhead = inputs.overhead(&options.workload)?;
        let model = options.api_model().to_owned();
        let made = inputs.make(&model, &plan, &options.workload, overhead)?;
        if let Some(beginnings) = inputs.beginnings(&plan).filter(|it| it.filled() != Some(0)) {
            note(beginnings);
        }
        let repeats = inputs.repeats(&plan, &options.workload);
        if let Some(repeats) = repeats.filter(RepeatedRows::is_worth_a_note) {
            note(repeats);
        }
        if options.workload.model_tokenizer.is_none() && !options.backend().eq_ignore_ascii_case(SIMULATED) {
            note(
                "no --model-tokenizer: prompts have the wanted number of words, not of the model's tokens; what the \
                 server counts is reported",
            );
        }
        let dataset_notes = inputs.dataset_notes().to_vec();
        let again = RemakeInputs { inputs, model, options: options.workload.clone() };
        let (sampler, tokenizer) = (made.sampler, made.tokenizer);
        Ok(Self { plan, sampler, tokenizer, overhead, dataset_notes, repeats, again: Some(again) })
    }

    /// Returns how many different beginnings the dataset has for the prompts; `None` where prompts are not cut from one.
    pub(super) fn beginnings(&self) -> Option<PromptStarts> {
        self.again.as_ref().and_then(|again| again.inputs.beginnings(&self.plan))
    }

    /// Returns what was chosen, found out or not read in the files of the dataset.
    pub(super) fn dataset_notes(&self) -> &[String] {
        &self.dataset_notes
    }

    /// Returns the number of rows of the dataset that could not be read and are left out; `None` without a dataset.
    pub(super) fn skipped_rows(&self) -> Option<u64> {
        self.again.as_ref().and_then(|again| again.inputs.skipped_rows())
    }

    /// Returns how many tokens that the server adds are part of a scenario's length; `None` where none are.
    pub(super) fn included_overhead(&self) -> Option<u64> {
        Some(self.overhead).filter(|overhead| overhead.is_included).map(|overhead| overhead.tokens.0)
    }

    /// Returns what is known of the recording that is sent again; `None` without one.
    pub(super) fn recording(&self) -> Option<RecordingMetadata> {
        self.again.as_ref().and_then(|again| again.inputs.recording())
    }

    /// Returns what of the dataset is not sent; `None` without a dataset.
    pub(super) fn left_out(&self) -> Option<&LeftOut> {
        self.again.as_ref().and_then(|again| again.inputs.left_out())
    }

    /// Whether the server is to be asked what its chat template adds.
    pub(super) fn measures_overhead(&self) -> bool {
        let wish = self.again.as_ref().and_then(|it| it.options.prompt_overhead.as_deref());
        wish.and_then(|it| it.parse().ok()) == Some(Overhead::Auto)
    }

    /// Makes prompts that have room for what the server adds.
    pub(super) fn make_with(&mut self, overhead: TemplateOverhead) -> Result<(), Failure> {
        if let Some(RemakeInputs { inputs, model, options }) = &self.again {
            self.overhead = overhead;
            self.sampler = inputs.make(model, &self.plan, options, overhead)?.sampler;
        }
        Ok(())
    }
}

/// Notes that conversations of the dataset have a system prompt beside the one that was typed.
fn note_two_system_prompts(options: &Options, inputs: &WorkloadInputs) {
    let added = options.server.additional_request_params.as_deref().unwrap_or_default();
    let is_added =
        serde_json::from_str::<serde_json::Value>(added).is_ok_and(|it| it.get("system_message").is_some());
    let count = inputs.system_prompts();
    if is_added && count > 0 {
        note(format!(
            "system_message of --additional-request-params is sent before the system prompts of {count} conversations of the \
             dataset: both are sent"
        ));
    }
}
