//! The workload of a benchmark, created from its options or from a lock.

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

/// A plan, the sampler of its requests, and the tokenizer that counts their tokens.
pub(super) struct PreparedWorkload {
    pub(super) plan: Plan,
    pub(super) sampler: Arc<dyn Sampler>,
    pub(super) tokenizer: Arc<dyn Tokenizer>,
    /// The tokens that the server adds to prompts, as far as they are known; none for a lock.
    overhead: TemplateOverhead,
    dataset_notes: Vec<String>,
    /// The number of rows of the dataset that requests use; `None` if they use none, and for a lock.
    pub(super) repeats: Option<RepeatedRows>,
    /// The inputs from which the sampler can be built again; `None` for a lock.
    again: Option<RemakeInputs>,
}

struct RemakeInputs {
    inputs: WorkloadInputs,
    model: String,
    options: WorkloadOptions,
}

impl PreparedWorkload {
    /// Opens the tokenizer and the dataset, or the lock, whose own options replace those that are not given.
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
        if let Some(beginnings) = inputs.beginnings(&plan).filter(|starts| starts.filled() != Some(0)) {
            note(beginnings);
        }
        let repeats = inputs.repeats(&plan, &options.workload);
        if let Some(repeats) = repeats.filter(RepeatedRows::is_worth_a_note) {
            note(repeats);
        }
        if options.workload.model_tokenizer.is_none() && !options.backend().eq_ignore_ascii_case(SIMULATED) {
            note(
                "no --model-tokenizer: the lengths of prompts are in words, not in the model's tokens; the server's own \
                 counts are reported",
            );
        }
        let dataset_notes = inputs.dataset_notes().to_vec();
        let again = RemakeInputs { inputs, model, options: options.workload.clone() };
        let (sampler, tokenizer) = (made.sampler, made.tokenizer);
        Ok(Self { plan, sampler, tokenizer, overhead, dataset_notes, repeats, again: Some(again) })
    }

    /// Returns the number of different beginnings in the dataset for the prompts; `None` if prompts are not cut from one.
    pub(super) fn beginnings(&self) -> Option<PromptStarts> {
        self.again.as_ref().and_then(|again| again.inputs.beginnings(&self.plan))
    }

    /// Returns the notes on choices that were made while the files of the dataset were read.
    pub(super) fn dataset_notes(&self) -> &[String] {
        &self.dataset_notes
    }

    /// Returns the number of rows of the dataset that could not be read and are left out; `None` without a dataset.
    pub(super) fn skipped_rows(&self) -> Option<u64> {
        self.again.as_ref().and_then(|again| again.inputs.skipped_rows())
    }

    /// Returns the number of tokens that the server adds and that are part of a scenario's length; `None` if none are.
    pub(super) fn included_overhead(&self) -> Option<u64> {
        Some(self.overhead).filter(|overhead| overhead.is_included).map(|overhead| overhead.tokens.0)
    }

    /// Returns the metadata of the replayed recording; `None` without one.
    pub(super) fn recording(&self) -> Option<RecordingMetadata> {
        self.again.as_ref().and_then(|again| again.inputs.recording())
    }

    /// Returns the parts of the dataset that are not sent; `None` without a dataset.
    pub(super) fn left_out(&self) -> Option<&LeftOut> {
        self.again.as_ref().and_then(|again| again.inputs.left_out())
    }

    /// Returns `true` if the number of tokens that the server's chat template adds is to be measured.
    pub(super) fn measures_overhead(&self) -> bool {
        let option = self.again.as_ref().and_then(|again| again.options.prompt_overhead.as_deref());
        option.and_then(|text| text.parse().ok()) == Some(Overhead::Auto)
    }

    /// Builds the sampler again, with prompts that are shorter by the tokens that the server adds.
    pub(super) fn make_with(&mut self, overhead: TemplateOverhead) -> Result<(), Failure> {
        if let Some(RemakeInputs { inputs, model, options }) = &self.again {
            self.overhead = overhead;
            self.sampler = inputs.make(model, &self.plan, options, overhead)?.sampler;
        }
        Ok(())
    }
}

/// Prints a note if conversations of the dataset have a system prompt in addition to the given one.
fn note_two_system_prompts(options: &Options, inputs: &WorkloadInputs) {
    let added = options.server.additional_request_params.as_deref().unwrap_or_default();
    let is_added = serde_json::from_str::<serde_json::Value>(added)
        .is_ok_and(|fields| fields.get("system_message").is_some());
    let count = inputs.system_prompts();
    if is_added && count > 0 {
        note(format!(
            "system_message of --additional-request-params is sent before the system prompts of {count} conversations of the \
             dataset: both are sent"
        ));
    }
}
