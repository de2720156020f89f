//! The built command against software that is not ours: llama.cpp's server, AWS's SDK, and the Python genai-bench
//! that reads our folders.
//!
//! ```sh
//! tests/real/setup && cargo test --test real -- --ignored --test-threads=1
//! ```

mod bedrock;
mod command;
mod experiment;
mod installed;
mod llama_cpp;
mod llama_server;
mod python_tool;
mod tokenizers;
