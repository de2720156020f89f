//! Requests made from the rows of a dataset.

use std::num::NonZeroU32;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use super::dataset_conversation::{ConversationSession, session};
use super::dataset_pictures::{DatasetPictures, PictureSettings};
use super::vision::media_chat;
use super::{History, SampleError, Sampler, TextEndpoint};
use crate::dataset::{Dataset, Record};
use crate::request::SessionSpec;
use crate::request::{Input, Message, OutputLength, Request, Session, Turn};
use crate::rng::Rng;
use crate::scenario::Shape;
use crate::task::Task;
use crate::tokenizer::Tokenizer;
use crate::units::Tokens;

/// The settings by which conversations of a dataset become sessions.
#[derive(Clone, Copy, Debug)]
pub struct ConversationSettings {
    /// The source of earlier outputs in the conversation.
    pub history: History,
    /// The think time before each turn after the first.
    pub think: Duration,
    /// The maximum number of turns to send.
    pub most_turns: u32,
}

/// A sampler of the rows of a dataset, for any task: prompts as they are, conversations turn by turn, pictures as they
/// are or resized as the scenario says.
///
/// Rows come in a seeded order, each once before any is repeated. Each run continues where the one before may have
/// ended, so that runs share no rows as long as there are enough.
#[derive(Debug)]
pub struct DatasetSampler {
    model: Arc<str>,
    task: Task,
    dataset: Arc<Dataset>,
    tokenizer: Arc<dyn Tokenizer>,
    endpoint: TextEndpoint,
    conversations: ConversationSettings,
    pictures: DatasetPictures,
    seed: u64,
    rows_per_run: u64,
    rest: Option<Arc<dyn Sampler>>,
    lengths: Vec<OnceLock<Tokens>>,
}

impl DatasetSampler {
    /// Creates a sampler of requests to `model` for `task`, made from `dataset` in an order drawn by `seed`.
    pub fn new(
        model: impl Into<Arc<str>>,
        task: Task,
        dataset: Arc<Dataset>,
        tokenizer: Arc<dyn Tokenizer>,
        pictures: PictureSettings,
        seed: u64,
    ) -> Self {
        let lengths = (0..dataset.len()).map(|_| OnceLock::new()).collect();
        let conversations =
            ConversationSettings { history: History::default(), think: Duration::ZERO, most_turns: u32::MAX };
        Self {
            model: model.into(),
            task,
            dataset,
            tokenizer,
            endpoint: TextEndpoint::default(),
            conversations,
            pictures: DatasetPictures::new(pictures),
            seed,
            rows_per_run: 0,
            rest: None,
            lengths,
        }
    }

    /// Sets the kind of text request.
    #[must_use]
    pub fn with_endpoint(mut self, endpoint: TextEndpoint) -> Self {
        self.endpoint = endpoint;
        self
    }

    /// Sets how conversations become sessions.
    #[must_use]
    pub fn with_conversations(mut self, settings: ConversationSettings) -> Self {
        self.conversations = settings;
        self
    }

    /// Sets the number of rows that a run sends, so that the next one continues after them.
    #[must_use]
    pub fn with_rows_per_run(mut self, rows: u64) -> Self {
        self.rows_per_run = rows;
        self
    }

    /// Sets the sampler of shapes that have lengths of their own.
    #[must_use]
    pub fn with_other_shapes(mut self, rest: Arc<dyn Sampler>) -> Self {
        self.rest = Some(rest);
        self
    }

    /// Reads and resizes the pictures of such requests before the run, so that no request waits for them.
    ///
    /// # Errors
    ///
    /// When one of them cannot be had.
    pub fn prepare(&self, shapes: &[Shape]) -> Result<(), SampleError> {
        if !matches!(self.task, Task::ImageTextToText | Task::ImageToEmbeddings) {
            return Ok(());
        }
        for shape in shapes {
            let size = match *shape {
                Shape::Image { width, height, .. } => Some((width, height)),
                _ => None,
            };
            for row in 0..self.pictures.rows(&self.dataset, size) {
                self.pictures.for_row(&self.dataset, row, size)?;
            }
        }
        Ok(())
    }

