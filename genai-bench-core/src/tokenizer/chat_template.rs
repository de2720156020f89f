//! Chat templates of tokenizers, by which a server formats messages before it counts them.

use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde_json::{Map, Value};

use super::{TokenizeError, Tokenizer};
use crate::clock;
use crate::units::Tokens;

mod sandbox;
mod source;

use sandbox::Sandbox;

/// Two user messages of different lengths, and their words.
const PROBES: [&str; 2] =
    ["Hello", "Tell me about the history of the city, and how long ago its oldest house was built."];

/// A chat template, in the language of Jinja as Hugging Face uses it.
///
/// ```
/// # use genai_bench_core::tokenizer::{ChatTemplate, Words};
/// # use genai_bench_core::units::Tokens;
/// let folder = tempfile::tempdir()?;
/// let template = "{% for m in messages %}[ {{ m.role }} ] {{ m.content }}\n{% endfor %}{% if add_generation_prompt %}[ assistant ]{% endif %}";
/// std::fs::write(folder.path().join("chat_template.jinja"), template)?;
///
/// let template = ChatTemplate::open(folder.path())?;
/// assert_eq!(template.render(&[("user", "hello")], true)?, "[ user ] hello\n[ assistant ]");
/// assert_eq!(template.overhead(&Words)?, Tokens(6));
/// assert_eq!(template.turn_overhead(&Words)?, Tokens(6));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct ChatTemplate {
    path: PathBuf,
    sandbox: Sandbox,
    /// Special tokens such as `bos_token`, by name.
    special_tokens: Vec<(String, String)>,
}

impl ChatTemplate {
    /// Reads the template of a tokenizer's folder: its `chat_template.jinja`, else its `chat_template.json`, else the
    /// `chat_template` of its `tokenizer_config.json`. Of several named templates, `default` is used. The date in
    /// templates is today's, in UTC.
    ///
    /// # Errors
    ///
    /// When there is none, or it is no template.
    pub fn open(folder: &Path) -> Result<Self, ChatTemplateError> {
        Self::open_at(folder, clock::wall())
    }

    /// Reads the template as [`open`](Self::open) does, with the date of `now`.
    ///
    /// # Errors
    ///
    /// When there is none, or it is no template.
    pub fn open_at(folder: &Path, now: SystemTime) -> Result<Self, ChatTemplateError> {
        let settings = source::settings(folder)?;
        let (path, source) = source::template(folder, &settings)?;
        let special_tokens = special_tokens(&settings);
        match Sandbox::compile(&source, now) {
            Ok(sandbox) => Ok(Self { path, sandbox, special_tokens }),
            Err(problem) => Err(ChatTemplateError::Template { path, problem }),
        }
    }

    /// Returns the text that a model receives for these messages, each a role and its text; with the beginning of an
    /// output if `add_generation_prompt`.
    ///
    /// # Errors
    ///
    /// When the template refuses these messages, or does what is not known here.
    pub fn render(
        &self,
        messages: &[(&str, &str)],
        add_generation_prompt: bool,
    ) -> Result<String, ChatTemplateError> {
        let rendered = self.sandbox.render(&self.special_tokens, messages, add_generation_prompt);
        rendered.map_err(|problem| ChatTemplateError::Template { path: self.path.clone(), problem })
    }

    /// Returns the number of tokens that the template adds to a single user message, with the beginning of the output.
    ///
    /// # Errors
    ///
    /// When it cannot be rendered or counted, or it is not the same number for every message.
    pub fn overhead(&self, tokenizer: &dyn Tokenizer) -> Result<Tokens, ChatTemplateError> {
        let [short, long] = PROBES.map(|text| self.added_to(&[("user", text)], tokenizer));
        let (short, long) = (short?, long?);
        if short == long {
            Ok(Tokens(short))
        } else {
            Err(ChatTemplateError::Varies { path: self.path.clone(), short, long })
        }
    }

