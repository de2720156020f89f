//! Benchmarks of a real llama.cpp server, with reports compared to the server's own counters.

use serde_json::json;

use crate::command::Benchmark;
use crate::experiment::Run;
use crate::llama_server::LlamaServer;

/// The number of requests in a run.
const REQUESTS: usize = 12;
/// An option against early ends: the random model may generate the end token.
const TO_THE_END: &str = r#"{"ignore_eos": true}"#;

/// Returns a benchmark with the number of requests that the checks expect.
fn benchmark(server: &LlamaServer) -> Benchmark {
    Benchmark::new(&server.url).with("--max-requests-per-run", &REQUESTS.to_string())
}

/// Asserts that all requests were sent and answered, and that the server counted their tokens.
fn assert_all_answered(run: &Run) {
    assert_eq!(run.value("num_requests"), REQUESTS);
    assert_eq!(run.rows().len(), REQUESTS);
    assert_eq!(run.value("num_error_requests"), 0);
    assert_eq!(run.value("error_rate").as_f64(), Some(0.0));
    for sources in ["input_token_sources", "output_token_sources"] {
        assert_eq!(run.value(sources), &json!({ "usage": REQUESTS }), "{sources}");
    }
}

/// Asserts that output was streamed, and that its times are in order.
fn assert_streamed(run: &Run) {
    let times = run.each("ttft").into_iter().zip(run.each("e2e_latency"));
    for (ttft, e2e) in times {
        assert!(0.0 < ttft && ttft < e2e, "a first token after {ttft} s of {e2e} s");
    }
    assert!(run.each("tpot").iter().all(|&it| it > 0.0), "tokens took no time");
}

#[test]
#[ignore = "needs tests/real/setup"]
fn chats_are_answered_at_the_requested_length() {
    let server = LlamaServer::start();
    let experiment = benchmark(&server)
        .with("--additional-request-params", TO_THE_END)
        .with("--traffic-scenario", "D(100,32)")
        .with("--traffic-scenario", "N(60,10)/(20,5)")
        .with("--num-concurrency", "1")
        .with("--num-concurrency", "4")
        .run();
    assert_eq!(experiment.runs.len(), 4);
    for run in &experiment.runs {
        assert_all_answered(run);
        assert_streamed(run);
        if run.scenario() == "D(100,32)" {
            assert_eq!(run.each("num_output_tokens"), [32.0; REQUESTS]);
            // The chat template is put around prompts, so they are longer, all by the same.
            let input = run.each("num_input_tokens");
            assert!(input[0] >= 100.0 && input == [input[0]; REQUESTS], "prompts of {input:?} tokens");
        }
    }
}

#[test]
#[ignore = "needs tests/real/setup"]
fn a_prompt_without_a_template_has_its_exact_length() {
    let server = LlamaServer::start();
    let experiment = benchmark(&server)
        .with("--endpoint", "completions")
        .with("--additional-request-params", TO_THE_END)
        .with("--traffic-scenario", "D(100,32)")
        .with("--traffic-scenario", "D(200,32)")
        .with("--num-concurrency", "4")
        .run();
    assert_eq!(experiment.runs.len(), 2);
    for run in &experiment.runs {
        assert_all_answered(run);
        assert_streamed(run);
        let asked = if run.scenario() == "D(100,32)" { 100.0 } else { 200.0 };
        assert_eq!(run.each("num_input_tokens"), [asked; REQUESTS]);
        assert_eq!(run.each("num_output_tokens"), [32.0; REQUESTS]);
    }
}

#[test]
#[ignore = "needs tests/real/setup"]
fn prompts_are_exact_with_a_measured_template() {
    let server = LlamaServer::start();
    for overhead in ["auto", "template"] {
        let experiment = benchmark(&server)
            .with("--additional-request-params", TO_THE_END)
            .with("--traffic-scenario", "D(100,8)")
            .with("--num-concurrency", "4")
            .with("--prompt-overhead", overhead)
            .run();
        let [run] = &experiment.runs[..] else { panic!("one run, not {}", experiment.runs.len()) };
        assert_all_answered(run);
        assert_eq!(run.each("num_input_tokens"), [100.0; REQUESTS], "{overhead}");
    }
}

