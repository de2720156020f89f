//! A simulation of AWS's sources of credentials and of Bedrock, on loopback.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// An answer of a model, in Bedrock's event stream format.
const ANSWER: &[u8] =
    include_bytes!("../../../../genai-bench-backends/fixtures/bedrock/converse_text.eventstream");

/// The tokens that each source of credentials requires.
pub(crate) const CONTAINER_TOKEN: &str = "do-not-show-of-the-container";
pub(crate) const WEB_TOKEN: &str = "do-not-show-of-the-web";
pub(crate) const SSO_TOKEN: &str = "do-not-show-of-the-sign-on";
const INSTANCE_TOKEN: &str = "do-not-show-of-the-instance";

const REFUSED: &str = r#"<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error>
    <Type>Sender</Type><Code>AccessDenied</Code><Message>Nobody may take R</Message></Error></ErrorResponse>"#;

/// A received request.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) line: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

impl Seen {
    /// Returns a header; empty if it is absent.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// Returns the ID of the access key that signed the request.
    pub(crate) fn key(&self) -> &str {
        let (_, credential) = self.header("authorization").split_once("Credential=").unwrap_or_default();
        credential.split('/').next().unwrap_or_default()
    }
}

/// A server for all simulated services, at one address.
#[derive(Clone, Debug)]
pub(crate) struct FakeAws {
    pub(crate) url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl FakeAws {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let it = Self { url, seen: Arc::default() };
        let server = it.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let server = server.clone();
                std::thread::spawn(move || server.serve(stream));
            }
        });
        it
    }

    /// Returns the requests so far.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().expect("no thread panics").clone()
    }

    fn serve(&self, mut stream: TcpStream) {
        let Some(request) = read(&stream) else { return };
        let (status, kind, body) = answer(&request);
        self.seen.lock().expect("no thread panics").push(request);
        let head = format!(
            "HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n\
            x-aws-ec2-metadata-token-ttl-seconds: 21600\r\n\r\n",
            body.len()
        );
        // Whoever has gone away needs no answer.
        let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body));
    }
}

fn read(stream: &TcpStream) -> Option<Seen> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut headers = BTreeMap::new();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let Some((name, value)) = header.split_once(':') else { break };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let length = headers.get("content-length").and_then(|it| it.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let line = line.trim_end().trim_end_matches(" HTTP/1.1").to_owned();
    Some(Seen { line, headers, body: String::from_utf8_lossy(&body).into_owned() })
}

fn answer(request: &Seen) -> (u16, &'static str, Vec<u8>) {
    let is = |header: &str, value: &str| request.header(header) == value;
    let json = |text: String| (200, "application/json", text.into_bytes());
    match request.line.as_str() {
        line if line.starts_with("POST /model/") => {
            (200, "application/vnd.amazon.eventstream", ANSWER.to_vec())
        }
        "GET /container" if is("authorization", CONTAINER_TOKEN) => json(keys("CONTAINER")),
        "PUT /latest/api/token" => (200, "text/plain", INSTANCE_TOKEN.into()),
        line if line.contains("security-credentials/") && is("x-aws-ec2-metadata-token", INSTANCE_TOKEN) => {
            if line.ends_with('/') {
                (200, "text/plain", b"role".to_vec())
            } else {
                json(keys("INSTANCE"))
            }
        }
        line if line.starts_with("GET /federation/credentials")
            && is("x-amz-sso_bearer_token", SSO_TOKEN) =>
        {
            json(
                r#"{"roleCredentials": {"accessKeyId": "ASIASIGNON", "secretAccessKey": "do-not-show-1",
                "sessionToken": "do-not-show-2", "expiration": 4000000000000}}"#
                    .to_owned(),
            )
        }
        "POST /" if request.body.contains("Action=AssumeRoleWithWebIdentity&") => role("WEB", request),
        "POST /" if request.body.contains("Action=AssumeRole&") && request.key() == "AKIASOURCE" => {
            role("ASSUMED", request)
        }
        "POST /" => (403, "text/xml", REFUSED.into()),
        _ => (403, "text/plain", b"Nobody may do that".to_vec()),
    }
}

/// Formats credentials for containers and instances.
fn keys(name: &str) -> String {
    format!(
        r#"{{"Code": "Success", "Type": "AWS-HMAC", "LastUpdated": "2026-11-25T00:00:00Z",
        "AccessKeyId": "ASIA{name}", "SecretAccessKey": "do-not-show-1", "Token": "do-not-show-2",
        "Expiration": "2096-10-02T07:06:40Z"}}"#
    )
}

/// Formats the answer of the security token service, with the name of the action.
fn role(name: &str, request: &Seen) -> (u16, &'static str, Vec<u8>) {
    let action =
        if request.body.contains("WebIdentity&") { "AssumeRoleWithWebIdentity" } else { "AssumeRole" };
    let xml = format!(
        r#"<{action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><{action}Result><Credentials>
        <AccessKeyId>ASIA{name}</AccessKeyId><SecretAccessKey>do-not-show-1</SecretAccessKey>
        <SessionToken>do-not-show-2</SessionToken><Expiration>2096-10-02T07:06:40Z</Expiration></Credentials>
        <AssumedRoleUser><Arn>arn:aws:sts::123456789012:assumed-role/R/S</Arn><AssumedRoleId>A:S</AssumedRoleId>
        </AssumedRoleUser></{action}Result></{action}Response>"#
    );
    (200, "text/xml", xml.into_bytes())
}
