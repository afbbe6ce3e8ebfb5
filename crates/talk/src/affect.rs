//! The caller's affect as data: eight variables in [0, 1], a regime, and what moved them.
//!
//! The rules that move it live in `call::affect`.

use crate::code::{CodeId, Heard};

/// The eight variables (sourcebook 3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Variable {
    Arousal,
    Distress,
    Trust,
    Heard,
    Shame,
    Agency,
    Danger,
    Progress,
}

impl Variable {
    pub const ALL: [Variable; 8] = [
        Variable::Arousal,
        Variable::Distress,
        Variable::Trust,
        Variable::Heard,
        Variable::Shame,
        Variable::Agency,
        Variable::Danger,
        Variable::Progress,
    ];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Variable::Arousal => "arousal",
            Variable::Distress => "distress",
            Variable::Trust => "trust",
            Variable::Heard => "heard",
            Variable::Shame => "shame",
            Variable::Agency => "agency",
            Variable::Danger => "danger",
            Variable::Progress => "progress",
        }
    }
    #[must_use]
    pub fn parse(s: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|v| v.as_str() == s)
    }
}

/// A value, or a change, for each of the eight variables.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct Affect(pub [f64; 8]);

impl Affect {
    #[must_use]
    pub fn get(&self, variable: Variable) -> f64 {
        self.0[variable as usize]
    }
    pub fn set(&mut self, variable: Variable, value: f64) {
        self.0[variable as usize] = value;
    }
    pub fn add(&mut self, variable: Variable, value: f64) {
        self.0[variable as usize] += value;
    }
}

/// How the caller is just now (sourcebook 3.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Regime {
    Crisis,
    Overwhelmed,
    Hot,
    Withdrawn,
    Guarded,
    Engaged,
    Collaborative,
}

impl Regime {
    pub const ALL: [Regime; 7] = [
        Regime::Crisis,
        Regime::Overwhelmed,
        Regime::Hot,
        Regime::Withdrawn,
        Regime::Guarded,
        Regime::Engaged,
        Regime::Collaborative,
    ];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Regime::Crisis => "CRISIS",
            Regime::Overwhelmed => "OVERWHELMED",
            Regime::Hot => "HOT",
            Regime::Withdrawn => "WITHDRAWN",
            Regime::Guarded => "GUARDED",
            Regime::Engaged => "ENGAGED",
            Regime::Collaborative => "COLLABORATIVE",
        }
    }
    #[must_use]
    pub fn parse(s: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.as_str() == s)
    }
}

/// Where hurt goes: outward as anger, or inward.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Style {
    Attack,
    Withdraw,
}

impl Style {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Style::Attack => "attack",
            Style::Withdraw => "withdraw",
        }
    }
    #[must_use]
    pub fn parse(s: &str) -> Option<Self> {
        match s {
            "attack" => Some(Style::Attack),
            "withdraw" => Some(Style::Withdraw),
            _ => None,
        }
    }
}

/// The whole of a caller's inner state after a turn: enough to go on from.
#[derive(Clone, Debug, PartialEq)]
pub struct Mood {
    pub affect: Affect,
    /// The regime in force; `None` before the first turn.
    pub regime: Option<Regime>,
    pub reactivity: f64,
    pub style: Style,
    pub open_request: bool,
    pub latent_risk: bool,
    pub danger_floor: f64,
    /// The codes that took effect in the last four turns, oldest first.
    pub used: Vec<Vec<CodeId>>,
    /// Consecutive turns of relational codes only, while a request is open.
    pub n_relational: u32,
    pub n_turns: u32,
    pub n_hot: u32,
    pub n_quiet: u32,
    /// Turns for which a trauma trigger still holds OVERWHELMED.
    pub held_turns: u32,
    /// The strongest safety words that the caller has voiced.
    pub voiced: Heard,
    pub safety_done: bool,
    /// The turn at which the caller left, if they did.
    pub left_at: Option<u32>,
}

impl Mood {
    /// A cue of `veiled` or worse has been voiced and the safety step is not done (sourcebook 3.3, step 10).
    #[must_use]
    pub fn flag_open(&self) -> bool {
        self.voiced >= Heard::Veiled && !self.safety_done
    }
}

/// One thing that moved the caller in a turn, and by how much before clamping and decay.
#[derive(Clone, Debug, PartialEq)]
pub struct Reason {
    /// A code or event id, or one of the model's own names: `trigger`, `stall`, `premature`.
    pub cause: CodeId,
    pub step: Affect,
}
