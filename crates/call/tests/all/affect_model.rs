//! The affect model against its executable specification: goldens, traces, properties (sourcebook 3.6).

use call::affect::{self, AgentTurn};
use proptest::prelude::*;
use serde::Deserialize;
use std::collections::BTreeMap;
use talk::codebook::Valence;
use talk::{CodeId, Codebook, Heard, Level, Mood, Style, Variable};

use crate::cast::cast;

#[derive(Deserialize)]
struct Example {
    trace: Trace,
    expected: Expected,
}
#[derive(Deserialize)]
struct Trace {
    id: String,
    start: BTreeMap<String, f64>,
    caller: CallerRow,
    turns: Vec<TurnRow>,
}
#[derive(Deserialize)]
struct CallerRow {
    reactivity: f64,
    style: String,
    open_request: bool,
    latent_risk: bool,
    danger_floor: f64,
}
#[derive(Deserialize)]
struct TurnRow {
    codes: Vec<(String, u8)>,
    events: Vec<String>,
    words: u32,
    trigger: bool,
    voiced: String,
    safety_done: bool,
}
#[derive(Deserialize)]
struct Expected {
    states: Vec<BTreeMap<String, serde_json::Value>>,
    hung_up_at: Option<u32>,
}

#[test]
fn three_hundred_traces_hold_to_a_ten_thousandth() {
    let book = &cast().book;
    let mut n = 0;
    for line in include_str!("../traces.jsonl").lines() {
        let example: Example = serde_json::from_str(line).unwrap();
        let mut mood = mood_of(&example.trace);
        for (turn, state) in example.trace.turns.iter().zip(&example.expected.states) {
            mood = affect::feel(book, &mood, &turn_of(turn)).mood;
            for variable in Variable::ALL {
                let expected = state[variable.as_str()].as_f64().unwrap();
                let got = mood.affect.get(variable);
                let id = &example.trace.id;
                assert!((got - expected).abs() < 1e-4, "{id} {variable:?}: {got} for {expected}");
            }
            assert_eq!(affect::regime(book, &mood).as_str(), state["regime"].as_str().unwrap());
        }
        assert_eq!(mood.left_at, example.expected.hung_up_at, "{}", example.trace.id);
        n += 1;
    }
    assert_eq!(n, 300);
}

fn mood_of(trace: &Trace) -> Mood {
    let mut mood = affect::fresh(affect::ANGRY);
    for (name, value) in &trace.start {
        mood.affect.set(Variable::parse(name).unwrap(), *value);
    }
    mood.reactivity = trace.caller.reactivity;
    mood.style = Style::parse(&trace.caller.style).unwrap();
    mood.open_request = trace.caller.open_request;
    mood.latent_risk = trace.caller.latent_risk;
    mood.danger_floor = trace.caller.danger_floor;
    let danger = mood.affect.get(Variable::Danger).max(mood.danger_floor);
    mood.affect.set(Variable::Danger, danger);
    mood
}

fn turn_of(row: &TurnRow) -> AgentTurn {
    AgentTurn {
        codes: row
            .codes
            .iter()
            .map(|(id, level)| (CodeId::new(id), Level::from_number(*level).unwrap()))
            .collect(),
        events: row.events.iter().map(|id| CodeId::new(id)).collect(),
        n_words: row.words,
        trigger: row.trigger,
        voiced: Heard::parse(&row.voiced).unwrap(),
        safety_done: row.safety_done,
    }
}

#[test]
fn the_seven_goldens_hold_to_a_thousandth() {
    let book = &cast().book;
    assert_eq!(book.golden.len(), 7);
    for golden in &book.golden {
        let mut mood = affect::fresh(golden.start.unwrap_or(affect::ANGRY));
        mood.style = golden.style;
        for codes in &golden.turns {
            let codes = codes.iter().map(|id| (id.clone(), Level::Strong)).collect();
            mood = affect::feel(book, &mood, &AgentTurn { codes, ..AgentTurn::default() }).mood;
        }
        for variable in Variable::ALL {
            let (got, expected) = (mood.affect.get(variable), golden.end_state.get(variable));
            assert!((got - expected).abs() < 1e-3, "{} {variable:?}: {got}", golden.name);
        }
        assert_eq!(mood.left_at.unwrap_or(0), golden.hung_up_at, "{}", golden.name);
        assert_eq!(affect::regime(book, &mood), golden.regime, "{}", golden.name);
    }
}

/// Any mood that a call may reach, and any turn.
fn moods() -> impl Strategy<Value = Mood> {
    let unit = 0.0..=1.0_f64;
    (prop::array::uniform8(unit), 0.5..=1.5_f64, any::<[bool; 4]>(), 0.0..=0.5_f64).prop_map(
        |(x, reactivity, [withdraw, open, latent, done], floor)| {
            let mut mood = affect::fresh(talk::Affect(x));
            mood.reactivity = reactivity;
            mood.style = if withdraw { Style::Withdraw } else { Style::Attack };
            mood.open_request = open;
            mood.latent_risk = latent;
            mood.safety_done = done;
            mood.danger_floor = floor;
            mood.affect.set(Variable::Danger, mood.affect.get(Variable::Danger).max(floor));
            mood
        },
    )
}

