//! Check of the folders of images that rows name by a path: the folder of the dataset, or a folder that the user allows.
//!
//! An image is sent to a server, and a downloaded dataset could name any image of this machine by an absolute path, by `..`, or
//! by a symbolic link.

use std::path::{Path, PathBuf};

use super::image::ImageSource;

/// The folders of the hub's cache that contain files, and the symbolic links to them.
const CACHE: (&str, &str) = ("blobs", "snapshots");

/// Refuses images in files that are neither in `folder` nor in an `allowed` folder after symbolic links are resolved.
///
/// # Errors
///
/// The problem, with the path of the image and the option that allows it.
pub(super) fn check(images: &[ImageSource], folder: &Path, allowed: &[PathBuf]) -> Result<(), String> {
    let mut paths = images.iter().filter_map(|image| match image {
        ImageSource::File(path) => Some(path),
        ImageSource::Url(_) | ImageSource::Bytes(_) => None,
    });
    paths.try_for_each(|path| check_path(path, folder, allowed))
}

fn check_path(path: &Path, folder: &Path, allowed: &[PathBuf]) -> Result<(), String> {
    let place = path.canonicalize().map_err(|error| format!("no image {}: {error}", path.display()))?;

    let named = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let mut folders = std::iter::once(named).chain(allowed.iter().map(PathBuf::as_path));
    if folders.any(|folder| is_inside(&place, folder)) {
        return Ok(());
    }
    let parent = place.parent().unwrap_or(&place);
    Err(format!(
        "the image {} lies outside of the dataset's folder {}, so it is not sent: allow its folder with \
         --allow-media-folder {}",
        path.display(),
        named.display(),
        parent.display()
    ))
}

/// Returns `true` if a file, whose path has no links, is in a folder. The files of a repository in the hub's cache are in the
/// folder of its snapshot too.
fn is_inside(place: &Path, folder: &Path) -> bool {
    let Ok(folder) = folder.canonicalize() else { return false };
    if place.starts_with(&folder) {
        return true;
    }
    let (blobs, snapshots) = CACHE;
    let snapshot = folder.ancestors().find(|folder| folder.file_name().is_some_and(|name| name == snapshots));
    snapshot.and_then(Path::parent).is_some_and(|repository| place.starts_with(repository.join(blobs)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(path: &Path) {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, b"\x89PNG\r\n\x1a\n").unwrap();
    }

    fn is_sent(path: &Path, folder: &Path, allowed: &[PathBuf]) -> bool {
        check(&[ImageSource::File(path.to_owned())], folder, allowed).is_ok()
    }

    #[test]
    fn images_in_the_folder_and_in_allowed_folders_are_sent() {
        let temporary = tempfile::tempdir().unwrap();
        let [dataset, other] = ["dataset", "other"].map(|name| temporary.path().join(name));
        for path in [dataset.join("a.png"), dataset.join("in/b.png"), other.join("c.png")] {
            picture(&path);
        }
        assert!(is_sent(&dataset.join("a.png"), &dataset, &[]));
        assert!(is_sent(&dataset.join("in/../in/b.png"), &dataset, &[]));
        for outside in [other.join("c.png"), dataset.join("../other/c.png")] {
            assert!(!is_sent(&outside, &dataset, &[]), "{outside:?}");
            assert!(is_sent(&outside, &dataset, std::slice::from_ref(&other)), "{outside:?}");
        }
        let error = check(&[ImageSource::File(other.join("c.png"))], &dataset, &[]).unwrap_err();
        let place = other.canonicalize().unwrap();
        assert!(error.contains(&format!("--allow-media-folder {}", place.display())), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_does_not_lead_out_of_the_folder() {
        use std::os::unix::fs::symlink;

        let temporary = tempfile::tempdir().unwrap();
        let [dataset, other] = ["dataset", "other"].map(|name| temporary.path().join(name));
        picture(&dataset.join("a.png"));
        picture(&other.join("c.png"));
        symlink(other.join("c.png"), dataset.join("file.png")).unwrap();
        symlink(&other, dataset.join("folder")).unwrap();
        symlink("a.png", dataset.join("inside.png")).unwrap();
        for (path, expected) in [("file.png", false), ("folder/c.png", false), ("inside.png", true)] {
            assert_eq!(is_sent(&dataset.join(path), &dataset, &[]), expected, "{path}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_snapshot_of_the_hub_holds_links_to_its_own_files() {
        let repository = tempfile::tempdir().unwrap();
        let snapshot = repository.path().join("snapshots/0123");
        std::fs::create_dir_all(&snapshot).unwrap();
        picture(&repository.path().join("blobs/abcd"));
        std::os::unix::fs::symlink("../../blobs/abcd", snapshot.join("a.png")).unwrap();
        assert!(is_sent(&snapshot.join("a.png"), &snapshot, &[]));
        picture(&repository.path().join("other/b.png"));
        assert!(!is_sent(&repository.path().join("other/b.png"), &snapshot, &[]));
    }
}
