//! Conversations as one text, for models that continue a prompt: each in the format that it was trained on.
//!
//! Sources: Meta's model cards and prompt formats for Llama 3 and Llama 4; "Mistral AI text completion", "DeepSeek
//! models" and "Amazon Titan Text models" in AWS's guide to Bedrock. Mistral's formats have no place for an
//! instruction: it stands before what the user says first, where Mistral's own library puts it.

use std::borrow::Cow;
use std::fmt::Write;

use genai_bench_core::request::{Input, Message, Role};

use super::super::Family;

/// The prompt that says what `input` does, with an instruction before it if there is one.
///
/// # Errors
///
/// What cannot be said in it.
pub(super) fn from_input<'a>(
    family: Family,
    input: &'a Input,
    instruction: Option<&'a str>,
) -> Result<Cow<'a, str>, &'static str> {
    let messages = match input {
        Input::Chat { messages, .. } => messages,
        // It is a prompt already.
        Input::Completion { prompt, .. } => return Ok(Cow::Borrowed(prompt)),
        _ => return Err("this kind of input"),
    };
    if messages.iter().any(|it| !it.media.is_empty()) {
        return Err("pictures through InvokeModel for this model: it reads texts only");
    }
    if let (Family::Titan, [only], None) = (family, &**messages, instruction)
        && only.role != Role::System
    {
        return Ok(Cow::Borrowed(&only.text));
    }
    let instructions = messages.iter().filter(|it| it.role == Role::System).map(|it| &*it.text);
    let system = instruction.into_iter().chain(instructions).collect::<Vec<_>>().join("\n\n");
    let said: Vec<_> = messages.iter().filter(|it| it.role != Role::System).collect();
    Ok(Cow::Owned(match family {
        Family::Llama3 => headed(&system, &said, ["<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"]),
        Family::Llama4 => headed(&system, &said, ["<|header_start|>", "<|header_end|>", "<|eot|>"]),
        Family::DeepSeekR1 => deepseek_r1(&system, &said),
        Family::Titan => titan(&system, &said),
        _ => mistral(&system, &said),
    }))
}

/// Whether the model said it.
fn is_own(message: &Message) -> bool {
    message.role == Role::Assistant
}

/// Writes to memory, which does not fail.
macro_rules! put {
    ($to:ident, $($what:tt)*) => { write!($to, $($what)*).expect("writing to memory does not fail") };
}

/// Llama: every message has a head that says whose it is.
fn headed(system: &str, said: &[&Message], [begin, end, over]: [&str; 3]) -> String {
    let mut prompt = "<|begin_of_text|>".to_owned();
    if !system.is_empty() {
        put!(prompt, "{begin}system{end}\n\n{system}{over}");
    }
    for message in said {
        let role = if is_own(message) { "assistant" } else { "user" };
        put!(prompt, "{begin}{role}{end}\n\n{}{over}", message.text);
    }
    put!(prompt, "{begin}assistant{end}\n\n");
    prompt
}

fn deepseek_r1(system: &str, said: &[&Message]) -> String {
    let mut prompt = format!("<｜begin▁of▁sentence｜>{system}");
    for message in said {
        match is_own(message) {
            true => put!(prompt, "<｜Assistant｜>{}<｜end▁of▁sentence｜>", message.text),
            false => put!(prompt, "<｜User｜>{}", message.text),
        }
    }
    put!(prompt, "<｜Assistant｜><think>\n");
    prompt
}

fn mistral(system: &str, said: &[&Message]) -> String {
    let mut prompt = "<s>".to_owned();
    let mut system = Some(system).filter(|it| !it.is_empty());
    for message in said {
        match (is_own(message), system.take()) {
            (true, _) => put!(prompt, " {}</s> ", message.text),
            (false, Some(system)) => put!(prompt, "[INST] {system}\n\n{} [/INST]", message.text),
            (false, None) => put!(prompt, "[INST] {} [/INST]", message.text),
        }
    }
    prompt
}

fn titan(system: &str, said: &[&Message]) -> String {
    let mut prompt = String::new();
    if !system.is_empty() {
        put!(prompt, "{system}\n\n");
    }
    for message in said {
        put!(prompt, "{}: {}\n", if is_own(message) { "Bot" } else { "User" }, message.text);
    }
    put!(prompt, "Bot:");
    prompt
}

#[cfg(test)]
mod tests {
    use genai_bench_core::request::{Media, OutputLength};

    use super::*;

    fn said(family: Family, instruction: Option<&str>, messages: Vec<Message>) -> String {
        let input = Input::Chat { messages, output: OutputLength::Free };
        from_input(family, &input, instruction).unwrap().into_owned()
    }

    fn one() -> Vec<Message> {
        vec![Message::user("Hello")]
    }

    fn more() -> Vec<Message> {
        vec![Message::system("Be brief"), Message::user("A"), Message::assistant("B"), Message::user("C")]
    }

    #[test]
    fn llama_is_told_whose_every_message_is() {
        let prompt = "<|begin_of_text|><|start_header_id|>user<|end_header_id|>\n\nHello<|eot_id|>\
            <|start_header_id|>assistant<|end_header_id|>\n\n";
        assert_eq!(said(Family::Llama3, None, one()), prompt);
        let prompt = "<|begin_of_text|><|header_start|>system<|header_end|>\n\nBe kind\n\nBe brief<|eot|>\
            <|header_start|>user<|header_end|>\n\nA<|eot|><|header_start|>assistant<|header_end|>\n\nB<|eot|>\
            <|header_start|>user<|header_end|>\n\nC<|eot|><|header_start|>assistant<|header_end|>\n\n";
        assert_eq!(said(Family::Llama4, Some("Be kind"), more()), prompt);
    }

    #[test]
    fn mistral_is_told_as_the_guide_shows() {
        assert_eq!(said(Family::Mistral, None, one()), "<s>[INST] Hello [/INST]");
        let prompt = "<s>[INST] Be brief\n\nA [/INST] B</s> [INST] C [/INST]";
        assert_eq!(said(Family::Mistral, None, more()), prompt);
    }

    #[test]
    fn r1_begins_to_think() {
        let prompt = "<｜begin▁of▁sentence｜><｜User｜>Hello<｜Assistant｜><think>\n";
        assert_eq!(said(Family::DeepSeekR1, None, one()), prompt);
        let prompt = "<｜begin▁of▁sentence｜>Be brief<｜User｜>A<｜Assistant｜>B<｜end▁of▁sentence｜><｜User｜>C\
            <｜Assistant｜><think>\n";
        assert_eq!(said(Family::DeepSeekR1, None, more()), prompt);
    }

    #[test]
    fn titan_reads_one_message_as_it_is() {
        assert_eq!(said(Family::Titan, None, one()), "Hello");
        assert_eq!(said(Family::Titan, Some("Be kind"), one()), "Be kind\n\nUser: Hello\nBot:");
        assert_eq!(said(Family::Titan, None, more()), "Be brief\n\nUser: A\nBot: B\nUser: C\nBot:");
    }

    #[test]
    fn a_prompt_stays_as_it_is_and_a_picture_is_refused() {
        let bare = Input::Completion { prompt: "Once".into(), output: OutputLength::Free };
        assert_eq!(from_input(Family::Llama3, &bare, Some("Be kind")).unwrap(), "Once");
        let shown = Message::user("x").showing([Media::image("data:image/png;base64,QUJD")]);
        let shown = Input::Chat { messages: vec![shown], output: OutputLength::Free };
        for family in [Family::Llama4, Family::Titan] {
            assert!(from_input(family, &shown, None).is_err(), "{family}");
        }
    }
}
