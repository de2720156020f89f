//! The built command against software that is not ours: llama.cpp's server, Google's library for
//! credentials, and the Python genai-bench that reads our folders.
//!
//! ```sh
//! tests/real/setup && cargo test --test real -- --ignored --test-threads=1
//! ```

mod command;
mod experiment;
mod google;
mod google_server;
mod installed;
mod llama_cpp;
mod llama_server;
mod python_tool;
mod tokenizers;
