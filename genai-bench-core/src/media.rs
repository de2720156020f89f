//! Pictures and videos for multimodal requests, all made before a run.
//!
//! Nothing here is called while requests are in flight: a [`Pool`] is filled first, and requests share its data URLs
//! without a copy.
//!
//! ```
//! use genai_bench_core::media::{PictureFormat, Pool};
//!
//! let pool = Pool::pictures(4, 64, 48, PictureFormat::Jpeg { quality: 85 }, 42)?;
//! assert!(pool.get(0).starts_with("data:image/jpeg;base64,"));
//! assert_eq!(pool.get(1), pool.get(5)); // request 5 shows the same picture as request 1
//! # Ok::<(), genai_bench_core::media::MediaError>(())
//! ```

mod avi;
mod complete;
mod encoded;
mod error;
mod kind;
mod memory;
mod mp4;
mod noise;
mod picture;
mod png_chunks;
mod pool;
mod prepare;
mod scene;
mod shape;
mod video;

pub use encoded::Encoded;
pub use error::MediaError;
pub use kind::Kind;
pub use memory::MOST_MEMORY_BYTES;
pub use picture::{PictureFormat, picture};
pub use pool::{Budget, Content, Pool};
pub use prepare::{MOST_PIXELS, prepare};
pub use video::{FrameRate, MOST_FRAMES, VideoContainer, video};

/// The maximum side of a generated picture or video, in pixels.
pub const LONGEST_SIDE: u32 = 16_384;

/// Checks that a picture of this size can be made.
fn check_sides(width: u32, height: u32) -> Result<(), MediaError> {
    for (side, pixels) in [("width", width), ("height", height)] {
        if !(1..=LONGEST_SIDE).contains(&pixels) {
            return Err(MediaError::Side { side, pixels });
        }
    }
    Ok(())
}
