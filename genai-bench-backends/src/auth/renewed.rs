//! Credentials that are valid for a while, renewed while requests go on.

use std::fmt;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use genai_bench_core::auth::AuthError;
use genai_bench_core::clock;
use tokio::sync::{Mutex, OwnedMutexGuard};

use super::beside::Beside;

/// Someone who gives out credentials that are valid for a while.
#[async_trait]
pub trait Issuer: fmt::Debug + Send + Sync + 'static {
    /// What is given out.
    type Credential: Send + Sync + 'static;

    /// Gets a new one.
    ///
    /// # Errors
    ///
    /// When none is given, with a reason that holds no secret.
    async fn issue(&self) -> Result<Issued<Self::Credential>, AuthError>;
}

/// A credential that was given out.
#[derive(Clone)]
#[non_exhaustive]
pub struct Issued<T> {
    /// What requests are authorized with.
    pub credential: T,
    /// Until when it is valid; without end when absent.
    pub expires: Option<SystemTime>,
}

impl<T> Issued<T> {
    /// A credential that is valid until then.
    pub fn new(credential: T, expires: Option<SystemTime>) -> Self {
        Self { credential, expires }
    }
}

impl<T> fmt::Debug for Issued<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Issued").field("expires", &self.expires).finish_non_exhaustive()
    }
}

/// How long before its end a credential is renewed; one that lives less than twice as long, at half its life.
const EARLY: Duration = Duration::from_secs(5 * 60);
/// A credential with less than this left is not used any more: a request takes a while to arrive.
const TOO_LATE: Duration = Duration::from_secs(10);
/// How long after a failure the issuer is left alone while the old credential is still good.
const PAUSE: Duration = Duration::from_secs(30);
/// The same when there is no credential that is still good, and requests fail for want of one.
const SHORT_PAUSE: Duration = Duration::from_secs(1);

/// The credential of an [`Issuer`], renewed before it ends by one task while all others go on with the old one. The
/// task runs on a thread of its own: the one that stamps what arrives is not held up.
///
/// Only who finds no credential that is still valid waits, and then all wait for the same one. A request waits before
/// its clock starts.
pub struct Renewed<I: Issuer>(Arc<State<I>>);

struct State<I: Issuer> {
    issuer: I,
    clock: fn() -> SystemTime,
    current: RwLock<Option<Held<I::Credential>>>,
    /// Held by whoever asks the issuer; in it, how that failed last.
    asking: Arc<Mutex<Option<Refusal>>>,
    /// Where it is renewed; whoever asks for it does so where there is none.
    beside: OnceLock<Option<Beside>>,
}

struct Held<T> {
    issued: Arc<Issued<T>>,
    renew_at: Option<SystemTime>,
}

struct Refusal {
    at: SystemTime,
    provider: &'static str,
    why: String,
}

impl<I: Issuer> Renewed<I> {
    /// Whatever `issuer` gives out, asked for when it is first needed.
    pub fn new(issuer: I) -> Self {
        Self::made(issuer, clock::wall, OnceLock::new())
    }

    /// The same by another clock than the machine's, and renewed on the runtime of whoever asks for it: its time may
    /// stand still, as in a test.
    pub fn by_clock(issuer: I, clock: fn() -> SystemTime) -> Self {
        Self::made(issuer, clock, OnceLock::from(None))
    }

    fn made(issuer: I, clock: fn() -> SystemTime, beside: OnceLock<Option<Beside>>) -> Self {
        let (current, asking) = (RwLock::default(), Arc::default());
        Self(Arc::new(State { issuer, clock, current, asking, beside }))
    }

    /// Who gives them out.
    #[must_use]
    pub fn issuer(&self) -> &I {
        &self.0.issuer
    }

    /// A credential that is valid now.
    ///
    /// # Errors
    ///
    /// When there is none, and the issuer gives none.
    pub async fn current(&self) -> Result<Arc<Issued<I::Credential>>, AuthError> {
        let state = &self.0;
        let now = (state.clock)();
        if let Some((issued, is_due)) = state.valid_at(now) {
            if is_due {
                self.renew_beside(now);
            }
            return Ok(issued);
        }
        let asking = Arc::clone(&state.asking).lock_owned().await;
        // Someone else may have got one while we waited, or been refused.
        let now = (state.clock)();
        if let Some((issued, _)) = state.valid_at(now) {
            return Ok(issued);
        }
        match refused_within(SHORT_PAUSE, now, asking.as_ref()) {
            Some(error) => Err(error),
            None => state.renew(asking).await,
        }
    }

    /// Lets a task of its own renew it, unless one does, or it has just been refused.
    fn renew_beside(&self, now: SystemTime) {
        let Ok(asking) = Arc::clone(&self.0.asking).try_lock_owned() else { return };
        // It may have been renewed since we looked.
        let is_due = self.0.valid_at(now).is_none_or(|it| it.1);
        if is_due && refused_within(PAUSE, now, asking.as_ref()).is_none() {
            let state = Arc::clone(&self.0);
            // Its failure is remembered, and matters to no one as long as the old credential is good.
            let renewal = async move { drop(state.renew(asking).await) };
            match self.0.beside.get_or_init(|| Beside::start().ok()) {
                Some(beside) => beside.spawn(renewal),
                None => drop(tokio::spawn(renewal)),
            }
        }
    }
}

impl<I: Issuer> State<I> {
    /// The credential, if it is valid then, and whether it is time to renew it.
    fn valid_at(&self, now: SystemTime) -> Option<(Arc<Issued<I::Credential>>, bool)> {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        let held = current.as_ref()?;
        let is_valid = held.issued.expires.is_none_or(|it| now + TOO_LATE < it);
        is_valid.then(|| (Arc::clone(&held.issued), held.renew_at.is_some_and(|it| it <= now)))
    }

    async fn renew(
        &self,
        mut asking: OwnedMutexGuard<Option<Refusal>>,
    ) -> Result<Arc<Issued<I::Credential>>, AuthError> {
        let asked = (self.clock)();
        match self.issuer.issue().await {
            Ok(issued) => {
                *asking = None;
                let life = |end: SystemTime| end.duration_since(asked).unwrap_or_default();
                let renew_at = issued.expires.map(|end| end - EARLY.min(life(end) / 2));
                let issued = Arc::new(issued);
                let held = Held { issued: Arc::clone(&issued), renew_at };
                *self.current.write().unwrap_or_else(PoisonError::into_inner) = Some(held);
                Ok(issued)
            }
            Err(error) => {
                let (at, provider, why) = ((self.clock)(), error.provider, error.source.to_string());
                *asking = Some(Refusal { at, provider, why });
                Err(error)
            }
        }
    }
}

/// The last refusal, if it was not longer ago.
fn refused_within(pause: Duration, now: SystemTime, last: Option<&Refusal>) -> Option<AuthError> {
    let last = last.filter(|it| now.duration_since(it.at).is_ok_and(|ago| ago < pause))?;
    Some(AuthError { provider: last.provider, source: last.why.clone().into() })
}

impl<I: Issuer> fmt::Debug for Renewed<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Renewed").field(&self.0.issuer).finish()
    }
}

#[cfg(test)]
mod tests;
