//! The two services and their addresses.

use http::Uri;

use crate::wire::base_url::{BaseUrlParts, InvalidBaseUrl};

/// The address of the Gemini API.
pub(super) const GEMINI_API: &str = "https://generativelanguage.googleapis.com";

/// A service, with the part of its address that all requests share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Service {
    /// The address, including the version.
    root: String,
    /// `projects/PROJECT/locations/LOCATION`, for Vertex AI only.
    parent: Option<String>,
}

impl Service {
    /// Creates Vertex AI for a project in a location, at `base` in place of the location's address if given.
    ///
    /// # Errors
    ///
    /// Returns an error when `base` is no valid address.
    pub(super) fn vertex(project: &str, location: &str, base: Option<&str>) -> Result<Self, InvalidBaseUrl> {
        let parent = format!("projects/{project}/locations/{location}");
        let root = root(base.unwrap_or(&host(location)), "/v1")?;
        Ok(Self { root, parent: Some(parent) })
    }

    /// Creates the Gemini API, at `base` in place of its own address if given. The version is that of the SDK.
    ///
    /// # Errors
    ///
    /// Returns an error when `base` is no valid address.
    pub(super) fn gemini(base: Option<&str>) -> Result<Self, InvalidBaseUrl> {
        Ok(Self { root: root(base.unwrap_or(GEMINI_API), "/v1")?, parent: None })
    }

    /// Returns `true` for Vertex AI.
    pub(super) fn is_vertex(&self) -> bool {
        self.parent.is_some()
    }

    /// Returns the address, for display.
    pub(super) fn address(&self) -> String {
        match &self.parent {
            Some(parent) => format!("{}/{parent}", self.root),
            None => self.root.clone(),
        }
    }

    /// Returns the URI of `method` of `model`. A model is a name, or a path in the service's own form; one without a
    /// publisher belongs to `publisher`.
    ///
    /// # Errors
    ///
    /// Returns a description when `model` is neither.
    pub(super) fn method(&self, model: &str, publisher: &str, method: &str) -> Result<Uri, &'static str> {
        if !is_path(model) {
            return Err("a model whose name has anything but letters, digits and -._@/ in it");
        }
        let uri = match &self.parent {
            None => format!("{}/{}:{method}", self.root, model_of_gemini(model)),
            Some(_) if model.starts_with("projects/") => format!("{}/{model}:{method}", self.root),
            Some(parent) => format!("{}/{parent}/{}:{method}", self.root, model_of_vertex(model, publisher)),
        };
        uri.parse().map_err(|_| "a model whose name is no part of an address")
    }
}

/// Returns the path of a model of the Gemini API, in the SDK's form.
pub(super) fn model_of_gemini(model: &str) -> String {
    let is_path = ["models/", "tunedModels/"].iter().any(|it| model.starts_with(it));
    if is_path { model.to_owned() } else { format!("models/{model}") }
}

/// Returns the path of a model in a location, in the SDK's form: `PUBLISHER/MODEL`, or the name of a model of
/// `publisher`. Deployed models are endpoints.
fn model_of_vertex(model: &str, publisher: &str) -> String {
    match model.split_once('/') {
        Some(("publishers" | "endpoints" | "models", _)) => model.to_owned(),
        Some((publisher, model)) => format!("publishers/{publisher}/models/{model}"),
        None => format!("publishers/{publisher}/models/{model}"),
    }
}

/// Returns `true` if a text is a path of names, without empty or parent segments.
fn is_path(text: &str) -> bool {
    text.split('/').all(is_path_segment)
}

fn is_path_segment(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_alphanumeric() || "-._@".contains(c)) && text.chars().any(|c| c != '.')
}

/// Returns the host of a location: one for the world, one for each of two continents, and one for each region.
fn host(location: &str) -> String {
    match location {
        "global" => "https://aiplatform.googleapis.com".to_owned(),
        "us" | "eu" => format!("https://aiplatform.{location}.rep.googleapis.com"),
        region => format!("https://{region}-aiplatform.googleapis.com"),
    }
}

