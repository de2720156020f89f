//! Pictures and videos in a request.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A picture or a video, by its URL: `http:`, `https:`, or `data:` with all of it in base64.
///
/// ```
/// # use genai_bench_core::request::{Media, MediaKind};
/// let picture = Media::image("data:image/png;base64,iVBORw0KGgo=");
/// assert_eq!(picture.data(), Some(("image/png", "iVBORw0KGgo=")));
/// assert_eq!(Media::video("https://example.com/a.mp4").data(), None);
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Media {
    /// What it is.
    pub kind: MediaKind,
    /// Where it is, or all of it. Shared: a workload sends the same few pictures many times.
    pub url: Arc<str>,
}

/// What there is to look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum MediaKind {
    /// A picture.
    Image,
    /// A video.
    Video,
}

impl Media {
    /// The picture at `url`.
    pub fn image(url: impl Into<Arc<str>>) -> Self {
        Self { kind: MediaKind::Image, url: url.into() }
    }

    /// The video at `url`.
    pub fn video(url: impl Into<Arc<str>>) -> Self {
        Self { kind: MediaKind::Video, url: url.into() }
    }

    /// The media type and the base64 of a `data:` URL; `None` for any other.
    #[must_use]
    pub fn data(&self) -> Option<(&str, &str)> {
        self.url.strip_prefix("data:")?.split_once(";base64,")
    }
}

/// The beginning of the URL: a picture is no reading matter.
impl fmt::Debug for Media {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.url.char_indices().nth(48).map_or(&*self.url, |(at, _)| &self.url[..at]);
        write!(f, "{:?}({shown}, {} bytes)", self.kind, self.url.len())
    }
}
