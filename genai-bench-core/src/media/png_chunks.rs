//! Reduction of a PNG to the chunks that its pixels are decoded from.

/// The chunks that are decoded: header, palette, transparency, pixels and end. All others are left out before a decoder sees
/// them: compressed colour profiles and texts of a few kilobytes can take gigabytes.
const DECODED: [&[u8; 4]; 5] = [b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"];
/// The length of the signature of a file.
const SIGNATURE: usize = 8;
/// The length of a chunk without its data.
const EMPTY_CHUNK: usize = 12;

/// Returns a PNG without the chunks that are not decoded. Anything that is not a chunk is left to the decoder.
pub(super) fn decoded_chunks(png: &[u8]) -> Vec<u8> {
    let (signature, mut rest) = png.split_at(png.len().min(SIGNATURE));
    let mut kept = Vec::with_capacity(png.len());
    kept.extend_from_slice(signature);
    while let Some(length) = rest.first_chunk().map(|length| u32::from_be_bytes(*length) as usize) {
        let whole = EMPTY_CHUNK.saturating_add(length);
        if rest.len() < whole {
            break;
        }
        let (chunk, after) = rest.split_at(whole);
        if DECODED.iter().any(|kind| chunk[4..].starts_with(*kind)) {
            kept.extend_from_slice(chunk);
        }
        rest = after;
    }
    kept
}
