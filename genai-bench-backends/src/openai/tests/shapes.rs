//! Answers of servers that implement the provider's API, as each of them sends them.

use genai_bench_core::request::{OutputLength, Request};

use super::super::{BaseUrl, ChatApi, Dialect, OpenAi};
use crate::tests::shapes::{EVENTS, Reads, Shape, check};

/// The expected reading of most answers below.
pub(super) const HI: Reads = Reads {
    reasoning: "",
    answer: "Hi you",
    kinds: "T",
    finish: Some("stop"),
    usage: (None, None),
    is_whole: false,
    keep_alives: 0,
    failure: None,
};
pub(super) const COUNTED: Reads = Reads { usage: (Some(9), Some(2)), ..HI };
const CALL: Reads = Reads { answer: "f{\"a\":1}", kinds: "C", finish: Some("tool_calls"), ..HI };

pub(super) fn events(sent_by: &'static str, body: &'static str, reads: Reads) -> Shape {
    Shape { sent_by, content_type: EVENTS, body: body.as_bytes(), reads }
}

pub(super) fn typed(
    sent_by: &'static str,
    content_type: Option<&'static str>,
    body: &'static str,
    reads: Reads,
) -> Shape {
    Shape { sent_by, content_type, body: body.as_bytes(), reads }
}

pub(super) fn backend() -> OpenAi {
    OpenAi::new("http://localhost".parse::<BaseUrl>().unwrap(), Dialect::openai())
}

pub(super) fn chat() -> Request {
    Request::chat("m", "Hello", OutputLength::Free)
}

/// A stream of two pieces and an end.
macro_rules! hi {
    ($($between:literal)*) => {
        concat!(
            "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"}}]}\n\n",
            $($between,)*
            "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\" you\"}}]}\n\n",
        )
    };
}
macro_rules! stop {
    () => {
        "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"
    };
}

