//! The errors for the failure statuses of a hub.

use http::StatusCode;
use http::header::RETRY_AFTER;
use reqwest::Response;
use url::Url;

use super::HubError;
use super::client::{RequestSubject, host};

/// The maximum length of a server's message in an error, in characters.
const LONGEST_MESSAGE: usize = 300;

/// Returns the text of a header, if it has one.
fn header(response: &Response, name: &str) -> Option<String> {
    response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

/// Returns the error for `response`, whose status is not a success. The hub's `X-Error-Code` is more
/// specific than its status: the hub answers 401 for repositories that do not exist, so as not to reveal
/// private ones.
pub(super) fn response_error(subject: &RequestSubject<'_>, url: &Url, response: &Response) -> HubError {
    let status = response.status();
    let message: String =
        header(response, "x-error-message").unwrap_or_default().chars().take(LONGEST_MESSAGE).collect();
    let code = header(response, "x-error-code").unwrap_or_default();
    let (repo, has_token) = (subject.repo.clone(), subject.has_token);
    match (code.as_str(), subject.file) {
        ("GatedRepo", _) => return HubError::Gated { repo, has_token },
        ("RepoNotFound", _) => return HubError::NoRepo { repo, has_token },
        ("RevisionNotFound", _) => return HubError::NoRevision { repo },
        ("EntryNotFound", Some(file)) => return HubError::NoFile { repo, file: file.to_owned() },
        _ => {}
    }
    let retry_after = header(response, RETRY_AFTER.as_str());
    match status {
        StatusCode::TOO_MANY_REQUESTS => HubError::RateLimited { host: host(url), retry_after },
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN if subject.is_hub => {
            HubError::Denied { repo, status: status.as_u16(), message, has_token }
        }
        StatusCode::NOT_FOUND if subject.is_hub => match subject.file {
            Some(file) => HubError::NoFile { repo, file: file.to_owned() },
            None => HubError::NoRepo { repo, has_token },
        },
        _ => HubError::Status { host: host(url), status: status.as_u16(), message },
    }
}
