//! The pictures of a dataset, read and resized before they are sent.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::SampleError;
use crate::dataset::{Dataset, ImageSource};
use crate::files::regular_file;
use crate::media::{Encoded, MediaError, PictureFormat, prepare};
use crate::request::Media;

/// The maximum size of a picture file in bytes: servers accept some tens of megabytes.
const MOST_PICTURE_BYTES: u64 = 256 << 20;

/// The settings by which pictures of a dataset are prepared.
#[derive(Clone, Copy, Debug)]
pub struct PictureSettings {
    /// The format of resized pictures. Pictures of unchanged size keep their own.
    pub format: PictureFormat,
    /// `true` if pictures of any size are decoded.
    pub allow_large: bool,
    /// The maximum number of rows to use where pictures have to be resized.
    pub resized_rows: usize,
}

/// Pictures by size and row.
type Ready = HashMap<(Option<(u32, u32)>, usize), Vec<Media>>;

/// The prepared pictures of a dataset, in every size requested so far.
#[derive(Debug)]
pub(super) struct DatasetPictures {
    settings: PictureSettings,
    ready: Mutex<Ready>,
}

impl DatasetPictures {
    pub(super) fn new(settings: PictureSettings) -> Self {
        Self { settings, ready: Mutex::default() }
    }

    /// Returns the number of rows whose pictures are used.
    pub(super) fn rows(&self, dataset: &Dataset, size: Option<(u32, u32)>) -> usize {
        let most = if size.is_some() { self.settings.resized_rows.max(1) } else { usize::MAX };
        dataset.len().min(most)
    }

    /// Returns the pictures of a row, resized to `size` or unchanged.
    pub(super) fn for_row(
        &self,
        dataset: &Dataset,
        row: usize,
        size: Option<(u32, u32)>,
    ) -> Result<Vec<Media>, SampleError> {
        let ready = || self.ready.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(media) = ready().get(&(size, row)) {
            return Ok(media.clone());
        }
        let images = dataset.get(row).map(|it| it.images.as_slice()).unwrap_or_default();
        let media = images.iter().map(|it| self.media(it, size)).collect::<Result<Vec<_>, SampleError>>()?;
        ready().insert((size, row), media.clone());
        Ok(media)
    }

    fn media(&self, source: &ImageSource, size: Option<(u32, u32)>) -> Result<Media, SampleError> {
        let PictureSettings { format, allow_large, .. } = self.settings;
        let prepared = |bytes: &[u8]| prepare(bytes, size, format, allow_large);
        match source {
            ImageSource::Url(url) => Ok(Media::image(Arc::clone(url))),
            ImageSource::Bytes(bytes) => {
                prepared(bytes).map(|encoded| data_url(&encoded)).map_err(|error| unusable("", &error))
            }
            ImageSource::File(path) => {
                let file = format!("{}: ", path.display());
                let bytes = regular_file::read(path, MOST_PICTURE_BYTES)
                    .map_err(|error| SampleError::Media(format!("{PICTURE}: {file}{error}")))?;
                prepared(&bytes).map(|encoded| data_url(&encoded)).map_err(|error| unusable(&file, &error))
            }
        }
    }
}

/// The name of a picture in errors.
const PICTURE: &str = "a picture of the dataset";

fn data_url(encoded: &Encoded) -> Media {
    Media::image(Arc::<str>::from(encoded.data_url()))
}

/// Creates the error of a picture in `file`, which is empty for a picture within its row.
fn unusable(file: &str, error: &MediaError) -> SampleError {
    let text = format!("{PICTURE}: {file}{error}");
    if matches!(error, MediaError::Bomb { .. } | MediaError::TooMuchMemory { .. }) {
        SampleError::LargePicture(text)
    } else {
        SampleError::Media(text)
    }
}
