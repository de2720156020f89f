//! AVI files of JPEG frames: RIFF lists and chunks, as in Microsoft's description of AVI 1.0.
//!
//! ```text
//! RIFF "AVI " ─ LIST "hdrl" ─ avih
//!             │             └ LIST "strl" ─ strh, strf
//!             ├ LIST "movi" ─ 00dc, 00dc, ... the frames
//!             └ idx1 ─ where each frame is
//! ```

use super::video::Frames;

const HAS_INDEX: u32 = 0x10;
const KEY_FRAME: u32 = 0x10;
const BITS_PER_PIXEL: u32 = 24;
/// Compressed frames of the first stream.
const FRAME: [u8; 4] = *b"00dc";
/// The quality in the stream's header that stands for an unknown one.
const UNKNOWN_QUALITY: u32 = u32::MAX;

/// Returns the file.
pub(super) fn file(frames: &Frames) -> Vec<u8> {
    let headers =
        list(*b"hdrl", &[&chunk(*b"avih", &main_header(frames)), &stream_list(frames)].map(|it| &it[..]));
    let index = chunk(*b"idx1", &index(frames));
    let movie: usize = 4 + frames.files.iter().map(|it| 8 + padded(it.len())).sum::<usize>();
    let length = 4 + headers.len() + 8 + movie + index.len();
    let mut file = Vec::with_capacity(length + 8);
    file.extend(b"RIFF");
    file.extend(le(&[length as u32]));
    file.extend(b"AVI ");
    file.extend(headers);
    file.extend(b"LIST");
    file.extend(le(&[movie as u32]));
    file.extend(b"movi");
    for frame in &frames.files {
        file.extend(chunk(FRAME, frame));
    }
    file.extend(index);
    file
}

fn le(values: &[u32]) -> Vec<u8> {
    values.iter().flat_map(|it| it.to_le_bytes()).collect()
}

/// Returns the length with padding: chunks begin at even positions.
fn padded(length: usize) -> usize {
    length.next_multiple_of(2)
}

fn chunk(kind: [u8; 4], content: &[u8]) -> Vec<u8> {
    let padding = &[0][..padded(content.len()) - content.len()];
    [&kind[..], &le(&[content.len() as u32]), content, padding].concat()
}

fn list(kind: [u8; 4], chunks: &[&[u8]]) -> Vec<u8> {
    chunk(*b"LIST", &[&kind[..], &chunks.concat()].concat())
}

/// Returns the `AVIMAINHEADER`.
fn main_header(frames: &Frames) -> Vec<u8> {
    let microseconds = 1_000_000_000 / frames.rate.millihertz();
    let (streams, reserved) = (1, 0);
    le(&[
        microseconds,
        bytes_per_second(frames),
        0,
        HAS_INDEX,
        frames.count(),
        0,
        streams,
        frames.largest(),
        frames.width,
        frames.height,
        reserved,
        reserved,
        reserved,
        reserved,
    ])
}

/// Returns an upper bound of the data rate, as a hint for a reader's buffers.
fn bytes_per_second(frames: &Frames) -> u32 {
    let bytes = u64::from(frames.largest()) * u64::from(frames.rate.millihertz()) / 1_000;
    u32::try_from(bytes).unwrap_or(u32::MAX)
}

/// Returns the `AVISTREAMHEADER` and the `BITMAPINFOHEADER`.
fn stream_list(frames: &Frames) -> Vec<u8> {
    let (width, height) = (frames.width, frames.height);
    // A frame takes `scale / rate` seconds; it begins at frame 0 and lasts so many.
    let (scale, rate) = (1_000, frames.rate.millihertz());
    let times = le(&[0, 0, 0, scale, rate, 0, frames.count(), frames.largest(), UNKNOWN_QUALITY, 0]);
    let sides = [width, height].map(|it| (it as u16).to_le_bytes()).concat();
    let header = chunk(*b"strh", &[b"vids", b"MJPG", &times[..], &[0; 4], &sides].concat());
    let pixels = width.saturating_mul(height).saturating_mul(BITS_PER_PIXEL / 8);
    let planes_and_depth = 1 | BITS_PER_PIXEL << 16;
    let format =
        [le(&[40, width, height, planes_and_depth]), b"MJPG".to_vec(), le(&[pixels, 0, 0, 0, 0])].concat();
    list(*b"strl", &[&header, &chunk(*b"strf", &format)])
}

/// Returns the index: for each frame its kind, a key-frame flag, its position after `movi`, and its length.
fn index(frames: &Frames) -> Vec<u8> {
    let mut place = 4;
    let mut entries = Vec::with_capacity(frames.files.len() * 16);
    for frame in &frames.files {
        entries.extend(FRAME);
        entries.extend(le(&[KEY_FRAME, place, frame.len() as u32]));
        place += 8 + padded(frame.len()) as u32;
    }
    entries
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(bytes: &[u8], at: usize) -> usize {
        u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize
    }

    /// Returns the kinds and contents of the chunks in `bytes`, which must be filled by them.
    fn chunks(mut bytes: &[u8]) -> Vec<(&[u8], &[u8])> {
        let mut found = Vec::new();
        while !bytes.is_empty() {
            let length = word(bytes, 4);
            found.push((&bytes[..4], &bytes[8..8 + length]));
            bytes = &bytes[8 + padded(length)..];
        }
        found
    }

    #[test]
    fn the_chunks_fill_the_file_and_the_index_leads_to_every_frame() {
        let frames = Frames::three();
        let file = file(&frames);
        let [(b"RIFF", riff)] = chunks(&file)[..] else { panic!() };
        assert_eq!(&riff[..4], b"AVI ");
        let [(b"LIST", headers), (b"LIST", movie), (b"idx1", index)] = chunks(&riff[4..])[..] else {
            panic!()
        };
        assert_eq!((&headers[..4], &movie[..4]), (&b"hdrl"[..], &b"movi"[..]));
        let expected: Vec<_> = frames.files.iter().map(|it| (&b"00dc"[..], &it[..])).collect();
        assert_eq!(chunks(&movie[4..]), expected);
        assert_eq!(index.len(), 3 * 16);
        for (entry, frame) in index.chunks(16).zip(&frames.files) {
            let (place, length) = (word(entry, 8), word(entry, 12));
            assert_eq!(
                (&movie[place..place + 4], &movie[place + 8..place + 8 + length]),
                (&b"00dc"[..], &frame[..])
            );
        }
    }

    #[test]
    fn the_headers_say_the_size_and_the_rate() {
        let file = file(&Frames::three());
        let [(_, riff)] = chunks(&file)[..] else { panic!() };
        let [(b"avih", main), (b"LIST", stream)] = chunks(&chunks(&riff[4..])[0].1[4..])[..] else {
            panic!()
        };
        assert_eq!(main.len(), 56);
        assert_eq!([0, 16, 32, 36].map(|it| word(main, it)), [400_000, 3, 320, 240]);
        let [(b"strh", header), (b"strf", format)] = chunks(&stream[4..])[..] else { panic!() };
        assert_eq!((header.len(), &header[..8]), (56, &b"vidsMJPG"[..]));
        assert_eq!([20, 24, 32].map(|it| word(header, it)), [1_000, 2_500, 3]);
        assert_eq!(
            (format.len(), word(format, 4), word(format, 8), &format[16..20]),
            (40, 320, 240, &b"MJPG"[..])
        );
    }
}
