//! Fuzz target: any text as a trace of `evenkeel trace`. States stay in [0, 1], whatever comes in.
//!
//! Reads with the binary's own row reader. `fuzz/run` builds and runs it.
#![no_main]

#[path = "../../crates/evenkeel/src/trace/row.rs"]
mod row;

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use talk::Codebook;

static BOOK: LazyLock<Codebook> =
    LazyLock::new(|| Codebook::parse(coder::CODEBOOK).expect("the shipped codebook reads"));

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    match row::answer(&BOOK, &text) {
        Ok(states) => {
            let json = serde_json::to_value(&states).expect("states are JSON");
            for state in json["states"].as_array().expect("a list of states") {
                let numbers = state.as_object().expect("a state").iter().filter(|(name, _)| *name != "regime");
                for (name, value) in numbers {
                    let value = value.as_f64();
                    assert!(value.is_some_and(|v| (0.0..=1.0).contains(&v)), "{name}: {value:?}");
                }
            }
        }
        Err(what) => assert!(!what.is_empty()),
    }
});
