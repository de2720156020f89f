//! What prompts cost: CPU milliseconds of one thread for 1,000 of them, by tokenizer and kind.
//!
//! `cargo bench -p genai-bench-core --features full --bench prompts [-- FOLDER...]`

use std::hint::black_box;
use std::num::NonZeroU32;
use std::sync::Arc;

use genai_bench_core::clock;
use genai_bench_core::prompt::{Popularity, PrefixLength, PromptBuilder, SharedPrefixes};
use genai_bench_core::rng::{Rng, Stream};
use genai_bench_core::tokenizer::load;
use genai_bench_core::units::Tokens;

mod cpu;

const PROMPTS: u64 = 1_000;
/// Prompts that have to be tokenized.
const SEARCHED: u64 = 100;
const LENGTH: Tokens = Tokens(2_000);

fn main() {
    let texts: Arc<[Arc<str>]> = cpu::texts().into_iter().map(Arc::from).collect();
    let mut places = ["words", "o200k_base", "cl100k_base"].map(str::to_owned).to_vec();
    places.extend(cpu::folders().iter().map(|it| it.to_str().expect("a name in UTF-8").to_owned()));
    println!("{PROMPTS} prompts of {LENGTH} tokens; load: wall ms; others: CPU ms of one thread");
    println!(
        "{:<18} {:>6} {:>10} {:>6} {:>8} {:>8} {:>8} {:>8}",
        "tokenizer", "load", "pick words", "pool", "words", "prefix", "blocks", "texts"
    );
    for place in places {
        report(&place, &texts);
    }
}

fn report(place: &str, texts: &Arc<[Arc<str>]>) {
    let start = clock::now();
    let tokenizer = load(place).expect("a tokenizer");
    let load = clock::now().since(start).as_secs_f64() * 1e3;
    let (builder, pick) = cpu::of(|| PromptBuilder::new(tokenizer).expect("words"));
    let rng = |index| Rng::at(1, Stream::Content, 0, index);
    let each = |count: u64, make: &dyn Fn(u64) -> String| {
        let made = || (0..count).map(|it| black_box(make(it)).len()).sum::<usize>();
        cpu::of(|| black_box(made())).1 * (PROMPTS / count) as f64
    };
    let words = each(PROMPTS, &|it| builder.build(LENGTH, &mut rng(it)).expect("a prompt"));
    let ten = NonZeroU32::new(10).expect("10 is not zero");
    let half = SharedPrefixes::new(PrefixLength::Ratio(0.5), ten, Popularity::Uniform).expect("prefixes");
    let prefix = each(PROMPTS, &|it| {
        builder.build_with_prefix(&half, LENGTH, 7, it, &mut rng(it)).expect("a prompt").text
    });
    let blocks = each(PROMPTS, &|it| {
        builder.blocks(&[it, it + 1, it + 2], Tokens(512), LENGTH, 7, &mut rng(it)).expect("a prompt")
    });
    let own = builder.clone().with_corpus(Arc::clone(texts), 1);
    let texts = each(SEARCHED, &|it| own.build(LENGTH, &mut rng(it)).expect("a prompt"));
    let pool = builder.distinct_suffixes().expect("words");
    let name = place.rsplit('/').next().unwrap_or(place);
    println!(
        "{name:<18} {load:>6.0} {pick:>10.0} {pool:>6} {words:>8.1} {prefix:>8.1} {blocks:>8.1} {texts:>8.0}"
    );
}
