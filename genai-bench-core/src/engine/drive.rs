//! Carries out the load of one run, while its end and its health are watched.

use std::sync::Arc;
use std::sync::mpsc::SyncSender;
use std::time::Duration;

use super::heartbeat::record_heartbeats;
use super::run_state::RunState;
use super::shutdown::{Shutdown, watch_over};
use super::{closed_loop, replay_schedule};
use crate::error::Error;
use crate::metrics::ClientHealth;
use crate::plan::{Limit, Load};
use crate::record::RequestRecord;

/// Puts `load` on the target until the limit, sends every record to `recorder` as it ends, and returns when the
/// last one has.
///
/// # Errors
///
/// When a part of the load is lost because something panicked.
pub(crate) async fn drive(
    job: &Arc<RunState>,
    load: Load,
    limit: Limit,
    drain: Duration,
    shutdown: &Shutdown,
    recorder: &SyncSender<RequestRecord>,
) -> Result<ClientHealth, Error> {
    let sent = async {
        match load {
            Load::Closed { concurrency } => closed_loop::run(job, concurrency, recorder).await,
            Load::Replay { max_in_flight } => replay_schedule::run(job, max_in_flight, recorder).await,
        }
    };
    let mut health = ClientHealth::default();
    tokio::select! {
        ended = sent => ended?,
        () = watch_over(job, shutdown, limit, drain) => {}
        () = record_heartbeats(&mut health) => {}
    }
    job.prefetcher.report(&mut health);
    job.recorder_queue.report(&mut health);
    Ok(health)
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;
    use bytes::Bytes;

    use super::super::prefetch::Prefetcher;
    use super::*;
    use crate::backend::{Backend, Decoder, Unsupported};
    use crate::failure::Failure;
    use crate::plan::Plan;
    use crate::request::Request;
    use crate::sampler::TextSampler;
    use crate::target::Target;
    use crate::tokenizer::Words;
    use crate::transport::{Answer, Transport, TransportError};
    use crate::units::Offset;

    /// Loses every request.
    #[derive(Debug)]
    struct Lossy;

    impl Backend for Lossy {
        fn name(&self) -> &'static str {
            "lossy"
        }
        fn encode(&self, _: &Request) -> Result<http::Request<Bytes>, Unsupported> {
            Ok(http::Request::new(Bytes::new()))
        }
        fn decoder(&self, _: &Request, _: &http::response::Parts) -> Box<dyn Decoder> {
            unreachable!("there is no answer")
        }
        fn failure(&self, head: &http::response::Parts, _: &[u8]) -> Failure {
            Failure::refused(head, "")
        }
    }

    #[async_trait]
    impl Transport for Lossy {
        async fn send(&self, _: http::Request<Bytes>) -> Result<Answer, TransportError> {
            tokio::time::sleep(Duration::from_millis(5)).await;
            Err(TransportError::Lost("always".into()))
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_run_that_nobody_records_ends_before_its_limit() {
        let plan = Plan::builder().scenario("D(3,3)").concurrency([2]).requests(200).build().unwrap();
        let sampler = Arc::new(TextSampler::new("m", Arc::new(Words)).unwrap());
        let target = Target::new(Arc::new(Lossy), Arc::new(Lossy));
        let run = &plan.runs()[0];
        let prefetcher = Prefetcher::start(run, sampler, &target, 1, plan.limit).await.unwrap();
        let job = Arc::new(RunState::new(target, &plan, prefetcher, Arc::default()));
        let (recorder, nobody) = std::sync::mpsc::sync_channel(1);
        drop(nobody);
        drive(&job, run.level.load, plan.limit, plan.drain, &Shutdown::default(), &recorder).await.unwrap();
        assert_eq!(job.epoch.now(), Offset::from_nanos(5_000_000), "each slot tried once");
    }
}