#[test]
fn calls_of_tools_are_read_from_their_name_on() {
    let named = "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"c\",\"function\":{\"name\":\"f\",\"arguments\":\"\"}}]}}]}\n\n\
        data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"{\\\"a\\\":1}\"}}]}}]}\n\n\
        data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"tool_calls\"}]}\n\n";
    let name_only = "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{\"index\":0,\"id\":\"c\",\"function\":{\"name\":\"now\",\"arguments\":null}}]},\"finish_reason\":\"tool_calls\"}]}\n\n";
    let repeated = "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"c\",\"function\":{\"name\":\"f\",\"arguments\":\"{\\\"a\\\"\"}}]}}]}\n\n\
        data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"d\",\"function\":{\"name\":\"f\",\"arguments\":\":1}\"}}]},\"finish_reason\":\"tool_calls\"}]}\n\n";
    let two = "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"name\":\"f\",\"arguments\":\"1\"}},{\"index\":1,\"function\":{\"name\":\"f\",\"arguments\":\"2\"}}]},\"finish_reason\":\"tool_calls\"}]}\n\n";
    let without_index = "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"id\":\"1\",\"function\":{\"name\":\"f\",\"arguments\":\"1\"}}]}}]}\n\n\
        data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"id\":\"2\",\"function\":{\"name\":\"f\",\"arguments\":\"2\"}}]},\"finish_reason\":\"tool_calls\"}]}\n\n";
    let object = "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"name\":\"f\",\"arguments\":{\"a\":1}}}]},\"finish_reason\":\"tool_calls\"}]}\n\n";
    let old = "data: {\"choices\":[{\"delta\":{\"function_call\":{\"name\":\"f\"}}}]}\n\n\
        data: {\"choices\":[{\"delta\":{\"function_call\":{\"arguments\":\"{\\\"a\\\":1}\"}},\"finish_reason\":\"function_call\"}]}\n\n";
    let custom = "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"type\":\"custom\",\"custom\":{\"name\":\"f\",\"input\":\"{\\\"a\\\":1}\"}}]},\"finish_reason\":\"tool_calls\"}]}\n\n";
    let whole = r#"{"choices":[{"message":{"content":null,"tool_calls":[{"id":"c","function":{"name":"f","arguments":"{\"a\":1}"}}]},"finish_reason":"tool_calls"}]}"#;
    check(
        &backend(),
        &chat(),
        &[
            events("OpenAI, vLLM, SGLang", named, CALL),
            events("vLLM, of a tool without parameters", name_only, Reads { answer: "now", ..CALL }),
            events("gateways that repeat the name, some with a new id", repeated, CALL),
            events("OpenAI, of two calls at once", two, Reads { answer: "f1f2", ..CALL }),
            events(
                "Gemini's API in OpenAI's shape, without an index",
                without_index,
                Reads { answer: "f1f2", ..CALL },
            ),
            events("Ollama's gateways, with JSON for a string", object, CALL),
            events("OpenAI before 2023-11", old, CALL),
            events("OpenAI, of a custom tool", custom, CALL),
            typed("OpenAI, in one piece", Some("application/json"), whole, Reads { is_whole: true, ..CALL }),
        ],
    );
}

#[test]
fn content_and_reasoning_are_read_wherever_they_stand() {
    let thinking = Reads { reasoning: "Hm", kinds: "RT", ..HI };
    let mistral = concat!(
        "data: {\"choices\":[{\"delta\":{\"content\":[{\"type\":\"thinking\",\"thinking\":[{\"type\":\"text\",\"text\":\"Hm\"}]}]}}]}\n\n",
        hi!(),
        stop!()
    );
    let databricks = concat!(
        "data: {\"choices\":[{\"delta\":{\"content\":[{\"type\":\"reasoning\",\"summary\":[{\"type\":\"summary_text\",\"text\":\"Hm\"}]}]}}]}\n\n",
        "data: {\"choices\":[{\"delta\":{\"content\":[{\"type\":\"text\",\"text\":\"Hi\"},{\"type\":\"text\",\"text\":\" you\"}]},\"finish_reason\":\"stop\"}]}\n\n",
    );
    let one_part = "data: {\"choices\":[{\"delta\":{\"content\":{\"type\":\"text\",\"text\":\"Hi you\"}},\"finish_reason\":\"stop\"}]}\n\n";
    let openrouter = concat!(
        "data: {\"choices\":[{\"delta\":{\"content\":\"\",\"reasoning\":\"Hm\",\"reasoning_details\":[{\"type\":\"reasoning.text\",\"text\":\"Hm\"}]}}]}\n\n",
        hi!(),
        stop!()
    );
    let details = concat!(
        "data: {\"choices\":[{\"delta\":{\"reasoning_details\":[{\"type\":\"reasoning.summary\",\"summary\":\"Hm\"},{\"type\":\"reasoning.encrypted\",\"data\":\"x\"}]}}]}\n\n",
        hi!(),
        stop!()
    );
    let deepseek = concat!(
        "data: {\"choices\":[{\"delta\":{\"content\":null,\"reasoning_content\":\"Hm\"}}]}\n\n",
        hi!(
            "data: {\"choices\":[{\"delta\":{\"content\":7,\"reasoning_content\":true,\"refusal\":[]}}]}\n\n"
        ),
        stop!()
    );
    let plain = concat!("data: {\"choices\":[{\"delta\":{\"thinking\":\"Hm\"}}]}\n\n", hi!(), stop!());
    let whole = r#"{"choices":[{"message":{"content":[{"type":"thinking","thinking":[{"type":"text","text":"Hm"}]},{"type":"text","text":"Hi you"}]},"finish_reason":"stop"}]}"#;
    let json = Some("application/json");
    check(
        &backend(),
        &chat(),
        &[
            events("Mistral's reasoning models", mistral, thinking),
            events("Databricks", databricks, thinking),
            events("gateways, with one part in the place of a list", one_part, HI),
            events("OpenRouter, which says it twice", openrouter, thinking),
            events("OpenRouter, of details alone", details, thinking),
            events("DeepSeek, SGLang; and values of other types", deepseek, thinking),
            events("gateways of Ollama", plain, thinking),
            typed("Mistral, in one piece", json, whole, Reads { is_whole: true, ..thinking }),
        ],
    );
}

#[test]
fn json_that_python_reads_is_read() {
    let twice = concat!(
        "data: {\"choices\":[{\"delta\":{\"content\":null,\"reasoning_content\":\"a\",\"reasoning_content\":\"Hm\"}}]}\n\n",
        hi!(),
        stop!()
    );
    let halves = "data: {\"choices\":[{\"delta\":{\"content\":\"\\ud83d\"}}]}\n\n\
        data: {\"choices\":[{\"delta\":{\"content\":\"\\ude00\"},\"\\ud83d\":\"\\ud83d\",\"finish_reason\":\"stop\"}]}\n\n";
    let odd = "data: {\"choices\":[{\"delta\":{\"content\":\"Hi\\u0000\0\x01\"},\"logprobs\":NaN,\"x\":[Infinity,-Infinity,1e999],\"finish_reason\":\"stop\"}]}\n\n";
    let types = concat!(
        "data: {\"id\":7,\"created\":\"now\",\"choices\":[null,7],\"usage\":\"none\",\"metrics\":[]}\n\n",
        hi!(
            "data: {\"choices\":[{\"index\":\"0\",\"delta\":{\"tool_calls\":7,\"function_call\":\"f\"},\"finish_reason\":{}}]}\n\n"
        ),
        stop!()
    );
    let not_text =
        b"data: {\"choices\":[{\"delta\":{\"content\":\"\xff\xf0\x9f\"},\"finish_reason\":\"stop\"}]}\n\n";
    check(
        &backend(),
        &chat(),
        &[
            events("NVIDIA: a key twice", twice, Reads { reasoning: "Hm", kinds: "RT", ..HI }),
            events(
                "vLLM behind proxies: an emoji cut in two",
                halves,
                Reads { answer: "\u{fffd}\u{fffd}", ..HI },
            ),
            events("Python servers: NaN, raw control characters", odd, Reads { answer: "Hi\0\0\u{1}", ..HI }),
            events("gateways: known fields of other types", types, HI),
            Shape {
                sent_by: "servers that cut a character",
                content_type: EVENTS,
                body: not_text,
                reads: Reads { answer: "\u{fffd}\u{fffd}", ..HI },
            },
        ],
    );
}

macro_rules! usage {
    () => {
        "\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":2}"
    };
}

