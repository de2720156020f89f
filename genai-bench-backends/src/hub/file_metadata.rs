//! The metadata that a hub sends in the headers of a file.

use http::header::{CONTENT_LENGTH, ETAG};
use http::{HeaderMap, StatusCode};

use super::HubError;
use super::repo::is_file_name;

/// The metadata of a file. Each response in a chain of redirects adds to it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct FileMetadata {
    /// The commit of the revision.
    commit: Option<String>,
    etag: Option<String>,
    /// The length of the file in bytes.
    pub(super) size: Option<u64>,
    /// `true` if the repository exists, and the file does not.
    pub(super) is_absent: bool,
}

impl FileMetadata {
    /// Adds the metadata of one response.
    pub(super) fn read(&mut self, status: StatusCode, headers: &HeaderMap) {
        if let Some(commit) = text(headers, "x-repo-commit") {
            self.commit = Some(commit.to_owned());
        }
        if let Some(etag) = text(headers, "x-linked-etag").or_else(|| text(headers, ETAG.as_str())) {
            let strong = etag.trim().trim_start_matches("W/");
            self.etag = Some(strong.trim_matches('"').to_owned());
        }
        // The length of a redirect is that of its own body.
        let length = status.is_success().then(|| text(headers, CONTENT_LENGTH.as_str())).flatten();
        if let Some(size) = text(headers, "x-linked-size").or(length).and_then(|it| it.parse().ok()) {
            self.size = Some(size);
        }
        let code = text(headers, "x-error-code");
        self.is_absent = status == StatusCode::NOT_FOUND && code.is_none_or(|it| it == "EntryNotFound");
    }

    pub(super) fn is_complete(&self) -> bool {
        self.commit.is_some() && self.etag.is_some()
    }

    /// Returns the commit, if it is valid. It becomes the name of a folder.
    pub(super) fn commit(&self) -> Option<&str> {
        self.commit.as_deref().filter(|it| is_file_name(it))
    }

    /// Returns the commit, and the etag of the file, which becomes its name.
    pub(super) fn names(&self, host: &str) -> Result<(&str, &str), HubError> {
        let etag = self.etag.as_deref().filter(|it| is_file_name(it)).ok_or_else(|| missing(host, "ETag"))?;
        Ok((self.commit().ok_or_else(|| missing(host, "X-Repo-Commit"))?, etag))
    }
}

/// Returns the text of a header, if it has one.
fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// Returns the error for a response without the header `name`.
fn missing(host: &str, name: &str) -> HubError {
    HubError::Malformed {
        host: host.to_owned(),
        problem: format!("it has no usable {name} (is HF_ENDPOINT the address of a hub?)"),
    }
}

/// Returns `true` if `etag` is the SHA-256 of the file, as it is for files in large file storage.
pub(super) fn is_sha256(etag: &str) -> bool {
    etag.len() == 64 && etag.bytes().all(|it| matches!(it, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(of: &[(&'static str, &'static str)]) -> HeaderMap {
        of.iter()
            .map(|it| (http::HeaderName::from_static(it.0), http::HeaderValue::from_static(it.1)))
            .collect()
    }

    #[test]
    fn the_metadata_of_the_linked_file_takes_precedence() {
        let mut metadata = FileMetadata::default();
        let answer = [
            ("x-repo-commit", "c0"),
            ("etag", "\"pointer\""),
            ("x-linked-etag", "\"file\""),
            ("x-linked-size", "9"),
            ("content-length", "1"),
        ];
        metadata.read(StatusCode::FOUND, &headers(&answer));
        assert_eq!((metadata.names("hub").unwrap(), metadata.size), (("c0", "file"), Some(9)));
    }

    #[test]
    fn the_length_of_a_redirect_is_not_that_of_the_file() {
        let mut metadata = FileMetadata::default();
        metadata.read(
            StatusCode::TEMPORARY_REDIRECT,
            &headers(&[("content-length", "1"), ("x-repo-commit", "c0")]),
        );
        assert_eq!(metadata.size, None);
        metadata.read(StatusCode::OK, &headers(&[("content-length", "7"), ("etag", "W/\"e\"")]));
        assert_eq!((metadata.names("hub").unwrap(), metadata.size), (("c0", "e"), Some(7)));
    }

    #[test]
    fn names_that_would_leave_the_cache_are_refused() {
        for answer in [
            headers(&[("x-repo-commit", "../c0"), ("etag", "e")]),
            headers(&[("x-repo-commit", "c0"), ("etag", "\"../../e\"")]),
            headers(&[("etag", "e")]),
        ] {
            let mut metadata = FileMetadata::default();
            metadata.read(StatusCode::OK, &answer);
            assert!(matches!(metadata.names("hub"), Err(HubError::Malformed { .. })), "{answer:?}");
        }
    }
}
