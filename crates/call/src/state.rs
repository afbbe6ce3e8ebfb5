//! The state of a call: a fold of its events and nothing else. Replaying codes nothing and words nothing.

use std::collections::HashSet;

use talk::code::Coded;
use talk::limit::CONTEXT_TURNS_MAX;
use talk::{
    CodeId, Context, End, Event, Felt, Instant, Mood, Noticed, Opened, Reply, Said, Speaker,
};
use thiserror::Error;

/// One turn of the agent and the caller's answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Exchange {
    pub said: String,
    pub said_at: Instant,
    pub coded: Coded,
    pub noticed: Noticed,
    pub felt: Felt,
    pub reply: Reply,
    pub replied_at: Instant,
}

/// The owner's disagreement with a code on one of their turns.
#[derive(Clone, Debug, PartialEq)]
pub struct Disagreement {
    /// Counted from 1.
    pub turn: u32,
    pub code: CodeId,
    pub note: String,
}

/// Everything that a call is, so far.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    pub opened: Opened,
    pub exchanges: Vec<Exchange>,
    /// What the caller said after the agent put the phone down or the call reached its limit.
    pub last_words: Option<Reply>,
    pub end: Option<End>,
    pub ended_at: Option<Instant>,
    pub disagreements: Vec<Disagreement>,
    /// Events folded so far: the next sequence number.
    pub n_events: u64,
    partial: Partial,
}

/// A turn whose reply has not come yet.
#[derive(Clone, Debug, Default, PartialEq)]
struct Partial {
    said: Option<(String, Instant)>,
    coded: Option<Coded>,
    noticed: Option<Noticed>,
    felt: Option<Felt>,
}

/// Why a list of events is not a call.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum FoldError {
    #[error("the log of this call is empty")]
    Empty,
    #[error(
        "event {at}: `{kind}` cannot stand here; the log of this call is damaged, restore it from a backup"
    )]
    OutOfPlace { at: u64, kind: &'static str },
}

impl State {
    /// Folds a whole log.
    ///
    /// # Errors
    /// When the log is empty, or an event stands where it cannot.
    pub fn fold(events: &[Event]) -> Result<Self, FoldError> {
        let Some((first, rest)) = events.split_first() else { return Err(FoldError::Empty) };
        let Event::Opened(opened) = first else {
            return Err(FoldError::OutOfPlace { at: 0, kind: first.kind() });
        };
        let mut state = Self::begin((**opened).clone());
        state.advance(rest)?;
        Ok(state)
    }

    #[must_use]
    pub fn begin(opened: Opened) -> Self {
        Self {
            opened,
            exchanges: Vec::new(),
            last_words: None,
            end: None,
            ended_at: None,
            disagreements: Vec::new(),
            n_events: 1,
            partial: Partial::default(),
        }
    }

    /// Takes in what happened next.
    ///
    /// # Errors
    /// When an event stands where it cannot; the state is then left as far as it came.
    pub fn advance(&mut self, events: &[Event]) -> Result<(), FoldError> {
        for event in events {
            self.apply(event)?;
            self.n_events += 1;
        }
        Ok(())
    }

    fn apply(&mut self, event: &Event) -> Result<(), FoldError> {
        let out_of_place = FoldError::OutOfPlace { at: self.n_events, kind: event.kind() };
        match event {
            Event::Opened(_) => return Err(out_of_place),
            Event::Said { text, at } => self.partial.said = Some((text.clone(), *at)),
            Event::Coded(coded) => self.partial.coded = Some(coded.clone()),
            Event::Noticed(noticed) => self.partial.noticed = Some(noticed.clone()),
            Event::Felt(felt) => self.partial.felt = Some(felt.clone()),
            Event::Replied { reply, at } => self.complete(reply, *at, out_of_place)?,
            Event::Ended { end, at } => {
                self.end = Some(*end);
                self.ended_at = Some(*at);
            }
            Event::Disagreed { turn, code, note, withdrawn, .. } => {
                self.disagreements.retain(|d| !(d.turn == *turn && d.code == *code));
                if !withdrawn {
                    let disagreement =
                        Disagreement { turn: *turn, code: code.clone(), note: note.clone() };
                    self.disagreements.push(disagreement);
                }
            }
        }
        Ok(())
    }

