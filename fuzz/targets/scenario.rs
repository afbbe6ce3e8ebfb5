//! Fuzz target: any text as a scenario file. The checker answers with a program or with errors that have a place and a remedy.
//!
//! Not a test of what a scenario means. `fuzz/run` builds and runs it.
#![no_main]

#[path = "../faults.rs"]
mod faults;

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use talk::Codebook;

static BOOK: LazyLock<Codebook> =
    LazyLock::new(|| Codebook::parse(coder::CODEBOOK).expect("the shipped codebook reads"));

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let (program, diagnostics) = scenario::parse_scenario("any.scenario", &text, &BOOK);
    faults::hold(&text, program.is_some(), &diagnostics);
    if data.len() < 2048 {
        let again = scenario::parse_scenario("any.scenario", &text, &BOOK);
        assert!(again.1 == diagnostics, "the same text has the same faults");
    }
    if let Some(program) = program {
        let stage = call::Stage::new(program);
        let coder = faults::coder();
        let opened = call::open(coder, &BOOK, &stage, talk::Seed(1), talk::Instant(0));
        assert!(!opened.scenario.is_empty());
    }
});
