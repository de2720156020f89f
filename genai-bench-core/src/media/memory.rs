//! The memory that decoding and resizing a picture takes, estimated from its header.

use super::{Kind, MOST_PIXELS, MediaError};

/// The maximum memory in bytes to decode and resize a picture, unless large pictures are allowed: enough for
/// [`MOST_PIXELS`] of red, green, blue and transparency with 8 bits each. Decoders that need more for a pixel, such as
/// those of progressive JPEG and of 16 bits a colour, get fewer pixels.
pub const MOST_MEMORY_BYTES: u64 = 640 << 20;
const _: () = assert!(MOST_MEMORY_BYTES > 7 * MOST_PIXELS);

/// The bytes of a pixel of the picture that is resized: red, green and blue.
const RGB_BYTES: u64 = 3;
/// The bytes of a pixel between the two steps of resizing: four numbers of 32 bits.
const RESIZING_BYTES: u64 = 16;
/// The bytes that resizing may take for each pixel of the size that was asked for, whatever [`MOST_MEMORY_BYTES`] is: whoever
/// asks for pictures of a gigabyte has the memory.
const BYTES_PER_TARGET_PIXEL: u64 = 32;
/// The bytes of a coefficient of JPEG.
const COEFFICIENT_BYTES: u64 = 2;
/// The sides and the pixels of a block of JPEG.
const BLOCK_SIDE: u64 = 8;
const BLOCK: u64 = BLOCK_SIDE * BLOCK_SIDE;
/// The coefficients of a pixel of a JPEG whose header is not understood: four colours, none of them sampled down.
const MOST_COEFFICIENTS_PER_PIXEL: u64 = 4;

/// The properties of a picture that are known before it is decoded.
pub(super) struct Header {
    pub(super) kind: Kind,
    pub(super) width: u32,
    pub(super) height: u32,
    /// The bytes of the picture when it is decoded.
    pub(super) decoded_bytes: u64,
    /// `true` if the decoded picture is red, green and blue with 8 bits each.
    pub(super) is_rgb8: bool,
}

/// Checks that a picture can be decoded and resized to `size` within [`MOST_MEMORY_BYTES`].
///
/// # Errors
///
/// [`MediaError::TooMuchMemory`].
pub(super) fn check(header: &Header, file: &[u8], size: (u32, u32)) -> Result<(), MediaError> {
    let target = u64::from(size.0) * u64::from(size.1);
    let resizing = resizing_bytes(header, size);
    let decoding = decoding_bytes(header, file);
    let most_resizing = MOST_MEMORY_BYTES.max(target.saturating_mul(BYTES_PER_TARGET_PIXEL));
    if decoding <= MOST_MEMORY_BYTES && resizing <= most_resizing {
        return Ok(());
    }
    Err(MediaError::TooMuchMemory {
        kind: header.kind,
        width: header.width,
        height: header.height,
        bytes: decoding.max(resizing),
    })
}

/// Returns the bytes that decoding takes: the file, the picture, and what the decoder keeps of it, and after that the
/// picture in its own colours and in red, green and blue.
fn decoding_bytes(header: &Header, file: &[u8]) -> u64 {
    let coefficients = if header.kind == Kind::Jpeg { coefficient_bytes(header, file) } else { 0 };
    let decoding = header.decoded_bytes.saturating_add(coefficients).saturating_add(file.len() as u64);
    let converted = if header.is_rgb8 { 0 } else { pixels(header) * RGB_BYTES };
    decoding.max(header.decoded_bytes.saturating_add(converted))
}

/// Returns the bytes that resizing takes: the picture, a picture that has the new height, and the one that has the new size.
fn resizing_bytes(header: &Header, (width, height): (u32, u32)) -> u64 {
    let from = pixels(header) * RGB_BYTES;
    if (header.width, header.height) == (width, height) {
        return from;
    }
    let between = (u64::from(header.width) * u64::from(height)).saturating_mul(RESIZING_BYTES);
    let to = u64::from(width) * u64::from(height) * RGB_BYTES;
    from.saturating_add(between).saturating_add(to)
}

fn pixels(header: &Header) -> u64 {
    u64::from(header.width) * u64::from(header.height)
}

/// Returns the bytes of the coefficients that a decoder of JPEG keeps until the last scan: all of them where a scan is only a
/// part of the picture, as in progressive JPEG, and none otherwise.
fn coefficient_bytes(header: &Header, jpeg: &[u8]) -> u64 {
    let coefficients = match frame_of(jpeg) {
        Some(frame) if !frame.comes_in_several_scans => 0,
        Some(frame) => {
            let across = u64::from(header.width).div_ceil(BLOCK_SIDE * frame.most_across);
            let down = u64::from(header.height).div_ceil(BLOCK_SIDE * frame.most_down);
            across * down * BLOCK * frame.blocks
        }
        None => pixels(header).saturating_mul(MOST_COEFFICIENTS_PER_PIXEL),
    };
    coefficients.saturating_mul(COEFFICIENT_BYTES)
}

/// The parts of a JPEG's header that decide the number of coefficients, as in ITU-T T.81, B.2.2.
struct Frame {
    comes_in_several_scans: bool,
    /// The highest sampling factors of all colours.
    most_across: u64,
    most_down: u64,
    /// The blocks of all colours in a unit of the picture.
    blocks: u64,
}

