//! Every registered backend and auth provider against every law.

use std::sync::Arc;

use genai_bench_backends::auth::{ApiKey, Secret};
use genai_bench_backends::registry::ENTRIES;
use genai_bench_core::conformance::{AUTH_LAWS, AuthSubject, LAWS};
use libtest_mimic::{Arguments, Trial};

fn main() {
    let trials = backend_trials().into_iter().chain(auth_trials()).collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

fn backend_trials() -> Vec<Trial> {
    let pairs = ENTRIES.iter().flat_map(|entry| LAWS.iter().map(move |law| (entry, law)));
    let trial = |(entry, law): (
        &'static genai_bench_backends::registry::Entry,
        &'static genai_bench_core::conformance::Law,
    )| {
        let applies = law.applies_to(&(entry.subject)());
        let check = move || (law.check)(&(entry.subject)()).map_err(Into::into);
        Trial::test(format!("{}::{}", entry.name, law.name), check).with_ignored_flag(!applies)
    };
    pairs.map(trial).collect()
}

fn auth_trials() -> Vec<Trial> {
    let subjects = || {
        let key = ApiKey::bearer(&Secret::from("sk-secret-123")).expect("a plain key is a header");
        [AuthSubject { name: "api_key", provider: Arc::new(key), secrets: vec!["sk-secret-123"] }]
    };
    let pairs =
        subjects().into_iter().flat_map(|subject| AUTH_LAWS.iter().map(move |law| (subject.clone(), law)));
    let trial = |(subject, (name, check)): (AuthSubject, &'static genai_bench_core::conformance::AuthLaw)| {
        Trial::test(format!("{}::{name}", subject.name), move || check(&subject).map_err(Into::into))
    };
    pairs.map(trial).collect()
}
