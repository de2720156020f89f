//! Preparation of pictures of a dataset for requests.

use std::io::Cursor;

use image::codecs::jpeg::JpegDecoder;
use image::codecs::png::PngDecoder;
use image::imageops::{FilterType, resize};
use image::{ColorType, DynamicImage, ImageDecoder, ImageError, Limits};

use super::complete::check_complete;
use super::memory::{self, Header};
use super::png_chunks::decoded_chunks;
use super::{Encoded, Kind, MediaError, PictureFormat, check_sides};

/// The most pixels of a picture that is decoded unless large pictures are allowed: the limit at which Python's
/// Pillow warns of a decompression bomb, a quarter of a gigabyte at three bytes a pixel.
pub const MOST_PIXELS: u64 = 89_478_485;

/// The most bytes that a decoder may take for a picture of as many pixels: 16 bits of red, green, blue and transparency each.
const MOST_DECODED_BYTES: u64 = 8 * MOST_PIXELS;

/// Returns a picture as it is sent in a request.
///
/// Without a size the bytes are sent as they are, whatever the format; a JPEG or PNG is checked to be complete, but
/// its pixels are not decoded. With a size a JPEG or PNG is decoded, converted to RGB (transparency is dropped, and
/// a rotation that is only noted in the metadata is not done), resized with a Lanczos filter to exactly that size
/// (its proportions are not kept), and written in `format`.
///
/// ```
/// use genai_bench_core::media::{PictureFormat, picture, prepare};
/// # use genai_bench_core::rng::{Rng, Stream};
/// # let mut rng = Rng::at(42, Stream::Content, 0, 0);
/// # let jpeg = PictureFormat::Jpeg { quality: 75 };
/// let original = picture(100, 50, PictureFormat::Png, &mut rng)?;
/// let resized = prepare(&original.bytes, Some((20, 20)), jpeg, false)?;
/// assert_eq!((original.mime, resized.mime), ("image/png", "image/jpeg"));
/// assert_eq!(prepare(&original.bytes, None, jpeg, false)?, original);
/// # Ok::<(), genai_bench_core::media::MediaError>(())
/// ```
///
/// # Errors
///
/// When the bytes are no picture, or a truncated or broken one; when a picture that is neither JPEG nor PNG is to be
/// resized; when a picture has more than [`MOST_PIXELS`], or needs more than [`MOST_MEMORY_BYTES`](super::MOST_MEMORY_BYTES) to
/// be resized, and is not `allow_large`; when the size or the quality is out of bounds.
pub fn prepare(
    bytes: &[u8],
    size: Option<(u32, u32)>,
    format: PictureFormat,
    allow_large: bool,
) -> Result<Encoded, MediaError> {
    let kind = Kind::from_magic_bytes(bytes).ok_or(MediaError::NoPicture)?;
    let Some((width, height)) = size else {
        check_complete(kind, bytes)?;
        if matches!(kind, Kind::Jpeg | Kind::Png) {
            opened(kind, bytes, allow_large)?;
        }
        return Ok(Encoded::new(kind.mime(), bytes.to_vec()));
    };
    check_sides(width, height)?;
    format.check()?;
    if !matches!(kind, Kind::Jpeg | Kind::Png) {
        return Err(MediaError::CannotResize(kind));
    }
    check_complete(kind, bytes)?;
    let decoder = opened(kind, bytes, allow_large)?;
    if !allow_large {
        memory::check(&header(kind, &*decoder), bytes, (width, height))?;
    }
    let decoded = DynamicImage::from_decoder(decoder);
    let picture = decoded.map_err(|it| broken(kind, &it))?.into_rgb8();
    let picture = if picture.dimensions() == (width, height) {
        picture
    } else {
        resize(&picture, width, height, FilterType::Lanczos3)
    };
    Ok(Encoded::new(format.kind().mime(), format.encode(width, height, &picture)?))
}

