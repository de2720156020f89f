//! Test code that several backends share.

pub(crate) mod shapes;
