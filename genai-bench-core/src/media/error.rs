//! Errors of making or reading pictures and videos.

use super::{FrameRate, Kind, LONGEST_SIDE, MOST_FRAMES, MOST_MEMORY_BYTES, MOST_PIXELS};

/// The error of a picture or a video that cannot be made or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MediaError {
    /// A side that is too short or too long.
    #[error("{side} {pixels}: give 1 to {LONGEST_SIDE} pixels")]
    Side {
        /// `width` or `height`.
        side: &'static str,
        /// The requested side, in pixels.
        pixels: u32,
    },
    /// A quality outside the range of JPEG.
    #[error("quality {0}: give 1 to 100")]
    Quality(u8),
    /// A video without frames, or with too many.
    #[error("{0} frames: give 1 to {MOST_FRAMES}")]
    Frames(u32),
    /// A frame rate outside the supported range.
    #[error("{0} frames a second: give {slowest} to {fastest}", slowest = FrameRate::SLOWEST, fastest = FrameRate::FASTEST)]
    FrameRate(f64),
    /// A video larger than its container can hold.
    #[error("the video is larger than {most} bytes at frame {frame}: give fewer frames or a smaller size")]
    VideoTooLarge {
        /// The first frame beyond the limit, counted from 1.
        frame: usize,
        /// The maximum number of bytes of all frames.
        most: usize,
    },
    /// Bytes that are not a picture.
    #[error("no picture by its first bytes: give JPEG, PNG, WebP, GIF, BMP, TIFF or AVIF")]
    NoPicture,
    /// A format that cannot be resized.
    #[error("a {0} picture cannot be resized here: convert it to JPEG or PNG, or ask for no size")]
    CannotResize(Kind),
    /// A picture with more pixels than are decoded by default.
    #[error(
        "{width} x {height} are {} pixels, and {MOST_PIXELS} at most are decoded unless large pictures are allowed",
        u64::from(*width) * u64::from(*height)
    )]
    Bomb {
        /// The width in pixels.
        width: u32,
        /// The height in pixels.
        height: u32,
    },
    /// A picture that needs too much memory to decode or resize.
    #[error(
        "{width} x {height}: this {kind} takes about {} MiB of memory to decode and resize, and {} MiB at most are used unless \
         large pictures are allowed",
        bytes >> 20,
        MOST_MEMORY_BYTES >> 20
    )]
    TooMuchMemory {
        /// The format of its file.
        kind: Kind,
        /// The width in pixels.
        width: u32,
        /// The height in pixels.
        height: u32,
        /// The estimated memory in bytes.
        bytes: u64,
    },
    /// A truncated picture.
    #[error("the {0} picture is truncated: the file ends before the picture does")]
    Truncated(Kind),
    /// A complete picture with invalid content.
    #[error("the {kind} picture is broken: {message}")]
    Broken {
        /// The format of its file.
        kind: Kind,
        /// The problem.
        message: String,
    },
    /// A picture that cannot be encoded.
    #[error("the picture cannot be encoded: {0}")]
    Encode(String),
    /// A pool without items.
    #[error("a pool needs at least one picture or video")]
    EmptyPool,
}
