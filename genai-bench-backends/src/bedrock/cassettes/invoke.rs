//! Recordings of models that are invoked: what is said in their own words, streamed and whole.

use genai_bench_core::conformance::{Cassette, Expected, Role};
use genai_bench_core::record::{FinishReason, Usage};
use genai_bench_core::request::{Input, Media, Message, OutputLength, Request};
use genai_bench_core::units::Tokens;

use super::{stream, timed, usage};

const CLAUDE: &str = "us.anthropic.claude-haiku-4-5-20251001-v1:0";
const LLAMA: &str = "us.meta.llama3-3-70b-instruct-v1:0";
const TITAN: &str = "amazon.titan-text-express-v1";
const NOVA: &str = "amazon.nova-lite-v1:0";
const MISTRAL: &str = "mistral.mistral-7b-instruct-v0:2";
const MISTRAL_CHAT: &str = "mistral.mistral-large-2407-v1:0";
const GPT_OSS: &str = "openai.gpt-oss-20b-1:0";
const R1: &str = "us.deepseek.r1-v1:0";
const COMMAND_R: &str = "cohere.command-r-v1:0";

const WRITTEN: &str = "made by fixtures/bedrock/invoke_streams.py, whose events botocore 1.44.8 reads; what is inside \
    is written by hand from AWS's guides and code of others, 2026-11-25";
const GUIDE: &str = "written by hand from the answers that AWS's guides show, 2026-11-25";

/// All of them.
pub(super) fn cassettes() -> Vec<Cassette> {
    [shared(), answers(), oddities(), whole(), errors()].concat()
}

fn ended(answer: &'static str, usage: Usage, finish: FinishReason) -> Expected {
    Expected { answer, usage, finish: Some(finish), ..Expected::default() }
}

fn said(model: &'static str) -> Request {
    Request::chat(model, "Hello", OutputLength::AtMost(Tokens(16)))
}

fn cassette(model: &'static str, name: &'static str, body: &'static [u8], expected: Expected) -> Cassette {
    Cassette { request: said(model), ..stream(name, body, expected) }
}

/// Those of the shared vectors, which botocore and AWS's own TypeScript codec read.
fn shared() -> Vec<Cassette> {
    let stop = |(first, total): (f64, f64), answer, input, output| {
        timed(Some(first), total, ended(answer, usage(input, output), FinishReason::Stop))
    };
    let picture = Message::user("What is this?").showing([Media::image("data:image/png;base64,QUJD")]);
    let picture = Input::Chat { messages: vec![picture], output: OutputLength::AtMost(Tokens(16)) };
    let bare = Request::completion(LLAMA, "Once", OutputLength::AtMost(Tokens(16)));
    let empty = cassette(
        CLAUDE,
        "invoke_empty_chunk",
        fixture!("invoke_empty_chunk_then_answer.eventstream"),
        stop((301.0, 512.0), "Hi", 10, 4),
    );
    let claude = fixture!("invoke_anthropic.eventstream");
    let llama = cassette(
        LLAMA,
        "invoke_llama",
        fixture!("invoke_llama.eventstream"),
        stop((120.0, 300.0), "Hi there", 9, 3),
    );
    vec![
        cassette(CLAUDE, "invoke_anthropic", claude, stop((301.0, 512.0), "Hi", 10, 4)),
        Cassette {
            request: Request::new(CLAUDE, picture),
            ..cassette(CLAUDE, "invoke_anthropic_of_a_picture", claude, stop((301.0, 512.0), "Hi", 10, 4))
        },
        Cassette { role: Role::Unknown, ..empty },
        Cassette { name: "invoke_llama_of_a_bare_prompt", request: bare, ..llama.clone() },
        llama,
        cassette(
            TITAN,
            "invoke_titan_text",
            fixture!("invoke_titan_text.eventstream"),
            stop((400.0, 400.0), "Hi there", 4, 3),
        ),
        cassette(NOVA, "invoke_nova", fixture!("invoke_nova.eventstream"), stop((190.0, 210.0), "Hi", 3, 2)),
        cassette(
            MISTRAL,
            "invoke_mistral_text",
            fixture!("invoke_mistral_text.eventstream"),
            stop((130.0, 250.0), "Hi", 6, 2),
        ),
        cassette(
            MISTRAL_CHAT,
            "invoke_openai_shape",
            fixture!("invoke_openai_shape.eventstream"),
            stop((90.0, 100.0), "I!", 5, 2),
        ),
        cassette(
            COMMAND_R,
            "invoke_cohere",
            fixture!("invoke_cohere_command_r.eventstream"),
            stop((80.0, 99.0), "Hi", 4, 1),
        ),
    ]
}

