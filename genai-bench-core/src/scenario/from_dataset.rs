//! `dataset`: as long as the next row of a dataset or trace says.

use std::fmt;
use std::sync::Arc;

use super::{Form, Scenario, Shape};
use crate::rng::Rng;

pub(super) const FORM: Form = Form {
    letter: "dataset",
    spelling: "dataset",
    make: |text| text.is_empty().then(|| Ok(Arc::new(FromDataset) as _)),
};

/// A scenario whose lengths come from the rows of a dataset or trace.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FromDataset;

impl Scenario for FromDataset {
    fn draw(&self, _: &mut Rng) -> Shape {
        Shape::Dataset
    }
}

impl fmt::Display for FromDataset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("dataset")
    }
}
