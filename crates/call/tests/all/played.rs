//! Played calls: the log folds back to the state, the same seed plays the same call, nothing is said twice, and the
//! goldens can be reached with words.

use call::{CALL_TURNS_HARD_MAX, Refused, State, affect};
use proptest::prelude::*;
use serde::Deserialize;
use std::collections::HashMap;
use talk::limit::LINE_REPEAT_TURNS;
use talk::{Event, Level, Variable};

use crate::cast::{Played, by_rules, cast, sentences, stage};

/// Plays `n` turns of sentences that `pick` chooses from the codebook's examples.
fn play(which: usize, seed: u64, picks: &[usize]) -> Played<'static> {
    let cast = cast();
    let list = sentences(&cast.book);
    let mut played = Played::open(cast, &cast.stages[which % cast.stages.len()], seed);
    for pick in picks {
        if played.state.end.is_some() {
            break;
        }
        played.say(&list[pick % list.len()]);
    }
    played
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn folding_the_log_gives_back_the_state(which in 0..3_usize, seed in 0..1000_u64, picks in prop::collection::vec(0..500_usize, 1..30)) {
        let played = play(which, seed, &picks);
        let folded = State::fold(&played.events).unwrap();
        prop_assert_eq!(&folded, &played.state);
    }

    #[test]
    fn the_same_seed_plays_the_same_call(which in 0..3_usize, seed in 0..1000_u64, picks in prop::collection::vec(0..500_usize, 1..20)) {
        prop_assert_eq!(play(which, seed, &picks).events, play(which, seed, &picks).events);
    }

    #[test]
    fn no_line_comes_twice_within_forty_turns(which in 0..3_usize, seed in 0..1000_u64, picks in prop::collection::vec(0..500_usize, 60..110)) {
        let played = play(which, seed, &picks);
        let mut last: HashMap<&str, u32> = HashMap::new();
        for (turn, reply) in played.state.replies() {
            prop_assert!(!reply.text.is_empty() || reply.manner.is_some());
            let before = last.insert(&reply.text, turn);
            if reply.text.is_empty() {
                continue;
            }
            let apart = before.map_or(u32::MAX, |before| turn - before);
            prop_assert!(apart > LINE_REPEAT_TURNS, "turn {}: {}", turn, reply.text);
        }
    }

    #[test]
    fn a_fact_is_told_only_through_its_gate(which in 0..3_usize, seed in 0..1000_u64, picks in prop::collection::vec(0..500_usize, 1..40)) {
        let played = play(which, seed, &picks);
        for exchange in &played.state.exchanges {
            for id in &exchange.reply.told {
                let fact = played.stage.program.fact(id).unwrap();
                let x = |variable| exchange.felt.mood.affect.get(variable);
                prop_assert!(!fact.never_told);
                prop_assert!(x(Variable::Trust) >= fact.gate.trust_min);
                prop_assert!(x(Variable::Heard) >= fact.gate.heard_min);
                prop_assert!(x(Variable::Shame) <= fact.gate.shame_max);
            }
        }
    }

    #[test]
    fn rewinding_shares_everything_before_the_turn(which in 0..3_usize, seed in 0..1000_u64, picks in prop::collection::vec(0..500_usize, 2..12)) {
        let played = play(which, seed, &picks);
        let n = played.state.n_turns();
        let call = talk::CallId::from_random([7; 16]);
        let turn = n.div_ceil(2);
        let branch = call::rewind(call, &played.events, turn, talk::Instant(9)).unwrap();
        let state = State::fold(&branch).unwrap();
        prop_assert_eq!(state.n_turns(), turn - 1);
        prop_assert_eq!(&state.exchanges[..], &played.state.exchanges[..state.exchanges.len()]);
        prop_assert_eq!(state.opened.branched_from.unwrap().call, call);
        prop_assert!(call::rewind(call, &played.events, n + 1, talk::Instant(9)).is_none());
    }
}

