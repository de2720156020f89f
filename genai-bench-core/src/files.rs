//! Reading and writing of files in untrusted folders.

pub(crate) mod atomic_file;
pub(crate) mod byte_order_mark;
pub(crate) mod regular_file;
