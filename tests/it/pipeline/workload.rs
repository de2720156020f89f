//! The requests of a plan and their dependence on its seed.

use std::collections::HashSet;

use genai_bench_core::plan::Plan;
use serde_json::Value;

use super::run;
use crate::doubles::{Playlist, Watched, answer, ms};

/// Returns the bodies of all requests of a sweep over `levels`, in order.
async fn sent(scenario: &str, levels: &[u32], requests: u64, seed: u64) -> Vec<Value> {
    // Answers of several lengths, so that slots do not move in step.
    let (transport, log) = Watched::new(Playlist::new([3, 19, 7, 11].map(|it| answer(2, ms(it), ms(it)))));
    let plan =
        Plan::builder().scenario(scenario).concurrency(levels.iter().copied()).requests(requests).seed(seed);
    run(plan, transport).await;
    log.bodies()
}

fn prompt(body: &Value) -> &str {
    body["messages"][0]["content"].as_str().expect("a prompt")
}

/// Returns the length of the prompt and the requested length of the answer.
fn lengths(body: &Value) -> (usize, u64) {
    let output = body["max_completion_tokens"].as_u64().expect("a length");
    (prompt(body).split(' ').count(), output)
}

#[tokio::test(start_paused = true)]
async fn requests_of_a_seed_do_not_depend_on_concurrency() {
    let one = sent("N(40,10)/(20,5)", &[1], 50, 3).await;
    let seven = sent("N(40,10)/(20,5)", &[7], 50, 3).await;
    assert_eq!(one.len(), 50);
    assert_eq!(one, seven);
}

#[tokio::test(start_paused = true)]
async fn another_seed_sends_other_prompts() {
    let first: HashSet<String> =
        sent("D(20,5)", &[2], 50, 1).await.iter().map(|it| prompt(it).to_owned()).collect();
    let second = sent("D(20,5)", &[2], 50, 2).await;
    assert_eq!(first.len(), 50, "no prompt is sent twice");
    assert!(second.iter().all(|it| !first.contains(prompt(it))));
}

/// Returns the first words of all prompts of a plan without a seed.
async fn beginnings(plan: genai_bench_core::plan::PlanBuilder) -> HashSet<String> {
    let (transport, log) = Watched::new(answer(2, ms(5), ms(5)));
    run(plan.concurrency([2]).requests(50), transport).await;

    log.bodies().iter().map(first_words).collect()
}

fn first_words(body: &Value) -> String {
    prompt(body).split(' ').take(16).collect::<Vec<_>>().join(" ")
}

#[tokio::test(start_paused = true)]
async fn a_plan_without_a_seed_sends_new_prompts_each_time() {
    let plan = || Plan::builder().scenario("D(40,2)");
    let (first, second) = (beginnings(plan()).await, beginnings(plan()).await);
    assert_eq!((first.len(), first.is_disjoint(&second)), (50, true));
    assert_eq!(beginnings(plan().seed(7)).await, beginnings(plan().seed(7)).await);
}

#[tokio::test(start_paused = true)]
async fn another_scenario_under_the_same_seed_sends_other_prompts() {
    let short = beginnings(Plan::builder().scenario("N(40,5)/(2,1)").seed(7)).await;
    let long = beginnings(Plan::builder().scenario("D(200,2)").seed(7)).await;
    assert!(short.is_disjoint(&long));
}

#[test]
fn a_plan_records_the_seed_that_was_drawn() {
    let plan = Plan::builder().scenario("D(4,2)").concurrency([1]).requests(1).build().unwrap();
    assert_eq!(plan.spec.seed, Some(plan.seed));
}

#[tokio::test(start_paused = true)]
async fn runs_of_a_sweep_share_lengths_but_no_prompts() {
    let bodies = sent("N(40,10)/(20,5)", &[1, 4, 16], 40, 42).await;
    let runs: Vec<&[Value]> = bodies.chunks(40).collect();
    let lengths_of = |run: &[Value]| run.iter().map(lengths).collect::<Vec<_>>();
    assert_eq!(lengths_of(runs[0]), lengths_of(runs[1]));
    assert_eq!(lengths_of(runs[0]), lengths_of(runs[2]));
    assert!(lengths_of(runs[0]).iter().collect::<HashSet<_>>().len() > 10, "lengths are drawn");
    let prompts: HashSet<&str> = bodies.iter().map(prompt).collect();
    assert_eq!(prompts.len(), 120, "no prompt is sent twice");
}

#[tokio::test(start_paused = true)]
async fn a_prompt_has_exactly_as_many_words_as_were_drawn() {
    let fixed = sent("D(123,7)", &[3], 20, 42).await;
    assert!(fixed.iter().all(|it| lengths(it) == (123, 7)));
    let drawn = sent("U(5,15)/(10,25)", &[3], 200, 42).await;
    let drawn: Vec<(usize, u64)> = drawn.iter().map(lengths).collect();
    let inputs: HashSet<usize> = drawn.iter().map(|it| it.0).collect();
    let outputs: HashSet<u64> = drawn.iter().map(|it| it.1).collect();
    assert_eq!(inputs, (5..=15).collect(), "every length comes up, and no other");
    assert_eq!(outputs, (10..=25).collect());
}
