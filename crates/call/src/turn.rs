//! One turn, end to end: what was said is coded, noticed, felt and answered. Pure.

use coder::Coder;
use talk::codebook::Codebook;
use talk::limit::UTTERANCE_CHARS_MAX;
use talk::{
    Affect, CallId, Chance, End, Event, Instant, Opened, Reply, Seed, Seq, Utterance, Variable,
};
use thiserror::Error;

use crate::affect::{self, AgentTurn};
use crate::notice;
use crate::reply;
use crate::safety;
use crate::stage::Stage;
use crate::state::State;
use crate::view::View;

/// How far the seed may move a start value or reactivity (sourcebook 3.3, last paragraph).
const START_SPREAD: f64 = 0.05;
const REACTIVITY_SPREAD: f64 = 0.10;

/// Turns after which a call takes no more, even while a safety flag holds it open past `CALL_TURNS_MAX`.
pub const CALL_TURNS_HARD_MAX: u32 = 400;

/// What one turn brought.
#[derive(Clone, Debug, PartialEq)]
pub struct Turn {
    pub events: Vec<Event>,
    pub reply: Reply,
    pub end: Option<End>,
}

/// Why a turn was not taken. Nothing has changed.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum Refused {
    #[error("nothing was said; write a sentence and send it again")]
    Empty,
    #[error(
        "{n_chars} characters are too many for one turn; say it in at most {UTTERANCE_CHARS_MAX}"
    )]
    TooLong { n_chars: usize },
    #[error("this call is over; start another, or take a turn of this one again")]
    Over,
    #[error(
        "this call has reached {CALL_TURNS_HARD_MAX} turns and takes no more; end it and start another"
    )]
    Full,
}

/// Opens a call: the start state, drawn from the seed, and the caller's first words.
#[must_use]
pub fn open(coder: &Coder, book: &Codebook, stage: &Stage, seed: Seed, at: Instant) -> Opened {
    let caller = &stage.program.caller;
    let mut mood = affect::fresh(caller.start);
    mood.style = caller.style;
    mood.reactivity = caller.reactivity;
    mood.latent_risk = caller.latent_risk;
    mood.danger_floor = caller.danger_floor;
    if caller.varies {
        mood.affect = vary(&mood.affect, seed);
        let spread =
            Chance::new(seed, "reactivity", 0).between(-REACTIVITY_SPREAD, REACTIVITY_SPREAD);
        let d = &book.dynamics;
        mood.reactivity = (mood.reactivity + spread).clamp(d.reactivity_min, d.reactivity_max);
    }
    let danger = mood.affect.get(Variable::Danger).max(mood.danger_floor);
    mood.affect.set(Variable::Danger, danger);
    Opened {
        scenario: stage.program.id.clone(),
        scenario_version: stage.program.version,
        seed,
        coder: coder.version().clone(),
        codebook: book.version.clone(),
        branched_from: None,
        mood,
        reply: reply::opening(&stage.program, seed),
        at,
    }
}

/// Danger and progress keep the author's value: one is a truth of the scenario, the other is work done.
fn vary(start: &Affect, seed: Seed) -> Affect {
    let mut varied = *start;
    for variable in Variable::ALL {
        if variable == Variable::Danger || variable == Variable::Progress {
            continue;
        }
        let mut chance = Chance::new(seed, variable.as_str(), 0);
        let moved = start.get(variable) + chance.between(-START_SPREAD, START_SPREAD);
        varied.set(variable, moved.clamp(0.0, 1.0));
    }
    varied
}

/// Takes one turn.
///
/// # Errors
/// When the turn cannot be taken; the message says why and what to do.
pub fn turn(
    coder: &Coder,
    book: &Codebook,
    stage: &Stage,
    state: &State,
    utterance: &Utterance,
) -> Result<Turn, Refused> {
    check(state, utterance)?;
    let context = state.context();
    let coded = coder.code(utterance, &context);
    let noticed = notice::notice(stage, state, &utterance.text, &coded);
    let mut felt =
        affect::feel(book, state.mood(), &agent_turn(state, utterance, &coded, &noticed));
    safety::hold_until_voiced(stage, state, &mut felt);
    let view = View { book, stage, state, coded: &coded, noticed: &noticed, felt: &felt };
    let (reply, end) = reply::choose(&view);

    let at = utterance.at;
    let mut events = vec![
        Event::Said { text: utterance.text.clone(), at },
        Event::Coded(coded),
        Event::Noticed(noticed),
        Event::Felt(felt),
        Event::Replied { reply: reply.clone(), at },
    ];
    if let Some(end) = end {
        events.push(Event::Ended { end, at });
    }
    Ok(Turn { events, reply, end })
}

fn check(state: &State, utterance: &Utterance) -> Result<(), Refused> {
    let n_chars = utterance.text.chars().count();
    if state.end.is_some() {
        return Err(Refused::Over);
    }
    if utterance.text.trim().is_empty() {
        return Err(Refused::Empty);
    }
    if n_chars > UTTERANCE_CHARS_MAX {
        return Err(Refused::TooLong { n_chars });
    }
    if state.n_turns() >= CALL_TURNS_HARD_MAX {
        return Err(Refused::Full);
    }
    Ok(())
}

fn agent_turn(
    state: &State,
    utterance: &Utterance,
    coded: &talk::Coded,
    noticed: &talk::Noticed,
) -> AgentTurn {
    let words = utterance.text.split_whitespace().count();
    AgentTurn {
        codes: coded.codes.iter().map(|found| (found.code.clone(), found.level)).collect(),
        events: noticed.events.clone(),
        n_words: u32::try_from(words).unwrap_or(u32::MAX),
        trigger: noticed.trigger.is_some(),
        voiced: state.last_reply().heading.heard,
        safety_done: noticed.safety_done,
    }
}

/// The agent puts the phone down, or stops practising. The caller's last words, if any, and the end.
///
/// # Errors
/// When the call is over already.
pub fn end_call(
    stage: &Stage,
    state: &State,
    end: End,
    at: Instant,
) -> Result<Vec<Event>, Refused> {
    if state.end.is_some() {
        return Err(Refused::Over);
    }
    let mut events = Vec::new();
    if end != End::StoppedByAgent
        && let Some(reply) = reply::farewell(&stage.program, state, end)
    {
        events.push(Event::Replied { reply, at });
    }
    events.push(Event::Ended { end, at });
    Ok(events)
}

/// The start of another future: the events of `call` before its turn `turn` (counted from 1), as a call of its own.
/// Disagreements stay with the old call.
#[must_use]
pub fn rewind(call: CallId, events: &[Event], turn: u32, at: Instant) -> Option<Vec<Event>> {
    let mut n_said = 0;
    let seq = events.iter().position(|event| {
        n_said += u32::from(matches!(event, Event::Said { .. }));
        n_said == turn && matches!(event, Event::Said { .. })
    })?;
    let mut prefix: Vec<Event> = events[..seq]
        .iter()
        .filter(|event| !matches!(event, Event::Disagreed { .. } | Event::Ended { .. }))
        .cloned()
        .collect();
    let Some(Event::Opened(opened)) = prefix.first_mut() else { return None };
    opened.branched_from = Some(talk::Branch { call, seq: Seq(seq as u64) });
    opened.at = at;
    Some(prefix)
}
