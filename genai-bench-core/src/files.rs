//! Reading and writing files that others may have prepared.

pub(crate) mod atomic_file;
pub(crate) mod byte_order_mark;
pub(crate) mod regular_file;
