//! The tables of laws. A new law is a function and a line in one of them.

use super::{Role, Subject};

mod auth;
mod counts;
mod encoding;
mod ending;
mod fields;
mod framing;
mod json_text;
mod storage;
mod timing;
mod tolerance;

pub use auth::{AUTH_LAWS, AuthLaw, AuthSubject};
pub use storage::{STORAGE_LAWS, StorageLaw, StorageSubject};

/// The result of a law: a sentence that describes the violation, if there is one.
pub type Outcome = Result<(), String>;

/// A law for backends.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Law {
    /// The name, as a statement about a backend.
    pub name: &'static str,
    /// The kinds of recordings that it checks.
    pub roles: &'static [Role],
    /// The check.
    pub check: fn(&Subject) -> Outcome,
}

impl Law {
    /// Returns `true` if `subject` has a recording that this law checks.
    #[must_use]
    pub fn applies_to(&self, subject: &Subject) -> bool {
        subject.cassettes.iter().any(|cassette| self.roles.contains(&cassette.role))
    }
}

const COMPLETE: &[Role] = &[Role::Answer, Role::Unknown, Role::Unmarked];
const ANY: &[Role] = &[Role::Answer, Role::Unknown, Role::Unmarked, Role::Broken, Role::ErrorInside];

/// Every law for backends, in the order in which a new backend should make them pass.
pub const LAWS: &[Law] = &[
    Law { name: "carries_no_credentials", roles: ANY, check: encoding::carries_no_credentials },
    Law { name: "spells_the_recorded_answer", roles: COMPLETE, check: framing::spells_the_recorded_answer },
    Law { name: "ignores_chunk_boundaries", roles: ANY, check: framing::ignores_chunk_boundaries },
    Law {
        name: "never_calls_a_cut_body_complete",
        roles: COMPLETE,
        check: ending::never_calls_a_cut_body_complete,
    },
    Law {
        name: "is_complete_only_behind_the_last_output",
        roles: COMPLETE,
        check: ending::is_complete_only_behind_the_last_output,
    },
    Law {
        name: "stamps_an_event_when_its_last_byte_arrives",
        roles: COMPLETE,
        check: timing::stamps_an_event_when_its_last_byte_arrives,
    },
    Law {
        name: "skips_what_it_does_not_know",
        roles: &[Role::Unknown],
        check: tolerance::skips_what_it_does_not_know,
    },
    Law { name: "refuses_what_is_broken", roles: &[Role::Broken], check: tolerance::refuses_what_is_broken },
    Law {
        name: "reports_an_error_inside_a_good_response",
        roles: &[Role::ErrorInside],
        check: tolerance::reports_an_error_inside_a_good_response,
    },
    Law {
        name: "reads_an_answer_whose_counts_are_absurd",
        roles: COMPLETE,
        check: counts::reads_an_answer_whose_counts_are_absurd,
    },
    Law {
        name: "leaves_unknown_fields_alone",
        roles: &[Role::Answer, Role::Unknown],
        check: fields::leaves_unknown_fields_alone,
    },
    Law {
        name: "reads_the_last_of_two_equal_keys",
        roles: &[Role::Answer, Role::Unknown],
        check: fields::reads_the_last_of_two_equal_keys,
    },
    Law { name: "survives_anything", roles: ANY, check: tolerance::survives_anything },
];

/// Returns `Err` with this message unless `holds`.
fn ensure(holds: bool, message: impl FnOnce() -> String) -> Outcome {
    if holds { Ok(()) } else { Err(message()) }
}
