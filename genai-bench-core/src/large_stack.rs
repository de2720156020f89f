//! Work on a thread with a large stack, for compilers and printers that recurse into untrusted input.

use std::any::Any;
use std::{io, thread};

/// An error of work on a thread with a large stack.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LargeStackError {
    /// The system could not start a thread with such a stack.
    #[error("cannot start a thread with a large stack: {0}")]
    NoThread(io::Error),
    /// The work panicked, with this message.
    #[error("it panicked: {0}")]
    Panicked(String),
}

/// Runs `work` on a thread with this name and stack size, and returns its result.
///
/// Most systems allocate the memory of a stack as it is used, so a large one costs little.
///
/// ```
/// use genai_bench_core::with_large_stack;
///
/// fn depth(levels: u64) -> u64 {
///     if levels == 0 { 0 } else { 1 + std::hint::black_box(depth(levels - 1)) }
/// }
/// assert_eq!(with_large_stack("deep", 256 << 20, || depth(100_000))?, 100_000);
/// # Ok::<(), genai_bench_core::LargeStackError>(())
/// ```
///
/// # Errors
///
/// When the thread cannot be started, or `work` panics.
pub fn with_large_stack<T: Send>(
    thread_name: &str,
    stack_bytes: usize,
    work: impl FnOnce() -> T + Send,
) -> Result<T, LargeStackError> {
    thread::scope(|scope| {
        let builder = thread::Builder::new().name(thread_name.to_owned()).stack_size(stack_bytes);
        let worker = builder.spawn_scoped(scope, work).map_err(LargeStackError::NoThread)?;
        worker.join().map_err(|payload| LargeStackError::Panicked(panic_message(&*payload).to_owned()))
    })
}

/// Returns the message of a panic with this payload.
pub(crate) fn panic_message(payload: &(dyn Any + Send)) -> &str {
    let text = payload.downcast_ref::<&str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("a payload that is no text")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_of_the_work_is_an_error() {
        let error = with_large_stack("deep", 1 << 20, || panic!("too deep")).unwrap_err();
        assert_eq!(error.to_string(), "it panicked: too deep");
    }

    #[test]
    fn work_borrows_and_returns_values() {
        let text = "abc".to_owned();
        assert_eq!(with_large_stack("deep", 1 << 20, || text.len()).unwrap(), 3);
    }
}
