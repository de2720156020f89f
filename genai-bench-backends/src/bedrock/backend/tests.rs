//! What is asked, and what is refused.

use genai_bench_core::request::{Media, Message, OutputLength};
use genai_bench_core::units::Tokens;
use serde_json::{Value, json};

use super::*;

fn backend(extra: &Value) -> Bedrock {
    let extra_params = ExtraParams::new(extra.as_object().unwrap().clone()).unwrap();
    Bedrock::new(BaseUrl::from_region("us-east-1").unwrap()).with_extra_params(extra_params)
}

fn path(request: &Request, extra: &Value) -> String {
    backend(extra).encode(request).unwrap().uri().path().to_owned()
}

#[test]
fn whether_an_answer_is_streamed_is_a_part_of_the_address() {
    let chat = Request::chat("m", "Hello", OutputLength::AtMost(Tokens(16)));
    assert_eq!(path(&chat, &json!({})), "/model/m/converse-stream");
    assert_eq!(path(&chat.clone().unstreamed(), &json!({})), "/model/m/converse");
    assert_eq!(path(&chat, &json!({"stream": false})), "/model/m/converse");
    assert_eq!(path(&chat.unstreamed(), &json!({"stream": true})), "/model/m/converse-stream");
}

#[test]
fn a_model_is_invoked_as_boto3_invokes_it() {
    let recorded: Value = serde_json::from_str(include_str!("../../../fixtures/bedrock/sigv4.json")).unwrap();
    let case = &recorded["cases"][5];
    let model = "anthropic.claude-haiku-4-5-20251001-v1:0";
    let chat = Request::chat(model, "Hello", OutputLength::Exactly(Tokens(16)));
    let wire = backend(&json!({})).with_invoke_model().encode(&chat).unwrap();
    assert_eq!(wire.uri().to_string(), case["url"].as_str().unwrap());
    let body: Value = serde_json::from_str(case["body"].as_str().unwrap()).unwrap();
    assert_eq!(serde_json::from_slice::<Value>(wire.body()).unwrap(), body);
    let headers: Vec<_> =
        wire.headers().iter().map(|(name, it)| (name.as_str(), it.to_str().unwrap())).collect();
    let expected = [("content-type", "application/json"), ("x-amzn-bedrock-accept", "application/json")];
    assert_eq!(headers, expected);
    let whole = backend(&json!({})).with_invoke_model().encode(&chat.unstreamed()).unwrap();
    assert!(whole.uri().path().ends_with("/invoke") && whole.headers()["accept"] == "application/json");
}

#[test]
fn each_family_is_asked_in_its_own_words() {
    let extra = json!({"temperature": 0.5, "top_p": 0.9, "system_message": "Be kind"});
    let said = |model: &str| {
        let chat = Request::chat(model, "Hello", OutputLength::AtMost(Tokens(16)));
        let wire = backend(&extra).with_invoke_model().encode(&chat).unwrap();
        serde_json::from_slice::<Value>(wire.body()).unwrap()
    };
    let user = json!({"role": "user", "content": "Hello"});
    let messages = json!([{"role": "system", "content": "Be kind"}, user]);
    for (model, expected) in [
        (
            "anthropic.claude-x",
            json!({"anthropic_version": "bedrock-2023-05-31", "max_tokens": 16, "system": "Be kind",
                "messages": [user], "temperature": 0.5, "top_p": 0.9}),
        ),
        (
            "amazon.titan-text-express-v1",
            json!({"inputText": "Be kind\n\nUser: Hello\nBot:",
                "textGenerationConfig": {"maxTokenCount": 16, "temperature": 0.5, "topP": 0.9}}),
        ),
        (
            "amazon.nova-lite-v1:0",
            json!({"schemaVersion": "messages-v1", "system": [{"text": "Be kind"}],
                "messages": [{"role": "user", "content": [{"text": "Hello"}]}],
                "inferenceConfig": {"maxTokens": 16, "temperature": 0.5, "topP": 0.9}}),
        ),
        (
            "mistral.mixtral-8x7b-instruct-v0:1",
            json!({"prompt": "<s>[INST] Be kind\n\nHello [/INST]", "max_tokens": 16, "temperature": 0.5,
                "top_p": 0.9}),
        ),
        ("qwen.q", json!({"messages": messages, "max_tokens": 16, "temperature": 0.5, "top_p": 0.9})),
        (
            "openai.gpt-oss-20b-1:0",
            json!({"messages": messages, "max_completion_tokens": 16, "temperature": 0.5, "top_p": 0.9}),
        ),
        (
            "cohere.command-r-v1:0",
            json!({"message": "Hello", "preamble": "Be kind", "max_tokens": 16, "temperature": 0.5, "p": 0.9}),
        ),
    ] {
        assert_eq!(said(model), expected, "{model}");
    }
    let llama = said("meta.llama3-8b-instruct-v1:0");
    assert_eq!((&llama["max_gen_len"], &llama["temperature"]), (&json!(16), &json!(0.5)));
    assert!(llama["prompt"].as_str().unwrap().contains("Be kind"));
}

