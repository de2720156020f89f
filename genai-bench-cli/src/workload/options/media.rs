//! Pictures and videos to look at.

use clap::{Args, ValueEnum};
use serde::{Deserialize, Serialize};

use crate::option_values;

/// Pictures and videos to look at.
#[derive(Clone, Debug, Args, Serialize, Deserialize)]
pub(crate) struct MediaOptions {
    /// How pictures are written.
    #[arg(long, value_enum, default_value_t = ImageFormat::Jpeg)]
    pub(crate) image_format: ImageFormat,
    /// The quality of JPEG pictures, from 1 to 100.
    #[arg(long, value_name = "QUALITY", default_value_t = 85, value_parser = clap::value_parser!(u8).range(1..=100))]
    pub(crate) image_quality: u8,
    /// How videos are put into files. jpeg-frames is a list of pictures, which some servers read.
    #[arg(long, value_enum, default_value_t = VideoFormat::Mp4)]
    pub(crate) video_format: VideoFormat,
    /// How many frames a second videos are shown at.
    #[arg(long, value_name = "FRAMES", allow_negative_numbers = true, default_value_t = 2.0)]
    pub(crate) video_fps: f64,
    /// How many different pictures or videos of one size are made, before the run.
    #[arg(long, allow_negative_numbers = true, value_parser = option_values::parse_whole::<usize>, value_name = "COUNT", default_value_t = 64)]
    pub(crate) distinct_media: usize,
}

/// How pictures are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ImageFormat {
    /// With loss, as cameras do.
    Jpeg,
    /// Without loss.
    Png,
}

/// How videos are put into files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum VideoFormat {
    /// Motion JPEG in MP4.
    Mp4,
    /// Motion JPEG in AVI.
    Avi,
    /// JPEG pictures with commas between.
    JpegFrames,
}
