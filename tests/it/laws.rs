//! Every law catches what it forbids: for each one there is something that is broken on purpose.
//!
//! A law without a saboteur fails [`every_law_has_a_saboteur`].

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use genai_bench_core::conformance::{AUTH_LAWS, LAWS, Outcome, STORAGE_LAWS};

mod auth;
mod backend;
mod hasty;
mod late;
mod storage;

/// Something that a law must not let pass.
struct Saboteur<S> {
    law: &'static str,
    /// What is wrong with it.
    deed: &'static str,
    subject: fn() -> S,
}

/// Which of `saboteurs` pass the law that is there to catch them.
fn uncaught<S>(saboteurs: &[Saboteur<S>], check: impl Fn(&str, &S) -> Outcome) -> Vec<String> {
    let passes = |it: &&Saboteur<S>| {
        let subject = (it.subject)();
        // A panic is caught, too: the test of that law fails.
        matches!(catch_unwind(AssertUnwindSafe(|| check(it.law, &subject))), Ok(Ok(())))
    };
    let passed = saboteurs.iter().filter(passes);
    passed.map(|it| format!("{} passes {}", it.deed, it.law)).collect()
}

#[test]
fn a_backend_that_is_broken_is_caught() {
    assert_eq!(uncaught(backend::SABOTEURS, backend::check), [""; 0]);
}

#[test]
fn an_auth_provider_that_is_broken_is_caught() {
    assert_eq!(uncaught(auth::SABOTEURS, auth::check), [""; 0]);
}

#[test]
fn a_store_that_is_broken_is_caught() {
    assert_eq!(uncaught(storage::SABOTEURS, storage::check), [""; 0]);
}

#[test]
fn what_is_not_broken_is_let_pass() {
    for law in LAWS {
        assert_eq!(backend::check(law.name, &backend::unbroken()), Ok(()), "{}", law.name);
    }
    for (law, _) in AUTH_LAWS {
        assert_eq!(auth::check(law, &auth::unbroken()), Ok(()), "{law}");
    }
    for (law, _) in STORAGE_LAWS {
        assert_eq!(storage::check(law, &storage::unbroken()), Ok(()), "{law}");
    }
}

#[test]
fn every_law_has_a_saboteur() {
    let backends = LAWS.iter().map(|it| it.name);
    let laws: BTreeSet<&str> =
        backends.chain(AUTH_LAWS.iter().map(|it| it.0)).chain(STORAGE_LAWS.iter().map(|it| it.0)).collect();
    let of_backends = backend::SABOTEURS.iter().map(|it| it.law);
    let of_auth = auth::SABOTEURS.iter().map(|it| it.law);
    let of_storage = storage::SABOTEURS.iter().map(|it| it.law);
    let caught: BTreeSet<&str> = of_backends.chain(of_auth).chain(of_storage).collect();
    assert_eq!(laws, caught);
}
