//! Tests of properties that hold for every tokenizer, and of file readers.

use super::*;

#[cfg(feature = "tokenizers")]
pub(crate) mod trained;

#[test]
fn a_tokenizer_is_an_object_that_can_be_shared() {
    fn shared<T: Send + Sync + ?Sized>() {}
    shared::<dyn Tokenizer>();
}

#[test]
fn what_cannot_be_loaded_says_what_would_be_right() {
    let message = |place: &str| load(place).unwrap_err().to_string();
    let unknown = message("owner/name");
    for part in ["'owner/name'", "o200k_base", "tokenizer.json", "hub", "download"] {
        assert!(unknown.contains(part), "{unknown}");
    }
    if cfg!(feature = "tokenizers") {
        let folder = tempfile::tempdir().unwrap();
        let empty = message(&folder.path().display().to_string());
        assert!(empty.contains("tokenizer.json") && empty.contains("folder"), "{empty}");
        let file = folder.path().join("tokenizer.json");
        std::fs::write(&file, "{}").unwrap();
        let wrong = message(&file.display().to_string());
        assert!(wrong.contains("no tokenizer"), "{wrong}");
    } else {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("tokenizer.json"), "{}").unwrap();
        assert!(message(&folder.path().display().to_string()).contains("`tokenizers`"));
    }
    if !cfg!(feature = "tiktoken") {
        assert!(message("o200k_base").contains("`tiktoken`"));
    }
}

#[test]
#[cfg(feature = "tiktoken")]
fn built_in_tokenizers_are_loaded_by_name() {
    for name in ["words", "o200k_base", "cl100k_base"] {
        assert_eq!(load(name).unwrap().name(), name);
    }
}

#[test]
#[cfg(feature = "tokenizers")]
fn a_file_is_loaded_and_known_by_its_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let path = trained::byte_level(folder.path());
    let loaded = load(&folder.path().display().to_string()).unwrap();
    let same = load(&path.display().to_string()).unwrap();
    assert_eq!(loaded.name(), folder.path().file_name().unwrap().to_str().unwrap());
    assert_eq!(loaded.fingerprint(), same.fingerprint());
    assert_eq!(loaded.fingerprint(), HuggingFace::open(&path).unwrap().fingerprint());
    assert_eq!(loaded.fingerprint().len(), 64);
    let bytes = std::fs::read(&path).unwrap();
    std::fs::write(&path, [bytes.as_slice(), b"\n"].concat()).unwrap();
    assert_ne!(loaded.fingerprint(), HuggingFace::open(&path).unwrap().fingerprint());
}

#[cfg(feature = "kitoken")]
mod readers {
    use super::super::same_ids::{SAMPLES, same_ids};
    use super::*;
    use crate::rng::{Rng, Stream};

    /// Returns random texts of letters, digits, marks and white space that readers often mishandle.
    fn texts() -> impl Iterator<Item = String> {
        let pieces: Vec<char> = SAMPLES.iter().flat_map(|it| it.chars()).collect();
        (0..200).map(move |index| {
            let mut rng = Rng::at(5, Stream::Content, 0, index);
            let length = rng.between(1, 60);
            (0..length).map(|_| pieces[rng.below(pieces.len() as u64) as usize]).collect()
        })
    }

    #[test]
    fn both_readers_give_the_same_tokens() {
        let folder = tempfile::tempdir().unwrap();
        for path in [trained::byte_level(folder.path()), trained::metaspace(folder.path())] {
            let (fast, reference) = (Kitoken::open(&path).unwrap(), HuggingFace::open(&path).unwrap());
            assert!(same_ids(&fast, &reference), "{}", path.display());
            for text in SAMPLES.into_iter().map(String::from).chain(texts()) {
                assert_eq!(fast.encode(&text), reference.encode(&text), "{}: {text:?}", path.display());
            }
            assert!(format!("{:?}", load(path.to_str().unwrap()).unwrap()).starts_with("Kitoken"));
        }
    }

    #[test]
    fn a_file_that_only_one_reader_knows_is_loaded_by_that_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = trained::word_level(folder.path());
        assert!(Kitoken::open(&path).is_err(), "then this tests nothing");
        assert!(format!("{:?}", load(path.to_str().unwrap()).unwrap()).starts_with("HuggingFace"));
    }
}