fn written(model: &'static str, name: &'static str, body: &'static [u8], expected: Expected) -> Cassette {
    Cassette { origin: WRITTEN, ..cassette(model, name, body, expected) }
}

fn answers() -> Vec<Cassette> {
    let thinking = Expected {
        reasoning: "Hmm ☃",
        ..ended("\"Hi\"\n", Usage { cached: Some(Tokens(300)), ..usage(325, 9) }, FinishReason::Length)
    };
    let reasoning = Expected {
        reasoning: "Hmm",
        ..ended("Hi ☃", Usage { reasoning: Some(Tokens(7)), ..usage(70, 12) }, FinishReason::Length)
    };
    vec![
        written(
            CLAUDE,
            "invoke_anthropic_thinking_cache",
            fixture!("invoke_anthropic_thinking_cache.eventstream"),
            timed(Some(100.0), 300.0, thinking),
        ),
        written(
            TITAN,
            "invoke_titan_text_in_pieces",
            fixture!("invoke_titan_text_in_pieces.eventstream"),
            ended("Hi there", usage(4, 16), FinishReason::Length),
        ),
        written(
            GPT_OSS,
            "invoke_openai_reasoning_usage",
            fixture!("invoke_openai_reasoning_usage.eventstream"),
            timed(Some(100.0), 300.0, reasoning),
        ),
        written(
            R1,
            "invoke_deepseek_r1",
            fixture!("invoke_deepseek_r1.eventstream"),
            timed(Some(100.0), 300.0, ended("So 42", usage(6, 2), FinishReason::Stop)),
        ),
    ]
}

/// Those of which a part is not known.
fn oddities() -> Vec<Cassette> {
    let unknown = |model, name, body, expected| Cassette {
        role: Role::Unknown,
        ..written(model, name, body, expected)
    };
    let none = Usage::default();
    let one = Usage { output: Some(Tokens(1)), ..none };
    vec![
        unknown(
            LLAMA,
            "invoke_llama_unknown_without_metrics",
            fixture!("invoke_llama_unknown_without_metrics.eventstream"),
            ended("Hi ☃", usage(9, 2), FinishReason::Length),
        ),
        unknown(
            TITAN,
            "invoke_titan_text_unknown",
            fixture!("invoke_titan_text_unknown.eventstream"),
            ended("Hi", one, FinishReason::ContentFilter),
        ),
        unknown(
            NOVA,
            "invoke_nova_tool_cache_unknown",
            fixture!("invoke_nova_tool_cache_unknown.eventstream"),
            ended("n{\"a\":1}", Usage { cached: Some(Tokens(4)), ..usage(7, 2) }, FinishReason::ToolCalls),
        ),
        unknown(
            MISTRAL,
            "invoke_mistral_text_unknown",
            fixture!("invoke_mistral_text_unknown.eventstream"),
            ended("Hi!", none, FinishReason::Length),
        ),
        unknown(
            GPT_OSS,
            "invoke_openai_unknown",
            fixture!("invoke_openai_unknown.eventstream"),
            ended("Hi", none, FinishReason::ToolCalls),
        ),
        unknown(
            COMMAND_R,
            "invoke_cohere_unknown",
            fixture!("invoke_cohere_command_r_unknown.eventstream"),
            ended("Hi", none, FinishReason::Length),
        ),
    ]
}

