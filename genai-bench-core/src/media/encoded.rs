//! Encoded pictures and videos.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// An encoded picture or video.
///
/// ```
/// use genai_bench_core::media::Encoded;
///
/// assert_eq!(Encoded::new("image/gif", b"GIF89a".to_vec()).data_url(), "data:image/gif;base64,R0lGODlh");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Encoded {
    /// The media type.
    pub mime: &'static str,
    /// The file. Frames that are sent one by one are concatenated.
    pub bytes: Vec<u8>,
    /// The end of each frame but the last, if they are sent one by one.
    cuts: Vec<usize>,
}

impl Encoded {
    /// Creates a picture or video of one file.
    #[must_use]
    pub fn new(mime: &'static str, bytes: Vec<u8>) -> Self {
        Self { mime, bytes, cuts: Vec::new() }
    }

    /// Creates a video whose frames are files sent one by one.
    pub(super) fn sequence(mime: &'static str, frames: &[Vec<u8>]) -> Self {
        let ends = frames.iter().scan(0, |end, it| {
            *end += it.len();
            Some(*end)
        });
        let cuts = ends.take(frames.len().saturating_sub(1)).collect();
        Self { mime, bytes: frames.concat(), cuts }
    }

    /// Returns `data:MIME;base64,` and the file in base64 (RFC 2397); frames that are sent one by one are separated by
    /// commas.
    #[must_use]
    pub fn data_url(&self) -> String {
        let encoded = self.bytes.len().div_ceil(3) * 4 + self.cuts.len() * 5;
        let mut url = String::with_capacity("data:;base64,".len() + self.mime.len() + encoded);
        url.push_str("data:");
        url.push_str(self.mime);
        url.push_str(";base64");
        let begins = std::iter::once(0).chain(self.cuts.iter().copied());
        let ends = self.cuts.iter().copied().chain(std::iter::once(self.bytes.len()));
        for (begin, end) in begins.zip(ends) {
            url.push(',');
            STANDARD.encode_string(&self.bytes[begin..end], &mut url);
        }
        url
    }
}

/// Formats the size only, as the data may have megabytes.
impl fmt::Debug for Encoded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} bytes in {} files", self.mime, self.bytes.len(), self.cuts.len() + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_that_are_sent_one_by_one_are_parted_by_commas() {
        let frames = [b"a".to_vec(), b"bc".to_vec(), b"def".to_vec()];
        assert_eq!(
            Encoded::sequence("video/jpeg", &frames).data_url(),
            "data:video/jpeg;base64,YQ==,YmM=,ZGVm"
        );
        assert_eq!(Encoded::sequence("video/jpeg", &frames[..1]).data_url(), "data:video/jpeg;base64,YQ==");
    }
}