    /// Returns the number of rows in a request of this shape; 0 for one that another sampler makes.
    #[must_use]
    pub fn rows_of_request(&self, shape: Shape, batch_size: NonZeroU32) -> u64 {
        let batch = u64::from(batch_size.get());
        match (self.task, shape) {
            (Task::ImageTextToText | Task::ImageToEmbeddings, Shape::Image { count, .. }) => u64::from(count),
            (
                Task::ImageTextToText | Task::ImageToEmbeddings | Task::TextToImage,
                Shape::Dataset | Shape::Image { .. },
            ) => 1,
            (Task::TextToRerank, Shape::Dataset) => batch + 1,
            (_, Shape::Dataset) => batch,
            _ => 0,
        }
    }

    /// Returns the number of rows used by requests of this shape: fewer than the dataset has where their pictures have
    /// to be resized.
    #[must_use]
    pub fn rows_used(&self, shape: Shape) -> usize {
        match (self.task, shape) {
            (Task::ImageTextToText | Task::ImageToEmbeddings, Shape::Image { width, height, .. }) => {
                self.pictures.rows(&self.dataset, Some((width, height)))
            }
            _ => self.dataset.len(),
        }
    }

    /// Returns the row at a position of the order, among the first `rows` ones.
    fn row(&self, spec: &SessionSpec, offset: u64, rows: usize) -> usize {
        let rows_per_request = self.rows_of_request(spec.shape, spec.batch_size).max(1);
        let first = spec.group.wrapping_mul(self.rows_per_run).wrapping_add(spec.index);
        self.dataset.place_among(rows, self.seed, first.wrapping_mul(rows_per_request).wrapping_add(offset))
    }

    fn record(&self, spec: &SessionSpec, offset: u64) -> Result<(usize, &Record), SampleError> {
        let row = self.row(spec, offset, self.dataset.len());
        let record = self.dataset.get(row).ok_or_else(|| nothing("the dataset is empty"))?;
        Ok((row, record))
    }

    /// Returns the prompt at a position of the order, and its length.
    fn prompt(&self, spec: &SessionSpec, offset: u64) -> Result<(Arc<str>, Tokens), SampleError> {
        let (row, record) = self.record(spec, offset)?;
        let prompt = record.prompt.clone().ok_or_else(|| nothing("a row of the dataset has no prompt"))?;
        let length = match self.lengths[row].get() {
            Some(length) => *length,
            None => *self.lengths[row].get_or_init({
                let counted = self.tokenizer.count(&prompt)?;
                move || counted
            }),
        };
        Ok((prompt, length))
    }

    fn turn(&self, input: Input, length: Option<Tokens>) -> Session {
        Session::single(Turn::new(Request::new(Arc::clone(&self.model), input), length))
    }

    fn text(&self, spec: &SessionSpec) -> Result<Session, SampleError> {
        let (_, record) = self.record(spec, 0)?;
        let output = output_of(record);
        if !record.conversation.is_empty() && self.endpoint == TextEndpoint::Chat {
            let settings = self.conversations;
            let made = ConversationSession::new(&self.model, &*self.tokenizer, settings, record, output);
            return session(made.turns()?);
        }
        let (prompt, length) = self.prompt(spec, 0)?;
        Ok(self.turn(
            match self.endpoint {
                TextEndpoint::Chat => Input::Chat { messages: vec![Message::user(prompt)], output },
                TextEndpoint::Completions => Input::Completion { prompt, output },
            },
            Some(length),
        ))
    }

    fn batch(&self, spec: &SessionSpec, from: u64) -> Result<(Vec<Arc<str>>, Tokens), SampleError> {
        let mut total = Tokens(0);
        let document = |offset| {
            let (text, length) = self.prompt(spec, from + offset)?;
            total += length;
            Ok(text)
        };
        let texts =
            (0..u64::from(spec.batch_size.get())).map(document).collect::<Result<_, SampleError>>()?;
        Ok((texts, total))
    }

    /// Creates a request with pictures: of as many rows as the scenario has pictures, or of one row with all of its
    /// own.
    fn pictures(&self, spec: &SessionSpec) -> Result<Session, SampleError> {
        let (size, count, output) = match spec.shape {
            Shape::Image { width, height, count, output, .. } => (Some((width, height)), count, output),
            _ => (None, 1, None),
        };
        let rows = self.pictures.rows(&self.dataset, size);
        let mut media = Vec::new();
        let mut prompts: Vec<Arc<str>> = Vec::new();
        for offset in 0..u64::from(count) {
            let row = self.row(spec, offset, rows);
            let mut shown = self.pictures.for_row(&self.dataset, row, size)?;
            if size.is_some() {
                shown.truncate(1);
            }
            media.extend(shown);
            prompts.extend(self.dataset.get(row).and_then(|it| it.prompt.clone()));
        }
        if media.is_empty() {
            return Err(nothing("a row of the dataset has no picture: name their column with image_column"));
        }
        if self.task == Task::ImageToEmbeddings {
            return Ok(self.turn(Input::Embeddings { texts: Vec::new(), images: media }, None));
        }
        let prompt: Arc<str> = prompts.join(" ").into();
        Ok(Session::single(
            Turn::new(media_chat(&self.model, prompt, media, output, true), None)
                .with_shared(Turn::WHOLE_PROMPT),
        ))
    }
}

