//! Bodies that arrive in chunks.

/// Cuts `body` into chunks whose lengths follow from `seed`. The same seed cuts the same body in the same way.
pub(crate) fn chunks(mut body: &[u8], seed: u8) -> Vec<&[u8]> {
    let mut chunks = Vec::new();
    let mut state = u32::from(seed).wrapping_mul(0x9e37_79b9) | 1;
    while !body.is_empty() {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let length = if seed == 0 { body.len() } else { 1 + (state >> 16) as usize % 31 };
        let (chunk, rest) = body.split_at(length.min(body.len()));
        chunks.push(chunk);
        body = rest;
    }
    chunks
}
