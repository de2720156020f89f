//! Requests to a hub: the token, the redirects and the retries.

use std::time::Duration;

use http::header::{ACCEPT_ENCODING, AUTHORIZATION, LINK, LOCATION, RANGE};
use http::{HeaderMap, HeaderValue, Method};
use reqwest::Response;
use reqwest::redirect::Policy;
use url::{Host, Url};

use super::address_scope::AddressScope;
use super::file_metadata::FileMetadata;
use super::response_error::response_error;
use super::{HubError, Repo, RepoKind};
use crate::transport::chain;

/// The maximum number of redirects in a chain.
const MOST_REDIRECTS: usize = 10;
/// The maximum size of a page of a list of files, in bytes: about 1,000 files have less than 1 MiB.
const MOST_PAGE_BYTES: usize = 16 << 20;

/// The subject of a request, for its error.
#[derive(Clone, Copy, Debug)]
pub(super) struct RequestSubject<'a> {
    pub(super) repo: &'a Repo,
    /// The file, or `None` when the subject is the repository as a whole.
    pub(super) file: Option<&'a str>,
    pub(super) has_token: bool,
    /// `true` if the hub itself responds, and not a host that it redirects to.
    pub(super) is_hub: bool,
}

/// An HTTP client for a hub.
#[derive(Clone, Debug)]
pub(super) struct Client {
    http: reqwest::Client,
    endpoint: Url,
    // Marked as sensitive, so that its `Debug` output hides it.
    token: Option<HeaderValue>,
    retries: u32,
    back_off: Duration,
}

impl Client {
    pub(super) fn new(
        endpoint: Url,
        token: Option<HeaderValue>,
        retries: u32,
        back_off: Duration,
    ) -> Result<Self, HubError> {
        let builder = reqwest::Client::builder()
            .user_agent(concat!("genai-bench/", env!("CARGO_PKG_VERSION")))
            // Redirects are followed in this module, which decides on the hosts that receive the token.
            .redirect(Policy::none())
            .referer(false)
            .connect_timeout(Duration::from_secs(10))
            .read_timeout(Duration::from_secs(60));
        let builder = if is_this_machine(&endpoint) { builder.no_proxy() } else { builder };
        let http = builder.build().map_err(|it| HubError::Setting {
            name: "TLS",
            message: format!("cannot be set up: {}", chain(&it)),
        })?;
        Ok(Self { http, endpoint, token, retries, back_off })
    }

    pub(super) fn has_token(&self) -> bool {
        self.token.is_some()
    }

    /// Returns the host of the hub, for errors.
    pub(super) fn host(&self) -> String {
        host(&self.endpoint)
    }

    /// Returns the retries of one request.
    pub(super) fn retries(&self) -> Retries {
        Retries { left: self.retries, pause: self.back_off }
    }

    /// Fetches the metadata of a file, in one attempt.
    pub(super) async fn head(&self, repo: &Repo, file: &str) -> Result<FileMetadata, HubError> {
        let mut url = self.file_url(repo, repo.revision(), file);
        let mut metadata = FileMetadata::default();
        for _ in 0..MOST_REDIRECTS {
            let response = self.once(Method::HEAD, &url, 0).await?;
            metadata.read(response.status(), response.headers());
            match self.next(&url, &response).await? {
                // The hub has more metadata than the host that it redirects to.
                Some(next) if next.origin() == url.origin() || !metadata.is_complete() => url = next,
                None if !response.status().is_success() && !metadata.is_absent => {
                    return Err(response_error(&self.subject(repo, Some(file), &url), &url, &response));
                }
                _ => return Ok(metadata),
            }
        }
        Err(HubError::Redirect { host: host(&url), problem: "in a circle" })
    }

    /// Requests the bytes of a file at `commit`, from byte `from` on, in one attempt.
    pub(super) async fn get_file(
        &self,
        repo: &Repo,
        commit: &str,
        file: &str,
        from: u64,
    ) -> Result<Response, HubError> {
        self.get(repo, Some(file), self.file_url(repo, commit, file), from).await
    }

    /// Fetches one page of the list of files, and the URL of the next page. Transient errors are retried.
    pub(super) async fn page(&self, repo: &Repo, url: &Url) -> Result<(Vec<u8>, Option<Url>), HubError> {
        let mut retries = self.retries();
        loop {
            match self.page_once(repo, url).await {
                Err(error) if retries.wait_after(&error).await => {}
                it => return it,
            }
        }
    }

