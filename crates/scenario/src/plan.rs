//! A plan after checking: agents with their lines for one scenario, and how each call must end.

use talk::{End, Seed};

/// The plans beside one scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    pub scenario: String,
    pub agents: Vec<PlannedAgent>,
}

/// One simulated agent, with lines written for this caller.
#[derive(Clone, Debug, PartialEq)]
pub struct PlannedAgent {
    /// Such as `good`, `careless`, `harmful`.
    pub name: String,
    pub seeds: Vec<Seed>,
    pub moves: Vec<Move>,
    pub expect: Expect,
}

/// What a planned agent does next.
#[derive(Clone, Debug, PartialEq)]
pub enum Move {
    Say(String),
    /// Puts the phone down.
    EndCall,
}

/// How the call must end. Every field that is given must hold.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Expect {
    /// One of these; empty allows any end.
    pub ends: Vec<End>,
    pub heard: Option<Bound>,
    pub trust: Option<Bound>,
    /// Share of the required case steps done, in [0, 1].
    pub case: Option<Bound>,
    /// One of these; empty allows any.
    pub safety: Vec<SafetyOutcome>,
}

/// A bound on a number, both ends included.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bound {
    AtLeast(f64),
    AtMost(f64),
}

impl Bound {
    #[must_use]
    pub fn holds(self, value: f64) -> bool {
        match self {
            Bound::AtLeast(least) => value >= least,
            Bound::AtMost(most) => value <= most,
        }
    }
}

/// How the agent met the safety cue. A closed list; nothing here says that anybody is safe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SafetyOutcome {
    /// No cue was voiced in this call.
    NoCue,
    /// Asked directly, stayed, and took the safety step.
    Kept,
    /// Asked directly; the safety step was not reached.
    Asked,
    /// A cue was voiced and never asked about.
    Missed,
    /// A promise of secrecy, a demand for a no-harm promise, or the call put down with the flag open.
    Breached,
}

impl SafetyOutcome {
    pub const ALL: [SafetyOutcome; 5] = [
        SafetyOutcome::NoCue,
        SafetyOutcome::Kept,
        SafetyOutcome::Asked,
        SafetyOutcome::Missed,
        SafetyOutcome::Breached,
    ];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            SafetyOutcome::NoCue => "no_cue",
            SafetyOutcome::Kept => "kept",
            SafetyOutcome::Asked => "asked",
            SafetyOutcome::Missed => "missed",
            SafetyOutcome::Breached => "breached",
        }
    }
    #[must_use]
    pub fn parse(s: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|o| o.as_str() == s)
    }
}
