//! Opening of the tokenizer of a workload.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use genai_bench_backends::hub::Repo;
use genai_bench_core::tokenizer::{Tokenizer, load};

use super::hub::{self, HubAccess};
use crate::failure::Failure;

/// The default tokenizer.
pub(crate) const BUILT_IN: &str = "words";
const OPTION: &str = "model-tokenizer";
/// The names of the tokenizers that need no file.
const NAMED: [&str; 3] = [BUILT_IN, "o200k_base", "cl100k_base"];

/// A tokenizer, and the folder that its chat template may be in.
pub(crate) struct Opened {
    pub(crate) tokenizer: Arc<dyn Tokenizer>,
    pub(crate) folder: Option<PathBuf>,
}

/// Opens the tokenizer at `place`: the name of a built-in one, a file, a folder, or the name of a model on the hub. `access`
/// is the permission to fetch from the hub.
pub(crate) fn open_tokenizer(place: Option<&str>, access: HubAccess) -> Result<Opened, Failure> {
    let place = place.unwrap_or(BUILT_IN);
    let path = if NAMED.contains(&place) {
        None
    } else if Path::new(place).exists() {
        Some(PathBuf::from(place))
    } else {
        Some(fetched(place, access)?)
    };
    let opened = path.as_ref().map_or_else(|| load(place), |path| load(&path.to_string_lossy()));
    let tokenizer = opened.map_err(|error| Failure::option(OPTION, error))?;
    let folder =
        path.and_then(|path| if path.is_dir() { Some(path) } else { path.parent().map(Path::to_owned) });
    Ok(Opened { tokenizer, folder })
}

/// Returns the folder of a tokenizer on the hub.
fn fetched(place: &str, access: HubAccess) -> Result<PathBuf, Failure> {
    let names_a_file = place.ends_with(".json") || place.starts_with(['.', '/', '~']) || place.contains('\\');
    let repo = Some(place).filter(|_| !names_a_file).and_then(|name| Repo::model(name).ok());
    let Some(repo) = repo else {
        let problem = format!(
            "there is no '{place}': give a tokenizer.json, a folder that contains one, the name of a model on the hub \
             such as owner/name, or a built-in one: {}",
            NAMED.join(", ")
        );
        return Err(Failure::option(OPTION, problem));
    };
    hub::query(OPTION, access, |hub| hub, async |hub, progress| hub.tokenizer(&repo, progress).await)
}
