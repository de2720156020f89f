//! Conversations through `OpenAI`'s API, as Bedrock serves it: on its runtime, and on hosts of their own, which are
//! signed for under a name of their own.
//!
//! Sources: the signer of Bedrock inside the openai Python SDK 3.54.0, and AWS's guide to Bedrock.

use std::sync::Arc;

use bytes::Bytes;
use genai_bench_core::auth::AuthProvider;
use genai_bench_core::backend::{Backend, Decoder, Unsupported};
use genai_bench_core::failure::Failure;
use genai_bench_core::request::{Input, Request};

use super::entry::NAME;
use super::options::FAMILY;
use crate::entry::{Endpoint, Settings, SettingsError};
use crate::openai::{self, BaseUrl, Dialect, InvalidBaseUrl};

/// Makes the backend for the server at `base`, which knows us by `auth`.
pub(super) fn build(
    settings: &Settings,
    base: &super::BaseUrl,
    auth: Arc<dyn AuthProvider>,
) -> Result<Endpoint, SettingsError> {
    if settings.option(FAMILY.name).is_some() {
        let problem = "OpenAI's API is the same for all models: leave it out";
        return Err(SettingsError { setting: FAMILY.name, problem: problem.to_owned() });
    }
    let mut endpoint = openai::build_at(address(base)?, auth, settings, dialect())?;
    endpoint.backend = Arc::new(Conversations(endpoint.backend));
    Ok(endpoint)
}

/// The API on the host at `base`.
fn address(base: &super::BaseUrl) -> Result<BaseUrl, SettingsError> {
    let wrong = |problem: String| SettingsError { setting: "api_base", problem };
    let given = BaseUrl::as_given(&base.to_string());
    let given = given.map_err(|it: InvalidBaseUrl| wrong(format!("'{base}' is {it}")))?;
    if given.ends_in_version() {
        return Ok(given);
    }
    if base.is_mantle() {
        let problem =
            format!("'{base}' has no path: give /v1 or /openai/v1 behind it, as the model wants it");
        return Err(wrong(problem));
    }
    Ok(given.ending_in("/openai").ending_in("/v1"))
}

pub(super) fn dialect() -> Dialect {
    Dialect { name: NAME, ..Dialect::openai() }
}

/// A server of conversations and of nothing else.
#[derive(Debug)]
pub(super) struct Conversations(pub(super) Arc<dyn Backend>);

impl Backend for Conversations {
    fn name(&self) -> &str {
        self.0.name()
    }

    fn encode(&self, request: &Request) -> Result<http::Request<Bytes>, Unsupported> {
        if !matches!(request.input, Input::Chat { .. }) {
            let what = "anything but conversations through OpenAI's API: leave --aws-bedrock-api out";
            return Err(Unsupported::new(NAME, what));
        }
        self.0.encode(request)
    }

    fn sends_tools(&self) -> bool {
        self.0.sends_tools()
    }

    fn decoder(&self, request: &Request, head: &http::response::Parts) -> Box<dyn Decoder> {
        self.0.decoder(request, head)
    }

