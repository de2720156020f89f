//! The cost of a request to the client: CPU seconds per 1,000 requests, compared with a bare hyper client that
//! counts bytes, on the same work, alternating, in the same run.
//!
//! `cargo bench -p genai-bench-backends --bench capacity [-- ROUNDS]`
//!
//! The server is the simulator without latency, in its own process on a core of its own; the client has
//! another. A response is 64 chunks. The benchmark is complete: requests are sampled and encoded, chunks
//! timestamped and decoded, the journal written, metrics computed. The result is a ratio, because CPU seconds
//! depend on the machine and ratios much less.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, ExitCode, Stdio};

mod baseline;
mod cpu;
mod ours;

/// The levels of concurrency.
const LEVELS: [u32; 3] = [16, 64, 256];
/// The number of requests of one measurement.
const REQUESTS: u64 = 3_000;
/// The number of chunks of a response, one token each.
const CHUNKS: u64 = 64;
/// The number of words of a prompt.
const PROMPT: u64 = 100;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|it| it != "--bench").collect();
    match arguments.first().map(String::as_str) {
        Some("--serve") => serve(),
        Some("--measure") => measure(&arguments[1], arguments[2].parse().expect("a number of rounds")),
        rounds => {
            let rounds = rounds.unwrap_or("5").to_owned();
            let (server, address) = start_server();
            let status =
                pinned(0).args(["--measure", &address, &rounds]).status().expect("the measurement starts");
            stop(server);
            if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
    }
}

fn serve() -> ExitCode {
    use genai_bench_backends::simulator;
    let any_port = std::net::SocketAddr::from((std::net::Ipv4Addr::LOCALHOST, 0));
    // The server must not store every chunk of a long benchmark.
    let few = std::num::NonZeroUsize::new(10).expect("10 is not zero");
    let settings = simulator::Settings { truth_limit: few, ..simulator::Settings::instant() };
    let Err(error) = simulator::serve(settings, any_port, |address| println!("{address}"));
    eprintln!("{error}");
    ExitCode::FAILURE
}

/// Returns a command that runs this program again, on one core.
fn pinned(core: u32) -> Command {
    let mut command = Command::new("taskset");
    let this = std::env::current_exe().expect("a running program has a path");
    command.args(["-c", &core.to_string()]).arg(this);
    command
}

fn start_server() -> (Child, String) {
    let mut server = pinned(1).arg("--serve").stdout(Stdio::piped()).spawn().expect("the server starts");
    let mut address = String::new();
    let output = server.stdout.take().expect("its output is piped");
    BufReader::new(output).read_line(&mut address).expect("the server prints its address");
    (server, address.trim().to_owned())
}

fn stop(mut server: Child) {
    let _ = server.kill();
    let _ = server.wait();
}

fn measure(address: &str, rounds: usize) -> ExitCode {
    println!("{REQUESTS} requests of {CHUNKS} chunks a measurement, median of {rounds} rounds\n");
    println!("{:>11} {:>16} {:>16} {:>7}", "concurrency", "hyper s/1000", "genai-bench", "ratio");
    for level in LEVELS {
        let (mut bare, mut whole, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..rounds {
            let a = baseline::run(address, level) * 1_000.0 / REQUESTS as f64;
            let b = ours::run(address, level) * 1_000.0 / REQUESTS as f64;
            bare.push(a);
            whole.push(b);
            ratios.push(b / a);
        }
        println!("{level:>11} {:>16.3} {:>16.3} {:>7.2}", median(bare), median(whole), median(ratios));
    }
    println!("\npeak memory of the client: {:.0} MB", cpu::peak_memory_mb());
    ExitCode::SUCCESS
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
