//! Routes and access control, on the wire.

use std::io::{Read, Write};

use super::super::{Settings, Simulator, SimulatorError};
use super::{ask, chat_body, find, parse, send, start};

#[test]
fn models_and_health_respond() {
    let simulator = start(Settings { model: "tiny".to_owned(), ..Settings::instant() });
    let models = ask(&simulator, "GET", "/v1/models", "", "").json();
    assert_eq!((&models["object"], &models["data"][0]["id"]), (&"list".into(), &"tiny".into()));
    assert_eq!(ask(&simulator, "GET", "/health", "", "").status, 200);
    assert_eq!(simulator.url(), format!("http://{}", simulator.address()));
}

#[test]
fn adapters_are_listed_and_unknown_models_refused() {
    let models = vec!["lora-a".to_owned(), "lora-b".to_owned()];
    let simulator = start(Settings { models, refuse_unknown_models: true, ..Settings::instant() });
    let listed = ask(&simulator, "GET", "/v1/models", "", "").json();
    let names: Vec<_> = listed["data"].as_array().unwrap().iter().map(|it| it["id"].clone()).collect();
    assert_eq!(names, ["simulated", "lora-a", "lora-b"]);
    let requested = |model: &str| {
        let body = format!(r#"{{"model":"{model}","prompt":"one","max_tokens":1}}"#);
        let raw = ask(&simulator, "POST", "/v1/completions", "", &body);
        (raw.status, raw.json()["error"]["code"].as_str().map(str::to_owned))
    };
    assert_eq!(requested("lora-b"), (200, None));
    assert_eq!(requested("simulated"), (200, None));
    assert_eq!(requested("lora-c"), (404, Some("model_not_found".to_owned())));
    let requested: Vec<_> = simulator.truth().into_iter().map(|it| it.model).collect();
    assert_eq!(requested, ["lora-b", "simulated"]);
}

#[test]
fn unknown_paths_and_methods_are_errors() {
    let simulator = start(Settings::instant());
    let cases = [
        ("GET", "/v2/models", 404),
        ("POST", "/v1/moderations", 404),
        ("GET", "/v1/chat/completions", 405),
        ("GET", "/v1/embeddings", 405),
        ("GET", "/rerank", 405),
        ("PUT", "/flush_cache", 405),
        ("POST", "/truth", 405),
    ];
    for (method, path, status) in cases {
        let raw = ask(&simulator, method, path, "", "");
        assert_eq!(raw.status, status, "{method} {path}");
        let error = &raw.json()["error"];
        assert!(error["message"].as_str().unwrap().contains(path));
        let names: Vec<_> = error.as_object().unwrap().keys().cloned().collect();
        assert_eq!(names, ["message", "type", "param", "code"]);
    }
}

#[test]
fn a_bad_request_names_the_field_and_is_not_recorded() {
    let simulator = start(Settings::instant());
    let raw = ask(&simulator, "POST", "/v1/chat/completions", "", r#"{"model":"m","messages":[]}"#);
    assert_eq!((raw.status, raw.json()["error"]["param"].as_str()), (400, Some("messages")));
    let raw = ask(&simulator, "POST", "/v1/completions", "", r#"{"prompt":"x"}"#);
    assert_eq!((raw.status, raw.json()["error"]["param"].as_str()), (400, Some("model")));
    assert_eq!(ask(&simulator, "POST", "/v1/completions", "", "{").status, 400);
    assert!(simulator.truth().is_empty());
}

#[test]
fn a_key_is_required_by_everything_but_health() {
    let simulator = start(Settings { api_key: Some("sesame".into()), ..Settings::instant() });
    let body = chat_body(r#""max_tokens":1"#);
    let status = |headers: &str| {
        let raw = ask(&simulator, "POST", "/v1/chat/completions", headers, &body);
        assert!(!String::from_utf8(raw.body()).unwrap().contains("sesame"));
        (raw.status, raw.json()["error"]["code"].as_str().map(str::to_owned))
    };
    let refused = (401, Some("invalid_api_key".to_owned()));
    assert_eq!(status(""), refused);
    assert_eq!(status("Authorization: Bearer sesam\r\n"), refused);
    assert_eq!(status("Authorization: Basic sesame\r\n"), refused);
    assert_eq!(status("Authorization: Bearer sesame\r\n"), (200, None));
    assert_eq!(status("authorization: bearer sesame\r\n"), (200, None));
    assert_eq!(ask(&simulator, "GET", "/v1/models", "", "").status, 401);
    assert_eq!(ask(&simulator, "POST", "/rerank", "", "{}").status, 401);
    for (method, path) in [
        ("GET", "/truth"),
        ("DELETE", "/truth"),
        ("POST", "/flush_cache"),
        ("POST", "/reset_prefix_cache"),
        ("GET", "/x"),
    ] {
        assert_eq!(ask(&simulator, method, path, "", "").status, 401, "{method} {path}");
    }
    assert_eq!(simulator.truth().len(), 2, "nobody has forgotten it");
    assert_eq!(ask(&simulator, "GET", "/truth", "Authorization: Bearer sesame\r\n", "").status, 200);
    assert_eq!(ask(&simulator, "GET", "/health", "", "").status, 200);
    assert!(!format!("{simulator:?}").contains("sesame"));
}

#[test]
fn invalid_settings_and_addresses_are_refused() {
    let bind = |address: &str, settings| Simulator::start(settings, address.parse().unwrap());
    let remote = bind("0.0.0.0:0", Settings::instant());
    assert!(matches!(remote, Err(SimulatorError::Remote(_))), "{remote:?}");
    let mut senseless = Settings::instant();
    senseless.faults.stall = -1.0;
    assert!(matches!(bind("127.0.0.1:0", senseless), Err(SimulatorError::Settings(_))));
    let first = bind("127.0.0.1:0", Settings::instant()).unwrap();
    let taken = bind(&first.address().to_string(), Settings::instant());
    assert!(matches!(taken, Err(SimulatorError::Listen { .. })), "{taken:?}");
}

#[test]
fn a_dropped_simulator_stops() {
    let simulator = start(Settings { ttft: "20s".parse().unwrap(), ..Settings::instant() });
    let body = chat_body(r#""stream":true"#);
    let mut connection = send(&simulator, "POST", "/v1/chat/completions", "", &body);
    let mut head = [0; 15];
    connection.read_exact(&mut head).unwrap();
    assert_eq!(&head, b"HTTP/1.1 200 OK");
    drop(simulator);
    // If the server were alive, this would last until the first token and then return the rest.
    let mut rest = Vec::new();
    let _ = connection.read_to_end(&mut rest);
    assert!(find(&rest, b" the").is_none());
}

#[tokio::test]
async fn a_simulator_can_be_started_and_dropped_in_async_code() {
    let simulator = start(Settings::instant());
    assert_ne!(simulator.address().port(), 0);
}

#[test]
fn a_connection_serves_one_request_after_another() {
    let simulator = start(Settings::instant());
    let mut connection = std::net::TcpStream::connect(simulator.address()).unwrap();
    let body = chat_body(r#""stream":true,"max_tokens":3"#);
    let length = body.len();
    for number in 0..3 {
        let request = format!(
            "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        connection.write_all(request.as_bytes()).unwrap();
        let mut seen = Vec::new();
        while !seen.ends_with(b"\r\n0\r\n\r\n") {
            let mut buffer = [0; 4_096];
            let read = connection.read(&mut buffer).unwrap();
            assert_ne!(read, 0, "request {number} closed the connection");
            seen.extend_from_slice(&buffer[..read]);
        }
        assert_eq!(parse(&seen).objects()[0]["id"], format!("chatcmpl-{number}"));
    }
}
