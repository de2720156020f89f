//! The setup of a benchmark: its options, its workload and its server.

use std::sync::Arc;
use std::time::Duration;

use genai_bench_backends::transport::{Reqwest, ReqwestOptions};
use genai_bench_core::runner::Runner;
use genai_bench_core::sampler::Sampler;
use genai_bench_core::target::Target;
use genai_bench_core::units::Tokens;
use tracing::info;

use super::options::Options;
use super::prepared_workload::PreparedWorkload;
use super::server_under_test::{self, ServerUnderTest};
use super::{experiment_size, length_field, output_limit, preflight};
use crate::console::note;
use crate::failure::Failure;
use crate::workload::Endpoint;

/// A benchmark that is ready to run.
pub(super) struct Setup {
    pub(super) options: Options,
    pub(super) workload: PreparedWorkload,
    pub(super) server: ServerUnderTest,
    transport: ReqwestOptions,
    /// The number of tokens that the server adds to each prompt, if it is known and not part of the prompt's length.
    pub(super) template: Option<Tokens>,
}

impl Setup {
    /// Builds the backend and the workload, and prints notes on them.
    ///
    /// # Errors
    ///
    /// Returns an error if an option is wrong, or a file that it names.
    pub(super) fn new(options: Options) -> Result<Self, Failure> {
        let mut options = options.with_defaults()?;
        if options.locked.workload.is_none() {
            // The tokenizer and the dataset are opened later, which may take minutes. A lock names its task itself.
            server_under_test::check_task(&options)?;
        }
        // A lock names its model and its endpoint itself. Otherwise the backend is known before the dataset is read: rows
        // that it cannot send are left out.
        let known = match options.locked.workload {
            None => Some(server_under_test::build(&options)?),
            Some(_) => None,
        };
        let without_tools = known.as_ref().and_then(|known| without_tools(&options, known));
        let workload = PreparedWorkload::prepare(&mut options, without_tools.as_deref())?;
        for warning in workload.plan.warnings() {
            note(warning);
        }
        if options.locked.workload.is_none() {
            let seed = workload.plan.seed;
            note(format!("seed {seed}: --seed {seed} sends the same requests again"));
        }
        note(experiment_size::describe(&workload.plan));
        let server = match known {
            Some(known) => known,
            None => server_under_test::build(&options)?,
        };
        let transport = transport_options(&options)?;
        Ok(Self { options, workload, server, transport, template: None })
    }

    /// Sends the requests before the first run: those of the preflight, and, with `--prompt-overhead auto`, those that
    /// measure the chat template, after which prompts are shorter by it.
    ///
    /// # Errors
    ///
    /// Returns an error if the server does not answer.
    pub(super) async fn try_server(&mut self) -> Result<(), Failure> {
        let address = &self.server.endpoint.address.clone();
        let first = self.runner()?;
        preflight::note_url(&first, &self.workload.plan, address)?;
        if let Some(limit) = wait_limit(&self.options)? {
            preflight::wait_for_server(&first, &self.workload.plan, address, limit).await?;
        }
        if !self.options.skip_preflight {
            let found = preflight::try_server(&first, &self.workload.plan, address).await?;
            info!("preflight: {address} answers: {found:?}");
            self.template = found.template;
            if self.transport.keep_alive && !found.keeps_connections {
                note(
                    "the server closes its connections: every request opens a new one, and its latency includes that",
                );
                self.transport.keep_alive = false;
            }
            if let Some(overlong) = found.overlong
                && let Some(older) = length_field::settled(self, overlong).await?
            {
                self.server = older;
            }
        }
        if self.workload.measures_overhead() {
            let overhead = preflight::overhead(&self.runner()?, &self.workload.plan, address).await?;
            note(format!("the server adds {} tokens to each prompt", overhead.tokens));
            self.workload.make_with(overhead)?;
            // From now on the expected length of a prompt includes the template.
            self.template = Some(Tokens(0));
        }
        Ok(())
    }

    /// Builds the runner for the runs.
    ///
    /// # Errors
    ///
    /// Returns an error if TLS cannot be set up.
    pub(super) fn runner(&self) -> Result<Runner, Failure> {
        self.runner_to(&self.server)
    }

    /// Builds the runner for runs against `server`.
    ///
    /// # Errors
    ///
    /// Returns an error if TLS cannot be set up.
    pub(super) fn runner_to(&self, server: &ServerUnderTest) -> Result<Runner, Failure> {
        let (workload, endpoint) = (&self.workload, &server.endpoint);
        let target = Target::new(Arc::clone(&endpoint.backend), Arc::new(Reqwest::new(&self.transport)?));
        let limit = output_limit::added(&server.settings.body);
        let limit = limit.filter(|_| workload.plan.task.answers_in_text());
        let target = target.with_auth(Arc::clone(&endpoint.auth)).with_output_limit(limit);
        let sampler: Arc<dyn Sampler> = Arc::clone(&workload.sampler);
        Ok(Runner::new(target, sampler).with_tokenizer(Arc::clone(&workload.tokenizer)))
    }
}

/// Returns the description of the backend if it cannot send tools.
fn without_tools(options: &Options, server: &ServerUnderTest) -> Option<String> {
    let backend = &server.endpoint.backend;
    let by_responses = options.workload.endpoint == Endpoint::Responses;
    let endpoint = if by_responses { " with --endpoint responses" } else { "" };
    (!backend.sends_tools()).then(|| format!("the backend {}{endpoint}", backend.name()))
}

/// Returns the time limit of `--wait-for-server`.
fn wait_limit(options: &Options) -> Result<Option<Duration>, Failure> {
    let Some(seconds) = options.wait_for_server else { return Ok(None) };
    let limit = Duration::try_from_secs_f64(seconds).ok().filter(|limit| !limit.is_zero());
    limit.map(Some).ok_or_else(|| Failure::option("wait-for-server", "give a time in seconds, more than 0"))
}

fn transport_options(options: &Options) -> Result<ReqwestOptions, Failure> {
    let mut transport = ReqwestOptions::default();
    transport.keep_alive = !options.no_keep_alive;
    let timeout = Duration::try_from_secs_f64(options.connect_timeout)
        .map_err(|_| Failure::option("connect-timeout", "not a time: give seconds, more than 0"))?;
    transport.connect_timeout = Some(timeout).filter(|it| !it.is_zero());
    Ok(transport)
}
