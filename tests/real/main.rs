//! The built command against other software: llama.cpp's server, emulators of providers that check requests with the
//! providers' SDKs, and the Python genai-bench.
//!
//! ```sh
//! tests/real/setup && cargo test --test real -- --ignored --test-threads=1
//! ```

mod aimock;
mod aimock_server;
mod aws;
mod bedrock;
mod command;
mod experiment;
mod google;
mod google_server;
mod installed;
mod llama_cpp;
mod llama_server;
mod moto_server;
mod oci;
mod oci_backends;
mod oci_server;
mod provider_run;
mod python_tool;
mod tokenizers;