#[test]
fn the_model_of_an_arn_is_invoked_once_its_family_is_said() {
    let arn = "arn:aws:bedrock:us-east-1:123456789012:provisioned-model/abc";
    let chat = Request::chat(arn, "Hello", OutputLength::Free);
    let backend = backend(&json!({})).with_invoke_model();
    let refused = backend.encode(&chat).unwrap_err().to_string();
    assert!(refused.contains("--aws-bedrock-family, one of anthropic, chat, cohere, "), "{refused}");
    assert!(backend.with_family(Family::Nova).encode(&chat).is_ok());
}

#[test]
fn earlier_messages_of_command_r_stand_apart() {
    let messages = vec![Message::user("A"), Message::assistant("B"), Message::user("C")];
    let chat = Input::Chat { messages, output: OutputLength::Free };
    let wire =
        backend(&json!({})).with_invoke_model().encode(&Request::new("cohere.command-r-v1:0", chat)).unwrap();
    let history = json!([{"role": "USER", "message": "A"}, {"role": "CHATBOT", "message": "B"}]);
    let expected = json!({"message": "C", "chat_history": history});
    assert_eq!(serde_json::from_slice::<Value>(wire.body()).unwrap(), expected);
}

#[test]
fn what_it_does_not_have_is_refused() {
    let refused = |backend: &Bedrock, request: &Request| backend.encode(request).unwrap_err().to_string();
    let converse = backend(&json!({}));
    let completion = Request::completion("openai.m", "Hello", OutputLength::Free);
    assert!(
        refused(&converse, &completion)
            .starts_with("aws-bedrock cannot express completions through Converse")
    );
    let invoke = converse.clone().with_invoke_model();
    let expected = "aws-bedrock cannot express completions by this model: it has conversations only";
    assert_eq!(refused(&invoke, &completion), expected);
    let speech = Request::new("m", Input::Speech { text: "t".into() });
    assert_eq!(refused(&converse, &speech), "aws-bedrock cannot express this kind of input");
    let chat = Request::chat("m", "Hello", OutputLength::Free);
    assert!(refused(&converse.with_family(Family::Nova), &chat).ends_with("leave --aws-bedrock-family out"));
    let shown = Message::user("x").showing([Media::image("data:image/png;base64,QUJD")]);
    let shown = Input::Chat { messages: vec![shown], output: OutputLength::Free };
    for (model, takes) in [
        ("anthropic.claude-x", true),
        ("amazon.nova-lite-v1:0", true),
        ("meta.llama4-scout-17b-instruct-v1:0", false),
        ("amazon.titan-text-express-v1", false),
        ("mistral.mistral-large-2407-v1:0", false),
        ("cohere.command-r-v1:0", false),
    ] {
        assert_eq!(invoke.encode(&Request::new(model, shown.clone())).is_ok(), takes, "{model}");
    }
}
