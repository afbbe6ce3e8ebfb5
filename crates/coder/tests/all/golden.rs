//! The golden traces can be played: each turn of `golden_lines.toml` gets exactly its codes at level 2. Not a test of the numbers.

use serde::Deserialize;
use talk::{Codebook, Context, Speaker};

use crate::codebook::{agent, said};

/// Words in a turn before the codebook weakens it (`long_turn_words`).
const TURN_WORDS_MAX: usize = 60;

#[derive(Deserialize)]
struct File {
    trace: Vec<Trace>,
}
#[derive(Deserialize)]
struct Trace {
    name: String,
    turns: Vec<String>,
}

#[test]
fn every_golden_trace_can_be_said() {
    let book = Codebook::parse(coder::CODEBOOK).unwrap();
    let file: File = toml::from_str(include_str!("../golden_lines.toml")).unwrap();
    let mut faults = Vec::new();
    for golden in &book.golden {
        let trace = file.trace.iter().find(|trace| trace.name == golden.name).unwrap();
        assert_eq!(trace.turns.len(), golden.turns.len(), "{}", golden.name);
        let mut context = Context::default();
        for (n, (line, codes)) in trace.turns.iter().zip(&golden.turns).enumerate() {
            assert!(line.split_whitespace().count() <= TURN_WORDS_MAX);
            context.turns.push(said(Speaker::Caller, if n % 2 == 0 { "Mm." } else { "Go on." }));
            let coded = agent(line, &context);
            let mut got: Vec<String> =
                coded.codes.iter().map(|f| format!("{} {}", f.code, f.level.number())).collect();
            let mut want: Vec<String> = codes.iter().map(|code| format!("{code} 2")).collect();
            got.sort();
            want.sort();
            if got != want {
                faults.push(format!("{} {n}: {line}\n   wants {want:?}, got {got:?}", golden.name));
            }
            let mut turn = said(Speaker::Agent, line);
            turn.coded = Some(coded);
            context.turns.push(turn);
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
