//! The inputs of a workload, and the samplers built from them.

use std::num::NonZeroU32;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use genai_bench_core::experiment::RecordingMetadata;
use genai_bench_core::media::{Budget, FrameRate, PictureFormat, VideoContainer};
use genai_bench_core::plan::Plan;
use genai_bench_core::rng::{Rng, Stream};
use genai_bench_core::sampler::{
    ConversationSettings, DatasetSampler, EmbeddingsSampler, History, ImageGenerationSampler, MediaSettings,
    MixOrder, MixedModels, ModelMix, MultiTurnSampler, PictureSettings, ReplaySampler, RerankSampler,
    SampleError, Sampler, SpeechSampler, TemplateOverhead, TextEndpoint, TextSampler, Turns, VisionSampler,
};

use genai_bench_core::prompt::{Popularity, PrefixLength, PromptBuilder, SharedPrefixes};
use genai_bench_core::scenario::Shape;
use genai_bench_core::task::Task;
use genai_bench_core::tokenizer::Tokenizer;
use genai_bench_core::units::Tokens;

use super::left_out::{self, LeftOut};
use super::options::{HistoryOption, ImageFormat, MixOrderOption, VideoFormat};
use super::prompt_starts::{PromptStarts, prompts_per_run};
use super::recording::OpenedRecording;
use super::{Endpoint, RepeatedRows, WorkloadOptions, dataset, media, option_checks, overhead, tokenizer};
use crate::failure::Failure;

/// The tasks whose images come from the dataset.
const TASKS_OF_PICTURES: [Task; 2] = [Task::ImageTextToText, Task::ImageToEmbeddings];

/// The sampler of requests, and the tokenizer that counts their tokens.
pub(crate) struct SamplerAndTokenizer {
    pub(crate) sampler: Arc<dyn Sampler>,
    pub(crate) tokenizer: Arc<dyn Tokenizer>,
}

/// The inputs of samplers, which are opened once and can build several samplers.
pub(crate) struct WorkloadInputs {
    pub(super) opened: tokenizer::Opened,
    prompts: PromptBuilder,
    dataset: Option<dataset::Opened>,
    recording: Option<OpenedRecording>,
}

impl WorkloadInputs {
    /// Opens the tokenizer, the dataset and the recording, and checks that the options are consistent.
    ///
    /// `without_tools` names a backend that cannot send tools: rows of the dataset with tools are then left out.
    pub(crate) fn open(options: &WorkloadOptions, without_tools: Option<&str>) -> Result<Self, Failure> {
        option_checks::options(options)?;
        let opened = tokenizer::open_tokenizer(options.model_tokenizer.as_deref(), options.hub)?;
        let mut prompts = PromptBuilder::new(Arc::clone(&opened.tokenizer))
            .map_err(|error| Failure::option("model-tokenizer", error))?;
        let dataset = dataset::open(options, without_tools)?;
        if let Some(dataset) = &dataset {
            // The prompts of tasks with images are those of the rows.
            if option_checks::has_lengths(options) && !TASKS_OF_PICTURES.contains(&options.task) {
                prompts = prompts.with_corpus(dataset.texts()?.into(), options.seed());
            }
        }
        let recording = OpenedRecording::open(options)?;
        Ok(Self { opened, prompts, dataset, recording })
    }

    /// Returns the number of rows of the dataset that the requests of `plan` use; `None` if they use none.
    pub(crate) fn repeats(&self, plan: &Plan, options: &WorkloadOptions) -> Option<RepeatedRows> {
        let dataset = self.dataset.as_ref()?;
        // The sampler only counts rows: any model name will do.
        let sampler = self.rows("", plan, options, dataset).ok()?;
        RepeatedRows::new(plan, &sampler, dataset.dataset.len())
    }

    /// Returns the number of different beginnings in the dataset for the prompts of `plan`; `None` if prompts are not cut
    /// from one.
    pub(crate) fn beginnings(&self, plan: &Plan) -> Option<PromptStarts> {
        self.prompts.places().map(|places| PromptStarts::new(plan, places))
    }

    /// Returns the number of rows of the dataset that could not be read; `None` without a dataset.
    pub(crate) fn skipped_rows(&self) -> Option<u64> {
        self.dataset.as_ref().map(|dataset| dataset.dataset.bad_rows().count)
    }

