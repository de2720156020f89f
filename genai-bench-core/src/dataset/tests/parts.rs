//! Parts of files.

use super::*;

fn prompts(dataset: &Dataset) -> Vec<&str> {
    dataset.records().iter().filter_map(|record| record.prompt.as_deref()).collect()
}

/// Opens the slices of a file of the rows 0 to 9.
fn opened(slices: &str) -> Result<Dataset, DatasetError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.txt");
    std::fs::write(&path, (0..10).map(|row| format!("{row}\n")).collect::<String>()).unwrap();
    let slices = SplitSlice::parse_sum(slices).unwrap();
    let parts: Vec<Part> = slices.iter().map(|slice| Part::new([path.clone()], slice.rows)).collect();
    Dataset::open_parts(&parts, None, &Mapping::default(), Sample::seeded(1))
}

#[test]
fn only_the_rows_of_a_slice_are_read() {
    for (slices, rows) in [
        ("train[:2]", &["0", "1"][..]),
        ("train[8:]", &["8", "9"]),
        ("train[-1:]", &["9"]),
        ("train[10%:30%]", &["1", "2"]),
        ("train[3:4]+train[:1]", &["3", "0"]),
    ] {
        assert_eq!(prompts(&opened(slices).unwrap()), rows, "{slices}");
    }
}

#[test]
fn a_slice_without_rows_is_an_error() {
    assert!(opened("train[20:]").unwrap_err().to_string().contains("no rows"));
}

#[test]
fn a_file_that_cannot_be_read_is_an_error_of_rows_after_it_too() {
    let folder = tempfile::tempdir().unwrap();
    let slice: SplitSlice = "train[5:]".parse().unwrap();
    let parts = [Part::new([folder.path().join("none.csv")], slice.rows)];
    let opened = Dataset::open_parts(&parts, None, &Mapping::default(), Sample::seeded(1));
    assert!(matches!(opened, Err(DatasetError::Read { .. })), "{opened:?}");
}
