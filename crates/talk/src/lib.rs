//! The words every other crate speaks: ids, time, chance, utterances, codes, affect and events.
//!
//! Floor 0. No I/O, no async, no clock of its own: time and chance come in as arguments.

pub mod affect;
pub mod chance;
pub mod code;
pub mod codebook;
pub mod event;
pub mod feedback;
pub mod id;
pub mod limit;
pub mod time;
pub mod utterance;

pub use affect::{Affect, Mood, Reason, Regime, Style, Variable};
pub use chance::{Chance, Seed};
pub use code::{
    Answers, CodeId, Coded, CoderVersion, Found, Heard, Kind, Level, Rule, Safety, Sign, Span,
};
pub use codebook::Codebook;
pub use event::{Branch, End, Event, Felt, Noticed, Opened, Reply};
pub use feedback::Feedback;
pub use id::{CallId, PersonId, Seq};
pub use time::{Clock, Instant};
pub use utterance::{Context, Heading, Said, Speaker, Utterance};
