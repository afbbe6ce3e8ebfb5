//! The authoring language of a call: one plain-text file per scenario, one plan beside it.
//!
//! Parsing never stops at the first fault: it returns what could be understood and every diagnostic,
//! each with a code, a place and a remedy. Nothing here plays a call; that is `call`.

mod compile;
mod diagnostic;
mod fields;
pub mod limit;
mod lint;
mod outline;
pub mod plan;
mod plan_file;
pub mod program;
mod source;
mod spoken;
mod table;

pub use diagnostic::{Diagnostic, Severity};
pub use plan::{Bound, Expect, Move, Plan, PlannedAgent, SafetyOutcome};
pub use program::{
    After, Aftermath, Briefing, Caller, Case, Detail, Fact, Farewell, Gate, GateAfter, Line, Pool,
    Program, SafetyStory, SignOff, SignRole, Step, Trigger,
};
pub use table::{render_table, table};

use diagnostic::{Family, Faults};

/// Reads and checks a scenario. `file` is its name, for places and for the id.
///
/// The program is there when no diagnostic is an error; warnings and notes may stand beside it.
#[must_use]
pub fn parse_scenario(
    file: &str,
    text: &str,
    codebook: &talk::Codebook,
) -> (Option<Program>, Vec<Diagnostic>) {
    let mut faults = Faults::new(file, Family::Scenario);
    let program = compile::compile(file, text, codebook, &mut faults);
    let program = program.filter(|_| !faults.has_errors());
    (program, faults.finish())
}

/// Reads and checks a plan; with its program, also what the plan expects of it.
///
/// The plan is there when no diagnostic is an error.
#[must_use]
pub fn parse_plan(
    file: &str,
    text: &str,
    program: Option<&Program>,
) -> (Option<Plan>, Vec<Diagnostic>) {
    let mut faults = Faults::new(file, Family::Plan);
    let plan = plan_file::read(file, text, program, &mut faults);
    let plan = plan.filter(|_| !faults.has_errors());
    (plan, faults.finish())
}
