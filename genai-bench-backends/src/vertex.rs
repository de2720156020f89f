//! Google: Gemini and Google's other models, on Vertex AI or over the Gemini API, and on Vertex AI models of other
//! publishers. The two services differ in address, authentication and embeddings; the models on Vertex AI differ in
//! their API: Gemini's, Anthropic's or `OpenAI`'s.
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
