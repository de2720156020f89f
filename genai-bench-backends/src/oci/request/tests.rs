//! Chat requests compared with those of the SDK, and requests that no format can express.

use genai_bench_core::request::{Input, Media, Request};
use genai_bench_core::units::Tokens;

use super::super::entry::{encoded, sdk_request};
use super::*;

const SIXTEEN: OutputLength = OutputLength::AtMost(Tokens(16));

fn request(messages: Vec<Message>, output: OutputLength) -> Request {
    Request::new("m", Input::Chat { messages, output })
}

/// Returns the body of a conversation in `format`.
fn said(format: Format, messages: Vec<Message>, extra: &Value) -> Result<Value, String> {
    let body = encoded(format, &request(messages, OutputLength::Free), extra)?.1;
    Ok(body["chatRequest"].clone())
}

#[test]
fn the_service_is_asked_as_its_own_sdk_asks() {
    let generic = Request::chat("meta.llama-3.3-70b-instruct", "Hello", SIXTEEN);
    let extra = json!({"system_message": "be brief", "temperature": 0, "top_p": 1, "numGenerations": 1});
    assert_eq!(encoded(Format::Generic, &generic, &extra), Ok(sdk_request("oci_chat_generic_stream")));

    let cohere = Request::chat("cohere.command-r-08-2024", "Say hi.", SIXTEEN);
    let extra = json!({"temperature": 0, "topK": 0, "topP": 0.75});
    assert_eq!(encoded(Format::Cohere, &cohere, &extra), Ok(sdk_request("oci_chat_cohere_stream")));

    let dedicated = json!({"servingType": "DEDICATED", "endpointId": "ocid1.generativeaiendpoint.oc1..e",
        "thinking": {"type": "ENABLED", "tokenBudget": 64}});
    let sdk = sdk_request("oci_chat_coherev2_stream_dedicated");
    assert_eq!(encoded(Format::CohereV2, &Request::chat("m", "Hello", SIXTEEN), &dedicated), Ok(sdk));
}

#[test]
fn a_picture_is_shown_as_the_sdk_shows_it() {
    let message = Message::user("what?").showing([Media::image("data:image/png;base64,AAAA")]);
    let input = Input::Chat { messages: vec![message], output: SIXTEEN };
    let asked = Request::new("meta.llama-4-maverick-17b-128e-instruct-fp8", input);
    let extra = json!({"maxCompletionTokens": 16});
    let (path, mut body) = encoded(Format::Generic, &asked, &extra).unwrap();
    let (sdk_path, mut sdk) = sdk_request("oci_chat_generic_image");
    // The recording names a detail that is the same by default, and does not request token counts.
    let detail = sdk["chatRequest"]["messages"][0]["content"][1]["imageUrl"].as_object_mut().unwrap();
    assert_eq!(detail.shift_remove("detail"), Some(json!("AUTO")));
    let counts = body["chatRequest"].as_object_mut().unwrap().shift_remove("streamOptions");
    assert_eq!(counts, Some(json!({"isIncludeUsage": true})));
    assert_eq!((path, body), (sdk_path, sdk));
}

#[test]
fn nothing_is_sent_that_nobody_asked_for() {
    let expected = json!({"apiFormat": "GENERIC", "isStream": false,
        "messages": [{"role": "USER", "content": [{"type": "TEXT", "text": "Hello"}]}]});
    let free = Request::chat("m", "Hello", OutputLength::Free).unstreamed();
    assert_eq!(encoded(Format::Generic, &free, &json!({})).unwrap().1["chatRequest"], expected);
    let exactly = Request::chat("m", "Hello", OutputLength::Exactly(Tokens(9)));
    assert_eq!(encoded(Format::Cohere, &exactly, &json!({})).unwrap().1["chatRequest"]["maxTokens"], 9);
}

#[test]
fn a_person_decides_whether_answers_come_piece_by_piece() {
    let body =
        said(Format::CohereV2, vec![Message::user("Hello")], &json!({"stream": false, "seed": 1})).unwrap();
    assert_eq!(
        (&body["isStream"], body.get("streamOptions"), &body["seed"]),
        (&json!(false), None, &json!(1))
    );
}

