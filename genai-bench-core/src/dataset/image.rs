//! Reading of images from cells.

use std::fmt;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::row::Cell;
use crate::files::regular_file;

/// The number of first bytes by which an image is recognized.
const HEAD: usize = 12;
/// The maximum length of a path, in bytes. Longer text is base64.
const LONGEST_PATH: usize = 4096;

/// The source of an image.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ImageSource {
    /// A URL, which the model server fetches.
    Url(Arc<str>),
    /// The bytes of the image.
    Bytes(Arc<[u8]>),
    /// A file.
    File(PathBuf),
}

/// Shows the number of bytes in place of the bytes.
impl fmt::Debug for ImageSource {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url(url) => write!(to, "Url({url:?})"),
            Self::Bytes(bytes) => write!(to, "Bytes({} bytes)", bytes.len()),
            Self::File(path) => write!(to, "File({})", path.display()),
        }
    }
}

/// Adds the images of a cell to `images`. Paths are relative to `folder`.
///
/// A cell is a URL, a path, bytes, base64 text, a data URL, an object with `bytes`, `path` or `url`, or a list of these; null is
/// no image. Content that does not begin as an image is refused, so that a dataset cannot make this machine send other files
/// by naming them. The folders of images are checked by [`picture_place`](super::picture_place).
///
/// # Errors
///
/// The problem, if the cell is none of these or an image cannot be read.
pub(super) fn images_of(cell: &Cell, folder: &Path, images: &mut Vec<ImageSource>) -> Result<(), String> {
    match cell {
        Cell::Null => Ok(()),
        Cell::Bytes(bytes) if bytes.is_empty() => Ok(()),
        Cell::Bytes(bytes) => {
            images.push(checked(bytes.clone())?);
            Ok(())
        }
        Cell::Text(text) if text.trim().is_empty() => Ok(()),
        Cell::Text(text) => {
            images.push(from_text(text.trim(), folder)?);
            Ok(())
        }
        Cell::List(items) => items.iter().try_for_each(|item| images_of(item, folder, images)),
        Cell::Struct(_) => {
            let known = ["bytes", "url", "path"];
            let present =
                known.iter().filter_map(|name| cell.get(name)).find(|member| **member != Cell::Null);
            match present {
                Some(inner) => images_of(inner, folder, images),
                None if known.iter().any(|name| cell.get(name).is_some()) => Ok(()),
                None => Err("an object is an image only if it has `bytes`, `path` or `url`".to_owned()),
            }
        }
        Cell::Bool(_) | Cell::Number(_) => Err(format!("{cell:?} is no image")),
    }
}

/// Returns the image of a text: a URL, a data URL, a path, or base64.
fn from_text(text: &str, folder: &Path) -> Result<ImageSource, String> {
    if has_scheme(text, "http://") || has_scheme(text, "https://") {
        return Ok(ImageSource::Url(text.into()));
    }
    if has_scheme(text, "file:") {
        return Err(format!("{text}: images are not read by file: URLs: give the path"));
    }
    if has_scheme(text, "data:") {
        let data = text.split_once(";base64,").ok_or("a data URL must be `data:TYPE;base64,...`")?.1;
        return checked(decoded(data).ok_or("the data URL is not base64: is it cut off?")?);
    }
    if text.len() <= LONGEST_PATH && !text.contains('\0') {
        let path = folder.join(text);
        match head(&path) {
            Ok(head) if is_image(&head) => return Ok(ImageSource::File(path)),
            Ok(_) => return Err(format!("{} is no image", path.display())),
            Err(error) if is_base64(text) => drop(error),
            Err(error) => return Err(format!("no image {}: {error}", path.display())),
        }
    }
    checked(decoded(text).ok_or("neither a URL, nor a path of an image, nor base64")?)
}

fn has_scheme(text: &str, scheme: &str) -> bool {
    text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
}

/// Returns `true` if a text is base64 of an image.
fn is_base64(text: &str) -> bool {
    decoded(text).is_some_and(|bytes| is_image(&bytes))
}