#[test]
fn counts_are_found_wherever_they_stand() {
    let official = concat!(
        "data: {\"choices\":[{\"delta\":{\"content\":\"Hi you\"},\"finish_reason\":null}],\"usage\":null}\n\n",
        stop!(),
        "data: {\"choices\":[],",
        usage!(),
        "}\n\ndata: [DONE]\n\n"
    );
    let in_choice = concat!(
        hi!(),
        "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\",",
        usage!(),
        "}]}\n\ndata: [DONE]\n\n"
    );
    let in_delta =
        concat!(hi!(), "data: {\"choices\":[{\"delta\":{", usage!(), "},\"finish_reason\":\"stop\"}]}\n\n");
    let in_message =
        concat!(hi!(), "data: {\"choices\":[{\"message\":{", usage!(), "},\"finish_reason\":\"stop\"}]}\n\n");
    let in_extension = concat!(
        hi!(),
        "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}],\"x_groq\":{\"id\":\"r\",",
        usage!(),
        "}}\n\n"
    );
    let empty = concat!(
        hi!(),
        "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\",",
        usage!(),
        "}],\"usage\":{}}\n\n"
    );
    check(
        &backend(),
        &chat(),
        &[
            events("OpenAI: null in each chunk, then counts", official, COUNTED),
            events("Moonshot", in_choice, COUNTED),
            events("gateways of Anthropic", in_delta, COUNTED),
            events("gateways", in_message, COUNTED),
            events("Groq", in_extension, COUNTED),
            events("gateways: an empty usage beside one", empty, COUNTED),
        ],
    );
}

#[test]
fn counts_of_several_places_are_not_added_up() {
    let in_both = concat!(
        hi!(),
        stop!(),
        "data: {\"choices\":[],",
        usage!(),
        "}\n\ndata: {\"choices\":[],\"x_groq\":{\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":1}}}\n\n"
    );
    let behind = concat!(hi!(), stop!(), "data: [DONE]\n\ndata: {\"choices\":[],", usage!(), "}\n\n");
    let with_text_behind = concat!(
        hi!(),
        stop!(),
        "data: [DONE]\n\ndata: {\"choices\":[{\"delta\":{\"content\":\"no\"}}],",
        usage!(),
        "}\n\ndata: broken\n\n"
    );
    check(
        &backend(),
        &chat(),
        &[
            events("Groq, when asked for counts", in_both, COUNTED),
            events("gateways that count at last", behind, COUNTED),
            events("gateways: text behind the end is none", with_text_behind, COUNTED),
        ],
    );
}

