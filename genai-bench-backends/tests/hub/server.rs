//! A hub on this machine, and the host that stores large files.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};

use bytes::Bytes;
use futures_util::stream;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_RANGE, ETAG, LINK, LOCATION, RANGE};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::json;
use sha2::{Digest, Sha256};
use tokio::net::TcpListener;

type Body = BoxBody<Bytes, io::Error>;
/// A status and the error code of the hub.
type Refusal = (u16, &'static str);

/// The token with access to gated repositories.
pub(crate) const TOKEN: &str = "hf_opensesame";

/// A recorded request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) is_hub: bool,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) token: Option<String>,
    pub(crate) range: Option<String>,
}

/// The faults of the server.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    /// The numbers of bytes after which the next bodies of files break off.
    pub(crate) cuts: VecDeque<usize>,
    /// The statuses of the next responses.
    pub(crate) statuses: VecDeque<u16>,
    pub(crate) ignores_ranges: bool,
    /// The number of ranges that begin a byte too late.
    pub(crate) late_ranges: usize,
    /// `true` if the last byte of files is changed.
    pub(crate) corrupts: bool,
    /// The number of bytes added to the reported length of files.
    pub(crate) adds_to_length: usize,
    /// The target to which requests for files are redirected.
    pub(crate) redirects: Option<String>,
    /// The reported URL of the next page of a list.
    pub(crate) next_page: Option<String>,
    /// The number of spaces before a list of files.
    pub(crate) padding: usize,
    /// `true` if the headers of a hub are left out.
    pub(crate) is_no_hub: bool,
}

#[derive(Clone, Debug)]
struct FakeFile {
    bytes: Bytes,
    is_linked: bool,
}

#[derive(Debug, Default)]
struct FakeRepo {
    is_gated: bool,
    revisions: BTreeMap<String, String>,
    commits: BTreeMap<String, BTreeMap<String, FakeFile>>,
}

#[derive(Debug, Default)]
struct State {
    repos: BTreeMap<String, FakeRepo>,
    seen: Vec<Seen>,
    faults: Faults,
    page: usize,
}

/// A fake hub on this machine.
#[derive(Clone, Debug)]
pub(crate) struct FakeHub {
    pub(crate) address: SocketAddr,
    store: SocketAddr,
    state: Arc<Mutex<State>>,
}

impl FakeHub {
    pub(crate) async fn start() -> Self {
        let hub = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let store = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let state = Arc::new(Mutex::new(State { page: 1_000, ..State::default() }));
        let fake = Self { address: hub.local_addr().unwrap(), store: store.local_addr().unwrap(), state };
        tokio::spawn(fake.clone().accept(hub, true));
        tokio::spawn(fake.clone().accept(store, false));
        fake
    }

    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Adds a commit with `files` to a repository: `models/ID` or `datasets/ID`.
    pub(crate) fn commit(&self, repo: &str, revision: &str, commit: &str, files: &[(&str, &[u8])]) {
        let mut state = self.state();
        let repo = state.repos.entry(repo.to_owned()).or_default();
        repo.revisions.insert(revision.to_owned(), commit.to_owned());
        let file = |bytes: &[u8], is_linked| FakeFile { bytes: Bytes::copy_from_slice(bytes), is_linked };
        let files = files.iter().map(|it| (it.0.to_owned(), file(it.1, it.0.ends_with(".parquet"))));
        repo.commits.insert(commit.to_owned(), files.collect());
    }

    pub(crate) fn gate(&self, repo: &str) {
        self.state().repos.entry(repo.to_owned()).or_default().is_gated = true;
    }

    pub(crate) fn pages_of(&self, files: usize) {
        self.state().page = files;
    }

    pub(crate) fn faults(&self, change: impl FnOnce(&mut Faults)) {
        change(&mut self.state().faults);
    }