/// Decodes base64, which may have white space in it.
fn decoded(text: &str) -> Option<Arc<[u8]>> {
    if text.contains(char::is_whitespace) {
        let text: String = text.split_whitespace().collect();
        return STANDARD.decode(text).ok().map(Arc::from);
    }
    STANDARD.decode(text).ok().map(Arc::from)
}

/// Returns bytes as an image, if they begin as one.
fn checked(bytes: Arc<[u8]>) -> Result<ImageSource, String> {
    if is_image(&bytes) {
        Ok(ImageSource::Bytes(bytes))
    } else {
        Err("these bytes are no image: they must be JPEG, PNG, WebP, GIF, BMP or TIFF".to_owned())
    }
}

/// Reads the first bytes of a file.
fn head(path: &Path) -> io::Result<Vec<u8>> {
    let mut head = Vec::with_capacity(HEAD);
    regular_file::open(path)?.take(HEAD as u64).read_to_end(&mut head)?;
    Ok(head)
}

/// Returns `true` if bytes begin with the magic bytes of an image format.
fn is_image(bytes: &[u8]) -> bool {
    let magic: [&[u8]; 6] = [b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF8", b"BM", b"II*\0", b"MM\0*"];
    let is_webp = bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP");
    is_webp || magic.iter().any(|start| bytes.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PNG: &[u8] = b"\x89PNG\r\n\x1a\nabc";

    fn read(cell: &Cell, folder: &Path) -> Result<Vec<ImageSource>, String> {
        let mut images = Vec::new();
        images_of(cell, folder, &mut images).map(|()| images)
    }

    fn text(text: &str) -> Cell {
        Cell::Text(text.into())
    }

    #[test]
    fn images_of_every_form_are_read() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.png"), PNG).unwrap();
        let base64 = STANDARD.encode(PNG);
        let here = ImageSource::Bytes(PNG.into());
        let file = ImageSource::File(folder.path().join("a.png"));
        let web = ImageSource::Url("https://x.org/a".into());

        let cases = [
            (text("https://x.org/a"), vec![web.clone()]),
            (text("a.png"), vec![file.clone()]),
            (text(&base64), vec![here.clone()]),
            (text(&format!("{}\n{}", &base64[..4], &base64[4..])), vec![here.clone()]),
            (text(&format!("data:image/png;base64,{base64}")), vec![here.clone()]),
            (Cell::Bytes(PNG.into()), vec![here.clone()]),
            (
                Cell::Struct(vec![
                    ("bytes".into(), Cell::Bytes(PNG.into())),
                    ("path".into(), text("gone.png")),
                ]),
                vec![here.clone()],
            ),
            (
                Cell::Struct(vec![("bytes".into(), Cell::Null), ("path".into(), text("a.png"))]),
                vec![file.clone()],
            ),
            (Cell::Struct(vec![("url".into(), text("https://x.org/a"))]), vec![web]),
            (Cell::List(vec![text("a.png"), Cell::Null, Cell::Bytes(PNG.into())]), vec![file, here]),
            (text("  "), vec![]),
        ];
        for (cell, expected) in cases {
            assert_eq!(read(&cell, folder.path()), Ok(expected), "{cell:?}");
        }
    }

    #[test]
    fn content_that_is_no_image_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("key"), "secret").unwrap();
        let key = folder.path().join("key");
        for wrong in [
            "key",
            "/dev/zero",
            "file:///etc/a.png",
            key.to_str().unwrap(),
            "gone.png",
            "data:image/png;base64,%%",
            "aGVsbG8h",
            "/",
        ] {
            read(&text(wrong), folder.path()).unwrap_err();
        }
        assert!(read(&text("gone.png"), folder.path()).unwrap_err().contains("gone.png"));
        read(&Cell::Bool(true), folder.path()).unwrap_err();
        read(&Cell::Struct(vec![("x".into(), text("y"))]), folder.path()).unwrap_err();
    }

    #[test]
    fn debug_output_does_not_contain_the_bytes() {
        assert_eq!(format!("{:?}", ImageSource::Bytes(PNG.into())), "Bytes(11 bytes)");
    }
}
