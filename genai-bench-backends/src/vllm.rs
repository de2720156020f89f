//! vLLM: a dialect of `OpenAI`'s API.

use genai_bench_core::task::Task;

use crate::entry::{AuthKind, Credentials, Entry};
use crate::openai::{self, Dialect};

const DEFAULT_BASE: &str = "http://localhost:8000";

/// How the command line names and makes this backend.
pub(crate) const ENTRY: Entry = Entry {
    name: "vllm",
    tasks: Task::ALL,
    default_base: DEFAULT_BASE,
    base_variables: &[],
    key_variables: &["MODEL_API_KEY"],
    auth: AuthKind::USUAL,
    credentials: Credentials::USUAL,
    options: &[],
    build: |settings| openai::build(settings, Dialect::self_hosted("vllm"), DEFAULT_BASE),
    #[cfg(feature = "conformance")]
    subjects: || openai::subjects(Dialect::self_hosted("vllm")),
};
