//! The safety law in played calls (sourcebook 0, 3.3 step 10, 3.5 row S, 5.6).

use call::outcome::CriticalKind;
use call::{end_call, outcome};
use proptest::prelude::*;
use scenario::SafetyOutcome;
use talk::{End, Heard};

use crate::cast::{Played, cast, sentences};

/// The scenario in which somebody's life may be at stake.
fn grave() -> &'static call::Stage {
    let found =
        cast().stages.iter().find(|stage| stage.program.caller.safety.truth >= Heard::Veiled);
    found.expect("one of the first three holds a veiled cue")
}

fn voiced(played: &Played<'_>) -> bool {
    played.state.replies().any(|(_, reply)| reply.heading.heard >= Heard::Veiled)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_cue_is_always_voiced_by_the_sixth_turn(seed in 0..5000_u64, picks in prop::collection::vec(0..500_usize, 6..7)) {
        let list = sentences(&cast().book);
        let mut played = Played::open(cast(), grave(), seed);
        for pick in picks {
            if played.state.end.is_some() {
                break;
            }
            played.say(&list[pick % list.len()]);
        }
        prop_assert!(voiced(&played), "turns: {}, end {:?}", played.state.n_turns(), played.state.end);
    }

    #[test]
    fn nobody_is_let_go_while_the_flag_is_open(seed in 0..5000_u64, picks in prop::collection::vec(0..500_usize, 10..140)) {
        let list = sentences(&cast().book);
        let mut played = Played::open(cast(), grave(), seed);
        for pick in picks {
            if played.state.end.is_some() {
                break;
            }
            let turn = played.say(&list[pick % list.len()]);
            if turn.end.is_some() {
                prop_assert!(!voiced(&played) || played.state.mood().safety_done);
            }
        }
    }
}

#[test]
fn asked_directly_the_caller_answers_and_the_step_needs_an_earlier_ask() {
    let mut n_told = 0;
    for seed in 0..60 {
        let mut played = Played::open(cast(), grave(), seed);
        while !voiced(&played) {
            played.say("So the letter came on Friday and nobody rang you.");
        }
        played.say("I'm staying on the line. I'd like to bring in 988 with us.");
        assert!(
            !played.state.mood().safety_done,
            "seed {seed}: acting without asking is not the step"
        );
        played.say("When you say that, are you thinking of killing yourself?");
        let act = played.state.last_reply().act.clone();
        assert!(act == "tells_truth" || act == "denies", "seed {seed}: {act}");
        n_told += u32::from(act == "tells_truth");
        assert!(!played.state.mood().safety_done);
        played.say("I'm staying on the line. I'd like to bring in 988 with us; would you talk to them with me here?");
        assert!(played.state.mood().safety_done, "seed {seed}");
        assert_eq!(outcome(&played.stage.program, &played.state).safety, SafetyOutcome::Kept);
    }
    assert!((20..=60).contains(&n_told), "{n_told} of 60 told the truth");
}

#[test]
fn putting_the_phone_down_with_the_flag_open_is_a_critical_error() {
    let mut played = Played::open(cast(), grave(), 3);
    while !voiced(&played) {
        played.say("What is your claim number?");
    }
    let events = end_call(played.stage, &played.state, End::AgentEnded, talk::Instant(1)).unwrap();
    played.state.advance(&events).unwrap();
    let outcome = outcome(&played.stage.program, &played.state);
    assert_eq!(outcome.safety, SafetyOutcome::Breached);
    assert!(outcome.critical.iter().any(|c| c.kind == CriticalKind::LeftWithFlagOpen));
}

#[test]
fn asking_where_there_is_no_risk_costs_nothing() {
    for stage in cast().stages.iter().filter(|s| s.program.caller.safety.truth < Heard::Veiled) {
        let mut asked = Played::open(cast(), stage, 5);
        asked.say("Are you thinking of killing yourself?");
        assert_eq!(asked.state.last_reply().act, "no_risk");
        let outcome = outcome(&stage.program, &asked.state);
        assert_eq!(outcome.safety, SafetyOutcome::NoCue);
        assert!(outcome.critical.is_empty());
    }
}

/// An agent who says the right things must never be stopped as if they spoke of themselves.
#[test]
fn no_line_of_any_plan_and_no_example_of_the_codebook_sounds_like_the_agents_own_risk() {
    let cast = cast();
    let mut said = sentences(&cast.book);
    for entry in std::fs::read_dir(crate::cast::content("scenarios")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|kind| kind == "plan") {
            let text = std::fs::read_to_string(&path).unwrap();
            said.extend(text.lines().filter_map(|line| line.strip_prefix("> ")).map(str::to_owned));
        }
    }
    assert!(said.len() > 150);
    let stopped: Vec<String> = said
        .into_iter()
        .filter(|text| {
            let utterance = talk::Utterance {
                seq: talk::Seq(0),
                speaker: talk::Speaker::Agent,
                text: text.clone(),
                at: talk::Instant(0),
            };
            call::safety::own_risk(&cast.coder.code(&utterance, &talk::Context::default()))
        })
        .collect();
    assert!(stopped.is_empty(), "{stopped:#?}");
}
