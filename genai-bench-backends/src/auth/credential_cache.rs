//! Credentials that are valid for a while, renewed while requests go on.

use std::fmt;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use genai_bench_core::auth::AuthError;
use genai_bench_core::clock;
use tokio::sync::{Mutex, OwnedMutexGuard};

use super::background_runtime::BackgroundRuntime;

/// Someone who gives out credentials that are valid for a while.
#[async_trait]
pub trait CredentialProvider: fmt::Debug + Send + Sync + 'static {
    /// What is given out.
    type Credential: Send + Sync + 'static;

    /// Gets a new one.
    ///
    /// # Errors
    ///
    /// When none is given, with a reason that holds no secret.
    async fn fetch(&self) -> Result<Expiring<Self::Credential>, AuthError>;
}

/// A credential that was given out.
#[derive(Clone)]
#[non_exhaustive]
pub struct Expiring<T> {
    /// What requests are authorized with.
    pub credential: T,
    /// Until when it is valid; without end when absent.
    pub expires: Option<SystemTime>,
}

impl<T> Expiring<T> {
    /// A credential that is valid until then.
    pub fn new(credential: T, expires: Option<SystemTime>) -> Self {
        Self { credential, expires }
    }
}

impl<T> fmt::Debug for Expiring<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Expiring").field("expires", &self.expires).finish_non_exhaustive()
    }
}

/// How long before its end a credential is renewed; one that lives less than twice as long, at half its life.
const RENEWAL_MARGIN: Duration = Duration::from_secs(5 * 60);
/// A credential with less than this left is not used any more: a request takes a while to arrive.
const EXPIRY_MARGIN: Duration = Duration::from_secs(10);
/// How long after a failure the provider is left alone while the old credential is still good.
const RETRY_PAUSE: Duration = Duration::from_secs(30);
/// The same when there is no credential that is still good, and requests fail for want of one.
const RETRY_PAUSE_WITHOUT_CREDENTIAL: Duration = Duration::from_secs(1);

/// The credential of a [`CredentialProvider`], renewed before it ends by one task while all others go on with the old one.
/// The task runs on a thread of its own: the one that stamps what arrives is not held up.
///
/// Only who finds no credential that is still valid waits, and then all wait for the same one. A request waits before
/// its clock starts.
pub struct CredentialCache<I: CredentialProvider>(Arc<State<I>>);

struct State<I: CredentialProvider> {
    provider: I,
    clock: fn() -> SystemTime,
    current: RwLock<Option<CachedCredential<I::Credential>>>,
    /// Held by whoever asks the provider; in it, how that failed last.
    renewing: Arc<Mutex<Option<FailedRenewal>>>,
    /// Where it is renewed; whoever asks for it does so where there is none.
    background: OnceLock<Option<BackgroundRuntime>>,
}

struct CachedCredential<T> {
    issued: Arc<Expiring<T>>,
    renew_at: Option<SystemTime>,
}

struct FailedRenewal {
    at: SystemTime,
    provider: &'static str,
    why: String,
}

impl<I: CredentialProvider> CredentialCache<I> {
    /// Whatever `provider` gives out, asked for when it is first needed.
    pub fn new(provider: I) -> Self {
        Self::build(provider, clock::wall, OnceLock::new())
    }

    /// The same by another clock than the machine's, and renewed on the runtime of whoever asks for it: its time may
    /// stand still, as in a test.
    pub fn with_clock(provider: I, clock: fn() -> SystemTime) -> Self {
        Self::build(provider, clock, OnceLock::from(None))
    }

    fn build(
        provider: I,
        clock: fn() -> SystemTime,
        background: OnceLock<Option<BackgroundRuntime>>,
    ) -> Self {
        let (current, renewing) = (RwLock::default(), Arc::default());
        Self(Arc::new(State { provider, clock, current, renewing, background }))
    }

    /// Who gives them out.
    #[must_use]
    pub fn provider(&self) -> &I {
        &self.0.provider
    }

    /// A credential that is valid now.
    ///
    /// # Errors
    ///
    /// When there is none, and the provider gives none.
    pub async fn current(&self) -> Result<Arc<Expiring<I::Credential>>, AuthError> {
        let state = &self.0;
        let now = (state.clock)();
        if let Some((issued, is_due)) = state.valid_at(now) {
            if is_due {
                self.renew_in_background(now);
            }
            return Ok(issued);
        }
        let renewing = Arc::clone(&state.renewing).lock_owned().await;
        // Someone else may have got one while we waited, or been refused.
        let now = (state.clock)();
        if let Some((issued, _)) = state.valid_at(now) {
            return Ok(issued);
        }
        match failed_within(RETRY_PAUSE_WITHOUT_CREDENTIAL, now, renewing.as_ref()) {
            Some(error) => Err(error),
            None => state.renew(renewing).await,
        }
    }

    /// Lets a task of its own renew it, unless one does, or it has just been refused.
    fn renew_in_background(&self, now: SystemTime) {
        let Ok(renewing) = Arc::clone(&self.0.renewing).try_lock_owned() else { return };
        // It may have been renewed since we looked.
        let is_due = self.0.valid_at(now).is_none_or(|it| it.1);
        if is_due && failed_within(RETRY_PAUSE, now, renewing.as_ref()).is_none() {
            let state = Arc::clone(&self.0);
            // Its failure is remembered, and matters to no one as long as the old credential is good.
            let renewal = async move { drop(state.renew(renewing).await) };
            match self.0.background.get_or_init(|| BackgroundRuntime::start().ok()) {
                Some(background) => background.spawn(renewal),
                None => drop(tokio::spawn(renewal)),
            }
        }
    }
}

impl<I: CredentialProvider> State<I> {
    /// The credential, if it is valid then, and whether it is time to renew it.
    fn valid_at(&self, now: SystemTime) -> Option<(Arc<Expiring<I::Credential>>, bool)> {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        let held = current.as_ref()?;
        let is_valid = held.issued.expires.is_none_or(|it| now + EXPIRY_MARGIN < it);
        is_valid.then(|| (Arc::clone(&held.issued), held.renew_at.is_some_and(|it| it <= now)))
    }

    async fn renew(
        &self,
        mut renewing: OwnedMutexGuard<Option<FailedRenewal>>,
    ) -> Result<Arc<Expiring<I::Credential>>, AuthError> {
        let asked = (self.clock)();
        match self.provider.fetch().await {
            Ok(issued) => {
                *renewing = None;
                let life = |end: SystemTime| end.duration_since(asked).unwrap_or_default();
                let renew_at = issued.expires.map(|end| end - RENEWAL_MARGIN.min(life(end) / 2));
                let issued = Arc::new(issued);
                let held = CachedCredential { issued: Arc::clone(&issued), renew_at };
                *self.current.write().unwrap_or_else(PoisonError::into_inner) = Some(held);
                Ok(issued)
            }
            Err(error) => {
                let (at, provider, why) = ((self.clock)(), error.provider, error.source.to_string());
                *renewing = Some(FailedRenewal { at, provider, why });
                Err(error)
            }
        }
    }
}

/// The last refusal, if it was not longer ago.
fn failed_within(pause: Duration, now: SystemTime, last: Option<&FailedRenewal>) -> Option<AuthError> {
    let last = last.filter(|it| now.duration_since(it.at).is_ok_and(|ago| ago < pause))?;
    Some(AuthError { provider: last.provider, source: last.why.clone().into() })
}

impl<I: CredentialProvider> fmt::Debug for CredentialCache<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("CredentialCache").field(&self.0.provider).finish()
    }
}

#[cfg(test)]
mod tests;
