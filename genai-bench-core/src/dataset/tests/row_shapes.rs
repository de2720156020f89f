//! Rows in the shapes of published datasets, and the reading of each.

use super::*;

/// Returns the reading of a file: the conversation or the prompt of each row, then the rows left out and the changes.
fn reading(name: &str, bytes: &str) -> String {
    reading_by(&Mapping::default(), name, bytes)
}

fn reading_by(mapping: &Mapping, name: &str, bytes: &str) -> String {
    let folder = folder(&[(name, bytes.as_bytes())]);
    let path = folder.path().join(name);
    let dataset = match Dataset::open(&[path], None, mapping, Sample::default()) {
        Ok(dataset) => dataset,
        Err(error) => return error.to_string().replace(&*folder.path().to_string_lossy(), ""),
    };
    let mut lines: Vec<String> = dataset.records().iter().map(in_short).collect();
    lines.extend(dataset.rows_left_out().iter().map(|(reason, count)| format!("-{}:{count}", reason.name())));
    lines.extend(dataset.changes().iter().map(|(change, count)| format!("~{}:{count}", change.name())));
    lines.join(" | ").replace('\n', "/")
}

fn in_short(record: &Record) -> String {
    let prompt = record.prompt.as_deref().unwrap_or_default();
    if record.conversation.is_empty() {
        return prompt.to_owned();
    }
    let tools: String = record.tools.iter().map(|tool| format!("[{}] ", tool["function"]["name"])).collect();
    let messages: Vec<String> = record.conversation.iter().map(utterance_in_short).collect();
    format!("{tools}{}", messages.join(" "))
}

fn utterance_in_short(utterance: &Utterance) -> String {
    let Utterance { speaker, text, tool_calls, tool_call_id } = utterance;
    let speaker = match speaker {
        Role::System => "s",
        Role::User => "u",
        Role::Assistant => "a",
        Role::Tool => "t",
    };
    let calls: String =
        tool_calls.iter().map(|call| format!("{}#{}{}", call.name, call.id, call.arguments)).collect();
    let id = tool_call_id.as_ref().map(|id| format!("#{id}")).unwrap_or_default();
    format!("{speaker}{id}:{text}{calls}")
}

/// Asserts the readings of files, each by its shape, name, bytes and reading.
fn assert_readings(table: &[(&str, &str, &str, &str)]) {
    for (shape, name, bytes, expected) in table {
        assert_eq!(reading(name, bytes), *expected, "{shape}");
    }
}

#[test]
fn conversations_keep_each_message_of_the_user() {
    assert_readings(&[
        (
            "MT-Bench",
            "a.jsonl",
            r#"{"question_id":81,"category":"writing","turns":["q1","q2"],"reference":["x","y"]}"#,
            "u:q1 u:q2 | ~unanswered_question:1",
        ),
        (
            "a list of user messages",
            "a.jsonl",
            r#"{"messages":[{"role":"user","content":"q1"},{"role":"user","content":"q2"}]}"#,
            "u:q1 u:q2 | ~unanswered_question:1",
        ),
        (
            "ShareGPT with one speaker",
            "a.json",
            r#"[{"id":"1","conversations":[{"from":"human","value":"q1"},{"from":"human","value":"q2"}]}]"#,
            "u:q1 u:q2 | ~unanswered_question:1",
        ),
        (
            "ShareGPT_V3, which may begin with an answer",
            "a.json",
            r#"[{"id":"1","conversations":[{"from":"gpt","value":"a0"},{"from":"human","value":"q1"},{"from":"gpt","value":"a1"}]}]"#,
            "u:q1 a:a1 | ~answer_before_question:1",
        ),
        (
            "UltraChat, texts in turn",
            "a.jsonl",
            r#"{"id":"0","data":["q1","a1","q2","a2"]}"#,
            "u:q1 a:a1 u:q2 a:a2",
        ),
        (
            "WildChat, whose content may be null",
            "a.jsonl",
            r#"{"conversation":[{"role":"user","content":"q1"},{"role":"assistant","content":null},{"role":"user","content":"q2"}],"model":"m"}"#,
            "u:q1 u:q2 | ~blank_message:1 | ~unanswered_question:1",
        ),
        (
            "UltraFeedback, a prompt of messages",
            "a.jsonl",
            r#"{"prompt":[{"role":"system","content":"s"},{"role":"user","content":"q"}],"chosen":"x","rejected":"y"}"#,
            "s:s u:q",
        ),
        (
            "Capybara, pairs of input and output",
            "a.jsonl",
            r#"{"source":"x","conversation":[{"input":"q1","output":"a1"},{"input":"q2","output":"a2"}]}"#,
            "u:q1 a:a1 u:q2 a:a2",
        ),
        (
            "messages inside an object",
            "a.jsonl",
            r#"{"id":1,"conversation":{"messages":[{"role":"user","content":"q"}]}}"#,
            "u:q",
        ),
    ]);
}

