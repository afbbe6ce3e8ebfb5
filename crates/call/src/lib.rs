//! What happens in a practised call: affect, reply, turn, debrief, rehearsal.
//!
//! Floor 2. Pure: no I/O, no clock, no chance but the call's seed. The same `turn` serves the browser, the
//! terminal and rehearsals. Replaying a recorded call never comes through here: it folds the log (`state`).

pub mod affect;
pub mod debrief;
pub mod lines;
pub mod notice;
pub mod outcome;
pub mod rehearse;
pub mod reply;
pub mod safety;
pub mod stage;
pub mod state;
pub mod turn;
pub mod view;

pub use debrief::{Debrief, Next, debrief};
pub use outcome::{Critical, Outcome, outcome};
pub use rehearse::{Rehearsal, rehearse};
pub use stage::Stage;
pub use state::{Exchange, FoldError, State};
pub use turn::{CALL_TURNS_HARD_MAX, Refused, Turn, end_call, open, rewind, turn};