/// Returns what a decoder has read of a picture so far.
fn header(kind: Kind, decoder: &dyn ImageDecoder) -> Header {
    let (width, height) = decoder.dimensions();
    let is_rgb8 = decoder.color_type() == ColorType::Rgb8;
    Header { kind, width, height, decoded_bytes: decoder.total_bytes(), is_rgb8 }
}

fn broken(kind: Kind, message: &ImageError) -> MediaError {
    MediaError::Broken { kind, message: message.to_string() }
}

/// Creates the decoder of a JPEG or PNG from its header, and rejects one with too many pixels.
fn opened(kind: Kind, bytes: &[u8], allow_large: bool) -> Result<Box<dyn ImageDecoder + '_>, MediaError> {
    let mut limits = Limits::no_limits();
    limits.max_alloc = (!allow_large).then_some(MOST_DECODED_BYTES);
    let decoder: Box<dyn ImageDecoder> = if kind == Kind::Jpeg {
        Box::new(JpegDecoder::new(Cursor::new(bytes)).map_err(|it| broken(kind, &it))?)
    } else {
        let file = Cursor::new(decoded_chunks(bytes));
        Box::new(PngDecoder::with_limits(file, limits).map_err(|it| broken(kind, &it))?)
    };
    let (width, height) = decoder.dimensions();
    if !allow_large && u64::from(width) * u64::from(height) > MOST_PIXELS {
        return Err(MediaError::Bomb { width, height });
    }
    Ok(decoder)
}

#[cfg(test)]
mod tests {
    use image::codecs::png::PngEncoder;
    use image::{ExtendedColorType, ImageEncoder};

    use super::*;
    use crate::media::picture;
    use crate::rng::{Rng, Stream};

    const JPEG: PictureFormat = PictureFormat::Jpeg { quality: 90 };

    fn made(width: u32, height: u32, format: PictureFormat) -> Vec<u8> {
        picture(width, height, format, &mut Rng::at(5, Stream::Content, 0, 0)).unwrap().bytes
    }

    fn png(width: u32, height: u32, pixels: &[u8], colour: ExtendedColorType) -> Vec<u8> {
        let mut file = Vec::new();
        PngEncoder::new(&mut file).write_image(pixels, width, height, colour).unwrap();
        file
    }

    fn refused(bytes: &[u8], size: Option<(u32, u32)>) -> String {
        prepare(bytes, size, JPEG, false).unwrap_err().to_string()
    }

    #[test]
    fn a_picture_is_resized_to_exactly_the_size_that_is_asked_for() {
        for format in [JPEG, PictureFormat::Png] {
            for size in [(200, 10), (33, 77), (64, 48)] {
                let resized = prepare(&made(64, 48, format), Some(size), JPEG, false).unwrap();
                let read = image::load_from_memory(&resized.bytes).unwrap();
                assert_eq!((read.width(), read.height(), resized.mime), (size.0, size.1, "image/jpeg"));
            }
        }
    }

    #[test]
    fn what_is_resized_still_shows_the_same() {
        let halves: Vec<u8> =
            (0..40 * 40).flat_map(|it| if it % 40 < 20 { [200, 0, 0] } else { [0, 0, 200] }).collect();
        let file = png(40, 40, &halves, ExtendedColorType::Rgb8);
        let resized = prepare(&file, Some((10, 20)), PictureFormat::Png, false).unwrap();
        let read = image::load_from_memory(&resized.bytes).unwrap().into_rgb8();
        assert_eq!((read.get_pixel(1, 10).0, read.get_pixel(8, 10).0), ([200, 0, 0], [0, 0, 200]));
    }

    #[test]
    fn transparency_is_dropped() {
        let file = png(1, 1, &[9, 8, 7, 0], ExtendedColorType::Rgba8);
        let resized = prepare(&file, Some((1, 1)), PictureFormat::Png, false).unwrap();
        let read = image::load_from_memory(&resized.bytes).unwrap();
        assert_eq!((read.color(), read.as_bytes()), (image::ColorType::Rgb8, &[9, 8, 7][..]));
    }