    /// Returns the number of tokens that the template adds for each further turn of a conversation: around an output
    /// and the user's next message.
    ///
    /// # Errors
    ///
    /// When it cannot be rendered or counted, or it is not the same number for the second and the third turn.
    pub fn turn_overhead(&self, tokenizer: &dyn Tokenizer) -> Result<Tokens, ChatTemplateError> {
        let [question, answer] = PROBES;
        let (user, assistant) = (("user", question), ("assistant", answer));
        let messages = [user, assistant, user, assistant, user];
        let one = self.added_to(&messages[..1], tokenizer)?;
        let two = self.added_to(&messages[..3], tokenizer)?;
        let three = self.added_to(&messages, tokenizer)?;
        match (two.checked_sub(one), three.checked_sub(two)) {
            (Some(second), Some(third)) if second == third => Ok(Tokens(second)),
            _ => {
                let (second, third) = (two as i64 - one as i64, three as i64 - two as i64);
                Err(ChatTemplateError::TurnsVary { path: self.path.clone(), second, third })
            }
        }
    }

    /// Returns the number of tokens that the template adds to all `messages` together.
    fn added_to(
        &self,
        messages: &[(&str, &str)],
        tokenizer: &dyn Tokenizer,
    ) -> Result<u64, ChatTemplateError> {
        let mut bare = 0;
        for (_, text) in messages {
            bare += tokenizer.count(text)?.0;
        }
        let whole = tokenizer.count(&self.render(messages, true)?)?;
        whole.0.checked_sub(bare).ok_or_else(|| {
            TokenizeError::new("messages have fewer tokens with the template than without").into()
        })
    }
}

/// Returns the special tokens, by the names that templates know them by.
fn special_tokens(settings: &Map<String, Value>) -> Vec<(String, String)> {
    let text = |it: &Value| it.as_str().or_else(|| it["content"].as_str()).map(str::to_owned);
    let tokens = settings.iter().filter(|it| it.0.ends_with("_token"));
    tokens.filter_map(|(name, value)| Some((name.clone(), text(value)?))).collect()
}

/// The error of a chat template that cannot be read or used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ChatTemplateError {
    /// The folder has no template.
    #[error(
        "{} has no chat template: it would be a chat_template.jinja, or \"chat_template\" in chat_template.json or \
         tokenizer_config.json",
        folder.display()
    )]
    Missing {
        /// The folder.
        folder: PathBuf,
    },
    /// A file that cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
    /// A configuration that is not a JSON object.
    #[error("{} cannot be read: {source}; it should be a JSON object", path.display())]
    NoConfig {
        /// The file.
        path: PathBuf,
        /// The error of the JSON parser.
        source: serde_json::Error,
    },
    /// Several templates, none of which is the default.
    #[error("{} has the chat templates {names}: one of them should be named default", path.display())]
    NoDefault {
        /// The file.
        path: PathBuf,
        /// The names of the templates.
        names: String,
    },
    /// A template that is invalid, or that rejects the messages.
    #[error("the chat template of {}: {problem}", path.display())]
    Template {
        /// The file.
        path: PathBuf,
        /// The problem, with its line.
        problem: String,
    },
    /// The tokenizer failed.
    #[error("the tokenizer failed: {0}")]
    Tokenizer(#[from] TokenizeError),
    /// A template that adds a different number of tokens to different messages.
    #[error(
        "the chat template of {} adds {short} tokens to a short message and {long} to a longer one: a constant \
         cannot be taken off, so ask for bare prompts (completions), or take the server's counts",
        path.display()
    )]
    Varies {
        /// The file.
        path: PathBuf,
        /// The number of tokens added to a short message.
        short: u64,
        /// The number of tokens added to a longer one.
        long: u64,
    },
    /// A template that adds a different number of tokens to each turn of a conversation.
    #[error("the chat template of {} adds {second} tokens for the second turn and {third} for the third", path.display())]
    TurnsVary {
        /// The file.
        path: PathBuf,
        /// The number of tokens added for the second turn; negative where tokens are removed.
        second: i64,
        /// The number of tokens added for the third turn.
        third: i64,
    },
}

#[cfg(test)]
mod tests;