#[test]
fn ten_thousand_turns_in_one_call_end_it_or_are_refused_and_nothing_is_lost() {
    let cast = cast();
    for stage in &cast.stages {
        let mut played = Played::open(cast, stage, 11);
        let mut n_refused = 0;
        for n in 0..10_000_u32 {
            let text = format!("And then, once more, the letter number {n}.");
            match played.try_say(&text) {
                Ok(_) => assert_eq!(n_refused, 0, "{}: taken after a refusal", stage.program.id),
                Err(refused) => {
                    let over = played.state.end.is_some();
                    assert_eq!(refused, if over { Refused::Over } else { Refused::Full });
                    n_refused += 1;
                }
            }
        }
        let n_turns = played.state.n_turns();
        assert!((1..=CALL_TURNS_HARD_MAX).contains(&n_turns), "{}: {n_turns}", stage.program.id);
        assert_eq!(n_turns + n_refused, 10_000);
        assert_eq!(State::fold(&played.events).unwrap(), played.state);
    }
}

#[derive(Deserialize)]
struct GoldenLines {
    #[serde(rename = "trace")]
    golden: Vec<GoldenCall>,
}
#[derive(Deserialize)]
struct GoldenCall {
    name: String,
    turns: Vec<String>,
}

/// The goldens as played calls: a caller who starts where the golden starts, does not vary, and says nothing that
/// wants an answer; the agent's words alone bring the golden's codes. The lines were written code by code against the rules,
/// so it is the rules that code them: what is held here is the affect model in a played call.
#[test]
fn the_goldens_are_reached_by_playing() {
    let cast = by_rules();
    let text = include_str!("../../../coder/tests/golden_lines.toml");
    let lines: GoldenLines = toml::from_str(text).unwrap();
    for golden in &cast.book.golden {
        let call = lines.golden.iter().find(|call| call.name == golden.name).unwrap();
        let stage = stage("golden.scenario", &golden_scenario(golden), &cast.book);
        let mut played = Played::open(cast, &stage, 1);
        for (said, codes) in call.turns.iter().zip(&golden.turns) {
            played.say(said);
            let exchange = played.state.exchanges.last().unwrap();
            let mut got: Vec<String> =
                exchange.coded.codes.iter().map(|f| f.code.to_string()).collect();
            let mut expected: Vec<String> = codes.iter().map(ToString::to_string).collect();
            got.sort();
            expected.sort();
            assert_eq!(
                got,
                expected,
                "{}: {said} (after: {:?})",
                golden.name,
                played.state.replies().rev().nth(1).map(|r| r.1.text.clone())
            );
            assert!(
                exchange.coded.codes.iter().all(|f| f.level == Level::Strong),
                "{}: {said}",
                golden.name
            );
        }
        let mood = played.state.mood();
        for variable in Variable::ALL {
            let (got, expected) = (mood.affect.get(variable), golden.end_state.get(variable));
            assert!(
                (got - expected).abs() < 1e-3,
                "{} {variable:?}: {got} for {expected}",
                golden.name
            );
        }
        assert_eq!(affect::regime(&cast.book, mood), golden.regime, "{}", golden.name);
        assert_eq!(mood.left_at.unwrap_or(0), golden.hung_up_at, "{}", golden.name);
        let ended = played.events.iter().any(|event| matches!(event, Event::Ended { .. }));
        assert_eq!(ended, golden.hung_up_at > 0, "{}", golden.name);
    }
}

/// A caller of murmurs: 45 different neutral lines, and nothing else to say.
fn golden_scenario(golden: &talk::codebook::Golden) -> String {
    let start = golden.start.unwrap_or(affect::ANGRY);
    let start: Vec<String> =
        Variable::ALL.iter().map(|v| format!("{} {}", v.as_str(), start.get(*v))).collect();
    let murmurs: Vec<String> = (1..=45).map(|n| format!("- Mm, {n}. <neutral>")).collect();
    include_str!("../golden.scenario")
        .replace("@START@", &start.join(", "))
        .replace("@STYLE@", golden.style.as_str())
        .replace("@MURMURS@", &murmurs.join("\n"))
}