/// Returns `base` with its version, or with `version` where it has none.
fn root(base: &str, version: &str) -> Result<String, InvalidBaseUrl> {
    let BaseUrlParts { origin, path } = BaseUrlParts::parse(base, &[])?;
    let last = path.rsplit('/').next().unwrap_or_default();
    let has_version = last.strip_prefix('v').is_some_and(|it| it.starts_with(|it: char| it.is_ascii_digit()));
    Ok(format!("{origin}{path}{}", if has_version { "" } else { version }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vertex(location: &str) -> Service {
        Service::vertex("p", location, None).unwrap()
    }

    fn vertex_address(base: &str) -> String {
        Service::vertex("p", "eu", Some(base)).unwrap().address()
    }

    fn gemini_address(base: Option<&str>) -> String {
        Service::gemini(base).unwrap().address()
    }

    #[test]
    fn every_location_has_its_host() {
        for (location, host) in [
            ("global", "aiplatform.googleapis.com"),
            ("us", "aiplatform.us.rep.googleapis.com"),
            ("eu", "aiplatform.eu.rep.googleapis.com"),
            ("us-central1", "us-central1-aiplatform.googleapis.com"),
            ("europe-west4", "europe-west4-aiplatform.googleapis.com"),
        ] {
            let address = format!("https://{host}/v1/projects/p/locations/{location}");
            assert_eq!(vertex(location).address(), address);
        }
    }

    #[test]
    fn a_base_replaces_the_host_and_may_bring_its_version() {
        assert_eq!(vertex_address("http://h:1/"), "http://h:1/v1/projects/p/locations/eu");
        assert_eq!(
            vertex_address("http://h/proxy/v1beta1"),
            "http://h/proxy/v1beta1/projects/p/locations/eu"
        );
        assert_eq!(gemini_address(None), "https://generativelanguage.googleapis.com/v1");
        assert_eq!(gemini_address(Some("http://h/v1beta")), "http://h/v1beta");
        assert_eq!(gemini_address(Some("http://h/vertex")), "http://h/vertex/v1");
        assert_eq!(Service::gemini(Some("ftp://h")), Err(InvalidBaseUrl::NotHttp));
    }

    #[test]
    fn a_model_is_a_name_or_a_path() {
        let parent = "projects/p/locations/global";
        for (model, path) in [
            ("gemini-x", format!("{parent}/publishers/google/models/gemini-x")),
            ("meta/llama-x", format!("{parent}/publishers/meta/models/llama-x")),
            ("publishers/a/models/b", format!("{parent}/publishers/a/models/b")),
            ("endpoints/123", format!("{parent}/endpoints/123")),
            ("projects/q/locations/l/endpoints/123", "projects/q/locations/l/endpoints/123".to_owned()),
        ] {
            let uri = vertex("global").method(model, "google", "predict").unwrap();
            assert_eq!(uri.to_string(), format!("https://aiplatform.googleapis.com/v1/{path}:predict"));
        }
        let claude = vertex("global").method("claude-x@1", "anthropic", "rawPredict").unwrap().to_string();
        assert!(claude.ends_with("/publishers/anthropic/models/claude-x@1:rawPredict"), "{claude}");
        let gemini = Service::gemini(Some("http://h")).unwrap();
        for (model, path) in [("gemini-x", "models/gemini-x"), ("tunedModels/t", "tunedModels/t")] {
            let uri = gemini.method(model, "google", "m").unwrap().to_string();
            assert_eq!(uri, format!("http://h/v1/{path}:m"));
        }
    }

    #[test]
    fn a_model_that_would_lead_elsewhere_is_refused() {
        for model in ["", "a/", "../a", "a/../../b", "a?b", "a#b", "a:b", "a b", "a%2fb", "é"] {
            assert!(vertex("global").method(model, "google", "predict").is_err(), "{model}");
        }
    }
}
