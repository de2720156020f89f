//! Generated videos: a moving scene, each frame a JPEG.
//!
//! Motion-JPEG needs no codec of its own and is read by everything that is built on FFmpeg. Frames do not share
//! anything, so a video is larger than one from a camera; a server decodes it to the same number of pixels.

use super::scene::Scene;
use super::{Encoded, MediaError, PictureFormat, avi, check_sides, mp4};
use crate::rng::Rng;

/// The maximum number of frames of a video.
pub const MOST_FRAMES: u32 = 10_000;

/// The format of frames: compressed as strongly as cameras compress Motion-JPEG.
const FRAME: PictureFormat = PictureFormat::Jpeg { quality: 75 };

/// The maximum size of all frames in bytes, which every reader of the containers can address.
const MOST_BYTES: usize = 1 << 30;

/// The container of a video's frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum VideoContainer {
    /// An MP4 file (ISO/IEC 14496-14), `video/mp4`.
    Mp4,
    /// An AVI file (RIFF), `video/x-msvideo`.
    Avi,
    /// No container: JPEG files that are sent one by one, `video/jpeg`. Some servers read this; they do not learn
    /// the frame rate.
    JpegFrames,
}

/// A frame rate, in thousandths of a frame per second.
///
/// ```
/// use genai_bench_core::media::FrameRate;
///
/// assert_eq!(FrameRate::per_second(29.97)?.millihertz(), 29_970);
/// assert!(FrameRate::per_second(0.0).is_err());
/// # Ok::<(), genai_bench_core::media::MediaError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FrameRate(u32);

impl FrameRate {
    /// The lowest frame rate, in frames per second.
    pub const SLOWEST: f64 = 0.01;
    /// The highest frame rate, in frames per second.
    pub const FASTEST: f64 = 1_000.0;

    /// Creates a frame rate in frames per second, rounded to a thousandth.
    ///
    /// # Errors
    ///
    /// When it is slower than [`SLOWEST`](Self::SLOWEST) or faster than [`FASTEST`](Self::FASTEST).
    pub fn per_second(frames: f64) -> Result<Self, MediaError> {
        if (Self::SLOWEST..=Self::FASTEST).contains(&frames) {
            Ok(Self((frames * 1_000.0).round() as u32))
        } else {
            Err(MediaError::FrameRate(frames))
        }
    }

    /// Returns the number of frames in a thousand seconds.
    #[must_use]
    pub fn millihertz(self) -> u32 {
        self.0
    }
}

/// The frames and properties of a video, as written to the containers.
pub(super) struct Frames {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) rate: FrameRate,
    /// The JPEG files, at least one.
    pub(super) files: Vec<Vec<u8>>,
}

impl Frames {
    pub(super) fn count(&self) -> u32 {
        self.files.len() as u32
    }

    /// Returns the size of the largest frame in bytes.
    pub(super) fn largest(&self) -> u32 {
        self.files.iter().map(|it| it.len() as u32).max().unwrap_or_default()
    }
}

/// Creates a video: a scene in which the background and the shapes before it move.
///
/// The pixels follow from `rng` on every machine, as those of a [`picture`](super::picture()) do.
///
/// ```
/// use genai_bench_core::media::{FrameRate, VideoContainer, video};
/// use genai_bench_core::rng::{Rng, Stream};
///
/// let mut rng = Rng::at(42, Stream::Content, 0, 0);
/// let rate = FrameRate::per_second(2.0)?;
/// let video = video(64, 48, 3, rate, VideoContainer::Mp4, &mut rng)?;
/// assert!(video.data_url().starts_with("data:video/mp4;base64,"));
/// # Ok::<(), genai_bench_core::media::MediaError>(())
/// ```
///
/// # Errors
///
/// When a side or the number of frames is out of bounds, or the video is larger than its container can hold.
pub fn video(
    width: u32,
    height: u32,
    frames: u32,
    rate: FrameRate,
    container: VideoContainer,
    rng: &mut Rng,
) -> Result<Encoded, MediaError> {
    check_sides(width, height)?;
    if !(1..=MOST_FRAMES).contains(&frames) {
        return Err(MediaError::Frames(frames));
    }
    let scene = Scene::draw(width, height, rng);
    let mut files = Vec::with_capacity(frames as usize);
    let mut bytes = 0;
    for frame in 0..frames {
        let file = FRAME.encode(width, height, &scene.render(frame, rng))?;
        bytes += file.len();
        files.push(file);
        if bytes > MOST_BYTES {
            return Err(MediaError::VideoTooLarge { frame: files.len(), most: MOST_BYTES });
        }
    }
    let frames = Frames { width, height, rate, files };
    Ok(match container {
        VideoContainer::Mp4 => Encoded::new("video/mp4", mp4::file(&frames)),
        VideoContainer::Avi => Encoded::new("video/x-msvideo", avi::file(&frames)),
        VideoContainer::JpegFrames => Encoded::sequence("video/jpeg", &frames.files),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Stream;

    fn rng() -> Rng {
        Rng::at(8, Stream::Content, 0, 0)
    }

    impl Frames {
        /// Creates three frames that are no pictures, of even and of odd length.
        pub(in crate::media) fn three() -> Self {
            let files = vec![b"frame one".to_vec(), b"frame 2".to_vec(), b"frame three!".to_vec()];
            Self { width: 320, height: 240, rate: FrameRate(2_500), files }
        }
    }

    #[test]
    fn frames_differ_and_are_the_same_in_every_container() {
        let rate = FrameRate::per_second(4.0).unwrap();
        let made = |container| video(40, 30, 3, rate, container, &mut rng()).unwrap();
        let url = made(VideoContainer::JpegFrames).data_url();
        let frames: Vec<&str> = url.strip_prefix("data:video/jpeg;base64,").unwrap().split(',').collect();
        assert_eq!(frames.len(), 3);
        assert!(frames[0] != frames[1] && frames[1] != frames[2]);
        for frame in frames {
            use base64::Engine;
            let file = base64::engine::general_purpose::STANDARD.decode(frame).unwrap();
            let read = image::load_from_memory(&file).unwrap();
            assert_eq!((read.width(), read.height()), (40, 30));
            for container in [VideoContainer::Mp4, VideoContainer::Avi] {
                assert!(made(container).bytes.windows(file.len()).any(|it| it == file));
            }
        }
    }

    #[test]
    fn what_is_out_of_bounds_is_refused_by_name() {
        let rate = FrameRate::per_second(4.0).unwrap();
        let refused = |width, frames| {
            video(width, 8, frames, rate, VideoContainer::Avi, &mut rng()).unwrap_err().to_string()
        };
        assert_eq!(refused(0, 1), "width 0: give 1 to 16384 pixels");
        assert_eq!(refused(8, 0), "0 frames: give 1 to 10000");
        assert_eq!(refused(8, 10_001), "10001 frames: give 1 to 10000");
        for rate in [0.0, -1.0, 1_001.0, f64::NAN] {
            let error = FrameRate::per_second(rate).unwrap_err().to_string();
            assert!(error.contains("give 0.01 to 1000"), "{error}");
        }
    }
}
