//! What the caller says back (sourcebook 3.4, 3.5): safety first, then what the agent's turn asks for, then what this
//! caller does in this regime. The scenario has the words; the state decides; the seed only chooses among equals.

use scenario::{After, Fact, GateAfter, Pool, Program};
use talk::code::Coded;
use talk::codebook::Valence;
use talk::limit::CALL_TURNS_MAX;
use talk::{CodeId, End, Felt, Heading, Regime, Reply, Seed, Variable};

use crate::lines;
use crate::safety;
use crate::state::State;
use crate::view::{Said, View};

/// Codes that invite the caller to go on and tell more.
const INVITING: [&str; 9] = [
    "REFL_SIMPLE",
    "REFL_COMPLEX",
    "NAME_FEELING",
    "VALIDATE",
    "CLARIFY",
    "EXPLORE",
    "CONCERN",
    "INVOLVE",
    "OWN",
];
/// What opens a depth-1 gate: any question or reflection (sourcebook 3.5).
const QUESTION_OR_REFLECTION: [&str; 9] = [
    "ASK_CLOSED",
    "EXPLORE",
    "INVOLVE",
    "SAFETY_ASK",
    "REFL_SIMPLE",
    "REFL_COMPLEX",
    "NAME_FEELING",
    "CLARIFY",
    "VALIDATE",
];
/// What opens a depth-2 gate (sourcebook 3.5).
const EXPLORE_OR_FEELING: [&str; 2] = ["EXPLORE", "NAME_FEELING"];

/// The caller's first words.
#[must_use]
pub fn opening(program: &Program, seed: Seed) -> Reply {
    let said = lines::first(&program.caller.opening, seed);
    let told = program.caller.facts.iter().filter(|fact| fact.depth == 0 && fact.tells.is_empty());
    let told = told.map(|fact| fact.id.clone()).collect();
    said.map_or_else(silence, |said| into_reply(said, told))
}

/// The caller's last words for an end that did not come from a turn.
#[must_use]
pub fn farewell(program: &Program, state: &State, end: End) -> Option<Reply> {
    lines::last_words(state, program.farewell(end)).map(|said| into_reply(said, Vec::new()))
}

/// The caller's answer to this turn, and the end when it ends the call.
#[must_use]
pub fn choose(view: &View<'_>) -> (Reply, Option<End>) {
    let mut answered = safety::answer(view);
    if answered.is_none() {
        if let Some(end) = ends(view) {
            let words = lines::pick(view, view.stage.program.farewell(end), "leaves");
            return (words.map_or_else(silence, |said| into_reply(said, Vec::new())), Some(end));
        }
        answered = sore_place(view);
    }
    if let Some(said) = answered {
        return (into_reply(said, Vec::new()), None);
    }
    if let Some((said, told)) = answer(view) {
        return (into_reply(said, told), None);
    }
    let said = react(view, &turn_keys(view));
    (said.map_or_else(silence, |said| into_reply(said, Vec::new())), None)
}

/// Whether this turn ends the call, and how.
fn ends(view: &View<'_>) -> Option<End> {
    let mood = &view.felt.mood;
    if mood.left_at.is_some() {
        let boiling = mood.n_hot >= view.book.leave.hot_turns;
        return Some(if boiling { End::CallerHungUp } else { End::CallerLeft });
    }
    if mood.flag_open() {
        return None;
    }
    let handing_over = mood.safety_done && view.noticed.handing_over;
    if handing_over && !view.noticed.safety_done {
        return Some(End::HandedOver);
    }
    if view.noticed.closing && settled(view) {
        return Some(End::Resolved);
    }
    at_limit(view.felt).then_some(End::Limit)
}

/// The case is done and the caller can say so.
fn settled(view: &View<'_>) -> bool {
    let case = &view.stage.program.caller.case;
    let mut done = view.state.steps_done();
    done.extend(view.noticed.steps.iter().map(String::as_str));
    let calm = matches!(view.regime(), Regime::Engaged | Regime::Collaborative);
    let progress = view.felt.mood.affect.get(Variable::Progress);
    let required = case.steps.iter().filter(|step| step.required);
    calm && progress >= case.progress_min
        && view.harmful_code().is_none()
        && required.into_iter().all(|step| done.contains(step.id.as_str()))
}

fn sore_place(view: &View<'_>) -> Option<Said> {
    let id = view.noticed.trigger.as_deref()?;
    let trigger = view.stage.program.caller.triggers.iter().find(|t| t.id == id)?;
    lines::pick(view, &trigger.lines, "triggered")
}

/// An answer to what was asked or done; `None` where the caller only reacts to how it was said.
fn answer(view: &View<'_>) -> Option<(Said, Vec<String>)> {
    if view.hurt_by_words() || view.coded.abstained {
        return None;
    }
    let passed_over = view.harmful_code().is_some();
    let plain = |said: Said| (said, Vec::new());
    if let Some((id, _)) = &view.noticed.asked {
        let fact = view.stage.program.fact(id)?;
        if view.state.told().contains(id.as_str()) {
            let again = lines::pick(view, &fact.again, "tells_again");
            return again.or_else(|| react(view, &[After::Reask])).map(plain);
        }
        if may_tell(view, fact) {
            return tell(view, fact);
        }
        if view.noticed.steps.is_empty() {
            return react(view, &[After::Withheld]).map(plain);
        }
    }
    if passed_over {
        return None;
    }
    if let Some(said) = step_done(view) {
        return Some((said, Vec::new()));
    }
    if let Some(told) = volunteer(view) {
        return Some(told);
    }
    if view.coded.has("EXPLORE") {
        let keys = [After::Code(CodeId::new("EXPLORE")), After::Unknown];
        return react(view, &keys).map(plain);
    }
    if view.coded.has("ASK_CLOSED") { react(view, &[After::Unknown]).map(plain) } else { None }
}