#[test]
fn system_prompts_history_and_context_are_read() {
    assert_readings(&[
        ("OpenOrca", "a.jsonl", r#"{"id":1,"system_prompt":"s","question":"q","response":"a"}"#, "s:s u:q"),
        ("OpenOrca without one", "a.jsonl", r#"{"system_prompt":"","question":"q","response":"a"}"#, "q"),
        (
            "Alpaca with a history",
            "a.json",
            r#"[{"instruction":"q2","input":"i","output":"a2","system":"s","history":[["q1","a1"]]}]"#,
            "s:s u:q1 a:a1 u:q2//i",
        ),
        ("Alpaca with an empty history", "a.json", r#"[{"instruction":"q","input":"","history":[]}]"#, "q"),
        (
            "a history of an unknown form",
            "a.json",
            r#"[{"prompt":"q","history":"as before"}]"#,
            "q | ~unread_column:1",
        ),
        (
            "ShareGPT with a system field",
            "a.jsonl",
            r#"{"conversations":[{"from":"human","value":"q"},{"from":"gpt","value":"a"}],"system":"s"}"#,
            "s:s u:q a:a",
        ),
        (
            "ShareGPT with a system speaker and another field",
            "a.jsonl",
            r#"{"conversations":[{"from":"system","value":"own"},{"from":"human","value":"q"}],"system":"s"}"#,
            "s:own u:q | ~unused_system:1",
        ),
        ("Dolly", "a.jsonl", r#"{"instruction":"q","context":"c","response":"a","category":"x"}"#, "q//c"),
        ("SQuAD", "a.csv", "id,title,context,question\n1,t,c,q\n", "q//c"),
        (
            "HotpotQA, whose context is no text",
            "a.jsonl",
            r#"{"question":"q","context":{"title":["t"]},"answer":"a"}"#,
            "q | ~unread_column:1",
        ),
    ]);
}

#[test]
fn conversations_as_text_are_read_or_refused() {
    assert_readings(&[
        (
            "JSON in a CSV",
            "a.csv",
            "id,messages\n1,\"[{\"\"role\"\": \"\"user\"\", \"\"content\"\": \"\"q\"\"}]\"\n",
            "u:q",
        ),
        (
            "a Python list in a CSV",
            "a.csv",
            "id,messages\n1,\"[{'role': 'user', 'content': \"\"it's\"\"}]\"\n",
            "u:it's | ~read_as_conversation:1",
        ),
        (
            "a numpy array in a CSV",
            "a.csv",
            "id,conversation\n1,\"[{'content': 'q', 'role': 'user'}\n {'content': 'a', 'role': 'assistant'}]\"\n",
            "u:q a:a | ~read_as_conversation:1",
        ),
        (
            "a prompt of messages in a TSV",
            "a.tsv",
            "id\tprompt\n1\t[{'role': 'user', 'content': 'q'}]\n",
            "u:q | ~read_as_conversation:1",
        ),
        (
            "a prompt that begins with a bracket",
            "a.jsonl",
            r#"{"id":1,"prompt":"[INST] q [/INST]"}"#,
            "[INST] q [/INST]",
        ),
        (
            "JSON in JSON Lines",
            "a.jsonl",
            r#"{"id":1,"turns":"[\"q1\", \"q2\"]"}"#,
            "u:q1 u:q2 | ~unanswered_question:1",
        ),
        (
            "no conversation",
            "a.csv",
            "id,messages\n1,\n2,[]\n3,\"[{\"\"role\"\": \"\"user\"\", \"\"content\"\": \"\"q\"\"}]\"\n",
            "u:q | -no_question:2",
        ),
    ]);
    let broken = reading("a.csv", "id,messages\n1,\"[{'role': 'user', 'content': 'q\"\n");
    assert!(
        broken.starts_with("/a.csv line 2: column 'messages' holds a text that begins as messages"),
        "{broken}"
    );
    let two = reading("a.csv", "id,turns\n1,\"['q1' 'q2']\"\n");
    assert!(two.contains("nor a Python literal (`'` at character 7"), "{two}");
    let text = reading("a.csv", "id,conversation\n1,Human: hi\n");
    assert!(text.contains("column 'conversation' holds text that is no list of messages"), "{text}");
}

const TOOLS: &str = r#"{"conversations":[{"from":"human","value":"q"},
    {"from":"function_call","value":"{\"name\":\"f\",\"arguments\":{\"n\":1}}"},
    {"from":"observation","value":"1"},{"from":"gpt","value":"a"}],
    "tools":"[{\"name\":\"f\",\"parameters\":{}}]"}"#;

#[test]
fn tools_their_calls_and_results_are_read() {
    let chat = r#"{"messages":[{"role":"user","content":"q"},{"role":"assistant","content":null,"tool_calls":
        [{"id":"x","type":"function","function":{"name":"f","arguments":"{\"n\":1}"}}]},
        {"role":"tool","tool_call_id":"x","content":"1"}],
        "tools":[{"type":"function","function":{"name":"f","parameters":{}}}]}"#;
    let share_gpt = r#"["f"] u:q a:f#call_1{"n":1} t#call_1:1 a:a"#;
    for (shape, row, expected) in [
        ("chat messages", chat, r#"["f"] u:q a:f#x{"n":1} t#x:1"#),
        ("LLaMA-Factory", TOOLS, share_gpt),
        (
            "definitions beside a prompt",
            r#"{"id":1,"query":"q","answers":"x","tools":"[{\"name\":\"f\"}]"}"#,
            r#"["f"] u:q"#,
        ),
        (
            "a result that is an object",
            r#"{"messages":[{"role":"user","content":"q"},{"role":"assistant","tool_calls":[{"name":"f"}]},{"role":"tool","content":{"n":1}}]}"#,
            r#"u:q a:f#call_1{} t#call_1:{"n":1}"#,
        ),
        ("no tools", r#"{"prompt":"q","tools":"[]"}"#, "q"),
        ("other tools", r#"{"prompt":"q","tools":["hammer"]}"#, "q | ~unread_column:1"),
    ] {
        assert_eq!(reading("a.jsonl", &row.replace('\n', " ")), expected, "{shape}");
    }
    let without = Mapping { leaves_out_tools: true, ..Mapping::default() };
    let rows = format!(
        "{}\n{{\"conversations\":[{{\"from\":\"human\",\"value\":\"q\"}}]}}",
        TOOLS.replace('\n', " ")
    );
    assert_eq!(reading_by(&without, "a.jsonl", &rows), "u:q | -tools:1");
}

#[test]
fn rows_are_left_out_by_reason() {
    let rows = r#"{"prompt":"q"}
{"prompt":null}
{"prompt":" "}
{"conversations":[{"from":"gpt","value":"a"}]}
{"prompt":"q","output_tokens":0}
{"prompt":"q","output_tokens":"long"}
"#;
    let expected =
        "q | q | q | -null_prompt:1 | -blank_prompt:1 | -no_question:1 | ~empty_answer:1 | ~unread_length:1";
    assert_eq!(reading("a.jsonl", rows), expected);
    let mut template = Mapping { prompt: Some("{a}:{b}".parse().unwrap()), ..Mapping::default() };
    let csv = "a,b\nx,\nx,y\n";
    assert_eq!(reading_by(&template, "a.csv", csv), "x: | x:y");
    template.leaves_out_empty_fields = true;
    assert_eq!(reading_by(&template, "a.csv", csv), "x:y | -empty_field:1");
    let all = reading("a.jsonl", "{\"prompt\":null}\n{\"prompt\":\"\"}\n");
    assert_eq!(
        all,
        "/a.jsonl: none of its 2 rows can be sent: 1 whose prompt is null, 1 whose prompt is blank"
    );
}
