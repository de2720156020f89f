//! A custom scenario and a custom sampler: short questions and some long documents, each with the same instruction.
//!
//! `cargo run --example custom_scenario`

use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use genai_bench_backends::openai::{Dialect, OpenAi};
use genai_bench_core::conformance::ScriptedTransport;
use genai_bench_core::metrics::Metric;
use genai_bench_core::plan::Plan;
use genai_bench_core::prompt::PromptBuilder;
use genai_bench_core::request::{Input, Message, OutputLength, Request, Session, SessionSpec, Turn};
use genai_bench_core::rng::Rng;
use genai_bench_core::runner::Runner;
use genai_bench_core::sampler::{SampleError, Sampler};
use genai_bench_core::scenario::{Form, Scenario, Shape, numbers};
use genai_bench_core::target::Target;
use genai_bench_core::tokenizer::Words;
use genai_bench_core::units::Tokens;

/// A scenario in which one prompt in ten is long.
#[derive(Debug)]
struct Bimodal {
    short: u64,
    long: u64,
}

impl fmt::Display for Bimodal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "B({},{})", self.short, self.long)
    }
}

impl Scenario for Bimodal {
    fn draw(&self, rng: &mut Rng) -> Shape {
        let input = if rng.below(10) == 0 { self.long } else { self.short };
        Shape::Text { input: Tokens(input), output: Tokens(rng.between(20, 60)) }
    }
}

/// The text form of the scenario, in the notation of the built-in scenarios.
const BIMODAL: Form = Form {
    letter: "B",
    spelling: "B(short,long)",
    make: |text| match numbers(text)?.first()?[..] {
        [short, long] => Some(Ok(Arc::new(Bimodal { short, long }))),
        _ => None,
    },
};

/// A sampler that puts the same instruction before every prompt, which a server can keep in its prefix cache.
#[derive(Debug)]
struct Instructed {
    instruction: &'static str,
    prompts: PromptBuilder,
}

impl Sampler for Instructed {
    fn sample(&self, spec: &SessionSpec, rng: &mut Rng) -> Result<Session, SampleError> {
        let Shape::Text { input, output } = spec.shape else {
            return Err(SampleError::WrongShape { sampler: "instructed", shape: spec.shape });
        };
        let prompt = self.prompts.build(input, rng)?;
        let messages = vec![Message::system(self.instruction), Message::user(prompt)];
        let input_and_instruction = input + self.prompts.tokenizer().count(self.instruction)?;
        let request =
            Request::new("my-model", Input::Chat { messages, output: OutputLength::Exactly(output) });
        Ok(Session::single(Turn::new(request, Some(input_and_instruction))))
    }
}

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() -> Result<(), Box<dyn Error>> {
    let answer = ["data: {\"choices\":[{\"delta\":{\"content\":\"Yes.\"}}]}\n\n", "data: [DONE]\n\n"];
    let server = ScriptedTransport::paced(answer.map(Into::into), Duration::from_millis(20));
    let backend = OpenAi::new("http://localhost:8000".parse()?, Dialect::self_hosted("vllm"));
    let target = Target::new(backend, server);
    let tokenizer = Arc::new(Words);
    let prompts = PromptBuilder::new(tokenizer.clone())?;
    let sampler = Instructed { instruction: "Answer in one word, and then stop.", prompts };

    let plan = Plan::builder()
        .scenario_form(BIMODAL)
        .scenario("B(50,2000)")
        .concurrency([4])
        .requests(200)
        .build()?;
    let runner = Runner::new(target, Arc::new(sampler)).with_tokenizer(tokenizer);
    for report in runner.run(&plan).await?.runs {
        println!("{}: {} answers", report.run, report.metrics.completed);
        let Some(input) = report.metrics.distribution(Metric::InputTokens) else { continue };
        println!("prompt tokens: p50 {}, p95 {}", input.p50, input.p95);
    }
    Ok(())
}