    async fn page_once(&self, repo: &Repo, url: &Url) -> Result<(Vec<u8>, Option<Url>), HubError> {
        let mut response = self.get(repo, None, url.clone(), 0).await?;
        let next = next_page(response.headers()).and_then(|it| url.join(it).ok());
        if let Some(elsewhere) = next.as_ref().filter(|next| next.origin() != url.origin()) {
            let problem =
                format!("the next page of its list of files is on another host, {}", host(elsewhere));
            return Err(HubError::Malformed { host: host(url), problem });
        }
        let mut body = Vec::new();
        while let Some(bytes) = response.chunk().await.map_err(|it| unreachable(url, &it))? {
            if body.len() + bytes.len() > MOST_PAGE_BYTES {
                let problem = format!("a page of its list of files has more than {MOST_PAGE_BYTES} bytes");
                return Err(HubError::Malformed { host: host(url), problem });
            }
            body.extend_from_slice(&bytes);
        }
        Ok((body, next))
    }

    async fn get(
        &self,
        repo: &Repo,
        file: Option<&str>,
        mut url: Url,
        from: u64,
    ) -> Result<Response, HubError> {
        for _ in 0..MOST_REDIRECTS {
            let response = self.once(Method::GET, &url, from).await?;
            match self.next(&url, &response).await? {
                Some(next) => url = next,
                // The range begins after the end: the caller starts again from the beginning.
                None if response.status().is_success() || response.status() == 416 => return Ok(response),
                None => return Err(response_error(&self.subject(repo, file, &url), &url, &response)),
            }
        }
        Err(HubError::Redirect { host: host(&url), problem: "in a circle" })
    }

    async fn once(&self, method: Method, url: &Url, from: u64) -> Result<Response, HubError> {
        // Lengths and ranges are those of the uncompressed file.
        let mut request = self.http.request(method, url.clone()).header(ACCEPT_ENCODING, "identity");
        if from > 0 {
            request = request.header(RANGE, format!("bytes={from}-"));
        }
        if let Some(token) = self.token.as_ref().filter(|_| self.is_hub(url)) {
            request = request.header(AUTHORIZATION, token.clone());
        }
        request.send().await.map_err(|it| unreachable(url, &it))
    }

    /// Returns the URL that the response redirects to, if it does. The token is only sent to the hub.
    async fn next(&self, url: &Url, response: &Response) -> Result<Option<Url>, HubError> {
        let Some(next) = redirect(url, response)? else { return Ok(None) };
        if next.origin() != self.endpoint.origin() {
            let scope = AddressScope::resolve(&next).await;
            if scope > AddressScope::Public && scope > AddressScope::resolve(&self.endpoint).await {
                let problem = "to an address of this machine or its network, which only a hub there may do";
                return Err(HubError::Redirect { host: host(url), problem });
            }
        }
        Ok(Some(next))
    }

    fn is_hub(&self, url: &Url) -> bool {
        url.origin() == self.endpoint.origin()
    }

    fn subject<'a>(&self, repo: &'a Repo, file: Option<&'a str>, url: &Url) -> RequestSubject<'a> {
        RequestSubject { repo, file, has_token: self.has_token(), is_hub: self.is_hub(url) }
    }

    fn file_url(&self, repo: &Repo, revision: &str, file: &str) -> Url {
        let kind = (repo.kind() == RepoKind::Dataset).then_some("datasets");
        let front = kind.into_iter().chain(repo.id().split('/')).chain(["resolve", revision]);
        self.url(front.chain(file.split('/')))
    }

    /// Returns the URL of the first page of the list of all files.
    pub(super) fn tree_url(&self, repo: &Repo) -> Url {
        let front = ["api", repo.kind().plural()].into_iter().chain(repo.id().split('/'));
        let mut url = self.url(front.chain(["tree", repo.revision()]));
        url.set_query(Some("recursive=true"));
        url
    }

    /// Returns a URL of the hub. A `/` within a segment, as in a revision, is escaped as `%2F`.
    fn url<'a>(&self, steps: impl Iterator<Item = &'a str>) -> Url {
        let mut url = self.endpoint.clone();
        url.path_segments_mut().expect("http and https have paths").pop_if_empty().extend(steps);
        url
    }
}

/// The remaining retries of a request.
#[derive(Debug)]
pub(super) struct Retries {
    left: u32,
    pause: Duration,
}

impl Retries {
    /// Creates an empty budget, for requests that are not retried.
    pub(super) fn none() -> Self {
        Self { left: 0, pause: Duration::ZERO }
    }

    /// Waits for the time of the next attempt after `error`; returns `false` if it is not to be retried.
    pub(super) async fn wait_after(&mut self, error: &HubError) -> bool {
        if self.left == 0 || !error.is_passing() {
            return false;
        }
        tokio::time::sleep(self.pause).await;
        self.left -= 1;
        self.pause *= 2;
        true
    }
}