    /// Returns the metadata of the replayed recording; `None` without one.
    pub(crate) fn recording(&self) -> Option<RecordingMetadata> {
        self.recording.as_ref().map(OpenedRecording::metadata)
    }

    /// Returns the identity of the dataset; `None` without one.
    pub(super) fn dataset_id(&self) -> Option<dataset::DatasetId> {
        self.dataset.as_ref().map(dataset::DatasetId::new)
    }

    /// Checks that the dataset has this identity.
    pub(super) fn check_dataset(&self, expected: &dataset::DatasetId) -> Result<(), Failure> {
        self.dataset.as_ref().map_or(Ok(()), |dataset| expected.check(dataset))
    }

    /// Returns the notes on choices that were made while the files of the dataset were read.
    pub(crate) fn dataset_notes(&self) -> &[String] {
        self.dataset.as_ref().map_or(&[], |dataset| &dataset.notes)
    }

    /// Returns the parts of the dataset that are not sent; `None` without a dataset.
    pub(crate) fn left_out(&self) -> Option<&LeftOut> {
        self.dataset.as_ref().map(|dataset| &dataset.left_out)
    }

    /// Returns the number of conversations of the dataset with a system prompt.
    pub(crate) fn system_prompts(&self) -> u64 {
        self.dataset.as_ref().map_or(0, |dataset| left_out::system_prompts(&dataset.dataset))
    }

    /// Returns the overhead of prompts that is known before any request to the server.
    pub(crate) fn overhead(&self, options: &WorkloadOptions) -> Result<TemplateOverhead, Failure> {
        let option = options.prompt_overhead.as_deref().map(str::parse).transpose()?;
        overhead::before_requests(option, options, &self.opened)
    }

    /// Builds the sampler, and prepares its media.
    pub(crate) fn make(
        &self,
        model: &str,
        plan: &Plan,
        options: &WorkloadOptions,
        overhead: TemplateOverhead,
    ) -> Result<SamplerAndTokenizer, Failure> {
        let mut sampler = self.sampler(model, plan, options, overhead)?;
        if let Some(mix) = &options.model_mix {
            let mix: ModelMix = mix.parse().map_err(|error| Failure::option("model-mix", error))?;
            let order = match options.model_mix_order {
                MixOrderOption::Weighted => MixOrder::Weighted,
                MixOrderOption::RoundRobin => MixOrder::RoundRobin,
            };
            sampler = Arc::new(MixedModels::new(sampler, mix.in_order(order), options.seed()));
        }
        option_checks::first_sessions(plan, &*sampler)?;
        Ok(SamplerAndTokenizer { sampler, tokenizer: Arc::clone(&self.opened.tokenizer) })
    }

    fn sampler(
        &self,
        model: &str,
        plan: &Plan,
        options: &WorkloadOptions,
        overhead: TemplateOverhead,
    ) -> Result<Arc<dyn Sampler>, Failure> {
        if let Some(recording) = &self.recording {
            let rows = recording.selected(options)?;
            let block = recording.recording.block;
            let recorded = ReplaySampler::new(model, self.prompts.clone(), rows, block, options.seed());
            let recorded = recorded.with_endpoint(text_endpoint(options)).with_overhead(overhead);
            return Ok(Arc::new(recorded));
        }
        // A dataset has prompts for videos, but no videos.
        let dataset = self.dataset.as_ref().filter(|_| options.task != Task::VideoTextToText);
        let Some(dataset) = dataset else { return self.generated(model, plan, options, overhead) };
        let mut sampler = self.rows(model, plan, options, dataset)?;
        let task = options.task;
        // Scenarios with lengths cut prompts from the dataset; images of any size come from it.
        if !TASKS_OF_PICTURES.contains(&task) {
            sampler = sampler.with_other_shapes(self.generated(model, plan, options, overhead)?);
        }
        sampler.prepare(&shapes(plan)).map_err(|error| unusable_picture(dataset, &error))?;
        Ok(Arc::new(sampler))
    }

