//! Backends for [`genai_bench_core`]: one codec per provider, each behind a feature.
//!
//! | feature | what it brings |
//! | --- | --- |
//! | `openai` | `OpenAI`'s APIs, and every server that speaks them |
//! | `azure`, `together` | the same as these two providers speak them |
//! | `vllm`, `sglang` | the same with what these servers add |
//! | `anthropic` | the Messages API, and every server that speaks it |
//! | `bedrock` | AWS Bedrock: Converse, models invoked in their own words, and `OpenAI`'s API, with AWS's signatures or a key |
//! | `cohere` | `Cohere`'s API, version 2 |
//! | `oci` | OCI Generative AI: its three own formats, embeddings and reranking, and its `OpenAI`-compatible API |
//! | `vertex` | Gemini, Claude and models of other publishers on Vertex AI, and Gemini by the Gemini API |
//! | `custom` | any server, described in a file |
//! | `reqwest` | the transport |
//! | `hub` | datasets and tokenizers from a Hugging Face hub |
//! | `simulator` | a server with known latencies, and the backend that speaks to it |
//! | `conformance` | recordings for the laws of `genai_bench_core::conformance` |
//!
//! [`registry::ENTRIES`] has every backend of this build by name. To add one, write its file, record a
//! cassette, and add its feature, its module and its entry: the laws then test it by themselves.

#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "anthropic")]
mod anthropic;
pub mod auth;
#[cfg(feature = "azure")]
mod azure;
#[cfg(feature = "bedrock")]
pub mod bedrock;
#[cfg(feature = "cohere")]
mod cohere;
#[cfg(feature = "custom")]
pub mod custom;
pub mod entry;
#[cfg(feature = "hub")]
pub mod hub;
#[cfg(feature = "oci")]
pub mod oci;
#[cfg(feature = "openai")]
pub mod openai;
pub mod registry;
#[cfg(feature = "sglang")]
mod sglang;
#[cfg(feature = "simulator")]
mod simulated;
#[cfg(feature = "simulator")]
pub mod simulator;
#[cfg(test)]
mod tests;
#[cfg(feature = "together")]
mod together;
pub mod transport;
#[cfg(feature = "vertex")]
mod vertex;
#[cfg(feature = "vllm")]
mod vllm;
pub mod wire;

#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
