//! Fuzz target: any text as a plan file, alone and beside a shipped scenario.
//!
//! Not a rehearsal: the plan is read, not played. `fuzz/run` builds and runs it.
#![no_main]

#[path = "../faults.rs"]
mod faults;

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use scenario::Program;

const SCENARIO: &str = include_str!("../../content/scenarios/locked-out-again.scenario");

static PROGRAM: LazyLock<Program> = LazyLock::new(|| {
    let book = talk::Codebook::parse(coder::CODEBOOK).expect("the shipped codebook reads");
    let (program, _) = scenario::parse_scenario("locked-out-again.scenario", SCENARIO, &book);
    program.expect("the shipped scenario reads")
});

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    for program in [None, Some(&*PROGRAM)] {
        let (plan, diagnostics) = scenario::parse_plan("locked-out-again.plan", &text, program);
        faults::hold(&text, plan.is_some(), &diagnostics);
    }
});
