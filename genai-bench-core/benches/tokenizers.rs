//! How fast tokenizers count: CPU time over the files of this repository, in pieces of about 4,000 bytes.
//!
//! `cargo bench -p genai-bench-core --features full --bench tokenizers [-- FOLDER...]`

use std::hint::black_box;

use genai_bench_core::clock;
use genai_bench_core::tokenizer::{HuggingFace, Kitoken, Tiktoken, Tokenizer, Vocabulary};

mod cpu;

/// How long a piece is, in bytes.
const PIECE: usize = 4_000;
/// How often the texts are counted; the fastest time is shown.
const ROUNDS: usize = 3;

fn main() {
    let texts = cpu::texts().concat();
    let mut pieces = Vec::new();
    let mut rest = texts.as_str();
    while !rest.is_empty() {
        let (piece, others) = rest.split_at(rest.floor_char_boundary(PIECE.min(rest.len())));
        pieces.push(piece);
        rest = others;
    }
    println!("{} texts, {:.2} MB; CPU time of one thread", pieces.len(), texts.len() as f64 / 1e6);
    println!("{:<18} {:<12} {:>8} {:>10} {:>8}", "tokenizer", "reader", "load ms", "us/text", "MB/s");
    for folder in cpu::folders() {
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let (slow, load) = timed(|| HuggingFace::open(&folder).expect("a tokenizer"));
        report(&name, "HuggingFace", load, &slow, &pieces);
        let (fast, load) = timed(|| Kitoken::open(&folder).expect("a tokenizer"));
        report(&name, "Kitoken", load, &fast, &pieces);
        let place = folder.to_str().expect("a folder with a name in UTF-8");
        let (loaded, wall) = timed(|| genai_bench_core::tokenizer::load(place).expect("a tokenizer"));
        println!("{name:<18} {:<12} {wall:>8.0}   {loaded:?}", "load()");
    }
    for vocabulary in Vocabulary::ALL {
        let (tokenizer, load) = timed(|| Tiktoken::new(vocabulary));
        report(vocabulary.name(), "Tiktoken", load, &tokenizer, &pieces);
    }
}

/// What `work` gives, and its milliseconds by the wall clock: some work is shared by threads.
fn timed<T>(work: impl FnOnce() -> T) -> (T, f64) {
    let start = clock::now();
    let made = work();
    (made, clock::now().since(start).as_secs_f64() * 1e3)
}

fn report(name: &str, reader: &str, load: f64, tokenizer: &dyn Tokenizer, pieces: &[&str]) {
    let bytes: usize = pieces.iter().map(|it| it.len()).sum();
    let count = || pieces.iter().map(|it| tokenizer.count(it).expect("text").0).sum::<u64>();
    let fastest = (0..ROUNDS).map(|_| cpu::of(|| black_box(count())).1).fold(f64::INFINITY, f64::min);
    let each = fastest * 1e3 / pieces.len() as f64;
    println!("{name:<18} {reader:<12} {load:>8.0} {each:>10.0} {:>8.1}", bytes as f64 / fastest / 1e3);
}
