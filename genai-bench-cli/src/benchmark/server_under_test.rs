//! The server that requests are sent to.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use genai_bench_backends::entry::{Endpoint, Settings};
use genai_bench_backends::registry::ENTRIES;
use genai_bench_backends::simulator::Simulator;
use serde_json::{Map, Value};

use super::options::Options;
use crate::failure::Failure;
use crate::{backend_options, simulate, workload};

/// A server, its settings, and the simulator if it runs in this process.
pub(crate) struct ServerUnderTest {
    pub(crate) endpoint: Endpoint,
    pub(crate) settings: Settings,
    pub(crate) simulator: Option<Arc<Simulator>>,
}

/// Builds the backend, and starts the simulator if it is the server.
pub(crate) fn build(options: &Options) -> Result<ServerUnderTest, Failure> {
    let server = &options.server;
    let entry = server.backend.entry()?;
    check_task(options)?;
    let simulator = (options.is_simulated() && server.backend.api_base.is_none())
        .then(|| start_simulator(server.simulator_settings.as_deref()))
        .transpose()?;
    let mut settings = server.backend.settings(entry)?;
    if let Some(simulator) = &simulator {
        settings.api_base = Some(simulator.url());
    }
    settings.body = additional_params(options)?;
    settings.no_stream_options = server.no_stream_options;
    settings.continuous_usage = server.continuous_usage_stats;
    let by_responses = options.workload.endpoint == workload::Endpoint::Responses;
    settings.chat_api = by_responses.then(|| "responses".to_owned());
    settings.length_field = server.length_field.clone();
    settings.ignore_eos = server.ignore_eos;
    Ok(ServerUnderTest {
        endpoint: backend_options::endpoint(entry, &settings)
            .map_err(|error| backend_options::refused(error, &settings))?,
        settings,
        simulator,
    })
}

/// Checks that the backend supports the task. An error names the backends that do.
pub(crate) fn check_task(options: &Options) -> Result<(), Failure> {
    let (entry, task) = (options.server.backend.entry()?, options.workload.task);
    if entry.tasks.contains(&task) {
        return Ok(());
    }
    let able: Vec<&str> =
        ENTRIES.iter().filter(|other| other.tasks.contains(&task)).map(|other| other.name).collect();
    let problem = format!("{} cannot do {task}; these backends can: {}", entry.name, able.join(", "));
    Err(Failure::option("task", problem))
}

/// Parses the fields that are added to every request.
fn additional_params(options: &Options) -> Result<Map<String, Value>, Failure> {
    const OPTION: &str = "additional-request-params";
    let Some(text) = &options.server.additional_request_params else { return Ok(Map::new()) };
    match serde_json::from_str(text) {
        _ if text.trim().is_empty() => Err(Failure::option(
            OPTION,
            r#"empty: leave it out, or give a JSON object such as {"temperature": 0.5}"#,
        )),
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(Failure::option(OPTION, r#"not a JSON object: give one such as {"temperature": 0.5}"#)),
        Err(error) => {
            let hint = r#"give a JSON object with double quotes, such as {"temperature": 0.5}"#;
            Err(Failure::option(OPTION, format!("not JSON ({error}): {hint}")))
        }
    }
}

fn start_simulator(settings: Option<&str>) -> Result<Arc<Simulator>, Failure> {
    let settings = simulate::settings(settings)?;
    let anywhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    Simulator::start(settings, anywhere).map(Arc::new).map_err(|error| simulate::failure(&error))
}
