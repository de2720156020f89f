//! Experiments on a thread of their own.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::thread;

use tokio::sync::oneshot;

use super::Runner;
use crate::engine::Shutdown;
use crate::error::{Error, catch_panic};
use crate::plan::Plan;
use crate::report::Experiment;

/// An experiment that runs on its own thread: a future of its result.
///
/// Dropping it does not end the experiment; [`stop`](Self::stop) does.
#[must_use = "an experiment without anyone who waits for it loses its result"]
pub struct Running {
    shutdown: Shutdown,
    result: oneshot::Receiver<Result<Experiment, Error>>,
}

impl Running {
    /// Ends the experiment: no more requests are sent, those in flight are cancelled, and the future completes with the
    /// metrics of what has finished.
    pub fn stop(&self) {
        self.shutdown.request();
    }
}

impl Future for Running {
    type Output = Result<Experiment, Error>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.result)
            .poll(context)
            .map(|result| result.unwrap_or(Err(Error::Lost("thread of the experiment"))))
    }
}

impl fmt::Debug for Running {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Running").field("is_stopping", &self.shutdown.is_requested()).finish_non_exhaustive()
    }
}

impl Runner {
    /// Runs `plan` on a new thread with a tokio runtime of its own, so that other work of the program, such as a service
    /// that answers requests, does not delay the stamps of arriving bytes. Several experiments can run at the same time;
    /// they share the machine's cores.
    ///
    /// The result is awaited in any runtime:
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use genai_bench_core::{error::Error, plan::Plan, runner::Runner, sampler::Sampler, target::Target};
    /// # async fn example(target: Target, sampler: Arc<dyn Sampler>, plan: Plan) -> Result<(), Error> {
    /// let running = Runner::new(target, sampler).spawn(plan)?;
    /// // ... running.stop() ends it early ...
    /// let experiment = running.await?;
    /// # drop(experiment);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// When the operating system gives no thread. What goes wrong later is the result of the future.
    pub fn spawn(self, plan: Plan) -> Result<Running, Error> {
        let shutdown = self.shutdown.clone();
        let (sender, result) = oneshot::channel();
        let run = move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let runtime = runtime.map_err(|_| Error::Lost("runtime of the experiment"))?;
            catch_panic("experiment", || runtime.block_on(self.run(&plan)))?
        };
        thread::Builder::new()
            .name("experiment".into())
            .spawn(move || drop(sender.send(run())))
            .map_err(|_| Error::Lost("thread of the experiment"))?;
        Ok(Running { shutdown, result })
    }
}