#[test]
fn an_instruction_and_a_history_come_before_the_conversation() {
    let messages = || {
        vec![
            Message::system("Be kind"),
            Message::user("Hello"),
            Message::assistant("Hi"),
            Message::user("Bye"),
        ]
    };
    let extra = json!({"system_message": "Be brief", "chat_history": [{"role": "user", "content": "One"}]});
    let line = |role, text| json!({"role": role, "content": [{"type": "TEXT", "text": text}]});
    let expected = json!([
        line("SYSTEM", "Be brief"),
        line("USER", "One"),
        line("SYSTEM", "Be kind"),
        line("USER", "Hello"),
        line("ASSISTANT", "Hi"),
        line("USER", "Bye")
    ]);
    for format in [Format::Generic, Format::CohereV2] {
        assert_eq!(said(format, messages(), &extra).unwrap()["messages"], expected);
    }

    let given = json!({"role": "USER", "message": "One"});
    let extra = json!({"system_message": "Be brief", "chatHistory": [given]});
    let expected = json!({"apiFormat": "COHERE", "message": "Bye", "preambleOverride": "Be brief\n\nBe kind",
        "chatHistory": [given, {"role": "USER", "message": "Hello"}, {"role": "CHATBOT", "message": "Hi"}],
        "isStream": true, "streamOptions": {"isIncludeUsage": true}});
    assert_eq!(said(Format::Cohere, messages(), &extra), Ok(expected));
}

#[test]
fn what_an_older_format_cannot_say_is_refused() {
    let refused = |messages| said(Format::Cohere, messages, &json!({})).unwrap_err();
    let picture = Message::user("x").showing([Media::image("data:image/png;base64,AAAA")]);
    assert!(refused(vec![picture]).contains("oci-genai"));
    for messages in [vec![], vec![Message::system("s")], vec![Message::user("x"), Message::assistant("y")]] {
        assert!(refused(messages).contains("the user does not speak last"));
    }
    let late = vec![Message::user("a"), Message::system("s"), Message::user("b")];
    let expected = json!([{"role": "USER", "message": "a"}, {"role": "SYSTEM", "message": "s"}]);
    assert_eq!(said(Format::Cohere, late, &json!({})).unwrap()["chatHistory"], expected);
}

const PICTURE: &str = "data:image/png;base64,QUJD";

#[test]
fn what_is_shown_comes_after_what_is_said_under_the_name_of_the_format() {
    let message = Message::user("What is this?").showing([Media::image(PICTURE)]);
    for (format, name) in [(Format::Generic, "IMAGE"), (Format::CohereV2, "IMAGE_URL")] {
        let expected = json!({"role": "USER", "content": [{"type": "TEXT", "text": "What is this?"},
            {"type": name, "imageUrl": {"url": PICTURE}}]});
        assert_eq!(json!(WireMessage::new(&message, format).unwrap()), expected);
    }
    let silent = Message::user("").showing([Media::video("data:video/mp4;base64,QUJD")]);
    let expected = json!([{"type": "VIDEO", "videoUrl": {"url": "data:video/mp4;base64,QUJD"}}]);
    assert_eq!(json!(WireMessage::new(&silent, Format::Generic).unwrap())["content"], expected);
    assert!(WireMessage::new(&silent, Format::CohereV2).unwrap_err().contains("oci-genai"));
}

#[test]
fn every_role_has_its_name_and_a_message_without_words_is_one() {
    let said = |message: &Message| json!(WireMessage::new(message, Format::Generic).unwrap());
    assert_eq!(said(&Message::system("s"))["role"], "SYSTEM");
    let empty = json!({"role": "ASSISTANT", "content": [{"type": "TEXT", "text": ""}]});
    assert_eq!(said(&Message::assistant("")), empty);
    assert_eq!(json!(WireMessage::system("s")), said(&Message::system("s")));
}