    /// Builds the sampler that sends the rows of `dataset`.
    fn rows(
        &self,
        model: &str,
        plan: &Plan,
        options: &WorkloadOptions,
        dataset: &dataset::Opened,
    ) -> Result<DatasetSampler, Failure> {
        let pictures = PictureSettings {
            format: picture_format(options),
            allow_large: dataset.allow_large,
            resized_rows: options.media.distinct_media,
        };
        let (task, tokenizer) = (options.task, Arc::clone(&self.opened.tokenizer));
        let sampler = DatasetSampler::new(
            model,
            task,
            Arc::clone(&dataset.dataset),
            tokenizer,
            pictures,
            options.seed(),
        )
        .with_endpoint(text_endpoint(options))
        .with_conversations(conversations(options)?)
        .with_rows_per_run(rows_per_run(plan, dataset.dataset.len()));
        Ok(sampler)
    }

    /// Builds the sampler of requests with the lengths and sizes that scenarios draw.
    fn generated(
        &self,
        model: &str,
        plan: &Plan,
        options: &WorkloadOptions,
        overhead: TemplateOverhead,
    ) -> Result<Arc<dyn Sampler>, Failure> {
        let prompts = self.prompts.clone().with_runs(plan.runs().len() as u64, prompts_per_run(plan));
        Ok(match options.task {
            Task::TextToEmbeddings => {
                Arc::new(EmbeddingsSampler::new(model, prompts).with_added_tokens(overhead.tokens))
            }
            Task::TextToRerank => Arc::new(RerankSampler::new(model, prompts)),
            Task::TextToImage => Arc::new(ImageGenerationSampler::new(model, prompts)),
            Task::TextToSpeech => Arc::new(SpeechSampler::new(model, prompts)),
            Task::ImageTextToText | Task::ImageToEmbeddings | Task::VideoTextToText => {
                let sampler = VisionSampler::new(model, prompts, options.task, media_settings(options)?);
                let prepared = media::prepare(&sampler, plan, options.media.distinct_media);
                prepared.map_err(|error| Failure::option("traffic-scenario", error))?;
                Arc::new(sampler)
            }
            _ if options.sessions.turns.is_some() => self.dialogues(model, prompts, options, overhead)?,
            _ => text(model, prompts, plan, options, overhead)?,
        })
    }

    /// Builds the sampler of conversations with several turns.
    fn dialogues(
        &self,
        model: &str,
        prompts: PromptBuilder,
        options: &WorkloadOptions,
        overhead: TemplateOverhead,
    ) -> Result<Arc<dyn Sampler>, Failure> {
        let turns = Turns {
            count: turn_count(options.sessions.turns.as_deref().unwrap_or("1"))?,
            think: think(options)?,
            history: history(options),
        };
        let sampler = MultiTurnSampler::new(model, prompts, turns);
        let sampler = sampler.map_err(|error| Failure::option("turns", error))?;
        let per_turn = overhead::per_turn(overhead, &self.opened);
        Ok(Arc::new(sampler.with_overhead(overhead, per_turn)))
    }
}

/// Returns the failure for an image that cannot be prepared, with advice for a large one.
fn unusable_picture(dataset: &dataset::Opened, error: &SampleError) -> Failure {
    let hint = match (error, dataset.option) {
        (SampleError::LargePicture(_), "dataset-config") => {
            "\n  (\"unsafe_allow_large_images\": true in it allows large images)"
        }
        (SampleError::LargePicture(_), _) => {
            "\n  (\"unsafe_allow_large_images\": true in a --dataset-config allows large images)"
        }
        _ => "",
    };
    Failure::option(dataset.option, format!("{error}{hint}"))
}

/// Returns the shape of the first session of each scenario.
fn shapes(plan: &Plan) -> Vec<Shape> {
    let scenarios = plan.scenarios.iter().enumerate();
    let shapes = scenarios.map(|(number, (_, scenario))| {
        scenario.draw(&mut Rng::at(plan.seed, Stream::Shape, number as u64, 0))
    });
    shapes.collect()
}

