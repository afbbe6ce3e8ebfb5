//! What happened in a call, in order. The log of a call is a list of these and nothing else:
//! folding them gives back the state (`call::state`), without coding or wording anything again.

use crate::affect::{Mood, Reason};
use crate::chance::Seed;
use crate::code::{CodeId, Coded, CoderVersion};
use crate::id::{CallId, Seq};
use crate::time::Instant;
use crate::utterance::Heading;

/// How a call ended. A closed list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum End {
    /// The case is settled and the caller says so.
    Resolved,
    /// The agent put the phone down.
    AgentEnded,
    /// The caller hung up in anger.
    CallerHungUp,
    /// The caller left quietly.
    CallerLeft,
    /// Somebody else took the caller over, warmly.
    HandedOver,
    /// The agent stopped practising. Nothing is scored.
    StoppedByAgent,
    /// The call reached `CALL_TURNS_MAX`.
    Limit,
}

impl End {
    pub const ALL: [End; 7] = [
        End::Resolved,
        End::AgentEnded,
        End::CallerHungUp,
        End::CallerLeft,
        End::HandedOver,
        End::StoppedByAgent,
        End::Limit,
    ];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            End::Resolved => "resolved",
            End::AgentEnded => "agent_ended",
            End::CallerHungUp => "caller_hung_up",
            End::CallerLeft => "caller_left",
            End::HandedOver => "handed_over",
            End::StoppedByAgent => "stopped_by_agent",
            End::Limit => "limit",
        }
    }
    #[must_use]
    pub fn parse(s: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|e| e.as_str() == s)
    }
}

/// What the caller says back.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply {
    /// The words. Empty when the caller says nothing at all.
    pub text: String,
    /// A hint of how it is said, such as "quietly".
    pub manner: Option<String>,
    /// What the caller does with it, such as `tells`, `reacts`, `asks`, `cue`, `leaves`.
    pub act: String,
    /// The ids of the lines and variants used, so that none comes twice.
    pub lines: Vec<String>,
    /// The ids of the facts told in it for the first time.
    pub told: Vec<String>,
    /// What its author says that it holds.
    pub heading: Heading,
}

/// What the scenario recognised in the agent's turn.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Noticed {
    /// The fact that the agent asked about, and how near the question came to its examples, in [0, 1].
    pub asked: Option<(String, f64)>,
    /// Steps of the case done by this turn.
    pub steps: Vec<String>,
    /// Critical details that the agent showed to have caught.
    pub details: Vec<String>,
    /// Measured events, such as `EV_REASK`.
    pub events: Vec<CodeId>,
    /// The trigger that the turn touched.
    pub trigger: Option<String>,
    /// The scenario's safety step was done by this turn.
    pub safety_done: bool,
    /// The agent is bringing the call to its close.
    pub closing: bool,
    /// The agent hands the caller over to somebody, warmly.
    pub handing_over: bool,
}

/// The caller's mood after a turn, with what moved it.
#[derive(Clone, Debug, PartialEq)]
pub struct Felt {
    pub mood: Mood,
    pub reasons: Vec<Reason>,
}

/// Where a rewound call left the call that it was taken from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Branch {
    pub call: CallId,
    /// The first event of the old future: the branch shares all before it.
    pub seq: Seq,
}

/// The start of a call.
#[derive(Clone, Debug, PartialEq)]
pub struct Opened {
    pub scenario: String,
    pub scenario_version: u32,
    pub seed: Seed,
    pub coder: CoderVersion,
    pub codebook: String,
    pub branched_from: Option<Branch>,
    pub mood: Mood,
    pub reply: Reply,
    pub at: Instant,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    Opened(Box<Opened>),
    /// What the agent said.
    Said {
        text: String,
        at: Instant,
    },
    Coded(Coded),
    Noticed(Noticed),
    Felt(Felt),
    /// What the caller said back.
    Replied {
        reply: Reply,
        at: Instant,
    },
    Ended {
        end: End,
        at: Instant,
    },
    /// The owner disagrees with a code on one of their turns (counted from 1). Withdrawn by a second one with `withdrawn`.
    Disagreed {
        turn: u32,
        code: CodeId,
        note: String,
        withdrawn: bool,
        at: Instant,
    },
}

impl Event {
    /// The name under which the event is stored.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Event::Opened(_) => "opened",
            Event::Said { .. } => "said",
            Event::Coded(_) => "coded",
            Event::Noticed(_) => "noticed",
            Event::Felt(_) => "felt",
            Event::Replied { .. } => "replied",
            Event::Ended { .. } => "ended",
            Event::Disagreed { .. } => "disagreed",
        }
    }
}
