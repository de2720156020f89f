//! Templates that others wrote: of tokenizers and of servers.

use genai_bench_backends::entry::Settings;
use genai_bench_backends::registry::find;
use genai_bench_core::request::{OutputLength, Request};
use genai_bench_core::tokenizer::{ChatTemplate, Words};
use genai_bench_core::units::Tokens;

use crate::experiments::with_file;

/// Compiles a chat template, and renders it.
pub(crate) fn chat_template(data: &[u8]) {
    with_file("chat_template.jinja", data, |path| {
        let folder = path.parent().expect("the file is in a folder");
        match ChatTemplate::open(folder) {
            Ok(template) => {
                let _ = (template.overhead(&Words), template.turn_overhead(&Words));
            }
            Err(error) => drop(error.to_string()),
        }
    });
}

/// Reads the description of a server, and encodes a request as it says: to the server that was given, and to no other.
pub(crate) fn description(data: &[u8]) {
    let entry = find("custom").expect("the backend is in this build");
    with_file("description.json", data, |path| {
        let mut settings =
            Settings { api_base: Some("http://here:8000/v1".to_owned()), ..Settings::default() };
        settings.options.insert("custom-description", path.to_string_lossy().into_owned().into());
        match entry.build(&settings) {
            Ok(endpoint) => {
                let request = Request::chat("m", "Hello", OutputLength::AtMost(Tokens(16)));
                if let Ok(encoded) = endpoint.backend.encode(&request) {
                    let origin =
                        (encoded.uri().scheme_str(), encoded.uri().authority().map(|it| it.as_str()));
                    assert_eq!(origin, (Some("http"), Some("here:8000")), "{}", encoded.uri());
                }
            }
            Err(error) => drop(error.to_string()),
        }
    });
}
