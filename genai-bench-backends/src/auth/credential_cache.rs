//! A cache of credentials that are renewed while requests are sent.

use std::fmt;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use genai_bench_core::auth::AuthError;
use genai_bench_core::clock;
use tokio::sync::{Mutex, OwnedMutexGuard};

use super::background_runtime::BackgroundRuntime;

/// A provider of credentials that are valid for a limited time.
#[async_trait]
pub trait CredentialProvider: fmt::Debug + Send + Sync + 'static {
    /// The type of the credentials.
    type Credential: Send + Sync + 'static;

    /// Fetches a new credential.
    ///
    /// # Errors
    ///
    /// Returns a reason without secrets if no credential is available.
    async fn fetch(&self) -> Result<Expiring<Self::Credential>, AuthError>;
}

/// A credential with an expiry.
#[derive(Clone)]
#[non_exhaustive]
pub struct Expiring<T> {
    /// The credential that authorizes requests.
    pub credential: T,
    /// The time at which the credential expires, or `None` if it never does.
    pub expires: Option<SystemTime>,
}

impl<T> Expiring<T> {
    /// Creates a credential that is valid until `expires`.
    pub fn new(credential: T, expires: Option<SystemTime>) -> Self {
        Self { credential, expires }
    }
}

impl<T> fmt::Debug for Expiring<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Expiring").field("expires", &self.expires).finish_non_exhaustive()
    }
}

/// The time before its expiry at which a credential is renewed. A credential that lives less than twice as
/// long is renewed at half its life.
const RENEWAL_MARGIN: Duration = Duration::from_secs(5 * 60);
/// The remaining validity below which a credential is not used any more: a request takes a while to arrive.
const EXPIRY_MARGIN: Duration = Duration::from_secs(10);
/// The pause after a failed renewal while the old credential is still valid.
const RETRY_PAUSE: Duration = Duration::from_secs(30);
/// The pause after a failed renewal without a valid credential, when requests fail for want of one.
const RETRY_PAUSE_WITHOUT_CREDENTIAL: Duration = Duration::from_secs(1);

/// The credential of a [`CredentialProvider`], renewed before it expires by one task while all other
/// requests use the old one. The task runs on a thread of its own, so that the threads that timestamp
/// responses are not delayed.
///
/// A request waits only if no credential is valid, and all such requests wait for the same one. A request
/// waits before its clock starts.
pub struct CredentialCache<I: CredentialProvider>(Arc<State<I>>);

struct State<I: CredentialProvider> {
    provider: I,
    clock: fn() -> SystemTime,
    current: RwLock<Option<CachedCredential<I::Credential>>>,
    /// Held while the provider is called; holds the last failure.
    renewing: Arc<Mutex<Option<FailedRenewal>>>,
    /// The runtime of renewals. Without one, the request that needs a credential renews it.
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
    /// Creates a cache of the credential of `provider`, which is fetched when it is first needed.
    pub fn new(provider: I) -> Self {
        Self::build(provider, clock::wall, OnceLock::new())
    }

    /// Creates a cache with another clock than the machine's. Credentials are renewed on the runtime of the
    /// caller, whose time may stand still, as in a test.
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

    /// Returns the provider of the credentials.
    #[must_use]
    pub fn provider(&self) -> &I {
        &self.0.provider
    }

    /// Returns a credential that is valid now.
    ///
    /// # Errors
    ///
    /// Returns an error if there is none, and the provider returns none.
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
        // Another request may have fetched one in the meantime, or have been refused.
        let now = (state.clock)();
        if let Some((issued, _)) = state.valid_at(now) {
            return Ok(issued);
        }
        match failed_within(RETRY_PAUSE_WITHOUT_CREDENTIAL, now, renewing.as_ref()) {
            Some(error) => Err(error),
            None => state.renew(renewing).await,
        }
    }

    /// Renews the credential in a background task, unless a renewal is in progress or has just failed.
    fn renew_in_background(&self, now: SystemTime) {
        let Ok(renewing) = Arc::clone(&self.0.renewing).try_lock_owned() else { return };
        // The credential may have been renewed since the check above.
        let is_due = self.0.valid_at(now).is_none_or(|it| it.1);
        if is_due && failed_within(RETRY_PAUSE, now, renewing.as_ref()).is_none() {
            let state = Arc::clone(&self.0);
            // The failure is recorded, and has no effect as long as the old credential is valid.
            let renewal = async move { drop(state.renew(renewing).await) };
            match self.0.background.get_or_init(|| BackgroundRuntime::start().ok()) {
                Some(background) => background.spawn(renewal),
                None => drop(tokio::spawn(renewal)),
            }
        }
    }
}

impl<I: CredentialProvider> State<I> {
    /// Returns the credential, if it is valid at `now`, and `true` if it is time to renew it.
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
        let requested = (self.clock)();
        match self.provider.fetch().await {
            Ok(issued) => {
                *renewing = None;
                let renew_at = issued.expires.map(|end| {
                    let lifetime = end.duration_since(requested).unwrap_or_default();
                    end - RENEWAL_MARGIN.min(lifetime / 2)
                });
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

/// Returns the last failure, if it was at most `pause` ago.
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
