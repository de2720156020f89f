//! The built command against software that is not ours: llama.cpp's server, emulators of providers, the SDKs of
//! providers that check what they are sent, and the Python genai-bench that reads our folders.
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
