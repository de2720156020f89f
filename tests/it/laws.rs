//! Tests of the laws: for each law there are subjects that violate it on purpose.
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

/// A subject that violates a law.
struct Saboteur<S> {
    law: &'static str,
    /// The violation.
    deed: &'static str,
    subject: fn() -> S,
}

/// Returns the `saboteurs` that pass the law that they violate.
fn uncaught<S>(saboteurs: &[Saboteur<S>], check: impl Fn(&str, &S) -> Outcome) -> Vec<String> {
    let passed = saboteurs.iter().filter(|saboteur| {
        let subject = (saboteur.subject)();
        // A panic counts as caught: the test of that law fails.
        matches!(catch_unwind(AssertUnwindSafe(|| check(saboteur.law, &subject))), Ok(Ok(())))
    });
    passed.map(|saboteur| format!("{} passes {}", saboteur.deed, saboteur.law)).collect()
}

#[test]
fn a_backend_that_violates_a_law_is_caught() {
    assert_eq!(uncaught(backend::SABOTEURS, backend::check), [""; 0]);
}

#[test]
fn an_auth_provider_that_violates_a_law_is_caught() {
    assert_eq!(uncaught(auth::SABOTEURS, auth::check), [""; 0]);
}

#[test]
fn a_store_that_violates_a_law_is_caught() {
    assert_eq!(uncaught(storage::SABOTEURS, storage::check), [""; 0]);
}

#[test]
fn subjects_without_a_violation_pass_every_law() {
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
