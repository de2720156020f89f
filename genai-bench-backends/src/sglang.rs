//! `SGLang`: a dialect of `OpenAI`'s API.

use genai_bench_core::task::Task;

use crate::entry::{AuthKind, Credentials, Entry};
use crate::openai::{self, Dialect, PictureEmbeddings};

const DEFAULT_BASE: &str = "http://localhost:30000";

/// How the command line names and makes this backend.
pub(crate) const ENTRY: Entry = Entry {
    name: "sglang",
    tasks: Task::ALL,
    default_base: DEFAULT_BASE,
    base_variables: &[],
    key_variables: &["MODEL_API_KEY"],
    auth: AuthKind::USUAL,
    credentials: Credentials::USUAL,
    options: &[],
    build: |settings| openai::build(settings, dialect(), DEFAULT_BASE),
    #[cfg(feature = "conformance")]
    subjects: || openai::subjects(dialect()),
};

fn dialect() -> Dialect {
    Dialect { picture_embeddings: PictureEmbeddings::List, ..Dialect::self_hosted("sglang") }
}
