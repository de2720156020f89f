//! Bounded rendering of chat templates, which are programs from untrusted authors.

use std::io::{self, Write};
use std::time::SystemTime;

use minijinja::syntax::SyntaxConfig;
use minijinja::{AutoEscape, Environment, Error, UndefinedBehavior, Value};

use super::super::python_jinja;
use crate::large_stack::with_large_stack;

/// The name of the only template in an environment.
const NAME: &str = "chat";
/// The name of the thread that compiles and renders.
const THREAD: &str = "chat-template";
/// The maximum size of a template in bytes: the longest of well-known models have 20 KiB.
const MOST_SOURCE: usize = 128 << 10;
/// The maximum size of a rendered text in bytes: it is made of three short messages at most.
const MOST_OUTPUT: usize = 1 << 20;
/// The maximum work of rendering: about so many steps, or 64 times so many bytes. The templates of well-known models
/// take less than 10,000.
const FUEL: u64 = 200_000;
/// The stack in bytes for each byte of a template while it is compiled: the compiler recurses for each `not ` and each
/// bracket. Measured in a debug build: 2 KiB at most.
const STACK_PER_BYTE: usize = 4 << 10;
/// The stack in bytes for rendering: nested lists are printed and dropped recursively. All fuel makes lists 20,000
/// deep; measured in a debug build, each level takes 4 KiB at most.
const STACK: usize = 256 << 20;

/// A compiled template that renders within bounds.
#[derive(Debug)]
pub(super) struct Sandbox(Environment<'static>);

impl Sandbox {
    /// Compiles a template. The date in templates is that of `now`.
    ///
    /// # Errors
    ///
    /// When it is no template, or is too long.
    pub(super) fn compile(source: &str, now: SystemTime) -> Result<Self, String> {
        if source.len() > MOST_SOURCE {
            return Err(format!("it has {} bytes: {MOST_SOURCE} are the most", source.len()));
        }
        let stack = STACK + source.len() * STACK_PER_BYTE;
        let compiled = with_large_stack(THREAD, stack, || environment(source, now));
        compiled.map_err(|error| error.to_string())?.map(Self).map_err(|error| message_of(&error))
    }

    /// Renders messages, each a role and its text.
    ///
    /// # Errors
    ///
    /// When the template refuses them, does what is not known here, or takes too much work.
    pub(super) fn render(
        &self,
        special_tokens: &[(String, String)],
        messages: &[(&str, &str)],
        add_generation_prompt: bool,
    ) -> Result<String, String> {
        let render = || {
            let message =
                |&(role, text): &(&str, &str)| Value::from_pairs([("role", role), ("content", text)]);
            let messages: Vec<Value> = messages.iter().map(message).collect();
            let tokens =
                special_tokens.iter().map(|(name, token)| (name.as_str(), Value::from(token.as_str())));
            let values =
                [("messages", messages.into()), ("add_generation_prompt", add_generation_prompt.into())];
            let values = Value::from_pairs(tokens.chain(values));
            let mut output = Output::default();
            let template = self.0.get_template(NAME);
            let rendered =
                template.and_then(|template| template.render_captured_to(values, &mut output).map(drop));
            match rendered {
                _ if output.is_full => Err(format!("it renders more than {MOST_OUTPUT} bytes")),
                Ok(()) => Ok(String::from_utf8_lossy(&output.bytes).into_owned()),
                Err(error) => Err(message_of(&error)),
            }
        };
        with_large_stack(THREAD, STACK, render).map_err(|error| error.to_string())?
    }
}

fn environment(source: &str, now: SystemTime) -> Result<Environment<'static>, Error> {
    let mut environment = Environment::new();
    environment.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
    environment.set_undefined_behavior(UndefinedBehavior::Lenient);
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
    environment.set_fuel(Some(FUEL));
    python_jinja::add_to(&mut environment, now);
    environment.add_template_owned(NAME, python_jinja::without_generation_blocks(source))?;
    Ok(environment)
}

fn message_of(error: &Error) -> String {
    let line = error.line().map(|line| format!(" (line {line})")).unwrap_or_default();
    format!("{error}{line}")
}

/// A writer for the rendered text, up to [`MOST_OUTPUT`].
#[derive(Default)]
struct Output {
    bytes: Vec<u8>,
    is_full: bool,
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.bytes.len() + bytes.len() > MOST_OUTPUT {
            self.is_full = true;
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
