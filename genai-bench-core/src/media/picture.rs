//! Generated pictures.

use image::ExtendedColorType;
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ImageEncoder, ImageResult};

use super::scene::Scene;
use super::{Encoded, Kind, MediaError, check_sides};
use crate::rng::Rng;

/// The file format of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PictureFormat {
    /// JPEG, lossy.
    Jpeg {
        /// The quality from 1 to 100, on the scale of the Independent JPEG Group.
        quality: u8,
    },
    /// PNG, lossless and some eight times as large.
    Png,
}

/// Creates a picture that is about as hard to compress as a photograph.
///
/// The pixels follow from `rng` on every machine. The file follows from the pixels and the encoder, so it is the
/// same as long as the version of this crate is.
///
/// ```
/// use genai_bench_core::media::{PictureFormat, picture};
/// use genai_bench_core::rng::{Rng, Stream};
///
/// let mut rng = Rng::at(42, Stream::Content, 0, 0);
/// let picture = picture(640, 480, PictureFormat::Jpeg { quality: 85 }, &mut rng)?;
/// assert_eq!(picture.mime, "image/jpeg");
/// assert!((40_000..160_000).contains(&picture.bytes.len()));
/// # Ok::<(), genai_bench_core::media::MediaError>(())
/// ```
///
/// # Errors
///
/// When a side or the quality is out of bounds.
pub fn picture(width: u32, height: u32, format: PictureFormat, rng: &mut Rng) -> Result<Encoded, MediaError> {
    check_sides(width, height)?;
    format.check()?;
    let pixels = Scene::draw(width, height, rng).render(0, rng);
    Ok(Encoded::new(format.kind().mime(), format.encode(width, height, &pixels)?))
}

impl PictureFormat {
    pub(super) fn check(self) -> Result<(), MediaError> {
        match self {
            Self::Jpeg { quality } if !(1..=100).contains(&quality) => Err(MediaError::Quality(quality)),
            _ => Ok(()),
        }
    }

    pub(super) fn kind(self) -> Kind {
        match self {
            Self::Jpeg { .. } => Kind::Jpeg,
            Self::Png => Kind::Png,
        }
    }

    /// Returns the file of a picture of so many pixels, three bytes each.
    pub(super) fn encode(self, width: u32, height: u32, pixels: &[u8]) -> Result<Vec<u8>, MediaError> {
        let mut file = Vec::with_capacity(pixels.len() / 6);
        self.write(width, height, pixels, &mut file).map_err(|it| MediaError::Encode(it.to_string()))?;
        Ok(file)
    }

    fn write(self, width: u32, height: u32, pixels: &[u8], file: &mut Vec<u8>) -> ImageResult<()> {
        match self {
            Self::Jpeg { quality } => JpegEncoder::new_with_quality(file, quality).encode(
                pixels,
                width,
                height,
                ExtendedColorType::Rgb8,
            ),
            Self::Png => PngEncoder::new_with_quality(file, CompressionType::Fast, FilterType::Adaptive)
                .write_image(pixels, width, height, ExtendedColorType::Rgb8),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Stream;

    const JPEG: PictureFormat = PictureFormat::Jpeg { quality: 85 };

    fn rng() -> Rng {
        Rng::at(3, Stream::Content, 0, 0)
    }

    #[test]
    fn a_picture_has_the_bytes_of_a_photograph() {
        for seed in 0..4 {
            let mut rng = Rng::at(seed, Stream::Content, 0, 0);
            let bits = picture(512, 512, JPEG, &mut rng).unwrap().bytes.len() as f64 * 8.0 / (512.0 * 512.0);
            assert!((1.2..4.0).contains(&bits), "{bits} bits a pixel");
        }
    }

    #[test]
    fn both_formats_show_a_picture_of_the_right_size() {
        for format in [JPEG, PictureFormat::Png] {
            let made = picture(31, 17, format, &mut rng()).unwrap();
            let read = image::load_from_memory(&made.bytes).unwrap();
            assert_eq!(
                (read.width(), read.height(), Kind::from_magic_bytes(&made.bytes)),
                (31, 17, Some(format.kind()))
            );
        }
    }

    #[test]
    fn what_is_out_of_bounds_is_refused_by_name() {
        let refused =
            |width, height, format| picture(width, height, format, &mut rng()).unwrap_err().to_string();
        assert_eq!(refused(0, 1, JPEG), "width 0: give 1 to 16384 pixels");
        assert_eq!(refused(1, 16_385, JPEG), "height 16385: give 1 to 16384 pixels");
        assert_eq!(refused(1, 1, PictureFormat::Jpeg { quality: 101 }), "quality 101: give 1 to 100");
    }
}
