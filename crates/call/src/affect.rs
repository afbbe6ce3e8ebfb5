//! How one agent turn moves the caller (sourcebook 3.3, steps 1 to 10, in order). Pure.
//!
//! Every number comes from the codebook. Where words and the executable reference differ, the reference holds;
//! `tests/` replays its 300 traces. Called by `turn`, and by `evenkeel trace`.

use talk::codebook::{Codebook, Valence};
use talk::{Affect, CodeId, Felt, Heard, Level, Mood, Reason, Regime, Style, Variable};

/// Codes that comfort or listen and move no task. Too many of them in a row stall a call (step 5).
const RELATIONAL: [&str; 8] = [
    "REFL_SIMPLE",
    "REFL_COMPLEX",
    "NAME_FEELING",
    "VALIDATE",
    "CONCERN",
    "FALSE_COMFORT",
    "AFFIRM",
    "OWN",
];
/// Codes that neither count towards a stall nor end one (step 5).
const NEUTRAL_TO_STALL: [&str; 2] = ["ASK_CLOSED", "OTHER"];
/// Codes that come too early for a caller who is hot and unheard (step 3).
const PREMATURE: [&str; 4] = ["SOLVE", "INFORM", "CHOICE", "COMMIT"];
/// Codes that end the hold of a trauma trigger (step 9).
const GROUNDING: [&str; 3] = ["ORIENT", "CONCERN", "CHOICE"];
/// Turns before this one in which a use of the same code still dulls it: five with the present one (step 2).
const HABITUATION_TURNS_BEFORE: usize = 4;

// The thresholds of the regimes stand in the codebook as sentences (`regime.when`); these are their numbers
// (sourcebook 3.3 step 1 and 3.4).
const CRISIS_DANGER: f64 = 0.70;
const OVERWHELMED_DISTRESS: f64 = 0.80;
const CALM_AROUSAL: f64 = 0.55;
const HOT_AROUSAL: f64 = 0.75;
const WITHDRAWN_TRUST: f64 = 0.25;
const COLLABORATIVE_TRUST: f64 = 0.60;
const COLLABORATIVE_HEARD: f64 = 0.50;
const COLLABORATIVE_AGENCY: f64 = 0.45;
const COLLABORATIVE_AROUSAL: f64 = 0.45;
const GUARDED_TRUST: f64 = 0.45;
/// Step 8: hopeless coupling.
const HOPELESS_DISTRESS: f64 = 0.75;
const HOPELESS_AGENCY: f64 = 0.15;

/// The default angry caller (sourcebook 3.2).
pub const ANGRY: Affect = Affect([0.80, 0.60, 0.30, 0.10, 0.30, 0.20, 0.0, 0.0]);

/// What an agent's turn holds, as far as the caller feels it.
#[derive(Clone, Debug, PartialEq)]
pub struct AgentTurn {
    pub codes: Vec<(CodeId, Level)>,
    pub events: Vec<CodeId>,
    pub n_words: u32,
    /// A trauma trigger was touched.
    pub trigger: bool,
    /// The safety words that the caller voiced just before this turn.
    pub voiced: Heard,
    pub safety_done: bool,
}

impl Default for AgentTurn {
    fn default() -> Self {
        Self {
            codes: Vec::new(),
            events: Vec::new(),
            n_words: 30,
            trigger: false,
            voiced: Heard::Nothing,
            safety_done: false,
        }
    }
}

/// A caller before the first turn.
#[must_use]
pub fn fresh(start: Affect) -> Mood {
    Mood {
        affect: start,
        regime: None,
        reactivity: 1.0,
        style: Style::Attack,
        open_request: true,
        latent_risk: false,
        danger_floor: 0.0,
        used: Vec::new(),
        n_relational: 0,
        n_turns: 0,
        n_hot: 0,
        n_quiet: 0,
        held_turns: 0,
        voiced: Heard::Nothing,
        safety_done: false,
        left_at: None,
    }
}

