//! What the two ways to generate text have in common on the wire.

/// Constant JSON before and after something that varies.
#[derive(Clone, Copy, Debug)]
pub(super) struct Around(pub(super) &'static str, pub(super) &'static str);

/// The constant JSON of one endpoint. Nothing is serialised while an answer is streamed: its chunks are put
/// together from these.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    /// What ids begin with.
    pub(super) id: &'static str,
    /// The `object` of a chunk.
    pub(super) chunk_object: &'static str,
    /// The `object` of an answer that is not streamed.
    pub(super) whole_object: &'static str,
    /// The choice in the first chunk, where there is one before the output.
    pub(super) role: Option<&'static str>,
    /// The choice in a chunk, around reasoning.
    pub(super) reasoning: Around,
    /// The choice in a chunk, around text.
    pub(super) answer: Around,
    /// The choice in the chunk that says why the answer ended.
    pub(super) finish: &'static str,
    /// The choice of an answer that is not streamed, around the two below.
    pub(super) whole: Around,
    /// Its member for reasoning, left out when there is none.
    pub(super) whole_reasoning: Around,
    /// Its member for text.
    pub(super) whole_answer: Around,
}
