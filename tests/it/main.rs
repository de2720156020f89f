//! Tests of the whole workspace, which no crate can run alone.

mod answers;
mod dependencies;
mod docs;
mod doubles;
mod folder;
mod import_circles;
mod laws;
mod pipeline;
mod public_api;
mod rooms;
mod tidy;
