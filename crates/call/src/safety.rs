//! The safety side of a practised call (sourcebook 3.3 step 10, 3.5 row S, 5.4): when the cue comes, what the caller
//! answers when asked, and when the safety step is done. Software may raise concern here and never clears it.

use scenario::SafetyStory;
use talk::code::{Coded, Kind};
use talk::{Chance, Felt, Heard, Level, Seed, Variable};

use crate::lines;
use crate::stage::Stage;
use crate::state::State;
use crate::view::{Said, View};

/// Sourcebook 3.5, row S: the chance of a true answer, and of one to a shaming question.
const TRUTH_BASE: f64 = 0.55;
const TRUTH_PER_TRUST: f64 = 0.40;
const TRUTH_WHEN_SPECIFIC: f64 = 0.15;
const TRUTH_PER_SHAME: f64 = 0.30;
const TRUTH_MIN: f64 = 0.25;
const TRUTH_MAX: f64 = 0.98;
const TRUTH_WHEN_SHAMED: f64 = 0.10;

/// Acts of the caller that answer a direct question about safety.
const ANSWERS: [&str; 2] = ["tells_truth", "denies"];

/// Codes that turn to the case.
const BUSINESS: [&str; 8] =
    ["ASK_CLOSED", "INFORM", "SOLVE", "CHOICE", "COMMIT", "LIMIT", "REDIRECT", "PRESCRIBE"];

/// The turn at which this call's cue comes.
fn cue_turn(story: &SafetyStory, seed: Seed) -> Option<u32> {
    let (first, last) = story.cue_turns?;
    let spread = usize::try_from(last.saturating_sub(first)).unwrap_or(0) + 1;
    let drawn = Chance::new(seed, "cue", 0).below(spread);
    Some(first + u32::try_from(drawn).unwrap_or(0))
}

fn cue_voiced(state: &State) -> bool {
    state.replies().any(|(_, reply)| reply.heading.heard >= Heard::Veiled)
}

/// Whether the caller has been asked directly and has answered, truly or not.
fn answered(state: &State) -> bool {
    state.exchanges.iter().any(|e| ANSWERS.contains(&e.reply.act.as_str()))
}

/// A caller whose cue has not come yet does not leave before it: the cue is always voiced (sourcebook 3.5, row S).
pub fn hold_until_voiced(stage: &Stage, state: &State, felt: &mut Felt) {
    if stage.program.caller.safety.cue_turns.is_some() && !cue_voiced(state) {
        felt.mood.left_at = None;
    }
}

/// The safety step: asked directly in an earlier turn, answered, and now the agent stays and acts.
/// A denial is not clearance: it takes the same step, or one more ask.
#[must_use]
pub fn step_done(state: &State, coded: &Coded) -> bool {
    cue_voiced(state) && !state.mood().safety_done && answered(state) && coded.has("SAFETY_ACT")
}

/// Whether an agent's own words sound like their own risk (sourcebook 5.6, 7): then practice stops and nothing of them is
/// kept. Better once too often. Words about others' violence are conduct, and are coded, not cared for.
#[must_use]
pub fn own_risk(coded: &Coded) -> bool {
    let safety = &coded.safety;
    let own = safety.kinds.iter().any(|kind| matches!(kind, Kind::SelfHarm | Kind::Emergency));
    own && safety.heard >= Heard::Veiled
}

/// What the caller says because safety comes first; `None` leaves the turn to the rest of the reply.
#[must_use]
pub fn answer(view: &View<'_>) -> Option<Said> {
    let story = &view.stage.program.caller.safety;
    let asked = view.coded.has("SAFETY_ASK");
    if asked && story.truth < Heard::Veiled {
        return lines::pick(view, &story.no_risk, "no_risk");
    }
    if asked {
        return answer_truly(view, story);
    }
    if shamed(view) {
        return deny_or_tell(view, story, TRUTH_WHEN_SHAMED);
    }
    if view.noticed.safety_done {
        return lines::pick(view, &story.accepted, "accepts");
    }
    if !cue_voiced(view.state) {
        let due = cue_turn(story, view.state.opened.seed)?;
        let leaving = wants_to_leave(view);
        if view.felt.mood.n_turns >= due || leaving {
            return lines::pick(view, &story.cue, "cue");
        }
        return None;
    }
    if view.felt.mood.flag_open() {
        return wait(view, story);
    }
    let business = BUSINESS.iter().any(|code| view.coded.has(code));
    let back_to_business = view.felt.mood.safety_done && business && !view.coded.has("SAFETY_ACT");
    if back_to_business && !view.state.exchanges.iter().any(|e| e.reply.act == "returns") {
        return lines::pick(view, &story.after, "returns");
    }
    None
}

fn wants_to_leave(view: &View<'_>) -> bool {
    let leave = &view.book.leave;
    let mood = &view.felt.mood;
    mood.n_turns > leave.grace_turns
        && (mood.n_hot >= leave.hot_turns || mood.n_quiet >= leave.withdrawn_turns)
}

/// A question that shames, after a cue: "you're not going to do anything silly?"
fn shamed(view: &View<'_>) -> bool {
    let last = view.state.last_reply();
    let euphemism = |found: &talk::Found| {
        found.code == "INVALIDATE" && found.rule.0.starts_with("invalidate.euphemis")
    };
    (last.heading.heard >= Heard::Distress || view.felt.mood.flag_open())
        && view.stage.program.caller.safety.truth >= Heard::Veiled
        && view.coded.codes.iter().any(euphemism)
}

fn answer_truly(view: &View<'_>, story: &SafetyStory) -> Option<Said> {
    let already = view.state.exchanges.iter().any(|e| e.reply.act == "tells_truth");
    if already {
        return lines::pick(view, &story.told, "tells_truth");
    }
    let specific =
        view.coded.codes.iter().any(|f| f.code == "SAFETY_ASK" && f.level == Level::Strong);
    let x = |variable| view.felt.mood.affect.get(variable);
    let p = TRUTH_BASE
        + TRUTH_PER_TRUST * x(Variable::Trust)
        + if specific { TRUTH_WHEN_SPECIFIC } else { 0.0 }
        - TRUTH_PER_SHAME * x(Variable::Shame);
    deny_or_tell(view, story, p.clamp(TRUTH_MIN, TRUTH_MAX))
}

fn deny_or_tell(view: &View<'_>, story: &SafetyStory, p: f64) -> Option<Said> {
    let turn = u64::from(view.felt.mood.n_turns);
    let draw = Chance::new(view.state.opened.seed, "truth", turn).unit();
    if draw < p {
        lines::pick(view, &story.told, "tells_truth")
    } else {
        lines::pick(view, &story.denied, "denies")
    }
}

/// The flag is open and the agent goes on with something else before asking. Once the caller has answered they are no
/// longer alone with it: then they answer to how they are spoken to, as in any regime.
fn wait(view: &View<'_>, story: &SafetyStory) -> Option<Said> {
    let harmed = view.harmful_code().is_some();
    if harmed || answered(view.state) || view.coded.has("SAFETY_ACT") {
        return None;
    }
    lines::pick(view, &story.waiting, "waits")
}
