//! Backpressure of a slow recorder: it delays slots, without delaying timestamps or growing memory.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use genai_bench_core::conformance::ScriptedTransport;
use genai_bench_core::experiment::{Folder, JournalEntry};
use genai_bench_core::observe::{Observer, Progress};
use genai_bench_core::runner::Runner;
use genai_bench_core::target::Target;
use genai_bench_core::transport::{Answer, Transport, TransportError};
use tokio::sync::watch;

use super::plan;
use crate::doubles::{answer, backend, ms, sampler};
use crate::folder::{journal, metadata};

/// The concurrency of the run.
const SLOTS: usize = 4;
/// The number of the first request that waits until the observer has stalled.
const HELD: usize = 100;
/// The capacity of the recorder's queue.
const ROOM: usize = 2_048;

/// The state that the observer and the transport share.
#[derive(Debug, Default)]
struct Stall {
    began: watch::Sender<bool>,
    sent: AtomicUsize,
    sent_at_the_end: AtomicUsize,
}

/// An observer that stalls once, until no more requests are sent.
struct StallingObserver(Arc<Stall>);

impl Observer for StallingObserver {
    fn progress(&mut self, _: &Progress) {
        if self.0.sent_at_the_end.load(Ordering::Relaxed) > 0 {
            return;
        }
        self.0.began.send_replace(true);
        let mut before = 0;
        loop {
            std::thread::sleep(Duration::from_millis(50));
            let sent = self.0.sent.load(Ordering::Relaxed);
            if sent == before && sent > HELD + SLOTS {
                break;
            }
            before = sent;
        }
        self.0.sent_at_the_end.store(before, Ordering::Relaxed);
    }
}

#[derive(Debug)]
struct Counting {
    stall: Arc<Stall>,
    inner: ScriptedTransport,
}

#[async_trait]
impl Transport for Counting {
    async fn send(&self, request: http::Request<Bytes>) -> Result<Answer, TransportError> {
        if self.stall.sent.fetch_add(1, Ordering::Relaxed) >= HELD {
            let mut began = self.stall.began.subscribe();
            began.wait_for(|began| *began).await.expect("the sender is not dropped");
        }
        self.inner.send(request).await
    }
}

#[tokio::test(start_paused = true)]
async fn a_stalled_recorder_delays_slots_and_is_counted() {
    let folder = tempfile::tempdir().unwrap();
    let writing = Folder::create(folder.path(), &metadata()).unwrap();
    let stall = Arc::new(Stall::default());
    let transport = Counting { stall: Arc::clone(&stall), inner: answer(1, ms(0), ms(0)) };
    let target = Target::new(backend(), Arc::new(transport));
    let observer = StallingObserver(Arc::clone(&stall));
    let runner = Runner::new(target, sampler()).with_folder(writing).with_observer(observer);
    let plan = plan().concurrency([4]).requests(4_000).timeouts(None, None).build().unwrap();
    let report = runner.run(&plan).await.unwrap().runs.remove(0);
    assert_eq!(report.metrics.completed, 4_000);
    // What was sent before the stall, what the recorder has room for, and one that each slot holds.
    let sent = stall.sent_at_the_end.load(Ordering::Relaxed);
    assert!((ROOM..=HELD + ROOM + 2 * SLOTS).contains(&sent), "{sent}");
    let path = Folder::open(folder.path()).unwrap().0.journals().unwrap().remove(0);
    let Some(JournalEntry::End(end)) = journal(&path).pop() else { panic!("no end") };
    let client = end.facts.client;
    assert!(client.recorder_waits > 0 && client.recorder_wait_ns > 0, "{client:?}");
}