    fn failure(&self, head: &http::response::Parts, body: &[u8]) -> Failure {
        self.0.failure(head, body)
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use genai_bench_core::request::OutputLength;
    use genai_bench_core::units::Tokens;
    use serde_json::Value;

    use super::super::ENTRY;
    use super::*;
    use crate::auth::{Secret, SigV4};

    fn given(base: Option<&str>, options: &[(&'static str, &str)]) -> Settings {
        let keys = [("aws-access-key-id", "AKIAEXAMPLE"), ("aws-secret-access-key", "key")];
        let api = [("aws-bedrock-api", "openai")];
        let options = keys.iter().chain(&api).chain(options);
        let options = options.map(|(name, value)| (*name, Secret::from(*value))).collect();
        Settings { api_base: base.map(str::to_owned), options, ..Settings::default() }
    }

    fn refused(settings: &Settings) -> SettingsError {
        ENTRY.build(settings).unwrap_err()
    }

    #[tokio::test]
    async fn it_is_on_the_runtime_and_on_hosts_of_its_own_that_are_signed_for_by_their_name() {
        let runtime = "https://bedrock-runtime.us-east-1.amazonaws.com";
        let mantle = "https://bedrock-mantle.eu-west-1.api.aws";
        let (runtime_v1, mantle_v1) = (format!("{runtime}/openai/v1"), format!("{mantle}/v1"));
        let chats = format!("{runtime_v1}/chat/completions");
        let mantle_openai = format!("{mantle}/openai/v1");
        for (base, address, scope) in [
            (None, &*runtime_v1, "/us-east-1/bedrock/"),
            (Some(runtime), &*runtime_v1, "/us-east-1/bedrock/"),
            (Some(&*chats), &*runtime_v1, "/us-east-1/bedrock/"),
            (Some(&*mantle_v1), &*mantle_v1, "/eu-west-1/bedrock-mantle/"),
            (Some(&*mantle_openai), &*mantle_openai, "/eu-west-1/bedrock-mantle/"),
            (Some("http://localhost:8000"), "http://localhost:8000/openai/v1", "/us-east-1/bedrock/"),
        ] {
            let endpoint = ENTRY.build(&given(base, &[])).unwrap();
            assert_eq!(endpoint.address, address);
            let chat = Request::chat("openai.gpt-oss-120b", "hi", OutputLength::AtMost(Tokens(9)));
            let mut wire = endpoint.backend.encode(&chat).unwrap();
            assert_eq!(wire.uri().to_string(), format!("{address}/chat/completions"));
            endpoint.auth.authorize(&mut wire).await.unwrap();
            let signed = wire.headers()["authorization"].to_str().unwrap();
            assert!(signed.contains(scope), "{base:?}: {signed}");
        }
    }

    /// 2026-11-23T08:00:00Z.
    fn recorded() -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_420_800)
    }

    #[tokio::test]
    async fn where_the_sdk_says_no_more_than_we_do_our_requests_have_its_signatures() {
        let sdk: Value = serde_json::from_str(include_str!("../../fixtures/bedrock/sigv4.json")).unwrap();
        let secret = |name: &str| Secret::from(sdk[name].as_str().unwrap());
        for (index, service) in [(9, "bedrock"), (10, "bedrock-mantle")] {
            let case = &sdk["cases"][index];
            let base = case["url"].as_str().unwrap().parse().unwrap();
            let auth =
                SigV4::with_keys(&secret("access_key"), &secret("secret_key"), None, "us-east-1", service);
            let auth = Arc::new(auth.at(recorded));
            // The SDK was not told to ask for token counts.
            let quiet = Dialect { include_usage: false, ..dialect() };
            let address = address(&base).unwrap();
            let endpoint = openai::build_at(address, auth, &Settings::default(), quiet).unwrap();
            let chat = Request::chat("openai.gpt-oss-120b", "hi", OutputLength::Free);
            let mut wire = endpoint.backend.encode(&chat).unwrap();
            assert_eq!(wire.uri().to_string(), case["url"].as_str().unwrap());
            assert_eq!(wire.body(), case["body"].as_str().unwrap());
            // The recording has no other headers than these two and those of the signature.
            wire.headers_mut().remove("accept");
            let checksum = case["headers"]["x-amz-content-sha256"].as_str().unwrap();
            wire.headers_mut().insert("x-amz-content-sha256", checksum.parse().unwrap());
            endpoint.auth.authorize(&mut wire).await.unwrap();
            let signature = case["headers"]["authorization"].as_str().unwrap();
            assert_eq!(wire.headers()["authorization"], signature, "{}", case["name"]);
        }
    }

    #[test]
    fn it_has_both_of_its_apis_and_conversations_only() {
        let settings = Settings { chat_api: Some("responses".into()), ..given(None, &[]) };
        let backend = ENTRY.build(&settings).unwrap().backend;
        let chat = Request::chat("openai.gpt-oss-120b", "hi", OutputLength::Free);
        let wire = backend.encode(&chat).unwrap();
        assert!(wire.uri().path().ends_with("/openai/v1/responses"));
        let texts = Input::Embeddings { texts: vec!["a".into()], images: vec![] };
        let error = backend.encode(&Request::new("m", texts)).unwrap_err().to_string();
        assert!(error.contains("anything but conversations through OpenAI's API"), "{error}");
    }

    #[test]
    fn what_does_not_go_together_is_refused_by_its_name() {
        let mantle = "https://bedrock-mantle.us-east-1.api.aws";
        let error = refused(&given(Some(mantle), &[]));
        assert!(error.setting == "api_base" && error.problem.contains("/v1 or /openai/v1"), "{error}");
        assert_eq!(refused(&given(Some(mantle), &[("aws-bedrock-api", "converse")])).setting, "api_base");
        assert_eq!(refused(&given(None, &[("aws-bedrock-family", "nova")])).setting, "aws-bedrock-family");
        assert_eq!(refused(&given(None, &[("aws-bedrock-api", "chat")])).setting, "aws-bedrock-api");
        let invoke = [("aws-bedrock-api", "invoke"), ("aws-bedrock-family", "claude")];
        assert_eq!(refused(&given(None, &invoke)).setting, "aws-bedrock-family");
        let responses = Settings { chat_api: Some("responses".into()), ..given(None, &invoke[..1]) };
        assert_eq!(refused(&responses).setting, "chat_api");
    }
}