    fn complete(&mut self, reply: &Reply, at: Instant, fault: FoldError) -> Result<(), FoldError> {
        let partial = std::mem::take(&mut self.partial);
        let Some((said, said_at)) = partial.said else {
            self.last_words = Some(reply.clone());
            return Ok(());
        };
        let (Some(coded), Some(noticed), Some(felt)) =
            (partial.coded, partial.noticed, partial.felt)
        else {
            return Err(fault);
        };
        self.exchanges.push(Exchange {
            said,
            said_at,
            coded,
            noticed,
            felt,
            reply: reply.clone(),
            replied_at: at,
        });
        Ok(())
    }

    /// The caller's mood just now.
    #[must_use]
    pub fn mood(&self) -> &Mood {
        self.exchanges.last().map_or(&self.opened.mood, |exchange| &exchange.felt.mood)
    }

    /// What the caller said last.
    #[must_use]
    pub fn last_reply(&self) -> &Reply {
        self.exchanges.last().map_or(&self.opened.reply, |exchange| &exchange.reply)
    }

    /// What the caller said before the turn with this index (counted from 0).
    #[must_use]
    pub fn reply_before(&self, index: usize) -> &Reply {
        let before = index.checked_sub(1).and_then(|before| self.exchanges.get(before));
        before.map_or(&self.opened.reply, |exchange| &exchange.reply)
    }

    #[must_use]
    pub fn n_turns(&self) -> u32 {
        u32::try_from(self.exchanges.len()).unwrap_or(u32::MAX)
    }

    /// Everything the caller has said, the opening first, with the turn after which it came (0 for the opening).
    pub fn replies(&self) -> impl DoubleEndedIterator<Item = (u32, &Reply)> {
        let later = (1..).zip(self.exchanges.iter().map(|exchange| &exchange.reply));
        std::iter::once((0, &self.opened.reply)).chain(later.collect::<Vec<_>>())
    }

    /// The facts told so far.
    #[must_use]
    pub fn told(&self) -> HashSet<&str> {
        self.replies().flat_map(|(_, reply)| reply.told.iter().map(String::as_str)).collect()
    }

    /// The turn after which the caller first said one of these: facts by id, or lines by id.
    #[must_use]
    pub fn offered(&self, ids: &[String]) -> Option<u32> {
        let line = |name: &str, id: &str| name.split_once('#').is_some_and(|(line, _)| line == id);
        let holds = |reply: &Reply, id: &String| {
            reply.told.contains(id) || reply.lines.iter().any(|name| line(name, id))
        };
        let mut replies = self.replies();
        replies.find(|(_, reply)| ids.iter().any(|id| holds(reply, id))).map(|(turn, _)| turn)
    }

    /// The steps of the case done so far.
    #[must_use]
    pub fn steps_done(&self) -> HashSet<&str> {
        let steps = self.exchanges.iter().flat_map(|exchange| &exchange.noticed.steps);
        steps.map(String::as_str).collect()
    }

    /// The turns before the next one, as the coder wants them.
    #[must_use]
    pub fn context(&self) -> Context {
        let mut turns = vec![caller_said(&self.opened.reply)];
        let skip = self.exchanges.len().saturating_sub(CONTEXT_TURNS_MAX / 2);
        for exchange in &self.exchanges[skip..] {
            turns.push(Said {
                speaker: Speaker::Agent,
                text: exchange.said.clone(),
                heading: None,
                coded: Some(exchange.coded.clone()),
            });
            turns.push(caller_said(&exchange.reply));
        }
        if skip > 0 {
            turns.remove(0);
        }
        Context { turns }
    }
}

fn caller_said(reply: &Reply) -> Said {
    Said {
        speaker: Speaker::Caller,
        text: reply.text.clone(),
        heading: Some(reply.heading),
        coded: None,
    }
}
