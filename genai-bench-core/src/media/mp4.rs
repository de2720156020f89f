//! MP4 files of JPEG frames: ISO/IEC 14496-12 (the boxes) and 14496-1 (what is in them).
//!
//! ```text
//! ftyp
//! moov ─ mvhd
//!      └ trak ─ tkhd
//!             └ mdia ─ mdhd
//!                    ├ hdlr
//!                    └ minf ─ vmhd, dinf
//!                           └ stbl ─ stsd (mp4v, esds), stts, stsc, stsz, stco
//! mdat ─ the frames, one after the other, as one chunk
//! ```

use super::video::Frames;

/// Ticks of the track's clock a frame: with as many ticks a second as there are frames in a thousand seconds.
const TICKS_PER_FRAME: u32 = 1_000;
const TRACK: u32 = 1;
/// JPEG (ISO/IEC 10918-1), in the registry of object types.
const JPEG_OBJECT: u8 = 0x6c;
/// A visual stream, and the bit that is always set.
const VISUAL_STREAM: u8 = 4 << 2 | 1;
/// 1.0 in fixed point with 16 bits after the point.
const ONE: u32 = 1 << 16;

/// Returns the file.
pub(super) fn file(frames: &Frames) -> Vec<u8> {
    let kind = boxed(*b"ftyp", &[b"isom", &be32(512)[..], b"isom", b"iso2", b"mp41"]);
    // The place of the frames depends on the length of what stands before them, which does not depend on it.
    let before = kind.len() + movie(frames, 0).len() + 8;
    let movie = movie(frames, before as u32);
    let mut file = [kind, movie].concat();
    let length: usize = frames.files.iter().map(Vec::len).sum();
    file.reserve_exact(length + 8);
    file.extend(be32(length as u32 + 8));
    file.extend(b"mdat");
    for frame in &frames.files {
        file.extend(frame);
    }
    file
}

fn be32(value: u32) -> [u8; 4] {
    value.to_be_bytes()
}

fn be16(value: u32) -> [u8; 2] {
    (value as u16).to_be_bytes()
}

fn boxed(kind: [u8; 4], parts: &[&[u8]]) -> Vec<u8> {
    let length: usize = parts.iter().map(|it| it.len()).sum();
    [&be32(length as u32 + 8), &kind[..], &parts.concat()].concat()
}

/// Returns a box with a version, here always 0, and flags.
fn full(kind: [u8; 4], flags: u32, parts: &[&[u8]]) -> Vec<u8> {
    boxed(kind, &[&be32(flags), &parts.concat()])
}

fn numbers(values: &[u32]) -> Vec<u8> {
    values.iter().flat_map(|it| it.to_be_bytes()).collect()
}

/// Returns the matrix without rotation or scaling.
fn identity() -> Vec<u8> {
    numbers(&[ONE, 0, 0, 0, ONE, 0, 0, 0, 1 << 30])
}

fn movie(frames: &Frames, place: u32) -> Vec<u8> {
    let (ticks, duration) = (frames.rate.millihertz(), frames.count() * TICKS_PER_FRAME);
    // Rate 1.0, volume 1.0, and the number of the track that would be next.
    let header = [numbers(&[0, 0, ticks, duration, ONE, 1 << 24, 0, 0]), identity(), vec![0; 24]].concat();
    let header = full(*b"mvhd", 0, &[&header, &be32(TRACK + 1)]);
    boxed(*b"moov", &[&header, &track(frames, place)])
}

fn track(frames: &Frames, place: u32) -> Vec<u8> {
    const SHOWN: u32 = 7;
    let (ticks, duration) = (frames.rate.millihertz(), frames.count() * TICKS_PER_FRAME);
    let size = numbers(&[frames.width << 16, frames.height << 16]);
    let header = [numbers(&[0, 0, TRACK, 0, duration, 0, 0, 0, 0]), identity(), size].concat();
    let header = full(*b"tkhd", SHOWN, &[&header]);
    // The language "und", three letters of five bits each.
    let clock = full(*b"mdhd", 0, &[&numbers(&[0, 0, ticks, duration, 0x55c4 << 16])]);
    let handler = full(*b"hdlr", 0, &[&be32(0), b"vide", &[0; 12], b"frames\0"]);
    let media = boxed(*b"mdia", &[&clock, &handler, &information(frames, place)]);
    boxed(*b"trak", &[&header, &media])
}

