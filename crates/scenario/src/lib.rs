//! The authoring language of a call: one plain-text file per scenario, one plan beside it.
//!
//! Parsing never stops at the first fault: it returns what could be understood and every diagnostic,
//! each with a code, a place and a remedy. Nothing here plays a call; that is `call`.

pub mod plan;
pub mod program;

pub use plan::{Bound, Expect, Move, Plan, PlannedAgent, SafetyOutcome};
pub use program::{
    After, Aftermath, Briefing, Caller, Case, Detail, Fact, Farewell, Gate, GateAfter, Line, Pool,
    Program, SafetyStory, SignOff, SignRole, Step, Trigger,
};
