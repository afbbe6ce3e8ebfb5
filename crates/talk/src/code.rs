//! Codes: what the coder says of a turn, with the words it rests on.

use std::fmt;
use std::sync::Arc;

/// The id of a code, a sign or an event in the codebook, such as `VALIDATE`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CodeId(Arc<str>);

impl CodeId {
    #[must_use]
    pub fn new(id: &str) -> Self {
        Self(Arc::from(id))
    }
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
impl fmt::Display for CodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl fmt::Debug for CodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl PartialEq<str> for CodeId {
    fn eq(&self, other: &str) -> bool {
        &*self.0 == other
    }
}
impl PartialEq<&str> for CodeId {
    fn eq(&self, other: &&str) -> bool {
        &*self.0 == *other
    }
}
impl std::borrow::Borrow<str> for CodeId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

/// 1 = weak or generic, 2 = strong or specific to this caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    Weak,
    Strong,
}

impl Level {
    #[must_use]
    pub fn number(self) -> u8 {
        match self {
            Level::Weak => 1,
            Level::Strong => 2,
        }
    }
    #[must_use]
    pub fn from_number(n: u8) -> Option<Self> {
        match n {
            1 => Some(Level::Weak),
            2 => Some(Level::Strong),
            _ => None,
        }
    }
}

/// A half-open range of Unicode scalar values in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    pub start: usize,
    pub end: usize,
}

impl Span {
    /// The words of `text` that the span covers; empty when it lies outside.
    #[must_use]
    pub fn of(self, text: &str) -> &str {
        let at = |n: usize| text.char_indices().nth(n).map_or(text.len(), |(byte, _)| byte);
        text.get(at(self.start)..at(self.end)).unwrap_or("")
    }
}

/// The name of the rule that fired, such as `validate.no_wonder`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule(pub Arc<str>);

/// The words of an earlier turn that a code by omission left unanswered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answers {
    /// The index of that turn in the context, oldest first.
    pub context: usize,
    pub span: Span,
}

/// One code on an agent's turn.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    pub code: CodeId,
    pub subtype: Option<Arc<str>>,
    pub level: Level,
    /// `None` only for a code by omission, which has `answers` instead.
    pub span: Option<Span>,
    pub answers: Option<Answers>,
    /// In [0, 1]: how sure the coder is, not how good the turn was.
    pub confidence: f64,
    pub rule: Rule,
}

/// A warning sign in a caller's turn: a hint, never proof.
#[derive(Clone, Debug, PartialEq)]
pub struct Sign {
    pub sign: CodeId,
    pub span: Span,
    pub confidence: f64,
}

/// The strongest safety words heard in one turn. About words, not a judgement of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Heard {
    #[default]
    Nothing,
    Distress,
    Veiled,
    Stated,
    Imminent,
}

impl Heard {
    pub const ALL: [Heard; 5] =
        [Heard::Nothing, Heard::Distress, Heard::Veiled, Heard::Stated, Heard::Imminent];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Heard::Nothing => "nothing",
            Heard::Distress => "distress",
            Heard::Veiled => "veiled",
            Heard::Stated => "stated",
            Heard::Imminent => "imminent",
        }
    }
    #[must_use]
    pub fn parse(s: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|h| h.as_str() == s)
    }
}

/// What the safety words are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    SelfHarm,
    Violence,
    Child,
    Emergency,
}

impl Kind {
    pub const ALL: [Kind; 4] = [Kind::SelfHarm, Kind::Violence, Kind::Child, Kind::Emergency];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::SelfHarm => "self_harm",
            Kind::Violence => "violence",
            Kind::Child => "child",
            Kind::Emergency => "emergency",
        }
    }
    #[must_use]
    pub fn parse(s: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.as_str() == s)
    }
}

/// Safety words heard in a turn, with their places.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Safety {
    pub heard: Heard,
    pub kinds: Vec<Kind>,
    pub spans: Vec<Span>,
}

impl Safety {
    /// Raises what was heard; never lowers it.
    pub fn raise(&mut self, heard: Heard, kind: Kind, span: Span) {
        self.heard = self.heard.max(heard);
        if !self.kinds.contains(&kind) {
            self.kinds.push(kind);
            self.kinds.sort_unstable();
        }
        if !self.spans.contains(&span) {
            self.spans.push(span);
            self.spans.sort_unstable();
        }
    }
}

/// Which coder spoke, such as `rules-1.0.0+codebook-1.0.0`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CoderVersion(pub Arc<str>);

/// All that the coder says of one turn.
#[derive(Clone, Debug, PartialEq)]
pub struct Coded {
    /// In the order in which their words stand; codes by omission last.
    pub codes: Vec<Found>,
    pub signs: Vec<Sign>,
    pub safety: Safety,
    /// Too unsure to say: `codes` is empty and the caller reacts as to OTHER.
    pub abstained: bool,
    pub coder: CoderVersion,
}

impl Coded {
    #[must_use]
    pub fn has(&self, code: &str) -> bool {
        self.codes.iter().any(|found| found.code == code)
    }
}