fn information(frames: &Frames, place: u32) -> Vec<u8> {
    const IN_THIS_FILE: u32 = 1;
    let video = full(*b"vmhd", 1, &[&[0; 8]]);
    let reference = full(*b"dref", 0, &[&be32(1), &full(*b"url ", IN_THIS_FILE, &[])]);
    let count = frames.count();
    let sizes: Vec<u32> = frames.files.iter().map(|it| it.len() as u32).collect();
    let table = boxed(
        *b"stbl",
        &[
            &full(*b"stsd", 0, &[&be32(1), &sample_entry(frames)]),
            &full(*b"stts", 0, &[&numbers(&[1, count, TICKS_PER_FRAME])]),
            &full(*b"stsc", 0, &[&numbers(&[1, 1, count, 1])]),
            &full(*b"stsz", 0, &[&numbers(&[0, count]), &numbers(&sizes)]),
            &full(*b"stco", 0, &[&numbers(&[1, place])]),
        ],
    );
    boxed(*b"minf", &[&video, &boxed(*b"dinf", &[&reference]), &table])
}

/// Returns the sample entry: the codec and the size of frames.
fn sample_entry(frames: &Frames) -> Vec<u8> {
    const INCHES_72: u32 = 72 << 16;
    let size = [be16(frames.width), be16(frames.height)].concat();
    let resolution = numbers(&[INCHES_72, INCHES_72, 0]);
    // One frame a sample, no name of the compressor, 24 bits a pixel, no colour table.
    let rest = [&be16(1)[..], &[0; 32], &be16(24), &[0xff; 2]].concat();
    let largest = &be32(frames.largest())[1..];
    let decoder = [&[JPEG_OBJECT, VISUAL_STREAM], largest, &[0; 8]].concat();
    let stream = [&be16(TRACK)[..], &[0], &descriptor(4, &decoder), &descriptor(6, &[2])].concat();
    let codec = full(*b"esds", 0, &[&descriptor(3, &stream)]);
    boxed(*b"mp4v", &[&[0; 6], &be16(1), &[0; 16], &size, &resolution, &rest, &codec])
}

/// Returns a descriptor of ISO/IEC 14496-1; all of them are shorter than 128 bytes.
fn descriptor(tag: u8, content: &[u8]) -> Vec<u8> {
    [&[tag, content.len() as u8], content].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the content of the box at `path`, and its position in the file.
    fn find<'a>(file: &'a [u8], path: &[&[u8; 4]]) -> (&'a [u8], usize) {
        let (mut inside, mut begin) = (file, 0);
        for kind in path {
            loop {
                let length = u32::from_be_bytes(*inside.first_chunk().unwrap()) as usize;
                let (found, later) = inside.split_at(length);
                if &found[4..8] == *kind {
                    (inside, begin) = (&found[8..], begin + 8);
                    break;
                }
                (inside, begin) = (later, begin + length);
            }
        }
        (inside, begin)
    }

    fn table(file: &[u8], kind: &[u8; 4]) -> Vec<u32> {
        let (content, _) = find(file, &[b"moov", b"trak", b"mdia", b"minf", b"stbl", kind]);
        content.chunks(4).map(|it| u32::from_be_bytes(it.try_into().unwrap())).collect()
    }

    #[test]
    fn the_boxes_fill_the_file() {
        let file = file(&Frames::three());
        let (mut rest, mut kinds) = (&file[..], Vec::new());
        while let Some(length) = rest.first_chunk() {
            kinds.push(&rest[4..8]);
            rest = &rest[u32::from_be_bytes(*length) as usize..];
        }
        assert_eq!((kinds, rest), (vec![&b"ftyp"[..], b"moov", b"mdat"], &b""[..]));
    }

    #[test]
    fn the_tables_lead_to_every_frame() {
        let frames = Frames::three();
        let file = file(&frames);
        let [_, _, _, sizes @ ..] = &table(&file, b"stsz")[..] else { panic!() };
        let mut place = table(&file, b"stco")[2] as usize;
        assert_eq!(place, find(&file, &[b"mdat"]).1);
        for (frame, size) in frames.files.iter().zip(sizes) {
            assert_eq!(&file[place..place + *size as usize], frame);
            place += *size as usize;
        }
        assert_eq!((sizes.len(), place), (3, file.len()));
        assert_eq!(table(&file, b"stsc"), [0, 1, 1, 3, 1], "one chunk of three frames");
    }

    #[test]
    fn the_clock_and_the_size_are_those_of_the_video() {
        let file = file(&Frames::three());
        let (clock, _) = find(&file, &[b"moov", b"trak", b"mdia", b"mdhd"]);
        assert_eq!(clock[12..20], [be32(2_500), be32(3_000)].concat(), "1.2 seconds");
        assert_eq!(table(&file, b"stts"), [0, 1, 3, 1_000]);
        let (entry, _) = find(&file, &[b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd"]);
        assert_eq!(&entry[12..16], b"mp4v");
        assert_eq!(entry[40..44], [be16(320), be16(240)].concat());
    }
}
