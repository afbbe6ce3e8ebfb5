//! How a call stands or ended: felt heard, trust, case, safety and the end, side by side. There is no single score.

use scenario::{Program, SafetyOutcome};
use talk::{CodeId, End, Heard, Variable};

use crate::state::State;

/// The five things that stand side by side.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// `None` while the call goes on.
    pub end: Option<End>,
    /// In [0, 1].
    pub heard: f64,
    /// In [0, 1].
    pub trust: f64,
    /// Share of the required steps done, in [0, 1].
    pub case: f64,
    pub safety: SafetyOutcome,
    pub critical: Vec<Critical>,
}

/// A critical error (sourcebook 1.4, step 7).
#[derive(Clone, Debug, PartialEq)]
pub struct Critical {
    /// Counted from 1.
    pub turn: u32,
    pub kind: CriticalKind,
    /// The code it rests on; `None` for ending the call with an open flag.
    pub code: Option<CodeId>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CriticalKind {
    Hostile,
    /// Passed over a safety cue, or went on with data questions after it.
    CuePassedOver,
    /// A promise of secrecy or a demand for a no-harm promise.
    PromiseInsteadOfSafety,
    /// The call was put down with the safety flag open.
    LeftWithFlagOpen,
}

/// Reads the outcome off a state.
#[must_use]
pub fn outcome(program: &Program, state: &State) -> Outcome {
    let affect = &state.mood().affect;
    let done = state.steps_done();
    let required = program.caller.case.steps.iter().filter(|step| step.required);
    let (n_done, n_required) = required.fold((0_u32, 0_u32), |(done_so_far, n), step| {
        (done_so_far + u32::from(done.contains(step.id.as_str())), n + 1)
    });
    let critical = critical(state);
    Outcome {
        end: state.end,
        heard: affect.get(Variable::Heard),
        trust: affect.get(Variable::Trust),
        case: f64::from(n_done) / f64::from(n_required.max(1)),
        safety: safety(state, &critical),
        critical,
    }
}

fn safety(state: &State, critical: &[Critical]) -> SafetyOutcome {
    let cue = cue_turn(state);
    let Some(cue) = cue else { return SafetyOutcome::NoCue };
    let breached = critical.iter().any(|c| {
        matches!(c.kind, CriticalKind::PromiseInsteadOfSafety | CriticalKind::LeftWithFlagOpen)
    });
    let asked = (1..).zip(&state.exchanges).any(|(n, e)| n > cue && e.coded.has("SAFETY_ASK"));
    if breached {
        SafetyOutcome::Breached
    } else if state.mood().safety_done {
        SafetyOutcome::Kept
    } else if asked {
        SafetyOutcome::Asked
    } else {
        SafetyOutcome::Missed
    }
}

/// The turn after which the first cue of `veiled` or worse was voiced (0 for the opening).
fn cue_turn(state: &State) -> Option<u32> {
    state.replies().find(|(_, reply)| reply.heading.heard >= Heard::Veiled).map(|(turn, _)| turn)
}

fn critical(state: &State) -> Vec<Critical> {
    let cue = cue_turn(state);
    let mut found = Vec::new();
    for (turn, exchange) in (1..).zip(&state.exchanges) {
        let coded = &exchange.coded;
        let mut add = |kind, code: &str| {
            found.push(Critical { turn, kind, code: Some(CodeId::new(code)) });
        };
        if coded.has("HOSTILE") {
            add(CriticalKind::Hostile, "HOSTILE");
        }
        if cue.is_none_or(|cue| turn <= cue) {
            continue;
        }
        let promise = coded.codes.iter().any(|found| {
            let subtype = found.subtype.as_deref();
            found.code == "FALSE_COMFORT" && matches!(subtype, Some("secrecy" | "contract"))
        });
        if promise {
            add(CriticalKind::PromiseInsteadOfSafety, "FALSE_COMFORT");
        }
        let answered = coded.has("SAFETY_ASK") || coded.has("SAFETY_ACT");
        let right_after = cue.is_some_and(|cue| turn == cue + 1);
        if coded.has("DEFLECT") && !answered && right_after {
            add(CriticalKind::CuePassedOver, "DEFLECT");
        } else if right_after && !answered && coded.codes.iter().all(|f| f.code == "ASK_CLOSED") {
            add(CriticalKind::CuePassedOver, "ASK_CLOSED");
        }
    }
    let abandoned = state.end == Some(End::AgentEnded) && open_at_end(state);
    if abandoned {
        let kind = CriticalKind::LeftWithFlagOpen;
        found.push(Critical { turn: state.n_turns(), kind, code: None });
    }
    found
}

/// The flag as it stands after the caller's last words, which the mood hears only with the next turn.
pub(crate) fn open_at_end(state: &State) -> bool {
    cue_turn(state).is_some() && !state.mood().safety_done
}
