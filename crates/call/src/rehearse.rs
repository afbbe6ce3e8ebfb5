//! Plays a planned agent against a scenario and holds the outcome against what the plan expects. Pure.

use coder::Coder;
use scenario::{Expect, Move, PlannedAgent};
use talk::codebook::Codebook;
use talk::{End, Event, Instant, Seed, Seq, Speaker, Utterance};

use crate::outcome::{Outcome, outcome};
use crate::stage::Stage;
use crate::state::{FoldError, State};
use crate::turn::{Refused, end_call, open, turn};

/// Milliseconds between the turns of a rehearsal; only recorded, nothing depends on them.
const TURN_MS: i64 = 15_000;

/// One rehearsed call.
#[derive(Clone, Debug, PartialEq)]
pub struct Rehearsal {
    pub agent: String,
    pub seed: Seed,
    pub outcome: Outcome,
    pub met: bool,
    pub misses: Vec<String>,
    pub events: Vec<Event>,
}

/// Plays one agent with one seed.
///
/// # Errors
/// When a turn cannot be taken or its events do not fold; both are faults in the plan or the engine.
pub fn rehearse(
    coder: &Coder,
    book: &Codebook,
    stage: &Stage,
    agent: &PlannedAgent,
    seed: Seed,
) -> Result<Rehearsal, RehearseError> {
    let opened = open(coder, book, stage, seed, Instant(0));
    let mut events = vec![Event::Opened(Box::new(opened.clone()))];
    let mut state = State::begin(opened);
    for step in &agent.moves {
        if state.end.is_some() {
            break;
        }
        let at = Instant(TURN_MS * (i64::from(state.n_turns()) + 1));
        let happened = match step {
            Move::Say(text) => {
                let seq = Seq(state.n_events);
                let said = Utterance { seq, speaker: Speaker::Agent, text: text.clone(), at };
                turn(coder, book, stage, &state, &said)?.events
            }
            Move::EndCall => end_call(stage, &state, End::AgentEnded, at)?,
        };
        state.advance(&happened)?;
        events.extend(happened);
    }
    if state.end.is_none() {
        let at = Instant(TURN_MS * (i64::from(state.n_turns()) + 1));
        let happened = end_call(stage, &state, End::AgentEnded, at)?;
        state.advance(&happened)?;
        events.extend(happened);
    }
    let outcome = outcome(&stage.program, &state);
    let misses = misses(&agent.expect, &outcome);
    Ok(Rehearsal {
        agent: agent.name.clone(),
        seed,
        met: misses.is_empty(),
        outcome,
        misses,
        events,
    })
}

/// Why a rehearsal could not be played to its end.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum RehearseError {
    #[error("a turn of the plan cannot be taken: {0}")]
    Refused(#[from] Refused),
    #[error(transparent)]
    Fold(#[from] FoldError),
}

fn misses(expect: &Expect, outcome: &Outcome) -> Vec<String> {
    let mut misses = Vec::new();
    let end = outcome.end.unwrap_or(End::AgentEnded);
    if !expect.ends.is_empty() && !expect.ends.contains(&end) {
        misses.push(format!("ended {}", end.as_str()));
    }
    if !expect.safety.is_empty() && !expect.safety.contains(&outcome.safety) {
        misses.push(format!("safety {}", outcome.safety.as_str()));
    }
    let bounds = [
        ("heard", expect.heard, outcome.heard),
        ("trust", expect.trust, outcome.trust),
        ("case", expect.case, outcome.case),
    ];
    for (name, bound, value) in bounds {
        if bound.is_some_and(|bound| !bound.holds(value)) {
            misses.push(format!("{name} {value:.2}"));
        }
    }
    misses
}
