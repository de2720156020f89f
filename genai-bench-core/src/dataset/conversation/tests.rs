//! Conversations in every form, and the changes to them.

use super::*;
use crate::dataset::ImageSource;
use crate::dataset::error::Place;
use crate::dataset::row::Origin;

fn row() -> Row {
    Row { origin: Origin::file("a.jsonl".as_ref()), place: Place::line(3), cells: Vec::new() }
}

/// Parses a list of messages, with the images and changes in a record.
fn read_counted(json: &str) -> Result<(Vec<Utterance>, Record), String> {
    let Cell::List(items) = serde_json::from_str(json).unwrap() else { panic!("{json}") };
    let mut record = Record::default();
    let read = conversation_of(&items, TextSpeakers::User, &row(), &mut record)?;
    Ok((read, record))
}

fn read(json: &str) -> Result<Vec<(Role, String)>, String> {
    let (read, _) = read_counted(json)?;
    Ok(read.into_iter().map(|utterance| (utterance.speaker, utterance.text.to_string())).collect())
}

#[test]
fn conversations_of_both_forms_are_read() {
    let expected = [
        (Role::System, "be kind".to_owned()),
        (Role::User, "hi".to_owned()),
        (Role::Assistant, "hello".to_owned()),
    ];
    let old = r#"[{"from":"system","value":"be kind"},{"from":"human","value":"hi"},{"from":"gpt","value":"hello"}]"#;
    let new = r#"[{"role":"system","content":"be kind"},{"role":"user","content":[{"type":"text","text":"hi"}]},
                  {"role":"assistant","content":"hello"}]"#;
    assert_eq!(read(old).unwrap(), expected);
    assert_eq!(read(new).unwrap(), expected);
}

#[test]
fn changes_of_conversations_are_counted() {
    let json = r#"[{"from":"gpt","value":"leftover"},{"from":"human","value":"a"},{"from":"human","value":"b"},
                   {"from":"bing","value":"c"},{"from":"chatgpt","value":"d"},{"from":"human","value":null}]"#;
    let (utterances, record) = read_counted(json).unwrap();
    let texts: Vec<_> = utterances.iter().map(|utterance| (utterance.speaker, &*utterance.text)).collect();
    assert_eq!(texts, [(Role::User, "a"), (Role::User, "b"), (Role::Assistant, "c\n\nd")]);
    let changes: Vec<_> = record.changes.iter().collect();
    assert_eq!(
        changes,
        [
            (Change::AnswerBeforeQuestion, 1),
            (Change::BlankMessage, 1),
            (Change::JoinedMessage, 1),
            (Change::UnansweredQuestion, 1)
        ]
    );
    assert_eq!(read(r#"[{"from":"gpt","value":"nobody asked"}]"#).unwrap(), []);
    assert_eq!(read(r#"[{"role":"system","content":"be kind"}]"#).unwrap(), []);
}

#[test]
fn unknown_roles_parts_and_calls_are_errors_that_name_them() {
    assert!(read(r#"[{"from":"dog","value":"woof"}]"#).unwrap_err().contains("'dog'"));
    assert!(read(r#"[{"value":"woof"}]"#).unwrap_err().contains("woof"));
    let sound = r#"[{"role":"user","content":[{"type":"input_audio","input_audio":{}}]}]"#;
    assert!(read(sound).unwrap_err().contains("input_audio"));
    let parts = r#"[{"role":"user","parts":[{"text":"a"}]}]"#;
    assert!(read(parts).unwrap_err().contains("a message must have a `content` or `value`"));
    let call = r#"[{"role":"user","content":"a"},{"role":"assistant","tool_calls":[{"x":1}]}]"#;
    assert!(read(call).unwrap_err().contains("`tool_calls` of a message is no call"));
}

#[test]
fn images_in_messages_are_found() {
    let json = r#"[{"role":"user","content":[{"type":"text","text":"what is it?","image_url":null},
        {"type":"image_url","text":null,"image_url":{"url":"https://x.org/a.png"}}]}]"#;
    let (read, record) = read_counted(json).unwrap();
    assert_eq!(&*read[0].text, "what is it?");
    assert_eq!(record.images, [ImageSource::Url("https://x.org/a.png".into())]);
}

/// Returns a conversation in short, as speakers, ids and texts; and its changes.
fn in_short(json: &str) -> (String, Vec<(Change, u64)>) {
    let (read, record) = read_counted(json).unwrap();
    let utterances: Vec<String> = read.iter().map(utterance_in_short).collect();
    (utterances.join(" "), record.changes.iter().collect())
}

fn utterance_in_short(utterance: &Utterance) -> String {
    let Utterance { speaker, text, tool_calls, tool_call_id } = utterance;
    let calls: String =
        tool_calls.iter().map(|call| format!("{}#{}{}", call.name, call.id, call.arguments)).collect();
    let id = tool_call_id.as_ref().map(|id| format!("#{id}")).unwrap_or_default();
    format!("{speaker:?}{id}:{text}{calls}")
}

#[test]
fn tool_calls_and_results_are_read_in_every_form() {
    let chat = r#"[{"role":"user","content":"a"},{"role":"assistant","content":null,"tool_calls":[{"id":"x",
        "type":"function","function":{"name":"f","arguments":"{\"n\":1}"}}]},
        {"role":"tool","tool_call_id":"x","content":"1"}]"#;
    assert_eq!(in_short(chat), (r#"User:a Assistant:f#x{"n":1} Tool#x:1"#.to_owned(), vec![]));
    let made = r#"User:a Assistant:f#call_1{"n":1} Tool#call_1:1"#;
    let older = r#"[{"role":"user","content":"a"},{"role":"assistant","content":null,"function_call":
        {"name":"f","arguments":"{\"n\":1}"}},{"role":"function","name":"f","content":"1"}]"#;
    let share_gpt = r#"[{"from":"human","value":"a"},{"from":"function_call",
        "value":"{\"name\":\"f\",\"arguments\":{\"n\":1}}"},{"from":"observation","value":"1"}]"#;
    for json in [older, share_gpt] {
        assert_eq!(in_short(json), (made.to_owned(), vec![]), "{json}");
    }
}

#[test]
fn unreadable_calls_and_results_become_texts_and_are_counted() {
    let (conversation, changes) = in_short(
        r#"[{"from":"human","value":"a"},{"from":"function_call","value":"f(1)"},{"from":"observation","value":"1"}]"#,
    );
    assert_eq!(conversation, "User:a Assistant:f(1) User:1");
    assert_eq!(changes, [(Change::CallAsText, 1), (Change::ResultAsText, 1)]);
    let (conversation, _) = in_short(
        r#"[{"role":"user","content":"a"},{"role":"assistant","content":"",
        "tool_calls":[{"id":"x","function":{"name":"f","arguments":""}}]},{"role":"tool","tool_call_id":"z","content":"1"}]"#,
    );
    assert_eq!(conversation, "User:a Assistant:f#x{} User:1");
}