/// The regime that this mood is in, given the one it was in (step 1).
#[must_use]
pub fn regime(book: &Codebook, mood: &Mood) -> Regime {
    let x = |variable| mood.affect.get(variable);
    let (arousal, trust) = (x(Variable::Arousal), x(Variable::Trust));
    let slack = |regime| if mood.regime == Some(regime) { book.dynamics.hysteresis } else { 0.0 };
    let in_danger = x(Variable::Danger) >= CRISIS_DANGER && mood.voiced >= Heard::Distress;
    if !mood.safety_done && (mood.voiced >= Heard::Stated || in_danger) {
        return Regime::Crisis;
    }
    // A hurt withdrawer leaves rather than shouts or freezes.
    let inward = mood.style == Style::Withdraw && trust < WITHDRAWN_TRUST;
    let flooded = x(Variable::Distress) >= OVERWHELMED_DISTRESS - slack(Regime::Overwhelmed)
        && arousal < CALM_AROUSAL
        && !inward;
    if mood.held_turns > 0 || flooded {
        return Regime::Overwhelmed;
    }
    if arousal >= HOT_AROUSAL - slack(Regime::Hot) {
        return Regime::Hot;
    }
    if inward || (trust < WITHDRAWN_TRUST && arousal < CALM_AROUSAL) {
        return Regime::Withdrawn;
    }
    let k = slack(Regime::Collaborative);
    let together = trust >= COLLABORATIVE_TRUST - k
        && x(Variable::Heard) >= COLLABORATIVE_HEARD - k
        && x(Variable::Agency) >= COLLABORATIVE_AGENCY
        && arousal < COLLABORATIVE_AROUSAL;
    if together && !mood.flag_open() {
        return Regime::Collaborative;
    }
    if trust < GUARDED_TRUST - slack(Regime::Engaged) { Regime::Guarded } else { Regime::Engaged }
}

/// The caller after one agent turn, with what moved them.
#[must_use]
pub fn feel(book: &Codebook, mood: &Mood, turn: &AgentTurn) -> Felt {
    let mut next = mood.clone();
    next.n_turns += 1;
    next.voiced = next.voiced.max(turn.voiced);
    let now = regime(book, &next);
    next.regime = Some(now);

    let mut sum = Sum::default();
    let took = add_codes(book, mood, now, turn, &mut sum);
    for id in &turn.events {
        if let Some(event) = book.event(id.as_str()) {
            sum.add(id.clone(), event.effect);
        }
    }
    if turn.trigger {
        sum.add(CodeId::new("trigger"), book.dynamics.trigger_effect);
    }
    count_stall(book, &mut next, now, &took, &mut sum);
    settle(book, &mut next, &took, &sum.total());
    hold(book, &mut next, &took, turn.trigger);
    next.used.push(took);
    if next.used.len() > HABITUATION_TURNS_BEFORE {
        next.used.remove(0);
    }
    next.safety_done = next.safety_done || turn.safety_done;
    let after = regime(book, &next);
    test_leaving(book, &mut next, after);
    // The next turn's step 1 starts from the regime of this turn, as the reference does; what is shown is `after`.
    Felt { mood: next, reasons: sum.reasons }
}

/// Steps that add up, each with its cause.
#[derive(Default)]
struct Sum {
    reasons: Vec<Reason>,
}

impl Sum {
    fn add(&mut self, cause: CodeId, step: Affect) {
        match self.reasons.iter_mut().find(|reason| reason.cause == cause) {
            Some(reason) => Variable::ALL.iter().for_each(|v| reason.step.add(*v, step.get(*v))),
            None => self.reasons.push(Reason { cause, step }),
        }
    }
    fn total(&self) -> Affect {
        let mut total = Affect::default();
        for reason in &self.reasons {
            Variable::ALL.iter().for_each(|v| total.add(*v, reason.step.get(*v)));
        }
        total
    }
}

/// Steps 2 and 3: the codes, in order. Returns those that took effect.
fn add_codes(
    book: &Codebook,
    mood: &Mood,
    now: Regime,
    turn: &AgentTurn,
    sum: &mut Sum,
) -> Vec<CodeId> {
    let d = &book.dynamics;
    let mut took = Vec::new();
    let mut n_facilitative = 0;
    for (id, level) in &turn.codes {
        let Some(code) = book.code(id.as_str()) else { continue };
        let mut gain = book.level_gain(*level) * book.regime_gain(now, id.as_str());
        match code.valence {
            Valence::Facilitative => {
                n_facilitative += 1;
                if n_facilitative > d.max_facilitative_codes {
                    continue;
                }
                let n_before = mood.used.iter().flatten().filter(|used| *used == id).count();
                #[allow(clippy::cast_precision_loss)]
                let n_before = n_before as f64;
                gain /= 1.0 + d.habituation * n_before;
                if turn.n_words > d.long_turn_words {
                    gain *= d.long_turn_gain;
                }
            }
            Valence::Harmful => gain *= mood.reactivity * d.negativity_gain,
            Valence::Neutral => {}
        }
        took.push(id.clone());
        let premature = PREMATURE.contains(&id.as_str())
            && mood.affect.get(Variable::Heard) < d.premature_heard
            && mood.affect.get(Variable::Arousal) >= d.premature_arousal;
        let harmful = code.valence == Valence::Harmful;
        sum.add(id.clone(), code_step(book, mood, &code.effect, gain, harmful, premature));
        if premature {
            sum.add(CodeId::new("premature"), d.premature_effect);
        }
    }
    took
}

