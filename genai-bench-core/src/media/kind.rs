//! Picture formats, recognised by their first bytes.

use std::fmt;

/// The format of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// ITU-T T.81.
    Jpeg,
    /// The W3C's Portable Network Graphics.
    Png,
    /// RFC 9649.
    WebP,
    /// GIF87a or GIF89a.
    Gif,
    /// A Windows bitmap.
    Bmp,
    /// TIFF 6.0, of either byte order.
    Tiff,
    /// AV1 pictures in an ISO base media file.
    Avif,
}

impl Kind {
    /// Returns the format whose files begin like `bytes`, if it is a known one.
    ///
    /// ```
    /// use genai_bench_core::media::Kind;
    ///
    /// assert_eq!(Kind::from_magic_bytes(b"GIF89a..."), Some(Kind::Gif));
    /// assert_eq!(Kind::from_magic_bytes(b"<html>"), None);
    /// ```
    #[must_use]
    pub fn from_magic_bytes(bytes: &[u8]) -> Option<Self> {
        let at = |begin: usize, magic: &[u8]| bytes.get(begin..).is_some_and(|it| it.starts_with(magic));
        let is = |magic: &[u8]| at(0, magic);
        let kind = match () {
            () if is(b"\xff\xd8\xff") => Self::Jpeg,
            () if is(b"\x89PNG\r\n\x1a\n") => Self::Png,
            () if is(b"RIFF") && at(8, b"WEBP") => Self::WebP,
            () if is(b"GIF87a") || is(b"GIF89a") => Self::Gif,
            () if is(b"BM") => Self::Bmp,
            () if is(b"II*\0") || is(b"MM\0*") => Self::Tiff,
            () if at(4, b"ftypavif") || at(4, b"ftypavis") => Self::Avif,
            () => return None,
        };
        Some(kind)
    }

    /// Returns the media type.
    #[must_use]
    pub const fn mime(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::WebP => "image/webp",
            Self::Gif => "image/gif",
            Self::Bmp => "image/bmp",
            Self::Tiff => "image/tiff",
            Self::Avif => "image/avif",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Jpeg => "JPEG",
            Self::Png => "PNG",
            Self::WebP => "WebP",
            Self::Gif => "GIF",
            Self::Bmp => "BMP",
            Self::Tiff => "TIFF",
            Self::Avif => "AVIF",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_format_is_known_by_its_first_bytes() {
        let cases: [(&[u8], Option<Kind>); 10] = [
            (b"\xff\xd8\xff\xe0..", Some(Kind::Jpeg)),
            (b"\x89PNG\r\n\x1a\n..", Some(Kind::Png)),
            (b"RIFF\x04\0\0\0WEBPVP8 ", Some(Kind::WebP)),
            (b"RIFF\x04\0\0\0AVI LIST", None),
            (b"GIF87a", Some(Kind::Gif)),
            (b"BM..", Some(Kind::Bmp)),
            (b"MM\0*", Some(Kind::Tiff)),
            (b"\0\0\0\x1cftypavif", Some(Kind::Avif)),
            (b"RI", None),
            (b"", None),
        ];
        for (bytes, kind) in cases {
            assert_eq!(Kind::from_magic_bytes(bytes), kind, "{bytes:?}");
        }
    }
}
