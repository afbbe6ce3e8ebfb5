//! What was said, by whom, and what came before it.

use crate::code::{Coded, Heard};
use crate::id::Seq;
use crate::time::Instant;

/// Who speaks. `Other` is anybody the transcript does not name: both halves of the coder run on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Speaker {
    Agent,
    Caller,
    Other,
}

/// One turn of speech, as text.
#[derive(Clone, Debug, PartialEq)]
pub struct Utterance {
    pub seq: Seq,
    pub speaker: Speaker,
    pub text: String,
    pub at: Instant,
}

/// An earlier turn of the same call.
#[derive(Clone, Debug, PartialEq)]
pub struct Said {
    pub speaker: Speaker,
    pub text: String,
    /// What the author of the scenario says that this caller turn holds; `None` for real transcripts.
    pub heading: Option<Heading>,
    /// The codes it was given when it was new; `None` when it was never coded.
    pub coded: Option<Coded>,
}

/// What a caller's line holds, as its author wrote it down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Heading {
    /// Whether it holds a feeling, disclosure or request that wants an answer; `None` leaves it to the coder's ear.
    pub wants_answer: Option<bool>,
    /// The safety words in it.
    pub heard: Heard,
}

/// The turns before an utterance, oldest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Context {
    pub turns: Vec<Said>,
}

impl Context {
    /// The latest turn of that speaker.
    #[must_use]
    pub fn latest(&self, speaker: Speaker) -> Option<(usize, &Said)> {
        self.turns.iter().enumerate().rev().find(|(_, said)| said.speaker == speaker)
    }
}