#[test]
fn a_whole_message_repeats_deltas_or_is_the_answer() {
    macro_rules! message {
        () => {
            "data: {\"object\":\"chat.completion\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"Hi you\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":2}}\n\n"
        };
    }
    let cumulative = "data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"},\"message\":{\"content\":\"Hi\"}}]}\n\n\
        data: {\"choices\":[{\"delta\":{\"content\":\" you\"},\"message\":{\"content\":\"Hi you\"}}]}\n\n\
        data: {\"choices\":[{\"delta\":{\"content\":\"\"},\"message\":{\"content\":\"Hi you\"},\"finish_reason\":\"stop\"}]}\n\n";
    let messages_so_far = "data: {\"choices\":[{\"message\":{\"content\":\"Hi\"}}]}\n\n\
        data: {\"choices\":[{\"message\":{\"content\":\"Hi you\"}}]}\n\n\
        data: {\"choices\":[{\"message\":{\"content\":\"Hi you\"},\"finish_reason\":\"stop\"}]}\n\n";
    let pieces_in_messages = "data: {\"choices\":[{\"message\":{\"content\":\"Hi\"}}]}\n\n\
        data: {\"choices\":[{\"message\":{\"content\":\" you\"}}]}\n\n\
        data: {\"choices\":[{\"message\":{\"content\":\"\"},\"finish_reason\":\"stop\"}]}\n\n";
    let whole = Reads { is_whole: true, ..COUNTED };
    check(
        &backend(),
        &chat(),
        &[
            events("MiniMax, gateways", concat!(hi!(), message!(), "data: [DONE]\n\n"), COUNTED),
            events(
                "gateways: nothing but a role before",
                concat!(
                    "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n",
                    message!()
                ),
                whole,
            ),
            events("gateways: one event with all", message!(), whole),
            events("Perplexity: the message so far beside each delta", cumulative, HI),
            events("gateways: the message so far in each chunk", messages_so_far, HI),
            events("gateways: pieces that are called messages", pieces_in_messages, HI),
        ],
    );
}

#[test]
fn responses_are_read_whatever_their_pieces_are() {
    let call = "data: {\"type\":\"response.output_item.added\",\"item\":{\"type\":\"function_call\",\"name\":\"f\",\"arguments\":\"\"}}\n\n\
        data: {\"type\":\"response.function_call_arguments.delta\",\"delta\":\"{\\\"a\\\":1}\"}\n\n\
        data: {\"type\":\"response.function_call_arguments.done\",\"arguments\":\"{\\\"a\\\":1}\"}\n\n\
        data: {\"type\":\"response.completed\",\"response\":{\"status\":\"completed\",\"output\":[{\"type\":\"function_call\",\"name\":\"f\",\"arguments\":\"{\\\"a\\\":1}\"}]}}\n\n";
    let name_only = "data: {\"type\":\"response.output_item.added\",\"item\":{\"type\":\"function_call\",\"name\":\"f\"}}\n\n\
        data: {\"type\":\"response.completed\",\"response\":{\"status\":\"completed\",\"output\":[]}}\n\n";
    let at_once = "event: response.completed\ndata: {\"response\":{\"status\":\"completed\",\"usage\":{\"input_tokens\":9,\"output_tokens\":2},\"output\":[{\"type\":\"message\",\"content\":[{\"type\":\"output_text\",\"text\":\"Hi you\"}]}]}}\n\n";
    let odd = "event: ping\ndata: 7\n\nevent: response.output_text.delta\ndata: {\"delta\":\"Hi\",\"delta\":\"Hi\",\"item_id\":\"\\ud83d\"}\n\n\
        event: response.output_text.delta\ndata: {\"delta\":7}\n\n\
        event: response.output_text.delta\ndata: {\"delta\":\" you\",\"logprobs\":NaN}\n\n\
        event: response.completed\ndata: {\"response\":{\"status\":\"completed\",\"usage\":\"none\"}}\n\ndata: [DONE]\n\n";
    let document = r#"{"status":"completed","output":[{"type":"reasoning","summary":[{"type":"summary_text","text":"Hm"}]},{"type":"message","content":[{"type":"output_text","text":"Hi you"}]}]}"#;
    let dialect = Dialect { chat_api: ChatApi::Responses, ..Dialect::openai() };
    let backend = OpenAi::new("http://localhost".parse::<BaseUrl>().unwrap(), dialect);
    check(
        &backend,
        &chat(),
        &[
            events("OpenAI, vLLM", call, CALL),
            events("OpenAI, of a tool without parameters", name_only, Reads { answer: "f", ..CALL }),
            events("gateways: nothing but the end", at_once, Reads { is_whole: true, ..COUNTED }),
            events("gateways: odd JSON", odd, Reads { keep_alives: 1, ..HI }),
            typed(
                "gateways: a document as a stream",
                EVENTS,
                document,
                Reads { reasoning: "Hm", kinds: "RT", is_whole: true, ..HI },
            ),
        ],
    );
}
