//! Requests with generated pictures or videos.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::image_generation::DEFAULT_PROMPT;
use super::{SampleError, Sampler};
use crate::media::{Budget, Content, FrameRate, PictureFormat, Pool, VideoContainer};
use crate::prompt::PromptBuilder;
use crate::request::SessionSpec;
use crate::request::{Input, Media, Message, OutputLength, Request, Session, Turn};
use crate::rng::Rng;
use crate::scenario::Shape;
use crate::task::Task;
use crate::units::Tokens;

/// The settings of generated pictures and videos.
#[derive(Clone, Copy, Debug)]
pub struct MediaSettings {
    /// The format of pictures.
    pub picture: PictureFormat,
    /// The container of videos.
    pub video: VideoContainer,
    /// The frame rate of videos.
    pub frame_rate: FrameRate,
    /// The number and the total size of media of one kind.
    pub budget: Budget,
    /// The seed that they are drawn by.
    pub seed: u64,
}

/// A sampler of requests with generated pictures or videos of the drawn size, and a prompt of exactly the drawn
/// length: of 32 tokens where the scenario has no length.
///
/// Media are made before the run, by [`prepare`](Self::prepare) for shapes or by [`prepare_for`](Self::prepare_for)
/// for sessions; any other is made on first use.
#[derive(Debug)]
pub struct VisionSampler {
    model: Arc<str>,
    prompts: PromptBuilder,
    task: Task,
    settings: MediaSettings,
    stream: bool,
    pools: Mutex<HashMap<Content, Pool>>,
}

impl VisionSampler {
    /// Creates a sampler of requests to `model` for a `task` with media in its input, with prompts from `prompts`.
    pub fn new(
        model: impl Into<Arc<str>>,
        prompts: PromptBuilder,
        task: Task,
        settings: MediaSettings,
    ) -> Self {
        Self { model: model.into(), prompts, task, settings, stream: true, pools: Mutex::default() }
    }

    /// Sets whether responses are streamed.
    #[must_use]
    pub fn with_stream(mut self, stream: bool) -> Self {
        self.stream = stream;
        self
    }

    /// Creates the pictures or videos for requests of this shape.
    ///
    /// # Errors
    ///
    /// When the shape has none, or they cannot be made.
    pub fn prepare(&self, shape: &Shape) -> Result<(), SampleError> {
        let pool = self.pool(shape)?;
        pool.make(&pool.missing(0..pool.len() as u64), || {});
        Ok(())
    }

    /// Creates the pictures or videos of sessions with these shapes and generators. `report` is called after each,
    /// with the number made and the number to make.
    ///
    /// # Errors
    ///
    /// When a shape has none, or they cannot be made.
    pub fn prepare_for(
        &self,
        sessions: impl IntoIterator<Item = (Shape, Rng)>,
        report: impl Fn(usize, usize) + Sync,
    ) -> Result<(), SampleError> {
        let mut missing: HashMap<Content, (Pool, BTreeSet<usize>)> = HashMap::new();
        for (shape, mut rng) in sessions {
            let pool = self.pool(&shape)?;
            let places = pool.missing(numbers(&pool, &shape, &mut rng));
            missing.entry(self.content(&shape)?).or_insert_with(|| (pool, BTreeSet::new())).1.extend(places);
        }
        let (made, total) = (AtomicUsize::new(0), missing.values().map(|(_, places)| places.len()).sum());
        for (pool, places) in missing.values() {
            pool.make(places, || report(made.fetch_add(1, Ordering::Relaxed) + 1, total));
        }
        Ok(())
    }

    /// Returns the content of the media of a shape.
    fn content(&self, shape: &Shape) -> Result<Content, SampleError> {
        let MediaSettings { picture, video, frame_rate, .. } = self.settings;
        Ok(match *shape {
            Shape::Image { width, height, .. } => Content::Picture { width, height, format: picture },
            Shape::Video { width, height, frames, .. } => {
                Content::Video { width, height, frames, rate: frame_rate, container: video }
            }
            shape => return Err(SampleError::WrongShape { sampler: "vision", shape }),
        })
    }

    /// Returns the pool for a shape.
    fn pool(&self, shape: &Shape) -> Result<Pool, SampleError> {
        let MediaSettings { budget, seed, .. } = self.settings;
        let content = self.content(shape)?;
        let mut pools = self.pools.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pool) = pools.get(&content) {
            return Ok(pool.clone());
        }
        let pool = Pool::lazy(budget.distinct.max(1), &content, budget, seed)
            .map_err(|error| SampleError::Media(error.to_string()))?;
        pools.insert(content, pool.clone());
        Ok(pool)
    }

    /// Returns the pictures or the video of one request: no picture twice, as long as there are others.
    fn media(&self, shape: &Shape, rng: &mut Rng) -> Result<Vec<Media>, SampleError> {
        let pool = self.pool(shape)?;
        let media = if matches!(shape, Shape::Image { .. }) { Media::image } else { Media::video };
        Ok(numbers(&pool, shape, rng).map(|number| media(pool.get(number))).collect())
    }
}

