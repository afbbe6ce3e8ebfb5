//! A scenario after checking: what `call` plays. Plain data, no behaviour but look-ups.
//!
//! Three walls run through it (see `Briefing`, `Caller`, `Aftermath`): what the agent may see before
//! the call, what only the caller knows, and what only the debrief shows.

use talk::{Affect, CodeId, Heading, Heard, Regime, Style};

/// One checked scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct Program {
    pub id: String,
    pub version: u32,
    pub briefing: Briefing,
    pub caller: Caller,
    pub aftermath: Aftermath,
}

/// What the agent sees before the call.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Briefing {
    pub title: String,
    pub sector: String,
    pub channel: String,
    pub minutes: u32,
    /// 1 (a rough edge) to 5 (somebody's worst hour).
    pub intensity: u32,
    /// What may be hard to hear, in plain words.
    pub content_note: String,
    /// One or two sentences for the list of calls.
    pub summary: String,
    /// The agent's situation, as paragraphs.
    pub situation: Vec<String>,
    /// Facts and powers that the agent really has on this desk.
    pub you_know: Vec<String>,
    /// What to practise here.
    pub goals: Vec<String>,
    pub sign_offs: Vec<SignOff>,
}

/// A real person's signature, or the empty place for one.
#[derive(Clone, Debug, PartialEq)]
pub struct SignOff {
    pub role: SignRole,
    /// Name, date and scope as written; `None` while nobody has signed.
    pub signed: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignRole {
    Clinician,
    LivedExperience,
    Expert,
}

/// What only the caller knows.
#[derive(Clone, Debug, PartialEq)]
pub struct Caller {
    pub name: String,
    pub style: Style,
    /// 0.5 to 1.5.
    pub reactivity: f64,
    pub start: Affect,
    pub latent_risk: bool,
    pub danger_floor: f64,
    /// Whether the seed may vary the start and reactivity (sourcebook 3.3). Off only for worked examples.
    pub varies: bool,
    pub opening: Vec<Line>,
    pub facts: Vec<Fact>,
    pub pools: Vec<Pool>,
    pub triggers: Vec<Trigger>,
    pub case: Case,
    pub safety: SafetyStory,
    pub farewells: Vec<Farewell>,
}

/// What only the debrief shows.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Aftermath {
    /// The hidden story, as paragraphs.
    pub story: Vec<String>,
    pub details: Vec<Detail>,
    /// A question to take away.
    pub reflection: Vec<String>,
}

/// One thing a caller can say. `{a|b}` in the text offers alternatives; `texts` holds every expansion.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Unique in its scenario and stable under edits elsewhere: its section and place, such as `hot/3`.
    pub id: String,
    pub texts: Vec<String>,
    pub manner: Option<String>,
    pub heading: Heading,
}

/// Something the caller knows and may tell.
#[derive(Clone, Debug, PartialEq)]
pub struct Fact {
    pub id: String,
    /// 0 complaint, 1 context, 2 meaning, 3 core (sourcebook 3.5).
    pub depth: u8,
    pub gate: Gate,
    /// Whether the caller tells it unasked once its gate is open.
    pub volunteers: bool,
    /// Kept to the end, whatever the agent does; nobody is scored for it.
    pub never_told: bool,
    /// Questions that ask for it, as an agent would put them.
    pub asks: Vec<String>,
    pub tells: Vec<Line>,
    /// Said when it is asked for again.
    pub again: Vec<Line>,
}

/// When a fact may be told (sourcebook 3.5).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gate {
    pub trust_min: f64,
    pub heard_min: f64,
    pub shame_max: f64,
    pub after: GateAfter,
    /// Turns without a harmful code before it, counting the present one.
    pub harmless_turns: u32,
}

/// What the agent must have done in this turn or the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GateAfter {
    Anything,
    QuestionOrReflection,
    ExploreOrFeeling,
}