fn whole() -> Vec<Cassette> {
    let whole = |model, name, body, expected| Cassette {
        origin: GUIDE,
        content_type: "application/json",
        request: said(model).unstreamed(),
        ..stream(name, body, expected)
    };
    let broken =
        |model, name, body| Cassette { role: Role::Broken, ..whole(model, name, body, Expected::default()) };
    let none = Usage::default();
    let claude = Expected {
        reasoning: "Hmm",
        ..ended("Hi \"you\" ☃", Usage { cached: Some(Tokens(3)), ..usage(13, 4) }, FinishReason::Stop)
    };
    let nova = ended("Hi \"you\"\n☃", Usage { cached: Some(Tokens(2)), ..usage(14, 5) }, FinishReason::Stop);
    let call = ended("Hi \"you\"\n☃n{\"a\":1}", none, FinishReason::ToolCalls);
    let gpt_oss = ended("<reasoning>Hmm</reasoning>Hi", usage(70, 12), FinishReason::Stop);
    let said = |usage, finish| ended("Hi \"you\"\n☃", usage, finish);
    vec![
        whole(CLAUDE, "invoke_anthropic_whole", fixture!("invoke_anthropic.json"), claude),
        whole(
            LLAMA,
            "invoke_llama_whole",
            fixture!("invoke_llama.json"),
            said(usage(9, 3), FinishReason::Length),
        ),
        whole(
            TITAN,
            "invoke_titan_whole",
            fixture!("invoke_titan_text.json"),
            said(usage(4, 3), FinishReason::Stop),
        ),
        whole(NOVA, "invoke_nova_whole", fixture!("invoke_nova.json"), nova),
        whole(
            MISTRAL,
            "invoke_mistral_whole",
            fixture!("invoke_mistral_text.json"),
            said(none, FinishReason::Stop),
        ),
        whole(MISTRAL_CHAT, "invoke_mistral_chat_whole", fixture!("invoke_mistral_chat.json"), call),
        whole(GPT_OSS, "invoke_openai_whole", fixture!("invoke_openai.json"), gpt_oss),
        whole(
            R1,
            "invoke_r1_whole",
            fixture!("invoke_deepseek_r1.json"),
            ended("So 42 ☃", none, FinishReason::Length),
        ),
        whole(
            COMMAND_R,
            "invoke_cohere_whole",
            fixture!("invoke_cohere_command_r.json"),
            said(none, FinishReason::Stop),
        ),
        broken(LLAMA, "invoke_llama_whole_without_an_end", br#"{"generation":"Hi"}"#),
        broken(TITAN, "invoke_titan_whole_without_results", br#"{"inputTextTokenCount":4,"results":[]}"#),
        broken(COMMAND_R, "invoke_cohere_whole_without_an_end", br#"{"text":"Hi"}"#),
        broken(GPT_OSS, "invoke_openai_whole_without_choices", br#"{"choices":[]}"#),
    ]
}

fn errors() -> Vec<Cassette> {
    let error = |model, name, body, status, message| Cassette {
        role: Role::ErrorInside,
        origin: WRITTEN,
        ..cassette(model, name, body, Expected { error: Some((status, message)), ..Expected::default() })
    };
    let broken = |model, name, body| Cassette {
        role: Role::Broken,
        origin: WRITTEN,
        ..cassette(model, name, body, Expected::default())
    };
    let timeout = error(
        CLAUDE,
        "invoke_timeout_exception",
        fixture!("invoke_timeout_exception.eventstream"),
        Some(408),
        "modelTimeoutException: Model did not respond in time",
    );
    vec![
        Cassette { origin: super::BOTOCORE, ..timeout },
        error(
            CLAUDE,
            "invoke_anthropic_overloaded",
            fixture!("invoke_anthropic_overloaded.eventstream"),
            None,
            "overloaded_error: Overloaded",
        ),
        error(
            GPT_OSS,
            "invoke_openai_error",
            fixture!("invoke_openai_error.eventstream"),
            Some(500),
            "the engine died",
        ),
        error(
            COMMAND_R,
            "invoke_cohere_toxic",
            fixture!("invoke_cohere_command_r_toxic.eventstream"),
            None,
            "ERROR_TOXIC",
        ),
        broken(LLAMA, "invoke_broken_inside", fixture!("invoke_broken_inside.eventstream")),
        broken(LLAMA, "invoke_broken_base64", fixture!("invoke_broken_base64.eventstream")),
    ]
}