    /// Returns the requests since the last call.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        std::mem::take(&mut self.state().seen)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    async fn accept(self, listener: TcpListener, is_hub: bool) {
        loop {
            let (connection, _) = listener.accept().await.unwrap();
            let fake = self.clone();
            tokio::spawn(async move {
                let service = service_fn(|request| {
                    let answer = fake.answer(&request, is_hub);
                    async { Ok::<_, io::Error>(answer) }
                });
                // An injected cut is an error here.
                let _ = http1::Builder::new().serve_connection(TokioIo::new(connection), service).await;
            });
        }
    }

    fn answer(&self, request: &Request<Incoming>, is_hub: bool) -> Response<Body> {
        let header = |name| request.headers().get(name).map(|it| it.to_str().unwrap().to_owned());
        let seen = Seen {
            is_hub,
            method: request.method().to_string(),
            path: request.uri().path().to_owned(),
            token: header(AUTHORIZATION),
            range: header(RANGE),
        };
        let mut state = self.state();
        state.seen.push(seen.clone());
        if let Some(status) = state.faults.statuses.pop_front() {
            return Response::builder()
                .status(status)
                .header("retry-after", "7")
                .header("x-error-message", "on purpose")
                .body(text(""))
                .unwrap();
        }
        let steps: Vec<String> = seen.path.split('/').skip(1).map(decode).collect();
        let steps: Vec<&str> = steps.iter().map(String::as_str).collect();
        match (is_hub, &*steps) {
            (false, ["store", etag]) => self.stored(&mut state, request, etag),
            (true, ["api", "tree-page", start, rest @ ..]) => {
                self.tree(&mut state, &seen, rest, start.parse().unwrap())
            }
            (true, ["api", rest @ ..]) if rest.contains(&"tree") => self.tree(&mut state, &seen, rest, 0),
            (true, ["datasets", rest @ ..]) => self.resolve(&mut state, request, &seen, "datasets", rest),
            (true, rest) if rest.contains(&"resolve") => {
                self.resolve(&mut state, request, &seen, "models", rest)
            }
            _ => refuse((404, "no such route")),
        }
    }

    /// Returns the repository, or the refusal of the hub.
    fn find<'a>(
        state: &'a State,
        seen: &Seen,
        repo: &str,
        revision: &str,
    ) -> Result<(&'a str, &'a BTreeMap<String, FakeFile>), Refusal> {
        let is_known = seen.token.as_deref() == Some(&format!("Bearer {TOKEN}"));
        let Some(found) = state.repos.get(repo) else {
            return Err((if is_known { 404 } else { 401 }, "RepoNotFound"));
        };
        if found.is_gated && !is_known {
            return Err((if seen.token.is_some() { 403 } else { 401 }, "GatedRepo"));
        }
        let commit = found.revisions.get(revision).map_or(revision, |it| it);
        let files = found.commits.get_key_value(commit);
        files.map(|it| (it.0.as_str(), it.1)).ok_or((404, "RevisionNotFound"))
    }

    fn resolve(
        &self,
        state: &mut State,
        request: &Request<Incoming>,
        seen: &Seen,
        kind: &str,
        steps: &[&str],
    ) -> Response<Body> {
        let at = steps.iter().position(|it| *it == "resolve").unwrap();
        let (id, name) = (steps[..at].join("/"), steps[at + 2..].join("/"));
        let (commit, files) = match Self::find(state, seen, &format!("{kind}/{id}"), steps[at + 1]) {
            Ok(it) => it,
            Err(refusal) => return refuse(refusal),
        };
        let commit = commit.to_owned();
        let Some(file) = files.get(&name).cloned() else {
            let mut refusal = refuse((404, "EntryNotFound"));
            refusal.headers_mut().insert("x-repo-commit", commit.parse().unwrap());
            return refusal;
        };
        let length = file.bytes.len() + state.faults.adds_to_length;
        let etag = format!("\"{}\"", etag(&file));
        let mut answer = if let Some(location) = &state.faults.redirects {
            moved(location)
        } else if file.is_linked {
            moved(&format!("http://{}/store/{}?signature=secret", self.store, etag.trim_matches('"')))
        } else {
            body(&mut state.faults, request, &file.bytes)
        };
        if state.faults.is_no_hub {
            return answer;
        }
        let headers = answer.headers_mut();
        headers.insert("x-repo-commit", commit.parse().unwrap());
        if file.is_linked {
            headers.insert("x-linked-etag", etag.parse().unwrap());
            headers.insert("x-linked-size", length.into());
        } else {
            headers.insert(ETAG, etag.parse().unwrap());
        }
        answer
    }

    fn stored(&self, state: &mut State, request: &Request<Incoming>, expected: &str) -> Response<Body> {
        let files = state.repos.values().flat_map(|it| it.commits.values()).flat_map(|it| it.values());
        let file = files.into_iter().find(|it| etag(it) == expected).unwrap().clone();
        body(&mut state.faults, request, &file.bytes)
    }

    fn tree(&self, state: &mut State, seen: &Seen, steps: &[&str], start: usize) -> Response<Body> {
        let at = steps.iter().position(|it| *it == "tree").unwrap();
        let files = match Self::find(state, seen, &steps[..at].join("/"), steps[at + 1]) {
            Ok(it) => it.1,
            Err(refusal) => return refuse(refusal),
        };
        let entry =
            |it: (&String, &FakeFile)| json!({"type": "file", "path": it.0, "size": it.1.bytes.len()});
        let folder = json!({"type": "directory", "path": "folder", "size": 0, "oid": "0"});
        let page: Vec<_> = files.iter().skip(start).take(state.page).map(entry).chain([folder]).collect();
        let end = start + state.page;
        let mut answer = Response::new(text(&(" ".repeat(state.faults.padding) + &json!(page).to_string())));
        if let Some(next) = &state.faults.next_page {
            let next = format!("<{next}>; rel=\"next\"");
            answer.headers_mut().insert(LINK, next.parse().unwrap());
            return answer;
        }
        if end < files.len() {
            let path = seen.path.trim_start_matches("/api/").trim_start_matches("tree-page/");
            let path = path.trim_start_matches(|it: char| it.is_ascii_digit()).trim_start_matches('/');
            let next = format!("<{}/api/tree-page/{end}/{path}>; rel=\"next\"", self.endpoint());
            answer.headers_mut().insert(LINK, next.parse().unwrap());
        }
        answer
    }
}