/// Returns the length of the dataset's own output, or no limit where it has none.
fn output_of(record: &Record) -> OutputLength {
    record.output_tokens.map_or(OutputLength::Free, |it| OutputLength::Exactly(Tokens(it.max(1))))
}

fn nothing(problem: &str) -> SampleError {
    SampleError::Source { source_name: "dataset".to_owned(), problem: problem.to_owned() }
}

impl Sampler for DatasetSampler {
    fn sample(&self, spec: &SessionSpec, rng: &mut Rng) -> Result<Session, SampleError> {
        match (self.task, spec.shape) {
            (Task::ImageTextToText | Task::ImageToEmbeddings, Shape::Dataset | Shape::Image { .. }) => {
                self.pictures(spec)
            }
            (Task::TextToText, Shape::Dataset) => self.text(spec),
            (Task::TextToEmbeddings, Shape::Dataset) => {
                let (texts, length) = self.batch(spec, 0)?;
                Ok(self.turn(Input::Embeddings { texts, images: Vec::new() }, Some(length)))
            }
            (Task::TextToRerank, Shape::Dataset) => {
                let (query, length) = self.prompt(spec, 0)?;
                let (documents, total) = self.batch(spec, 1)?;
                Ok(self.turn(Input::Rerank { query, documents }, Some(length + total)))
            }
            (Task::TextToImage, shape @ (Shape::Dataset | Shape::Image { .. })) => {
                let (prompt, length) = self.prompt(spec, 0)?;
                let (size, count) = match shape {
                    Shape::Image { width, height, count, .. } => (Some((width, height)), count),
                    _ => (None, 1),
                };
                Ok(self.turn(Input::Images { prompt, size, count }, Some(length)))
            }
            (Task::TextToSpeech, Shape::Dataset) => {
                let (text, _) = self.prompt(spec, 0)?;
                Ok(self.turn(Input::Speech { text }, None))
            }
            (_, shape) => match &self.rest {
                Some(rest) => rest.sample(spec, rng),
                None => Err(SampleError::WrongShape { sampler: "dataset", shape }),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::dataset::{Mapping, Sample};
    use crate::media::{PictureFormat, picture};
    use crate::rng::Stream;
    use crate::tokenizer::Words;

    const PICTURES: PictureSettings =
        PictureSettings { format: PictureFormat::Jpeg { quality: 75 }, allow_large: false, resized_rows: 2 };

    fn sampler(task: Task, lines: &str) -> DatasetSampler {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rows.jsonl");
        std::fs::write(&path, lines).unwrap();
        let dataset = Dataset::open(&[path], None, &Mapping::default(), Sample::seeded(1)).unwrap();
        DatasetSampler::new("m", task, Arc::new(dataset), Arc::new(Words), PICTURES, 1)
    }

    fn prompts(count: u64) -> String {
        (0..count).map(|it| format!("{{\"prompt\": \"number {it}\"}}\n")).collect()
    }

    fn draw(sampler: &DatasetSampler, spec: SessionSpec) -> Session {
        sampler.sample(&spec, &mut Rng::at(1, Stream::Content, 0, 0)).unwrap()
    }

    fn at(group: u64, index: u64) -> SessionSpec {
        SessionSpec { group, index, ..SessionSpec::new(Shape::Dataset) }
    }

    #[test]
    fn runs_share_no_row_while_there_are_enough() {
        let sampler = sampler(Task::TextToText, &prompts(20)).with_rows_per_run(10);
        let run = |group| -> BTreeSet<String> {
            let input = |index| format!("{:?}", draw(&sampler, at(group, index)).turns[0].request.input);
            (0..10).map(input).collect()
        };
        assert_eq!((run(0).len(), run(1).len()), (10, 10));
        assert!(run(0).is_disjoint(&run(1)));
        assert_eq!(draw(&sampler, at(0, 3)).turns[0].input, Some(Tokens(2)));
    }

    #[test]
    fn batches_and_queries_take_rows_one_after_the_other() {
        let three =
            |group, index| SessionSpec { batch_size: NonZeroU32::new(3).unwrap(), ..at(group, index) };
        let embeddings = sampler(Task::TextToEmbeddings, &prompts(6));
        let mut seen = BTreeSet::new();
        for index in 0..2 {
            let session = draw(&embeddings, three(0, index));
            let Input::Embeddings { texts, .. } = &session.turns[0].request.input else { panic!() };
            assert_eq!(session.turns[0].input, Some(Tokens(6)));
            seen.extend(texts.iter().map(ToString::to_string));
        }
        assert_eq!(seen.len(), 6);
        let rerank = sampler(Task::TextToRerank, &prompts(4));
        let session = draw(&rerank, three(0, 0));
        let Input::Rerank { query, documents } = &session.turns[0].request.input else { panic!() };
        assert!(documents.len() == 3 && !documents.contains(query));
    }

    const CHAT: &str = r#"{"conversations": [{"from": "system", "value": "be brief"}, {"from": "human", "value": "one"},
        {"from": "gpt", "value": "uno"}, {"from": "human", "value": "two"}]}"#;

    fn chat(history: History, most_turns: u32) -> Session {
        let settings = ConversationSettings { history, think: Duration::from_secs(3), most_turns };
        let sampler = sampler(Task::TextToText, &CHAT.replace('\n', " ")).with_conversations(settings);
        draw(&sampler, at(0, 0))
    }

    fn messages(turn: &Turn) -> &[Message] {
        let Input::Chat { messages, .. } = &turn.request.input else { panic!("no chat") };
        messages
    }

    #[test]
    fn a_conversation_is_a_session_of_its_questions() {
        let session = chat(History::Recorded, 9);
        let [first, second] = &session.turns[..] else { panic!("{} turns", session.turns.len()) };
        assert_eq!((messages(first).len(), messages(second).len()), (2, 4));
        assert_eq!(&*messages(second)[2].text, "uno");
        assert_eq!((first.input, second.input), (Some(Tokens(3)), Some(Tokens(5))));
        assert_eq!((first.think, second.think.as_secs()), (Duration::ZERO, 3));
    }

    #[test]
    fn a_live_conversation_leaves_room_for_what_is_answered() {
        let session = chat(History::Live, 9);
        assert_eq!(messages(&session.turns[1])[2].reply_to, Some(0));
        assert_eq!((session.turns[0].input, session.turns[1].input), (Some(Tokens(3)), None));
        assert_eq!(chat(History::Live, 1).turns.len(), 1);
    }

    #[test]
    fn pictures_are_sent_as_they_are_or_in_the_size_of_the_scenario() {
        use base64::Engine;
        let png = picture(20, 10, PictureFormat::Png, &mut Rng::at(1, Stream::Media, 0, 0)).unwrap();
        let text = base64::engine::general_purpose::STANDARD.encode(&png.bytes);
        let line = format!(r#"{{"prompt": "what is it", "image": "{text}"}}"#);
        let sampler = sampler(Task::ImageTextToText, &line);
        let session = draw(&sampler, at(0, 0));
        let message = &messages(&session.turns[0])[0];
        assert_eq!((&*message.text, message.media[0].data()), ("what is it", Some(("image/png", &*text))));
        let shape = Shape::Image { width: 8, height: 8, count: 2, input: None, output: Some(Tokens(5)) };
        let session = draw(&sampler, SessionSpec { shape, ..at(0, 0) });
        let message = &messages(&session.turns[0])[0];
        assert_eq!((message.media.len(), message.media[0].data().map(|it| it.0)), (2, Some("image/jpeg")));
        assert_eq!(&*message.text, "what is it what is it");
    }

    #[test]
    fn requests_of_several_pictures_take_other_rows_each() {
        let lines: String = (0..6)
            .map(|row| format!("{{\"prompt\": \"p{row}\", \"image\": \"https://a/{row}.png\"}}\n"))
            .collect();
        let sampler = sampler(Task::ImageTextToText, &lines);
        let shape = Shape::Image { width: 8, height: 8, count: 2, input: None, output: None };
        assert_eq!(sampler.rows_of_request(shape, NonZeroU32::MIN), 2);
        let row = |index, offset| sampler.row(&SessionSpec { shape, ..at(0, index) }, offset, 6);
        let rows: BTreeSet<usize> = (0..3).flat_map(|index| [row(index, 0), row(index, 1)]).collect();
        assert_eq!(rows.len(), 6);
    }
}
