//! Short texts that a person or a file gives.

use genai_bench_core::rng::{Rng, Stream};
use genai_bench_core::scenario::parse;

/// Parses a scenario, draws from it, and parses its own text again.
pub(crate) fn scenario(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let Ok(scenario) = parse(text) else { return };
    for index in 0..4 {
        let _ = scenario.draw(&mut Rng::at(1, Stream::Shape, 0, index));
    }
    let _ = (scenario.input_range(), scenario.warning());
    let written = scenario.to_string();
    let again = parse(&written).unwrap_or_else(|error| panic!("'{written}' of '{text}': {error}"));
    assert_eq!(again.to_string(), written, "of '{text}'");
}
