//! The number of tokens that the server's chat template adds to a prompt: given, from the tokenizer's template, or measured.

use std::str::FromStr;

use genai_bench_core::record::RequestRecord;
use genai_bench_core::sampler::TemplateOverhead;
use genai_bench_core::task::Task;
use genai_bench_core::tokenizer::ChatTemplate;
use genai_bench_core::units::Tokens;

use super::tokenizer::Opened;
use super::{Endpoint, WorkloadOptions, option_checks};
use crate::console::note;
use crate::failure::Failure;

const OPTION: &str = "prompt-overhead";

/// The value of `--prompt-overhead`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Overhead {
    /// Measured with requests to the server.
    Auto,
    /// Computed from the tokenizer's own template.
    Template,
    /// A given number of tokens.
    Tokens(Tokens),
}

impl FromStr for Overhead {
    type Err = Failure;

    fn from_str(text: &str) -> Result<Self, Failure> {
        match text {
            "auto" => Ok(Self::Auto),
            "template" => Ok(Self::Template),
            number => number.parse().map(|count| Self::Tokens(Tokens(count))).map_err(|_| {
                Failure::option(
                    OPTION,
                    format!("'{number}' is neither auto, template nor a number of tokens"),
                )
            }),
        }
    }
}

/// Returns the overhead that is known before any request to the server. Without the option, the tokens of the tokenizer's
/// template are known but prompts are not shortened by them; bare prompts are shortened by the tokens that the tokenizer
/// itself adds.
pub(super) fn before_requests(
    option: Option<Overhead>,
    options: &WorkloadOptions,
    opened: &Opened,
) -> Result<TemplateOverhead, Failure> {
    // Embeddings take bare texts too.
    let is_bare = options.endpoint == Endpoint::Completions || options.task == Task::TextToEmbeddings;
    let is_made_to_length = options.trace.trace.is_some() || option_checks::has_lengths(options);
    Ok(match option {
        Some(Overhead::Tokens(tokens)) => TemplateOverhead { tokens, is_included: true },
        Some(Overhead::Template) => TemplateOverhead { tokens: from_template(opened)?, is_included: true },
        Some(Overhead::Auto) => TemplateOverhead::default(),
        None if is_bare && is_made_to_length => from_tokenizer(opened),
        None if is_bare || !is_conversation(options.task) => TemplateOverhead::default(),
        None => TemplateOverhead { tokens: from_template(opened).unwrap_or_default(), is_included: false },
    })
}

/// Returns `true` if requests of a task are messages, which a server puts into the chat template. A template is a program
/// from the author of the tokenizer, so it is only run if it is needed.
fn is_conversation(task: Task) -> bool {
    matches!(task, Task::TextToText | Task::ImageTextToText | Task::VideoTextToText)
}

/// Returns the tokens that the tokenizer itself adds to a text, which a server counts, and prints a note on them.
fn from_tokenizer(opened: &Opened) -> TemplateOverhead {
    let tokens = opened.tokenizer.added_tokens();
    if tokens.0 == 0 {
        return TemplateOverhead::default();
    }
    note(format!(
        "the tokenizer adds tokens that mark the beginning or end to each text, {tokens} in all: texts are shortened by \
         these, so that the server counts the length of the scenario"
    ));
    TemplateOverhead { tokens, is_included: true }
}

fn from_template(opened: &Opened) -> Result<Tokens, Failure> {
    let folder = opened.folder.as_ref().ok_or_else(|| {
        Failure::option(OPTION, "the tokenizer has no chat template: give 'auto' or a number of tokens")
    })?;
    let template = ChatTemplate::open(folder).map_err(|error| Failure::option(OPTION, error))?;
    template.overhead(&*opened.tokenizer).map_err(|error| Failure::option(OPTION, error))
}

/// Returns the number of tokens that the server's template adds for each further turn of a conversation. It comes from the
/// tokenizer's own template, which is only used if it adds `overhead` to the first message.
pub(super) fn per_turn(overhead: TemplateOverhead, opened: &Opened) -> Option<Tokens> {
    let template = ChatTemplate::open(opened.folder.as_ref()?).ok()?;
    let first = template.overhead(&*opened.tokenizer).ok()?;
    (first == overhead.tokens).then(|| template.turn_overhead(&*opened.tokenizer).ok())?
}

/// Returns the number of tokens that the server added to prompts that were not shortened.
///
/// # Errors
///
/// Returns an error if the server does not count tokens, or if the number is not the same for all prompts: the server then
/// counts with another tokenizer.
pub(crate) fn measured(records: &[RequestRecord]) -> Result<TemplateOverhead, Failure> {
    let added = records.iter().map(added_tokens).collect::<Result<Vec<i128>, Failure>>()?;
    let first = added.first().copied().unwrap_or_default();
    match u64::try_from(first) {
        Ok(tokens) if added.iter().all(|tokens| *tokens == first) => {
            Ok(TemplateOverhead { tokens: Tokens(tokens), is_included: true })
        }
        _ => {
            let problem = format!(
                "the server counts {added:?} tokens more than --model-tokenizer, and these numbers must be equal and not negative: the \
                 server uses another tokenizer"
            );
            Err(Failure::option(OPTION, problem))
        }
    }
}

/// Returns the number of tokens of a prompt by the server less that by the workload.
fn added_tokens(record: &RequestRecord) -> Result<i128, Failure> {
    let counted = record.usage.input.ok_or_else(|| {
        Failure::option(OPTION, "the server does not count tokens of prompts: give the number of tokens")
    })?;
    Ok(i128::from(counted.0) - i128::from(record.input.unwrap_or_default().0))
}

#[cfg(test)]
mod tests {
    use genai_bench_core::record::Usage;

    use super::*;

    fn record(input: u64, counted: Option<u64>) -> RequestRecord {
        let mut record = RequestRecord::default();
        record.input = Some(Tokens(input));
        record.usage = Usage { input: counted.map(Tokens), ..Usage::default() };
        record
    }

    #[test]
    fn the_measured_overhead_must_be_equal_for_all_prompts() {
        let overhead = measured(&[record(10, Some(18)), record(50, Some(58))]).unwrap();
        assert_eq!((overhead.tokens, overhead.is_included), (Tokens(8), true));
        fn refused(records: &[RequestRecord]) -> String {
            measured(records).unwrap_err().to_string()
        }

        assert!(refused(&[record(10, Some(18)), record(50, Some(60))]).contains("another tokenizer"));
        assert!(refused(&[record(10, Some(8)), record(50, Some(48))]).contains("another tokenizer"));
        assert!(refused(&[record(10, None)]).contains("does not count"));
    }

    #[test]
    fn the_option_is_a_word_or_a_number() {
        assert_eq!("auto".parse::<Overhead>().ok(), Some(Overhead::Auto));
        assert_eq!("12".parse::<Overhead>().ok(), Some(Overhead::Tokens(Tokens(12))));
        assert!("some".parse::<Overhead>().unwrap_err().to_string().contains("neither"));
    }
}
