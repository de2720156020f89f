//! Why a picture or a video cannot be made or read.

use super::{FrameRate, Kind, LONGEST_SIDE, MOST_FRAMES, MOST_MEMORY_BYTES, MOST_PIXELS};

/// Why a picture or a video cannot be made or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MediaError {
    /// A side that is too short or too long.
    #[error("{side} {pixels}: give 1 to {LONGEST_SIDE} pixels")]
    Side {
        /// `width` or `height`.
        side: &'static str,
        /// What was asked for.
        pixels: u32,
    },
    /// A quality that JPEG does not have.
    #[error("quality {0}: give 1 to 100")]
    Quality(u8),
    /// A video of no frames, or of too many.
    #[error("{0} frames: give 1 to {MOST_FRAMES}")]
    Frames(u32),
    /// A video that is too slow or too fast.
    #[error("{0} frames a second: give {slowest} to {fastest}", slowest = FrameRate::SLOWEST, fastest = FrameRate::FASTEST)]
    FrameRate(f64),
    /// A video that its container cannot hold.
    #[error("the video is larger than {most} bytes at frame {frame}: give fewer frames or a smaller size")]
    VideoTooLarge {
        /// The frame that was too many, from 1.
        frame: usize,
        /// How many bytes of frames a video may have.
        most: usize,
    },
    /// Bytes that are no picture.
    #[error("no picture by its first bytes: give JPEG, PNG, WebP, GIF, BMP, TIFF or AVIF")]
    NoPicture,
    /// A picture that is sent as it is or not at all.
    #[error("a {0} picture cannot be resized here: convert it to JPEG or PNG, or ask for no size")]
    CannotResize(Kind),
    /// A picture that may be meant to fill the memory.
    #[error(
        "{width} x {height} are {} pixels, and {MOST_PIXELS} at most are decoded unless large pictures are allowed",
        u64::from(*width) * u64::from(*height)
    )]
    Bomb {
        /// Pixels across.
        width: u32,
        /// Pixels down.
        height: u32,
    },
    /// A picture whose decoding or resizing would fill the memory.
    #[error(
        "{width} x {height}: this {kind} takes about {} MiB of memory to decode and resize, and {} MiB at most are used unless \
         large pictures are allowed",
        bytes >> 20,
        MOST_MEMORY_BYTES >> 20
    )]
    TooMuchMemory {
        /// The format of its file.
        kind: Kind,
        /// Pixels across.
        width: u32,
        /// Pixels down.
        height: u32,
        /// An estimate of the bytes that it takes.
        bytes: u64,
    },
    /// A picture that ends before its end.
    #[error("the {0} picture is truncated: the file ends before the picture does")]
    Truncated(Kind),
    /// A picture that is complete but wrong inside.
    #[error("the {kind} picture is broken: {message}")]
    Broken {
        /// What it says that it is.
        kind: Kind,
        /// What is wrong.
        message: String,
    },
    /// A picture that cannot be written.
    #[error("the picture cannot be encoded: {0}")]
    Encode(String),
    /// A pool of nothing.
    #[error("a pool needs at least one picture or video")]
    EmptyPool,
}