#[test]
#[ignore = "needs tests/real/setup"]
fn a_conversation_goes_on_from_what_the_server_answered() {
    let server = LlamaServer::start();
    let experiment = benchmark(&server)
        .with("--additional-request-params", TO_THE_END)
        .with("--traffic-scenario", "D(40,8)")
        .with("--num-concurrency", "2")
        .with("--turns", "3")
        .run();
    let [run] = &experiment.runs[..] else { panic!("one run, not {}", experiment.runs.len()) };
    assert_all_answered(run);
    let turns = run.value("turns").as_array().expect("turns are a list");
    let prompts: Vec<f64> =
        turns.iter().filter_map(|it| it["stats"]["num_input_tokens"]["min"].as_f64()).collect();
    assert!(
        prompts.len() == 3 && prompts.is_sorted_by(|a, b| a + 40.0 < *b),
        "prompts of {prompts:?} tokens"
    );
}

#[test]
#[ignore = "needs tests/real/setup"]
fn documents_are_embedded_in_batches() {
    let server = LlamaServer::for_embeddings();
    let experiment = benchmark(&server)
        .with("--task", "text-to-embeddings")
        .with("--traffic-scenario", "E(60)")
        .with("--batch-size", "1")
        .with("--batch-size", "4")
        .with("--num-concurrency", "2")
        .run();
    assert_eq!(experiment.runs.len(), 2);
    for run in &experiment.runs {
        assert_eq!(
            (run.value("num_requests"), run.value("num_error_requests")),
            (&REQUESTS.into(), &0.into())
        );
        let batch = run.value("batch_size").as_f64().expect("a batch has a size");
        assert_eq!(run.each("num_items"), [batch; REQUESTS]);
        assert_eq!(run.each("num_input_tokens"), [60.0 * batch; REQUESTS], "as the server counts them");
        assert!(run.each("e2e_latency").iter().all(|&it| it > 0.0));
    }
}

#[test]
#[ignore = "needs tests/real/setup"]
fn an_answer_in_one_piece_has_no_first_token() {
    let server = LlamaServer::start();
    let experiment = benchmark(&server)
        .with("--additional-request-params", r#"{"stream": false, "ignore_eos": true}"#)
        .with("--traffic-scenario", "D(100,32)")
        .with("--num-concurrency", "4")
        .run();
    let [run] = &experiment.runs[..] else { panic!("one run, not {}", experiment.runs.len()) };
    assert_all_answered(run);
    assert_eq!(run.each("num_output_tokens"), [32.0; REQUESTS]);
    assert!(run.each("e2e_latency").iter().all(|&it| it > 0.0));
    for metric in ["ttft", "tpot"] {
        assert!(run.rows().iter().all(|it| it.get(metric).is_none()), "{metric} of what was not streamed");
    }
}

#[test]
#[ignore = "needs tests/real/setup"]
fn tokens_add_up_to_what_the_server_counted() {
    let server = LlamaServer::start();
    let before = server.counters();
    let experiment = benchmark(&server)
        .with("--additional-request-params", TO_THE_END)
        .with("--traffic-scenario", "N(100,20)/(20,5)")
        .with("--num-concurrency", "4")
        // What is sent first, to see how the server behaves, is counted by the server alone. It would have found
        // out that connections are closed after each streamed answer, so that is said here.
        .with_flag("--skip-preflight")
        .with_flag("--no-keep-alive")
        .run();
    let counted = server.counters() - before;
    let [run] = &experiment.runs[..] else { panic!("one run, not {}", experiment.runs.len()) };
    assert_all_answered(run);
    assert_eq!(run.sum("num_output_tokens"), counted.predicted);
    assert_eq!(run.sum("num_input_tokens"), counted.prompt);
}
