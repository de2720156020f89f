//! The resource usage of this process, from Linux.

use std::fs;

/// Clock ticks per second: `sysconf(_SC_CLK_TCK)` on every Linux in use.
const TICKS_PER_SECOND: f64 = 100.0;

/// Returns the CPU seconds of this process so far, of all current and ended threads, in user and kernel
/// mode.
pub(crate) fn seconds() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").expect("Linux has /proc/self/stat");
    // The name of the program, in parentheses, may hold any character.
    let after_name = stat.rsplit_once(')').expect("the name is in parentheses").1;
    let fields: Vec<&str> = after_name.split_whitespace().collect();
    let ticks = |index: usize| fields[index].parse::<f64>().expect("times are numbers");
    (ticks(11) + ticks(12)) / TICKS_PER_SECOND
}

/// Returns the peak resident size of this process so far, in megabytes.
pub(crate) fn peak_memory_mb() -> f64 {
    let status = fs::read_to_string("/proc/self/status").expect("Linux has /proc/self/status");
    let line = status.lines().find_map(|it| it.strip_prefix("VmHWM:")).expect("it has a line for the peak");
    let kib: f64 = line.trim().trim_end_matches(" kB").parse().expect("sizes are numbers");
    kib * 1_024.0 / 1e6
}