    #[test]
    fn without_a_size_the_bytes_are_sent_as_they_are() {
        let webp = b"RIFF\x04\0\0\0WEBPVP8 ";
        let cases = [
            (made(8, 8, JPEG), "image/jpeg"),
            (made(8, 8, PictureFormat::Png), "image/png"),
            (webp.into(), "image/webp"),
        ];
        for (bytes, mime) in cases {
            assert_eq!(prepare(&bytes, None, JPEG, false).unwrap(), Encoded::new(mime, bytes));
        }
    }

    #[test]
    fn a_bomb_is_refused_unless_it_is_allowed() {
        // A header alone says how large a picture is, and is all that is read of one that is not resized.
        let mut bomb = made(8, 8, PictureFormat::Png);
        bomb[16..24].copy_from_slice(&[0, 0, 0x27, 0x10, 0, 0, 0x27, 0x10]);
        let checksum = crc(&bomb[12..29]);
        bomb[29..33].copy_from_slice(&checksum.to_be_bytes());
        let error = refused(&bomb, None);
        assert!(error.starts_with("10000 x 10000 are 100000000 pixels, and 89478485 at most"), "{error}");
        assert!(refused(&bomb, Some((8, 8))).starts_with("10000 x 10000"));
        assert_eq!(prepare(&bomb, None, JPEG, true).unwrap().bytes, bomb);
    }

    /// Returns a PNG with another chunk behind its header.
    fn with_chunk(png: &[u8], kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
        let named = [&kind[..], data].concat();
        let length = u32::try_from(data.len()).unwrap().to_be_bytes();
        let chunk = [&length[..], &named, &crc(&named).to_be_bytes()].concat();
        [&png[..33], &chunk, &png[33..]].concat()
    }

    #[test]
    fn chunks_that_are_not_decoded_do_not_reach_the_decoder() {
        let plain = made(4, 4, PictureFormat::Png);
        for kind in [b"iCCP", b"zTXt", b"iTXt", b"eXIf", b"acTL"] {
            let bomb = with_chunk(&plain, kind, b"name\0\0of another decoder");
            assert_eq!(decoded_chunks(&bomb), decoded_chunks(&plain), "{}", kind.escape_ascii());
            assert_eq!(prepare(&bomb, None, JPEG, false).unwrap().bytes, bomb, "sent as it is");
            assert_eq!(
                prepare(&bomb, Some((2, 2)), JPEG, false).unwrap(),
                prepare(&plain, Some((2, 2)), JPEG, false).unwrap()
            );
        }
    }

    /// Returns the checksum of a PNG chunk: CRC-32 of ISO 3309.
    fn crc(bytes: &[u8]) -> u32 {
        let shift = |it: u32, _| (it >> 1) ^ (0xedb8_8320 * (it & 1));
        !bytes.iter().fold(!0, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), shift))
    }

    #[test]
    fn a_truncated_picture_and_a_broken_one_are_told_apart() {
        let whole = made(40, 40, JPEG);
        for size in [None, Some((8, 8))] {
            let error = refused(&whole[..whole.len() / 2], size);
            assert_eq!(error, "the JPEG picture is truncated: the file ends before the picture does");
        }
        let mut broken = made(40, 40, PictureFormat::Png);
        let middle = broken.len() / 2;
        broken[middle] ^= 0xff;
        let error = refused(&broken, Some((8, 8)));
        assert!(error.starts_with("the PNG picture is broken: "), "{error}");
        let no_frame = b"\xff\xd8\xff\xe0\x00\x04ab\xff\xd9";
        assert!(refused(no_frame, None).starts_with("the JPEG picture is broken: "));
    }

    #[test]
    fn what_cannot_be_done_is_said() {
        assert!(refused(b"<html>", None).starts_with("no picture by its first bytes"));
        assert!(refused(b"GIF89a", Some((8, 8))).starts_with("a GIF picture cannot be resized here"));
        assert_eq!(refused(&made(8, 8, JPEG), Some((0, 8))), "width 0: give 1 to 16384 pixels");
    }
}
