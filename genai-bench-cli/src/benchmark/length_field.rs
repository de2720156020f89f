//! Detection of servers that ignore the field for the length limit of answers.

use genai_bench_core::plan::Plan;
use genai_bench_core::record::RequestRecord;
use genai_bench_core::runner::Runner;
use genai_bench_core::units::Tokens;
use serde_json::Value;

use super::output_limit;
use super::server_under_test::ServerUnderTest;
use super::setup::Setup;
use crate::console::note;
use crate::failure::Failure;

/// The field that older servers ignore.
const NEWER: &str = "max_completion_tokens";
/// The field that older servers know.
const OLDER: &str = "max_tokens";

/// The length of an answer that exceeds the limit of its request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Overlong {
    limit: Tokens,
    length: Tokens,
}

impl Overlong {
    /// Returns the lengths of an answer that exceeds its limit: by the server's count, or by the number of its pieces, each
    /// of which is at least one token.
    pub(crate) fn from_record(record: &RequestRecord) -> Option<Self> {
        let limit = record.max_output_tokens.filter(|_| record.succeeded() && record.has_tokens())?;
        let pieces = record.arrivals.iter().map(|arrival| u64::from(arrival.pieces)).sum();
        let length = record.usage.output.unwrap_or_default().max(Tokens(pieces));
        record.exceeds_limit(length).then_some(Self { limit, length })
    }
}

/// Returns the server with the older field in its requests, if they have the newer one by default and the server obeys only
/// the older one. Prints a note with the result.
///
/// # Errors
///
/// Returns an error if no request can be created.
pub(super) async fn settled(setup: &Setup, overlong: Overlong) -> Result<Option<ServerUnderTest>, Failure> {
    let Overlong { limit, length } = overlong;
    let (server, plan) = (&setup.server, &setup.workload.plan);
    let answer = format!("the first answer has {length} tokens, more than its limit of {limit}");
    if sends_newer(&setup.runner()?, plan)? && may_choose(server) {
        let mut settings = server.settings.clone();
        settings.length_field = Some(OLDER.to_owned());
        // The notes of this endpoint are those of the first one, which have been printed.
        if let Ok(endpoint) = setup.options.server.backend.entry()?.build(&settings) {
            let older = ServerUnderTest { endpoint, settings, simulator: server.simulator.clone() };
            let record = setup.runner_to(&older)?.preflight(plan, 1).await?;
            if record.succeeded() && Overlong::from_record(&record).is_none() {
                note(format!(
                    "{answer}: the server ignores {NEWER}, so {OLDER} is sent instead (--length-field {OLDER})"
                ));
                return Ok(Some(older));
            }
        }
    }
    note(format!("{answer}: the server does not know the field that limits answers (see --length-field)"));
    Ok(None)
}

/// Returns `true` if no option sets the field.
fn may_choose(server: &ServerUnderTest) -> bool {
    server.settings.length_field.is_none() && output_limit::added(&server.settings.body).is_none()
}

fn sends_newer(runner: &Runner, plan: &Plan) -> Result<bool, Failure> {
    let request = runner.preflight_request(plan, 0)?;
    let body = request.and_then(|request| serde_json::from_slice::<Value>(request.body()).ok());
    Ok(body.is_some_and(|body| body.get(NEWER).is_some()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_may_exceed_its_limit_by_its_end_token() {
        fn overlong(output: Option<u64>, limit: Option<u64>) -> Option<u64> {
            let mut record: RequestRecord = serde_json::from_value(serde_json::json!({
                "index": 0, "due": 0, "called": 0, "sent": 0, "ended": 9, "arrivals": [[5, "text", 9, null]]
            }))
            .unwrap();
            (record.usage.output, record.max_output_tokens) = (output.map(Tokens), limit.map(Tokens));
            Overlong::from_record(&record).map(|overlong| overlong.length.0)
        }

        assert_eq!(overlong(Some(20), Some(8)), Some(20));
        assert_eq!(overlong(Some(9), Some(8)), None);
        assert_eq!(overlong(None, Some(7)), Some(9), "by its pieces");
        assert_eq!(overlong(Some(20), None), None);
    }
}
