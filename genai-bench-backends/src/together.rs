//! Together: a dialect of `OpenAI`'s API.
//!
//! Sources: the provider's API reference and its Python SDK 3.1.1.

use genai_bench_core::task::Task;

use crate::entry::{AuthKind, Credentials, Endpoint, Entry, Settings, SettingsError};
use crate::openai::{self, Dialect, LengthField, PictureSize};

#[cfg(feature = "conformance")]
mod cassettes;

/// The older api.together.xyz leads to the same.
const DEFAULT_BASE: &str = "https://api.together.ai/v1";

/// How the command line names and makes this backend.
pub(crate) const ENTRY: Entry = Entry {
    name: "together",
    tasks: &[
        Task::TextToText,
        Task::TextToEmbeddings,
        Task::TextToRerank,
        Task::TextToImage,
        Task::TextToSpeech,
        Task::ImageTextToText,
    ],
    default_base: DEFAULT_BASE,
    base_variables: &["TOGETHER_BASE_URL"],
    key_variables: &["MODEL_API_KEY", "TOGETHER_API_KEY"],
    auth: AuthKind::USUAL,
    credentials: Credentials::USUAL,
    options: &[],
    build,
    #[cfg(feature = "conformance")]
    subjects: cassettes::subjects,
};

fn build(settings: &Settings) -> Result<Endpoint, SettingsError> {
    if settings.chat_api.as_deref() == Some("responses") {
        let problem = "together has no responses: openai, azure-openai, vllm and sglang have them";
        return Err(SettingsError { setting: "chat_api", problem: problem.to_owned() });
    }
    openai::build(settings, dialect(), DEFAULT_BASE)
}

/// Token counts come without being asked for, on the chunk that says why the answer ends.
fn dialect() -> Dialect {
    Dialect {
        name: ENTRY.name,
        length_field: LengthField::MaxTokens,
        encoding_format: None,
        picture_size: PictureSize::WidthAndHeight,
        reranks: true,
        include_usage: false,
        ..Dialect::openai()
    }
}

#[cfg(test)]
mod tests {
    use genai_bench_core::request::{Input, OutputLength, Request};
    use genai_bench_core::units::Tokens;
    use serde_json::{Value, json};

    use super::*;

    /// Asserts that `request`, with what the SDK was asked for beside it, is what the SDK sends.
    async fn sends_as_the_sdk(name: &str, request: Request, beside: Value) {
        let all: Value =
            serde_json::from_slice(include_bytes!("../fixtures/together/sdk_requests.json")).unwrap();
        let body = beside.as_object().unwrap().clone();
        let endpoint =
            build(&Settings { api_key: Some("tg-EXAMPLE".into()), body, ..Settings::default() }).unwrap();
        let mut wire = endpoint.backend.encode(&request).unwrap();
        endpoint.auth.authorize(&mut wire).await.unwrap();
        let sdk = &all[name];
        assert_eq!(wire.uri().host(), Some("api.together.ai"));
        assert_eq!(wire.uri().path(), sdk["path"]);
        assert_eq!(serde_json::from_slice::<Value>(wire.body()).unwrap(), sdk["json"]);
        assert_eq!(wire.headers()["authorization"], sdk["headers"]["authorization"].as_str().unwrap());
    }

    #[tokio::test]
    async fn requests_are_those_of_the_sdk() {
        let chat = Request::chat("m", "Hello", OutputLength::Exactly(Tokens(16)));
        sends_as_the_sdk("together_chat_stream", chat, json!({})).await;
        let embeddings = Input::Embeddings { texts: vec!["a".into()], images: vec![] };
        sends_as_the_sdk("together_embeddings", Request::new("m", embeddings), json!({})).await;
        let rerank = Input::Rerank { query: "q".into(), documents: vec!["a".into()] };
        sends_as_the_sdk("together_rerank", Request::new("m", rerank), json!({"top_n": 1})).await;
        let images = Input::Images { prompt: "cat".into(), size: Some((1024, 1024)), count: 1 };
        let beside = json!({"response_format": "base64", "steps": 4});
        sends_as_the_sdk("together_images", Request::new("m", images), beside).await;
    }

    #[test]
    fn what_the_api_does_not_have_is_sent_only_to_who_asks_for_it() {
        let chat = Request::chat("m", "Hello", OutputLength::Exactly(Tokens(16)));
        let settings = Settings { ignore_eos: Some(true), continuous_usage: true, ..Settings::default() };
        let wire = build(&settings).unwrap().backend.encode(&chat).unwrap();
        let body: Value = serde_json::from_slice(wire.body()).unwrap();
        assert_eq!((&body["ignore_eos"], &body["min_tokens"]), (&json!(true), &json!(16)));
        assert_eq!(body["stream_options"]["continuous_usage_stats"], true);
        let responses = Settings { chat_api: Some("responses".into()), ..Settings::default() };
        assert_eq!(build(&responses).unwrap_err().setting, "chat_api");
    }

    #[test]
    fn both_names_of_the_provider_lead_to_it() {
        for (base, address) in [
            (None, "https://api.together.ai/v1"),
            (Some("https://api.together.xyz"), "https://api.together.xyz/v1"),
            (Some("https://api.together.xyz/v1/"), "https://api.together.xyz/v1"),
        ] {
            let settings = Settings { api_base: base.map(str::to_owned), ..Settings::default() };
            assert_eq!(build(&settings).unwrap().address, address);
        }
    }
}