/// One code's step after gains, for this caller.
fn code_step(
    book: &Codebook,
    mood: &Mood,
    effect: &Affect,
    gain: f64,
    harmful: bool,
    premature: bool,
) -> Affect {
    let d = &book.dynamics;
    let mut step = Affect::default();
    for variable in Variable::ALL {
        let mut e = effect.get(variable) * gain;
        if premature {
            let progress = variable == Variable::Progress;
            e *= if progress { d.premature_progress_gain } else { d.premature_gain };
        }
        if variable == Variable::Danger && harmful && !mood.latent_risk {
            continue;
        }
        if variable == Variable::Arousal && harmful && mood.style == Style::Withdraw {
            let rest = e * (1.0 - d.withdraw_arousal_gain);
            e *= d.withdraw_arousal_gain;
            step.add(Variable::Distress, rest * d.withdraw_to_distress);
            step.add(Variable::Trust, -rest * d.withdraw_to_trust);
        }
        step.add(variable, e);
    }
    step
}

/// Step 5: comfort without a next step wears thin.
fn count_stall(book: &Codebook, next: &mut Mood, now: Regime, took: &[CodeId], sum: &mut Sum) {
    let mut kinds = took.iter().filter(|id| !NEUTRAL_TO_STALL.contains(&id.as_str())).peekable();
    if kinds.peek().is_some() {
        let only_relational = kinds.all(|id| RELATIONAL.contains(&id.as_str()));
        let waits = next.open_request && now != Regime::Overwhelmed && now != Regime::Crisis;
        next.n_relational = if only_relational && waits { next.n_relational + 1 } else { 0 };
    }
    if next.n_relational > book.dynamics.stall_after_turns {
        sum.add(CodeId::new("stall"), book.dynamics.stall_effect);
    }
}

/// Steps 6 to 8: clamp and scale the step, let the state drift home, and keep it in bounds.
fn settle(book: &Codebook, next: &mut Mood, took: &[CodeId], total: &Affect) {
    let d = &book.dynamics;
    for variable in Variable::ALL {
        let x = next.affect.get(variable);
        let step = total.get(variable).clamp(-d.max_step, d.max_step);
        let room = if step > 0.0 { 1.0 - x } else { x };
        let moved = x + d.gain_scale * step * room;
        let rest = book.rest[variable as usize];
        next.affect.set(variable, moved + rest.decay * (rest.home - moved));
    }
    next.affect.add(Variable::Arousal, -d.heard_cools * next.affect.get(Variable::Heard));
    if next.style == Style::Attack {
        next.affect.add(Variable::Arousal, d.shame_heats * next.affect.get(Variable::Shame));
    }
    let asked = took.iter().any(|id| *id == "SAFETY_ASK" || *id == "SAFETY_ACT");
    let hopeless = next.affect.get(Variable::Distress) >= HOPELESS_DISTRESS
        && next.affect.get(Variable::Agency) <= HOPELESS_AGENCY;
    if next.latent_risk && !asked && hopeless {
        next.affect.add(Variable::Danger, d.hopeless_coupling);
    }
    for variable in Variable::ALL {
        next.affect.set(variable, next.affect.get(variable).clamp(0.0, 1.0));
    }
    let floored = next.affect.get(Variable::Danger).max(next.danger_floor);
    next.affect.set(Variable::Danger, floored);
}

/// Step 9: how long a trigger still holds.
fn hold(book: &Codebook, next: &mut Mood, took: &[CodeId], trigger: bool) {
    next.held_turns = if trigger {
        book.dynamics.trigger_turns
    } else if took.iter().any(|id| GROUNDING.contains(&id.as_str())) {
        0
    } else {
        next.held_turns.saturating_sub(1)
    };
}

/// Step 10: whether the caller leaves. Never in CRISIS, and never while the safety flag is open.
fn test_leaving(book: &Codebook, next: &mut Mood, after: Regime) {
    let leave = &book.leave;
    let boiling = next.affect.get(Variable::Arousal) >= leave.hot_arousal
        && next.affect.get(Variable::Trust) <= leave.hot_trust;
    next.n_hot = if boiling { next.n_hot + 1 } else { 0 };
    next.n_quiet = if after == Regime::Withdrawn { next.n_quiet + 1 } else { 0 };
    let wants_to = next.n_hot >= leave.hot_turns || next.n_quiet >= leave.withdrawn_turns;
    let free = !next.flag_open() && after != Regime::Crisis;
    if next.n_turns > leave.grace_turns && free && wants_to {
        next.left_at = Some(next.n_turns);
    }
}