/// Reads the frame header and the first scan header of a JPEG.
fn frame_of(jpeg: &[u8]) -> Option<Frame> {
    const START_OF_SCAN: u8 = 0xda;
    let mut frame = None;
    let mut colours = 0;
    let mut rest = jpeg.get(2..)?;
    loop {
        // Bytes between segments are skipped, as decoders do.
        let at =
            rest.windows(2).position(|it| it[0] == 0xff && !matches!(it[1], 0 | 1 | 0xd0..=0xd8 | 0xff))?;
        let (marker, after) = (rest[at + 1], &rest[at + 2..]);
        let length = usize::from(u16::from_be_bytes(*after.first_chunk()?));
        let segment = after.get(2..length)?;
        match marker {
            0xc0..=0xc2 => {
                colours = *segment.get(5)?;
                frame = Some(frame_in(segment, marker == 0xc2)?);
            }
            START_OF_SCAN => {
                let mut frame = frame?;
                frame.comes_in_several_scans |= *segment.first()? != colours;
                return Some(frame);
            }
            _ => {}
        }
        rest = &after[length..];
    }
}

/// Reads the body of a frame header.
fn frame_in(segment: &[u8], is_progressive: bool) -> Option<Frame> {
    let colours = segment.get(6..)?.chunks_exact(3).take(usize::from(segment[5]));
    let sampling = colours.map(|colour| (u64::from(colour[1] >> 4), u64::from(colour[1] & 0xf)));
    Some(Frame {
        comes_in_several_scans: is_progressive,
        most_across: sampling.clone().map(|(across, _)| across).max()?.max(1),
        most_down: sampling.clone().map(|(_, down)| down).max()?.max(1),
        blocks: sampling.map(|(across, down)| across * down).sum(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const RGB: (u8, [u8; 3]) = (0xc0, [0x11; 3]);

    /// Returns the segments of a JPEG that are read here: a frame with these sampling factors, and a scan of `scanned` colours.
    fn jpeg((marker, sampling): (u8, [u8; 3]), scanned: u8) -> Vec<u8> {
        let mut file = vec![0xff, 0xd8, 0xff, 0xe0, 0, 4, 0xff, 0xc2, 0xff, marker, 0, 17, 8, 0, 0, 0, 0, 3];
        for (number, factors) in (1..).zip(sampling) {
            file.extend([number, factors, 0]);
        }
        file.extend([0xff, 0xda, 0, 3, scanned]);
        file
    }

    fn header(kind: Kind, width: u32, height: u32, bytes_per_pixel: u64) -> Header {
        let decoded_bytes = u64::from(width) * u64::from(height) * bytes_per_pixel;
        Header { kind, width, height, decoded_bytes, is_rgb8: bytes_per_pixel == 3 }
    }

    fn refused(header: &Header, file: &[u8], size: (u32, u32)) -> Option<String> {
        check(header, file, size).err().map(|error| error.to_string())
    }

    #[test]
    fn only_partial_scans_keep_coefficients() {
        let header = header(Kind::Jpeg, 160, 80, 3);
        let pixels = 160 * 80;
        for (frame, scanned, per_two_pixels) in [
            (RGB, 3, 0),
            (RGB, 1, 6),
            ((0xc2, [0x11; 3]), 3, 6),
            ((0xc2, [0x22, 0x11, 0x11]), 1, 3),
            ((0xc2, [0x21, 0x11, 0x11]), 3, 4),
        ] {
            let bytes = coefficient_bytes(&header, &jpeg(frame, scanned));
            assert_eq!(bytes, pixels * per_two_pixels * COEFFICIENT_BYTES / 2, "{frame:x?} {scanned}");
        }
        assert_eq!(coefficient_bytes(&header, b"\xff\xd8"), pixels * 4 * COEFFICIENT_BYTES, "not understood");
    }

    #[test]
    fn decoding_a_progressive_picture_is_bounded() {
        let large = header(Kind::Jpeg, 9_459, 9_459, 3);
        assert_eq!(refused(&large, &jpeg(RGB, 3), (512, 512)), None);
        assert_eq!(refused(&large, &jpeg((0xc2, [0x22, 0x11, 0x11]), 3), (512, 512)), None);
        assert_eq!(
            refused(&large, &jpeg((0xc2, [0x11; 3]), 3), (512, 512)).unwrap(),
            "9459 x 9459: this JPEG takes about 768 MiB of memory to decode and resize, and 640 MiB at most are used unless \
             large pictures are allowed"
        );
    }

    #[test]
    fn colours_of_sixteen_bits_are_bounded() {
        assert_eq!(refused(&header(Kind::Png, 9_459, 9_459, 4), &[], (512, 512)), None);
        assert!(
            refused(&header(Kind::Png, 9_459, 9_459, 8), &[], (512, 512)).unwrap().contains("about 938 MiB")
        );
        assert_eq!(refused(&header(Kind::Png, 7_000, 8_000, 8), &[], (512, 512)), None);
    }

    #[test]
    fn resizing_a_wide_picture_is_bounded() {
        let wide = header(Kind::Png, 89_000_000, 1, 3);
        assert_eq!(
            refused(&wide, &[], (512, 1)).map(|it| it.contains("MiB")),
            Some(true),
            "16 bytes a pixel"
        );
        assert!(
            refused(&wide, &[], (512, 512)).unwrap().starts_with("89000000 x 1: this PNG takes about 6955")
        );
        assert!(refused(&wide, &[], (16_384, 16_384)).is_some());
        // Whoever asks for such pictures gets them of ordinary ones.
        assert_eq!(refused(&header(Kind::Png, 4_000, 3_000, 3), &[], (16_384, 16_384)), None);
    }
}
