//! Tests with a clock that the test sets.

use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use genai_bench_core::auth::AuthProvider;

use super::*;

/// A provider of numbered tokens that live for an hour, which records its calls.
#[derive(Debug)]
struct Numbered {
    clock: fn() -> SystemTime,
    given: AtomicU64,
    refuses: std::sync::atomic::AtomicBool,
    takes: Duration,
}

const LIFE: Duration = Duration::from_secs(3600);

impl Numbered {
    fn by(clock: fn() -> SystemTime) -> Self {
        Self { clock, given: AtomicU64::new(0), refuses: false.into(), takes: Duration::from_millis(200) }
    }
}

#[async_trait]
impl CredentialProvider for Numbered {
    type Credential = u64;

    async fn fetch(&self) -> Result<Expiring<u64>, AuthError> {
        let asked = (self.clock)();
        let number = self.given.fetch_add(1, Ordering::Relaxed);
        tokio::time::sleep(self.takes).await;
        if self.refuses.load(Ordering::Relaxed) {
            return Err(AuthError { provider: "test", source: format!("refusal {number}").into() });
        }
        Ok(Expiring::new(number, Some(asked + LIFE)))
    }
}

/// Creates a clock for each test: tests run in parallel.
macro_rules! clock {
    ($name:ident) => {
        mod $name {
            pub(super) static NOW_MS: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
            pub(super) fn now() -> std::time::SystemTime {
                let now = NOW_MS.load(std::sync::atomic::Ordering::Relaxed);
                std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_millis(now)
            }
            pub(super) fn set(seconds: u64) {
                NOW_MS.store(seconds * 1000, std::sync::atomic::Ordering::Relaxed);
            }
        }
    };
}

clock!(across);
clock!(together);
clock!(refused);
clock!(pauses);

/// An auth provider that writes the number of its token, and `true` if it has expired, into headers.
#[derive(Debug)]
struct ByNumber(CredentialCache<Numbered>);

#[async_trait]
impl AuthProvider for ByNumber {
    async fn authorize(&self, request: &mut http::Request<Bytes>) -> Result<(), AuthError> {
        let token = self.0.current().await?;
        let expires = token.expires.unwrap_or(SystemTime::UNIX_EPOCH);
        let left = expires.duration_since((self.0.0.clock)()).unwrap_or_default();
        request.headers_mut().insert("x-token", token.credential.into());
        request.headers_mut().insert("x-left", left.as_secs().into());
        Ok(())
    }
}

/// A thousand requests, ten at a time, over two and a half hours, of which the first token lives one.
#[tokio::test(start_paused = true)]
async fn requests_across_an_expiry_never_have_a_dead_token_or_wait() {
    let auth = Arc::new(ByNumber(CredentialCache::with_clock(Numbered::by(across::now), across::now)));
    let mut tokens = Vec::new();
    for round in 0..100 {
        across::set(round * 40);
        let before = clock::now();
        let mut together = tokio::task::JoinSet::new();
        for _ in 0..10 {
            let auth = Arc::clone(&auth);
            together.spawn(async move {
                let mut request = http::Request::new(Bytes::new());
                auth.authorize(&mut request).await.unwrap();
                let number = |name: &str| request.headers()[name].to_str().unwrap().parse::<u64>().unwrap();
                (number("x-token"), number("x-left"))
            });
        }
        let got = together.join_all().await;
        let waited = clock::now().since(before);
        assert!(got.iter().all(|it| it.1 >= EXPIRY_MARGIN.as_secs()), "round {round}: {got:?}");
        assert_eq!(waited.is_zero(), round > 0, "only the first wait: round {round} waited {waited:?}");
        tokens.extend(got.iter().map(|it| it.0));
        // The next round begins when the current renewal has ended.
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    assert_eq!(tokens.len(), 1000);
    let renewed_at = tokens.iter().position(|it| *it == 1).unwrap();
    assert_eq!(tokens[renewed_at..].iter().min(), Some(&1), "nobody goes back");
    assert_eq!(auth.0.provider().given.load(Ordering::Relaxed), 2, "one token, and one renewal");
}

#[tokio::test(start_paused = true)]
async fn requests_without_a_valid_token_wait_for_the_same_one() {
    let renewed = Arc::new(CredentialCache::with_clock(Numbered::by(together::now), together::now));
    for (time, number) in [(0, 0), (3595, 1), (9999, 2)] {
        together::set(time);
        let mut all = tokio::task::JoinSet::new();
        for _ in 0..100 {
            let renewed = Arc::clone(&renewed);
            all.spawn(async move { renewed.current().await.unwrap().credential });
        }
        assert_eq!(all.join_all().await, vec![number; 100]);
    }
}

#[tokio::test(start_paused = true)]
async fn concurrent_requests_share_one_refusal() {
    let renewed = Arc::new(CredentialCache::with_clock(Numbered::by(refused::now), refused::now));
    renewed.provider().refuses.store(true, Ordering::Relaxed);
    let mut all = tokio::task::JoinSet::new();
    for _ in 0..100 {
        let renewed = Arc::clone(&renewed);
        all.spawn(async move { renewed.current().await.unwrap_err().to_string() });
    }
    let errors = all.join_all().await;
    assert!(errors.iter().all(|it| it == "no credentials from test: refusal 0"), "{errors:?}");
    refused::set(1);
    assert_eq!(renewed.current().await.unwrap_err().to_string(), "no credentials from test: refusal 1");
}

#[tokio::test(start_paused = true)]
async fn a_valid_token_is_used_while_its_renewal_is_refused_and_paused() {
    let renewed = CredentialCache::with_clock(Numbered::by(pauses::now), pauses::now);
    assert_eq!(renewed.current().await.unwrap().credential, 0);
    renewed.provider().refuses.store(true, Ordering::Relaxed);
    for second in 3301..3360 {
        pauses::set(second);
        assert_eq!(renewed.current().await.unwrap().credential, 0);
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    assert_eq!(renewed.provider().given.load(Ordering::Relaxed), 3, "asked at 3301 and 3331");
    renewed.provider().refuses.store(false, Ordering::Relaxed);
    pauses::set(3361);
    renewed.current().await.unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(renewed.current().await.unwrap().credential, 3);
}

#[tokio::test]
async fn a_renewal_runs_on_a_thread_of_its_own() {
    /// A provider that returns the name of its thread as a credential that expires soon.
    #[derive(Debug)]
    struct OnThread;

    #[async_trait]
    impl CredentialProvider for OnThread {
        type Credential = Option<String>;

        async fn fetch(&self) -> Result<Expiring<Option<String>>, AuthError> {
            let thread = std::thread::current().name().map(str::to_owned);
            Ok(Expiring::new(thread, Some(clock::wall() + EXPIRY_MARGIN + Duration::from_millis(1))))
        }
    }

    let renewed = CredentialCache::new(OnThread);
    let first = renewed.current().await.unwrap();
    assert_ne!(first.credential.as_deref(), Some("credentials"), "whoever finds none waits for it");
    renewed.renew_in_background(first.expires.unwrap());
    for _ in 0..1000 {
        if renewed.0.valid_at(SystemTime::UNIX_EPOCH).unwrap().0.credential.as_deref() == Some("credentials")
        {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("nobody renewed it there");
}