/// Returns the bytes of a file, or those of the requested range.
fn body(faults: &mut Faults, request: &Request<Incoming>, bytes: &Bytes) -> Response<Body> {
    let range = request.headers().get(RANGE).filter(|_| !faults.ignores_ranges);
    let from = range.map(|it| it.to_str().unwrap().strip_prefix("bytes=").unwrap().trim_end_matches('-'));
    let from: Option<usize> = from.map(|it| it.parse().unwrap());
    let is_late = from.is_some() && faults.late_ranges > 0;
    faults.late_ranges -= usize::from(is_late);
    let from = from.map(|it| it + usize::from(is_late));
    let mut bytes = bytes.to_vec();
    if faults.corrupts {
        *bytes.last_mut().unwrap() ^= 1;
    }
    let length = bytes.len();
    if from.is_some_and(|from| from >= length) {
        return Response::builder().status(416).body(text("")).unwrap();
    }
    let rest = bytes.split_off(from.unwrap_or(0));
    let answer = Response::builder().header(CONTENT_LENGTH, rest.len());
    let answer = match from {
        Some(from) => answer
            .status(StatusCode::PARTIAL_CONTENT)
            .header(CONTENT_RANGE, format!("bytes {from}-{}/{length}", length - 1)),
        None => answer,
    };
    let body = if request.method() == Method::HEAD {
        text("")
    } else if let Some(cut) = faults.cuts.pop_front() {
        broken(&rest[..cut])
    } else {
        Full::new(Bytes::from(rest)).map_err(io::Error::other).boxed()
    };
    answer.body(body).unwrap()
}

/// Returns a body that breaks off after `bytes`, once these are sent.
fn broken(bytes: &[u8]) -> Body {
    let bytes = Bytes::copy_from_slice(bytes);
    let frames = stream::unfold(0, move |step| {
        let bytes = bytes.clone();
        async move {
            if step == 0 {
                return Some((Ok(Frame::data(bytes)), 1));
            }
            tokio::task::yield_now().await;
            Some((Err(io::Error::other("cut on purpose")), 2))
        }
    });
    BodyExt::boxed(StreamBody::new(Box::pin(SyncStream(Mutex::new(Box::pin(frames))))))
}

/// A stream behind a lock that is never contended, since bodies have to be `Sync`.
struct SyncStream<S>(Mutex<std::pin::Pin<Box<S>>>);

impl<S: stream::Stream> stream::Stream for SyncStream<S> {
    type Item = S::Item;

    fn poll_next(
        self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<S::Item>> {
        self.0.lock().unwrap().as_mut().poll_next(context)
    }
}

fn moved(location: &str) -> Response<Body> {
    Response::builder().status(302).header(LOCATION, location).body(text("moved")).unwrap()
}

fn refuse((status, code): Refusal) -> Response<Body> {
    Response::builder()
        .status(status)
        .header("x-error-code", code)
        .header("x-error-message", format!("it is {code}"))
        .body(text(""))
        .unwrap()
}

fn text(text: &str) -> Body {
    Full::new(Bytes::copy_from_slice(text.as_bytes())).map_err(io::Error::other).boxed()
}

/// Returns the etag as a hub does: the checksum of linked files, a shorter text for others.
fn etag(file: &FakeFile) -> String {
    let sum: String = Sha256::digest(&file.bytes).iter().map(|it| format!("{it:02x}")).collect();
    if file.is_linked { sum } else { sum[..40].to_owned() }
}

fn decode(step: &str) -> String {
    let (mut bytes, mut rest) = (Vec::new(), step.as_bytes());
    while let [first, after @ ..] = rest {
        rest = after;
        if let (b'%', [high, low, after @ ..]) = (first, after) {
            let digits = String::from_utf8(vec![*high, *low]).unwrap();
            bytes.push(u8::from_str_radix(&digits, 16).unwrap());
            rest = after;
        } else {
            bytes.push(*first);
        }
    }
    String::from_utf8(bytes).unwrap()
}