fn tell(view: &View<'_>, fact: &Fact) -> Option<(Said, Vec<String>)> {
    lines::pick(view, &fact.tells, "tells").map(|said| (said, vec![fact.id.clone()]))
}

/// A step of the case was done and the caller can take it in.
fn step_done(view: &View<'_>) -> Option<Said> {
    let can_hear = match view.regime() {
        Regime::Crisis | Regime::Overwhelmed | Regime::Hot | Regime::Withdrawn => false,
        Regime::Guarded | Regime::Engaged | Regime::Collaborative => true,
    };
    let id = view.noticed.steps.first().filter(|_| can_hear)?;
    let step = view.stage.program.caller.case.steps.iter().find(|step| step.id == *id)?;
    lines::pick(view, &step.lines, "takes_in")
}

/// The next thing that the caller tells unasked, when they are invited to go on. Not twice running unless asked openly.
fn volunteer(view: &View<'_>) -> Option<(Said, Vec<String>)> {
    let invited = view.has_any(&INVITING);
    let just_told = !view.state.last_reply().told.is_empty();
    if !invited || (just_told && !view.coded.has("EXPLORE")) {
        return None;
    }
    let told = view.state.told();
    let facts = &view.stage.program.caller.facts;
    let open = facts
        .iter()
        .filter(|fact| fact.volunteers && !told.contains(fact.id.as_str()) && may_tell(view, fact));
    let next = open.min_by_key(|fact| fact.depth)?;
    tell(view, next)
}

/// Whether the gate of a fact is open (sourcebook 3.5).
fn may_tell(view: &View<'_>, fact: &Fact) -> bool {
    let gate = &fact.gate;
    let x = |variable| view.felt.mood.affect.get(variable);
    let after = match gate.after {
        GateAfter::Anything => true,
        GateAfter::QuestionOrReflection => {
            view.has_any(&QUESTION_OR_REFLECTION) || view.had_any(&QUESTION_OR_REFLECTION)
        }
        GateAfter::ExploreOrFeeling => {
            view.has_any(&EXPLORE_OR_FEELING) || view.had_any(&EXPLORE_OR_FEELING)
        }
    };
    !fact.never_told
        && x(Variable::Trust) >= gate.trust_min
        && x(Variable::Heard) >= gate.heard_min
        && x(Variable::Shame) <= gate.shame_max
        && after
        && harmless(view, gate.harmless_turns)
}

/// No harmful code in the last `n` turns, this one among them.
fn harmless(view: &View<'_>, n: u32) -> bool {
    let harmful = |coded: &Coded| {
        coded.codes.iter().any(|found| {
            let entry = view.book.code(found.code.as_str());
            entry.is_some_and(|entry| entry.valence == Valence::Harmful)
        })
    };
    let before = usize::try_from(n.saturating_sub(1)).unwrap_or(0);
    let earlier = view.state.exchanges.iter().rev().take(before);
    n == 0 || (!harmful(view.coded) && !earlier.into_iter().any(|e| harmful(&e.coded)))
}

/// What in this turn the caller reacts to, most telling first.
fn turn_keys(view: &View<'_>) -> Vec<After> {
    let mut keys = Vec::new();
    if let Some(code) = view.harmful_code() {
        keys.push(After::Code(code.clone()));
    }
    let held = view.noticed.events.iter().any(|event| *event == "EV_HOLD_UNEXPLAINED");
    if held {
        keys.push(After::Hold);
    }
    if view.coded.abstained {
        keys.push(After::Unclear);
    }
    let given = |code: &&CodeId| view.coded.has(code.as_str());
    keys.extend(view.book.precedence.iter().filter(given).map(|code| After::Code(code.clone())));
    if view.coded.codes.is_empty() && !view.coded.abstained {
        keys.push(After::Nothing);
    }
    keys
}

/// Lines for this regime after one of these, then for any regime, then the stock.
fn react(view: &View<'_>, keys: &[After]) -> Option<Said> {
    let regime = view.regime();
    let pools = &view.stage.program.caller.pools;
    let particular = keys.iter().flat_map(|key| {
        let of = |wanted: Option<Regime>| {
            pools.iter().filter(move |pool| pool.regime == wanted && pool.after.contains(key))
        };
        of(Some(regime)).chain(of(None))
    });
    let stock = |wanted: Option<Regime>| {
        pools.iter().filter(move |pool| pool.regime == wanted && pool.after.is_empty())
    };
    let mut in_order = particular.chain(stock(Some(regime))).chain(stock(None));
    in_order.find_map(|pool: &Pool| lines::pick(view, &pool.lines, "reacts"))
}

fn silence() -> Reply {
    Reply {
        text: String::new(),
        manner: Some("says nothing".to_owned()),
        act: "silent".to_owned(),
        lines: Vec::new(),
        told: Vec::new(),
        heading: Heading::default(),
    }
}

fn into_reply(said: Said, told: Vec<String>) -> Reply {
    Reply {
        text: said.text,
        manner: said.manner,
        act: said.act.to_owned(),
        lines: vec![said.line],
        told,
        heading: said.heading,
    }
}

/// Whether the call has reached its limit and nothing holds it open.
#[must_use]
fn at_limit(felt: &Felt) -> bool {
    felt.mood.n_turns >= CALL_TURNS_MAX && !felt.mood.flag_open()
}