/// Draws the pool indices of the media of a session with this shape. It is the first draw for the session.
fn numbers(pool: &Pool, shape: &Shape, rng: &mut Rng) -> Range<u64> {
    let first = rng.below(pool.len() as u64);
    let count = if let Shape::Image { count, .. } = *shape { u64::from(count) } else { 1 };
    first..first + count
}

impl Sampler for VisionSampler {
    fn sample(&self, spec: &SessionSpec, rng: &mut Rng) -> Result<Session, SampleError> {
        let media = self.media(&spec.shape, rng)?;
        if self.task == Task::ImageToEmbeddings {
            let input = Input::Embeddings { texts: Vec::new(), images: media };
            return Ok(Session::single(Turn::new(Request::new(Arc::clone(&self.model), input), None)));
        }
        let (Shape::Image { input, output, .. } | Shape::Video { input, output, .. }) = spec.shape else {
            return Err(SampleError::WrongShape { sampler: "vision", shape: spec.shape });
        };
        let prompt = self.prompts.build_for(spec, 0, input.unwrap_or(DEFAULT_PROMPT), rng)?;
        Ok(Session::single(
            Turn::new(media_chat(&self.model, prompt.into(), media, output, self.stream), None)
                .with_shared(Turn::WHOLE_PROMPT),
        ))
    }
}

/// Creates a chat with media. Only the server knows its number of tokens.
pub(super) fn media_chat(
    model: &Arc<str>,
    prompt: Arc<str>,
    media: Vec<Media>,
    output: Option<Tokens>,
    stream: bool,
) -> Request {
    let messages = vec![Message::user(prompt).showing(media)];
    let output = output.map_or(OutputLength::Free, OutputLength::Exactly);
    let mut request = Request::new(Arc::clone(model), Input::Chat { messages, output });
    request.stream = stream;
    request
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::MediaKind;
    use crate::rng::Stream;
    use crate::tokenizer::{Tokenizer, Words};

    fn sampler(task: Task) -> VisionSampler {
        let settings = MediaSettings {
            picture: PictureFormat::Jpeg { quality: 85 },
            video: VideoContainer::Mp4,
            frame_rate: FrameRate::per_second(2.0).unwrap(),
            budget: Budget { distinct: 3, bytes: 1 << 20 },
            seed: 1,
        };
        VisionSampler::new("m", PromptBuilder::new(Arc::new(Words)).unwrap(), task, settings)
    }

    fn input(task: Task, shape: Shape) -> Input {
        let session =
            sampler(task).sample(&SessionSpec::new(shape), &mut Rng::at(1, Stream::Content, 0, 0)).unwrap();
        session.turns[0].request.input.clone()
    }

    const PICTURES: Shape =
        Shape::Image { width: 32, height: 16, count: 2, input: Some(Tokens(9)), output: Some(Tokens(5)) };

    #[test]
    fn a_chat_has_different_pictures_and_a_prompt_of_exact_length() {
        let Input::Chat { messages, output } = input(Task::ImageTextToText, PICTURES) else {
            panic!("no chat")
        };
        assert_eq!(
            (Words.count(&messages[0].text), output),
            (Ok(Tokens(9)), OutputLength::Exactly(Tokens(5)))
        );
        let [first, second] = &messages[0].media[..] else { panic!("{:?}", messages[0].media) };
        assert!(first != second && first.data().is_some_and(|it| it.0 == "image/jpeg"));
    }

    #[test]
    fn embeddings_have_pictures_and_no_text() {
        let Input::Embeddings { texts, images } = input(Task::ImageToEmbeddings, PICTURES) else { panic!() };
        assert_eq!((texts.len(), images.len()), (0, 2));
    }

    #[test]
    fn only_what_sessions_show_is_made_before_them() {
        let sampler = sampler(Task::ImageTextToText);
        let places = || (0..2).map(|index| (PICTURES, Rng::at(1, Stream::Content, 0, index)));
        let reports = Mutex::new(Vec::new());
        sampler.prepare_for(places(), |made, total| reports.lock().unwrap().push((made, total))).unwrap();
        let reports = reports.into_inner().unwrap();
        assert!(reports.iter().all(|(made, total)| made <= total && *total <= 3), "{reports:?}");
        let pool = sampler.pool(&PICTURES).unwrap();
        for (shape, mut rng) in places() {
            assert_eq!(pool.missing(numbers(&pool, &shape, &mut rng)), [].into());
        }
        sampler.prepare_for(places(), |_, _| panic!("all of them are made")).unwrap();
    }

    #[test]
    fn a_video_is_one_video() {
        let shape = Shape::Video { width: 32, height: 16, frames: 2, input: None, output: None };
        let Input::Chat { messages, output } = input(Task::VideoTextToText, shape) else { panic!("no chat") };
        assert_eq!((messages[0].media.len(), messages[0].media[0].kind), (1, MediaKind::Video));
        assert_eq!((Words.count(&messages[0].text), output), (Ok(DEFAULT_PROMPT), OutputLength::Free));
    }
}
