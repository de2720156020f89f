//! Where requests go.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use genai_bench_backends::auth::{Environment, Origin, Secret};
use genai_bench_backends::registry::{self, Endpoint, Entry, Settings};
use genai_bench_backends::simulator::Simulator;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Map, Value};

use super::options::{Options, first_set};
use crate::failure::Failure;
use crate::{simulate, workload};

/// A server, what it was told of by, and the simulator when we run it ourselves.
pub(crate) struct Destination {
    pub(crate) endpoint: Endpoint,
    pub(crate) settings: Settings,
    pub(crate) simulator: Option<Arc<Simulator>>,
}

/// Makes the backend, and starts the simulator if that is what was asked for.
pub(crate) fn build(options: &Options) -> Result<Destination, Failure> {
    let server = &options.server;
    let entry = registry::find(options.backend())
        .ok_or_else(|| Failure::option("api-backend", format!("'{}' is none", options.backend())))?;
    if !entry.tasks.contains(&options.workload.task) {
        let problem = format!("{} cannot do {}", entry.name, options.workload.task);
        return Err(Failure::option("task", problem));
    }
    let simulator = (options.is_simulated() && server.api_base.is_none())
        .then(|| start_simulator(server.simulator_settings.as_deref()))
        .transpose()?;
    let settings = Settings {
        api_base: simulator.as_ref().map(|it| it.url()).or_else(|| server.api_base.clone()),
        api_key: key(options, entry),
        headers: headers(&server.header)?,
        body: additional_params(options)?,
        continuous_usage: server.continuous_usage_stats,
        chat_api: (options.workload.endpoint == workload::Endpoint::Responses)
            .then(|| "responses".to_owned()),
        length_field: server.length_field.clone(),
        ignore_eos: server.ignore_eos,
        options: options.provider.of(entry)?,
        environment: Environment::of_the_process(),
    };
    Ok(Destination { endpoint: (entry.build)(&settings)?, settings, simulator })
}

/// The fields that are added to every request.
fn additional_params(options: &Options) -> Result<Map<String, Value>, Failure> {
    const OPTION: &str = "additional-request-params";
    let Some(text) = &options.server.additional_request_params else { return Ok(Map::new()) };
    match serde_json::from_str(text) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(Failure::option(OPTION, r#"no JSON object: give one such as {"temperature": 0.5}"#)),
        Err(error) => {
            let hint = r#"give a JSON object with double quotes, such as {"temperature": 0.5}"#;
            Err(Failure::option(OPTION, format!("no JSON ({error}): {hint}")))
        }
    }
}

fn start_simulator(settings: Option<&str>) -> Result<Arc<Simulator>, Failure> {
    let settings = simulate::settings(settings)?;
    let anywhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    Simulator::start(settings, anywhere).map(Arc::new).map_err(|it| simulate::failure(&it))
}

/// What was typed wins over the environment.
fn key(options: &Options, entry: &Entry) -> Option<Secret> {
    let typed = |key: &Option<String>, option| Some(Secret::from(key.clone()?).found(Origin::Option(option)));
    let server = &options.server;
    let key = typed(&server.api_key, "api-key").or_else(|| typed(&server.model_api_key, "model-api-key"));
    // What is typed as empty undoes the environment.
    key.or_else(|| first_set(entry.key_variables)).filter(|it| !it.reveal().is_empty())
}

fn headers(lines: &[String]) -> Result<HeaderMap, Failure> {
    let mut headers = HeaderMap::new();
    for line in lines {
        // The value may be a secret, so only the name is shown.
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        let wrong = || Failure::option("header", format!("'{name}: …' is no header: give NAME: VALUE"));
        let parsed = HeaderName::try_from(name.trim()).ok().zip(HeaderValue::try_from(value.trim()).ok());
        let (name, mut value) = parsed.filter(|_| line.contains(':')).ok_or_else(wrong)?;
        value.set_sensitive(true);
        headers.append(name, value);
    }
    Ok(headers)
}