fn text(
    model: &str,
    prompts: PromptBuilder,
    plan: &Plan,
    options: &WorkloadOptions,
    overhead: TemplateOverhead,
) -> Result<Arc<dyn Sampler>, Failure> {
    let sampler = TextSampler::with_prompts(model, prompts);
    let mut sampler = sampler.with_endpoint(text_endpoint(options)).with_overhead(overhead);
    if let Some(prefixes) = shared_prefixes(options)? {
        option_checks::prefixes(plan, &prefixes, overhead)?;
        sampler = sampler.with_shared_prefixes(prefixes, options.seed());
    }
    Ok(Arc::new(sampler))
}

fn shared_prefixes(options: &WorkloadOptions) -> Result<Option<SharedPrefixes>, Failure> {
    let prefix = &options.prefix;
    let (option, length) = match (prefix.prefix_len, prefix.prefix_ratio) {
        (Some(tokens), _) => ("prefix-len", PrefixLength::Tokens(Tokens(tokens))),
        (None, Some(ratio)) => ("prefix-ratio", PrefixLength::Ratio(ratio)),
        (None, None) => return Ok(None),
    };
    let popularity: Popularity =
        prefix.prefix_popularity.parse().map_err(|error| Failure::option("prefix-popularity", error))?;
    let made = SharedPrefixes::new(length, prefix.num_prefixes, popularity);
    made.map(Some).map_err(|error| Failure::option(option, error))
}

/// Parses a number of turns, or a range of them, such as `2-8`.
fn turn_count(text: &str) -> Result<RangeInclusive<u32>, Failure> {
    let (from, to) = text.split_once('-').unwrap_or((text, text));
    let counts = [from, to].map(|count| count.trim().parse::<NonZeroU32>().map(NonZeroU32::get));
    let [Ok(from), Ok(to)] = counts else {
        let problem =
            format!("'{text}' is not a number of turns: give one such as 4, or a range such as 2-8");
        return Err(Failure::option("turns", problem));
    };
    Ok(from..=to)
}

fn think(options: &WorkloadOptions) -> Result<Duration, Failure> {
    let seconds = options.sessions.think_time;
    Duration::try_from_secs_f64(seconds).map_err(|_| {
        Failure::option("think-time", format!("{seconds} is not a time: give seconds, 0 or more"))
    })
}

fn history(options: &WorkloadOptions) -> History {
    match options.sessions.history {
        HistoryOption::Live => History::Live,
        HistoryOption::Recorded => History::Recorded,
    }
}

/// Returns the settings for conversations of a dataset: all turns, or at most the number in `--turns`.
fn conversations(options: &WorkloadOptions) -> Result<ConversationSettings, Failure> {
    let count = options.sessions.turns.as_deref().map(turn_count).transpose()?;
    let most_turns = count.map_or(u32::MAX, |it| *it.end());
    Ok(ConversationSettings { history: history(options), think: think(options)?, most_turns })
}

/// Returns the number of rows of a dataset that a run may use; the next run continues after them.
fn rows_per_run(plan: &Plan, rows: usize) -> u64 {
    let share = (rows / plan.runs().len().max(1)).max(1) as u64;
    plan.limit.max_sessions().map_or(share, u64::from)
}

pub(super) fn text_endpoint(options: &WorkloadOptions) -> TextEndpoint {
    match options.endpoint {
        Endpoint::Chat | Endpoint::Responses => TextEndpoint::Chat,
        Endpoint::Completions => TextEndpoint::Completions,
    }
}

fn picture_format(options: &WorkloadOptions) -> PictureFormat {
    match options.media.image_format {
        ImageFormat::Jpeg => PictureFormat::Jpeg { quality: options.media.image_quality },
        ImageFormat::Png => PictureFormat::Png,
    }
}

fn media_settings(options: &WorkloadOptions) -> Result<MediaSettings, Failure> {
    let media = &options.media;
    Ok(MediaSettings {
        picture: picture_format(options),
        video: match media.video_format {
            VideoFormat::Mp4 => VideoContainer::Mp4,
            VideoFormat::Avi => VideoContainer::Avi,
            VideoFormat::JpegFrames => VideoContainer::JpegFrames,
        },
        frame_rate: FrameRate::per_second(media.video_fps)
            .map_err(|error| Failure::option("video-fps", error))?,
        budget: Budget { distinct: media.distinct_media.max(1), ..Budget::default() },
        seed: options.seed(),
    })
}
