//! Fuzz targets: readers of what others made. `fuzz/run` builds and runs them.
//!
//! One program holds all targets, so that the instrumented dependencies are linked once. `FUZZ_TARGET` names the target of a
//! run; `FUZZ_WRITE_SEEDS` names a folder that the seeds of all targets are written to in place of a run.

#![no_main]

mod cuts;
mod decoders;
mod experiments;
mod files;
mod framings;
mod seeds;
mod templates;
mod texts;

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;

/// Something that reads bytes made by others.
struct Target {
    name: &'static str,
    run: fn(&[u8]),
    /// Inputs to begin with, each with a name.
    seeds: fn() -> Vec<(String, Vec<u8>)>,
}

const TARGETS: [Target; 10] = [
    Target { name: "sse", run: framings::sse, seeds: seeds::sse },
    Target { name: "event_stream", run: framings::event_stream, seeds: seeds::event_stream },
    Target { name: "decoders", run: decoders::run, seeds: decoders::seeds },
    Target { name: "journal", run: experiments::journal, seeds: seeds::journal },
    Target { name: "workload", run: experiments::workload, seeds: seeds::workload },
    Target { name: "scenario", run: texts::scenario, seeds: seeds::scenario },
    Target { name: "dataset", run: files::dataset, seeds: seeds::dataset },
    Target { name: "recording", run: files::recording, seeds: seeds::recording },
    Target { name: "chat_template", run: templates::chat_template, seeds: seeds::chat_template },
    Target { name: "description", run: templates::description, seeds: seeds::description },
];

static CHOSEN: OnceLock<fn(&[u8])> = OnceLock::new();

fuzz_target!(
    init: {
        if let Some(folder) = std::env::var_os("FUZZ_WRITE_SEEDS") {
            seeds::write(&TARGETS, folder.as_ref());
            std::process::exit(0);
        }
        let name = std::env::var("FUZZ_TARGET").unwrap_or_default();
        let Some(target) = TARGETS.iter().find(|target| target.name == name) else {
            let names: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
            eprintln!("FUZZ_TARGET is '{name}', and should be one of {}", names.join(", "));
            std::process::exit(2);
        };
        CHOSEN.get_or_init(|| target.run);
    },
    |data: &[u8]| {
        CHOSEN.get().expect("a target is chosen before the first input")(data);
    }
);
