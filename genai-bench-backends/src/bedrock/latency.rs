//! How long an answer took by the service's own clock.

use genai_bench_core::trace::ServerTime;
use serde::Deserialize;

use crate::wire::fields::Number;

/// `metrics` of Converse.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireMetrics {
    latency_ms: Number,
}

impl From<WireMetrics> for ServerTime {
    fn from(wire: WireMetrics) -> Self {
        Self::in_ms(None, wire.latency_ms.get())
    }
}

/// What the head of an answer in one piece says, of a model that was invoked.
pub(super) fn in_head(head: &http::response::Parts) -> ServerTime {
    let told = |name| head.headers.get(name)?.to_str().ok()?.trim().parse().ok();
    ServerTime::in_ms(None, told("x-amzn-bedrock-invocation-latency"))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn it_is_in_the_metrics_and_in_the_head() {
        let metrics: WireMetrics = serde_json::from_str(r#"{"latencyMs": 120}"#).unwrap();
        assert_eq!(ServerTime::from(metrics).total, Some(Duration::from_millis(120)));
        let head = |it: &str| {
            let response = http::Response::builder().header("X-Amzn-Bedrock-Invocation-Latency", it);
            in_head(&response.body(()).unwrap().into_parts().0)
        };
        assert_eq!(head("85").total, Some(Duration::from_millis(85)));
        assert!(head("soon").is_unknown());
    }
}
