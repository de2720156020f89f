//! Checks that a picture file is complete, by its structure, without decoding.

use super::{Kind, MediaError};

/// Checks that a JPEG or PNG has its end. Other formats are not checked.
pub(super) fn check_complete(kind: Kind, bytes: &[u8]) -> Result<(), MediaError> {
    match kind {
        Kind::Jpeg => walk_jpeg(bytes),
        Kind::Png => walk_png(bytes),
        Kind::WebP | Kind::Gif | Kind::Bmp | Kind::Tiff | Kind::Avif => Ok(()),
    }
}

/// Checks a JPEG from marker to marker to the end of image, as in ITU-T T.81, annex B.
///
/// Searching for the last marker alone would find the end of a preview inside a segment.
fn walk_jpeg(bytes: &[u8]) -> Result<(), MediaError> {
    const END_OF_IMAGE: u8 = 0xd9;
    let mut rest = bytes.get(2..).unwrap_or_default();
    loop {
        // Between markers lie the coded pixels, in which 0xff is followed by 0 or a restart marker.
        let is_marker = |it: &[u8]| it[0] == 0xff && !matches!(it[1], 0x00 | 0x01 | 0xd0..=0xd7 | 0xff);
        let Some(at) = rest.windows(2).position(is_marker) else {
            return Err(MediaError::Truncated(Kind::Jpeg));
        };
        if rest[at + 1] == END_OF_IMAGE {
            return Ok(());
        }
        rest = &rest[at + 2..];
        let Some(length) = rest.first_chunk().map(|it| usize::from(u16::from_be_bytes(*it))) else {
            return Err(MediaError::Truncated(Kind::Jpeg));
        };
        if length < 2 {
            let message = format!("a segment of {length} bytes, which is less than its own length field");
            return Err(MediaError::Broken { kind: Kind::Jpeg, message });
        }
        rest = rest.get(length..).ok_or(MediaError::Truncated(Kind::Jpeg))?;
    }
}

/// Checks a PNG from chunk to chunk to `IEND`, as in the specification of PNG, section 5.
fn walk_png(bytes: &[u8]) -> Result<(), MediaError> {
    const LENGTH_TYPE_AND_CHECKSUM: usize = 12;
    let mut rest = bytes.get(8..).unwrap_or_default();
    loop {
        let Some(length) = rest.first_chunk().map(|it| u32::from_be_bytes(*it) as usize) else {
            return Err(MediaError::Truncated(Kind::Png));
        };
        let whole = LENGTH_TYPE_AND_CHECKSUM + length;
        if rest.len() < whole {
            return Err(MediaError::Truncated(Kind::Png));
        }
        if &rest[4..8] == b"IEND" {
            return Ok(());
        }
        rest = &rest[whole..];
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::{PictureFormat, picture};
    use crate::rng::{Rng, Stream};

    #[test]
    fn every_end_before_the_end_is_noticed() {
        for format in [PictureFormat::Jpeg { quality: 50 }, PictureFormat::Png] {
            let mut rng = Rng::at(1, Stream::Content, 0, 0);
            let whole = picture(20, 20, format, &mut rng).unwrap().bytes;
            let kind = Kind::from_magic_bytes(&whole).unwrap();
            check_complete(kind, &whole).unwrap();
            check_complete(kind, &[&whole[..], b"trailing"].concat()).unwrap();
            for length in 0..whole.len() {
                let error = check_complete(kind, &whole[..length]).unwrap_err();
                assert!(matches!(error, MediaError::Truncated(it) if it == kind), "{length}: {error}");
            }
        }
    }

    #[test]
    fn the_end_of_a_preview_is_not_the_end() {
        let preview = b"\xff\xd8\xff\xe1\x00\x06\xff\xd9\xff\xd9\xff\xda\x00\x02pixels\xff\x00";
        assert!(matches!(check_complete(Kind::Jpeg, preview), Err(MediaError::Truncated(Kind::Jpeg))));
        check_complete(Kind::Jpeg, &[&preview[..], b"\xff\xd9"].concat()).unwrap();
    }

    #[test]
    fn a_segment_shorter_than_its_length_field_is_broken() {
        let error = check_complete(Kind::Jpeg, b"\xff\xd8\xff\xe0\x00\x01....").unwrap_err().to_string();
        assert!(error.contains("JPEG picture is broken: a segment of 1 bytes"), "{error}");
    }
}
