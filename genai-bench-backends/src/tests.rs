//! What the tests of several backends share.

pub(crate) mod shapes;