impl Gate {
    /// The gate that the sourcebook gives to a depth.
    #[must_use]
    pub fn of_depth(depth: u8) -> Self {
        let open = Gate {
            trust_min: 0.0,
            heard_min: 0.0,
            shame_max: 1.0,
            after: GateAfter::Anything,
            harmless_turns: 0,
        };
        match depth {
            0 => open,
            1 => Gate { trust_min: 0.25, after: GateAfter::QuestionOrReflection, ..open },
            2 => Gate {
                trust_min: 0.40,
                heard_min: 0.35,
                shame_max: 0.60,
                after: GateAfter::ExploreOrFeeling,
                ..open
            },
            _ => Gate {
                trust_min: 0.60,
                heard_min: 0.50,
                shame_max: 0.45,
                after: GateAfter::Anything,
                harmless_turns: 3,
            },
        }
    }
}

/// Lines for a regime, perhaps only after something the agent did.
#[derive(Clone, Debug, PartialEq)]
pub struct Pool {
    /// `None` serves every regime.
    pub regime: Option<Regime>,
    pub after: Vec<After>,
    pub lines: Vec<Line>,
}

/// What a pool answers to. An empty list answers to anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum After {
    /// This code was on the agent's turn.
    Code(CodeId),
    /// A question that no fact answers.
    Unknown,
    /// A question whose fact is not to be told yet.
    Withheld,
    /// Something the caller has already told, asked for again, when the fact has no line left for it.
    Reask,
    /// A hold without reason, length and consent.
    Hold,
    /// The agent said hello, or something with no code at all.
    Nothing,
    /// The coder could not tell what the turn was.
    Unclear,
}

/// A sore place: words or codes that bring something back.
#[derive(Clone, Debug, PartialEq)]
pub struct Trigger {
    pub id: String,
    /// Phrases; matched as whole words without case.
    pub says: Vec<String>,
    pub codes: Vec<CodeId>,
    /// Fires once in a call when set.
    pub once: bool,
    pub lines: Vec<Line>,
}

/// The concrete reason for the call.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    pub what: String,
    /// Task progress that a settled case needs, in [0, 1].
    pub progress_min: f64,
    pub steps: Vec<Step>,
}

/// One thing that has to be done for the case to be settled.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    pub id: String,
    pub what: String,
    pub required: bool,
    /// One of these codes must be on the turn; empty means any turn.
    pub codes: Vec<CodeId>,
    /// How an agent who does it might say it.
    pub said_like: Vec<String>,
    /// The caller's answer when it is done and they can take it in.
    pub lines: Vec<Line>,
}

/// A detail that must not be missed.
#[derive(Clone, Debug, PartialEq)]
pub struct Detail {
    pub id: String,
    pub what: String,
    /// The facts or lines in which the caller offers it.
    pub offered_in: Vec<String>,
    /// How an agent who caught it might show it.
    pub caught_like: Vec<String>,
}

/// The safety side of a call. `truth` is `Nothing` where there is no risk behind the words.
#[derive(Clone, Debug, PartialEq)]
pub struct SafetyStory {
    /// What is true, on the words' own scale: `veiled` and above must be asked about.
    pub truth: Heard,
    /// The cue is voiced between these turns, whatever the trust. `None` where there is no cue.
    pub cue_turns: Option<(u32, u32)>,
    pub cue: Vec<Line>,
    /// Said while the flag is open and the agent goes on with business.
    pub waiting: Vec<Line>,
    /// The truth, when asked well.
    pub told: Vec<Line>,
    /// A denial, when asked badly or too soon. Denial is not clearance.
    pub denied: Vec<Line>,
    /// An answer to being asked where there is no risk.
    pub no_risk: Vec<Line>,
    /// When the agent stays and acts.
    pub accepted: Vec<Line>,
    /// After the safety step, when the agent turns back to business.
    pub after: Vec<Line>,
}

/// The caller's last words for an end.
#[derive(Clone, Debug, PartialEq)]
pub struct Farewell {
    pub end: talk::End,
    pub lines: Vec<Line>,
}

impl Program {
    #[must_use]
    pub fn fact(&self, id: &str) -> Option<&Fact> {
        self.caller.facts.iter().find(|fact| fact.id == id)
    }
    #[must_use]
    pub fn farewell(&self, end: talk::End) -> &[Line] {
        let found = self.caller.farewells.iter().find(|farewell| farewell.end == end);
        found.map_or(&[], |farewell| &farewell.lines)
    }
}
