//! Google: Gemini and other models of its own, on Vertex AI or by the Gemini API, and on Vertex AI those of other
//! publishers. The two services differ in their address, in how they want to know who asks, and in how they make
//! vectors; the models on Vertex AI in their API: Gemini's, Anthropic's or `OpenAI`'s.
//!
//! Sources: the providers' API references, the google-genai Python SDK 3.4.0, and for Claude the anthropic Python
//! SDK 2.12.

mod anthropic;
mod api;
mod backend;
#[cfg(feature = "conformance")]
mod cassettes;
mod credentials;
mod embeddings;
mod endpoint;
mod entry;
mod error;
mod extra_params;
mod gemini;
mod images;
mod openai;
mod request;
mod response;
mod usage;

pub(crate) use entry::ENTRY;

#[cfg(test)]
mod tests;