/// Returns the error for a redirect from `url` with this problem.
fn refused(url: &Url, problem: &'static str) -> HubError {
    HubError::Redirect { host: host(url), problem }
}

/// Returns the URL of a redirect, if the response is one.
fn redirect(url: &Url, response: &Response) -> Result<Option<Url>, HubError> {
    if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let location = response.headers().get(LOCATION).and_then(|it| it.to_str().ok());
    let next = location.and_then(|it| url.join(it).ok()).ok_or(refused(url, "without saying where to"))?;
    match (url.scheme(), next.scheme()) {
        (_, "https") | ("http", "http") => Ok(Some(next)),
        (_, "http") => Err(refused(url, "from https to http, where anyone could change the file")),
        _ => Err(refused(url, "to an address that is neither https nor http")),
    }
}

/// Returns the URL in `Link: <URL>; rel="next"` (RFC 8288).
fn next_page(headers: &HeaderMap) -> Option<&str> {
    let links = headers.get_all(LINK).iter().filter_map(|it| it.to_str().ok());
    links.flat_map(|it| it.split(", <")).find_map(|link| {
        let (address, parameters) = link.trim().trim_start_matches('<').split_once('>')?;
        parameters
            .split(';')
            .any(|parameter| matches!(parameter.trim(), "rel=\"next\"" | "rel=next"))
            .then_some(address)
    })
}

/// Returns the host and port of a URL, without its path and query, which may be as secret as a key.
pub(super) fn host(url: &Url) -> String {
    let host = url.host_str().unwrap_or("the hub");
    url.port().map_or_else(|| host.to_owned(), |it| format!("{host}:{it}"))
}

pub(super) fn unreachable(url: &Url, error: &reqwest::Error) -> HubError {
    HubError::Unreachable { host: host(url), reason: chain(error) }
}

fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(it)) => it.is_loopback(),
        Some(Host::Ipv6(it)) => it.is_loopback(),
        Some(Host::Domain(it)) => it == "localhost",
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(endpoint: &str) -> Client {
        Client::new(Url::parse(endpoint).unwrap(), None, 0, Duration::ZERO).unwrap()
    }

    #[test]
    fn addresses_are_those_of_the_hub() {
        let hub = client("https://hub/prefix/");
        let repo = Repo::dataset("a/b@refs/convert/parquet").unwrap();
        assert_eq!(
            hub.tree_url(&repo).as_str(),
            "https://hub/prefix/api/datasets/a/b/tree/refs%2Fconvert%2Fparquet?recursive=true"
        );
        assert_eq!(
            hub.file_url(&repo, "main", "x/ä b?.csv").as_str(),
            "https://hub/prefix/datasets/a/b/resolve/main/x/%C3%A4%20b%3F.csv"
        );
        let model = Repo::model("gpt2").unwrap();
        assert_eq!(
            client("https://hub").file_url(&model, "main", "a").as_str(),
            "https://hub/gpt2/resolve/main/a"
        );
    }

    #[tokio::test]
    async fn a_public_hub_does_not_redirect_to_a_private_address() {
        let hub = client("https://8.8.8.8");
        let url = hub.url(["a"].into_iter());
        for (location, is_followed) in [
            ("https://8.8.4.4/a", true),
            ("/b", true),
            ("https://127.0.0.1/a", false),
            ("https://10.0.0.1:8443/a", false),
            ("https://[::1]/a", false),
            ("https://[fd00::1]/a", false),
            ("https://169.254.169.254/latest/meta-data", false),
            ("https://localhost/a", false),
        ] {
            let response = http::Response::builder().status(302).header(LOCATION, location).body("").unwrap();
            let next = hub.next(&url, &response.into()).await;
            assert_eq!(next.is_ok(), is_followed, "{location}: {next:?}");
        }
    }

    #[test]
    fn the_next_page_is_found_among_links() {
        let link = |text: &'static str| HeaderMap::from_iter([(LINK, HeaderValue::from_static(text))]);
        assert_eq!(next_page(&link("<https://a/?b=1,2>; rel=\"next\"")), Some("https://a/?b=1,2"));
        assert_eq!(
            next_page(&link("<https://a>; rel=\"prev\", <https://b>; title=x; rel=\"next\"")),
            Some("https://b")
        );
        assert_eq!(next_page(&link("<https://a>; rel=\"prev\"")), None);
        assert_eq!(next_page(&link("nonsense")), None);
    }
}
