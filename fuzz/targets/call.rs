//! Fuzz target: any lines as the agent's turns of a shipped call. Nothing panics, folding the log gives the state back,
//! and the caller never leaves while the safety flag is open.
//!
//! The first byte picks the scenario and the second the seed. `fuzz/run` builds and runs it.
#![no_main]

#[path = "../faults.rs"]
mod faults;

use std::sync::LazyLock;

use call::{Stage, State};
use libfuzzer_sys::fuzz_target;
use talk::{Codebook, End, Event, Instant, Seed, Seq, Speaker, Utterance, Variable};

static BOOK: LazyLock<Codebook> =
    LazyLock::new(|| Codebook::parse(coder::CODEBOOK).expect("the shipped codebook reads"));

const SCENARIOS: [(&str, &str); 3] = [
    ("licence-suspended.scenario", include_str!("../../content/scenarios/licence-suspended.scenario")),
    ("locked-out-again.scenario", include_str!("../../content/scenarios/locked-out-again.scenario")),
    (
        "the-form-is-still-on-the-table.scenario",
        include_str!("../../content/scenarios/the-form-is-still-on-the-table.scenario"),
    ),
];

static STAGES: LazyLock<Vec<Stage>> = LazyLock::new(|| {
    let stage = |(file, text): (&str, &str)| {
        let (program, _) = scenario::parse_scenario(file, text, &BOOK);
        Stage::new(program.expect("the shipped scenario reads"))
    };
    SCENARIOS.into_iter().map(stage).collect()
});

fuzz_target!(|data: &[u8]| {
    let [which, seed, rest @ ..] = data else { return };
    let coder = faults::coder();
    let stage = &STAGES[usize::from(*which) % STAGES.len()];
    let opened = call::open(coder, &BOOK, stage, Seed(u64::from(*seed)), Instant(0));
    let mut events = vec![Event::Opened(Box::new(opened.clone()))];
    let mut state = State::begin(opened);
    for line in String::from_utf8_lossy(rest).split('\n') {
        let seq = Seq(state.n_events);
        let said = Utterance { seq, speaker: Speaker::Agent, text: line.to_owned(), at: Instant(1) };
        let Ok(turn) = call::turn(coder, &BOOK, stage, &state, &said) else { continue };
        state.advance(&turn.events).expect("what a turn brings stands in order");
        events.extend(turn.events);
        let mood = state.mood();
        for variable in Variable::ALL {
            assert!((0.0..=1.0).contains(&mood.affect.get(variable)), "{variable:?}: {mood:?}");
        }
        let left = matches!(state.end, Some(End::CallerHungUp | End::CallerLeft));
        assert!(!(left && mood.flag_open()), "the caller left while the safety flag was open");
    }
    assert!(State::fold(&events).expect("a log folds") == state, "folding the log gives the state back");
    if state.end.is_none() {
        let ending = call::end_call(stage, &state, End::AgentEnded, Instant(2)).expect("an open call can end");
        state.advance(&ending).expect("an end stands in order");
    }
    let outcome = call::outcome(&stage.program, &state);
    assert!((0.0..=1.0).contains(&outcome.heard) && (0.0..=1.0).contains(&outcome.case), "{outcome:?}");
});
