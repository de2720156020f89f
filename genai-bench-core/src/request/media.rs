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
    /// The kind of media.
    pub kind: MediaKind,
    /// The URL, which may hold all data. Shared: a workload sends the same few pictures many times.
    pub url: Arc<str>,
}

/// The kind of media in a request.
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
    /// Creates the picture at `url`.
    pub fn image(url: impl Into<Arc<str>>) -> Self {
        Self { kind: MediaKind::Image, url: url.into() }
    }

    /// Creates the video at `url`.
    pub fn video(url: impl Into<Arc<str>>) -> Self {
        Self { kind: MediaKind::Video, url: url.into() }
    }

    /// Returns the media type and the base64 data of a `data:` URL; `None` for any other.
    #[must_use]
    pub fn data(&self) -> Option<(&str, &str)> {
        self.url.strip_prefix("data:")?.split_once(";base64,")
    }
}

/// Formats the beginning of the URL only, as a data URL may have megabytes.
impl fmt::Debug for Media {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.url.char_indices().nth(48).map_or(&*self.url, |(at, _)| &self.url[..at]);
        write!(f, "{:?}({shown}, {} bytes)", self.kind, self.url.len())
    }
}