fn code_lists(most: usize) -> impl Strategy<Value = Vec<(CodeId, Level)>> {
    let n = cast().book.codes.len();
    prop::collection::vec((0..n, any::<bool>()), 0..=most).prop_map(|picks| {
        let mut codes: Vec<(CodeId, Level)> = Vec::new();
        for (index, strong) in picks {
            let id = cast().book.codes[index].id.clone();
            if !codes.iter().any(|(other, _)| *other == id) {
                codes.push((id, if strong { Level::Strong } else { Level::Weak }));
            }
        }
        codes
    })
}

fn turns() -> impl Strategy<Value = AgentTurn> {
    (code_lists(5), 1..120_u32, any::<[bool; 2]>(), 0..5_usize).prop_map(
        |(codes, n_words, [trigger, safety_done], voiced)| AgentTurn {
            codes,
            n_words,
            trigger,
            safety_done,
            voiced: Heard::ALL[voiced],
            events: Vec::new(),
        },
    )
}

fn valence(book: &Codebook, id: &CodeId) -> Valence {
    book.code(id.as_str()).unwrap().valence
}

proptest! {
    #[test]
    fn every_variable_stays_between_nothing_and_everything_and_danger_above_its_floor(
        mood in moods(), list in prop::collection::vec(turns(), 1..12)
    ) {
        let book = &cast().book;
        let mut mood = mood;
        for turn in &list {
            mood = affect::feel(book, &mood, turn).mood;
            for variable in Variable::ALL {
                prop_assert!((0.0..=1.0).contains(&mood.affect.get(variable)));
            }
            prop_assert!(mood.affect.get(Variable::Danger) >= mood.danger_floor);
        }
    }

    #[test]
    fn asking_about_safety_never_raises_danger(mood in moods(), turn in turns()) {
        let book = &cast().book;
        let mut without = turn.clone();
        without.codes.retain(|(id, _)| *id != "SAFETY_ASK");
        let mut with = without.clone();
        with.codes.insert(0, (CodeId::new("SAFETY_ASK"), Level::Strong));
        // Within three facilitative codes, so that the question drops none of the others.
        let n = with.codes.iter().filter(|(id, _)| valence(book, id) == Valence::Facilitative).count();
        prop_assume!(n <= 3);
        let danger = |turn: &AgentTurn| affect::feel(book, &mood, turn).mood.affect.get(Variable::Danger);
        prop_assert!(danger(&with) <= danger(&without) + 1e-12);
    }

    #[test]
    fn the_order_of_codes_does_not_matter(mood in moods(), codes in code_lists(4), turn in turns()) {
        let book = &cast().book;
        let n = codes.iter().filter(|(id, _)| valence(book, id) == Valence::Facilitative).count();
        prop_assume!(n <= 3);
        let forward = AgentTurn { codes: codes.clone(), ..turn.clone() };
        let backward = AgentTurn { codes: codes.into_iter().rev().collect(), ..turn };
        let (a, b) = (affect::feel(book, &mood, &forward).mood, affect::feel(book, &mood, &backward).mood);
        for variable in Variable::ALL {
            prop_assert!((a.affect.get(variable) - b.affect.get(variable)).abs() < 1e-9);
        }
    }

    #[test]
    fn a_harmful_code_never_buys_trust_in_its_own_turn(mood in moods(), turn in turns(), which in 0..9_usize) {
        let book = &cast().book;
        let harmful: Vec<_> = book.codes.iter().filter(|c| c.valence == Valence::Harmful).collect();
        let id = harmful[which % harmful.len()].id.clone();
        let mut without = turn;
        without.codes.retain(|(code, _)| *code != id);
        let mut with = without.clone();
        with.codes.push((id, Level::Strong));
        let (a, b) = (affect::feel(book, &mood, &with), affect::feel(book, &mood, &without));
        // Outside the stall rule, as the sourcebook says.
        let stalled = |felt: &talk::Felt| felt.reasons.iter().any(|reason| reason.cause == "stall");
        prop_assume!(!stalled(&a) && !stalled(&b));
        prop_assert!(a.mood.affect.get(Variable::Trust) <= b.mood.affect.get(Variable::Trust) + 1e-12);
    }

    #[test]
    fn nobody_leaves_in_crisis_or_with_the_safety_flag_open(
        mood in moods(), list in prop::collection::vec(turns(), 1..12)
    ) {
        let book = &cast().book;
        let mut mood = mood;
        for turn in &list {
            mood = affect::feel(book, &mood, turn).mood;
            if mood.left_at == Some(mood.n_turns) {
                prop_assert!(!mood.flag_open());
                prop_assert_ne!(affect::regime(book, &mood), talk::Regime::Crisis);
            }
            mood.left_at = None;
        }
    }
}
