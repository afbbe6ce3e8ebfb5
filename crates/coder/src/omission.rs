//! Missed opportunities: what the caller's turn held and nobody answered (sourcebook 1.4, step 6).
//! It reads no rules of its own beyond `meta.answers`. `lib` calls it once the agent's own codes are known.

use std::sync::Arc;

use talk::{Answers, CodeId, Context, Found, Level, Rule, Said, Speaker};

use crate::agent::recent;
use crate::caller::{Holds, holds};
use crate::lexicon::{Held, Lexicon};

/// How sure the coder is that words it heard wanted an answer (decision).
const OMISSION_CONFIDENCE: f64 = 0.65;
/// The same, when the author of the scenario marked the line.
const MARKED_CONFIDENCE: f64 = 0.9;

/// Codes that take up what the caller said, badly: the harm is theirs, and nothing was passed over.
const SPEAKS_TO_IT: [&str; 2] = ["ARGUE", "LIMIT"];

/// The codes that count as an answer.
#[derive(Debug)]
pub struct Answering {
    pub any: Vec<CodeId>,
    pub safety: Vec<CodeId>,
}

impl Answering {
    fn counts(&self, what: Held, code: &CodeId) -> bool {
        match what {
            Held::Risk => self.safety.contains(code),
            Held::Request | Held::Disclosure | Held::Feeling => self.any.contains(code),
        }
    }
}

/// The index of the agent's turn before the caller's latest words.
pub fn last_agent_turn(context: &Context) -> Option<(usize, &Said)> {
    context.latest(Speaker::Agent)
}

/// The caller's latest words, and where they stand in the context.
pub fn last_caller_turn(context: &Context) -> Option<(usize, &Said)> {
    context.turns.iter().enumerate().rev().find(|(_, said)| said.speaker != Speaker::Agent)
}

/// The DEFLECT by omission that this turn earns, if any.
pub fn missed(
    lexicon: &Lexicon,
    answering: &Answering,
    context: &Context,
    codes: &[Found],
    before: &[CodeId],
) -> Option<Found> {
    let (at, held, marked) = latest_held(lexicon, context)?;
    let in_turn = codes.iter().any(|found| answering.counts(held.what, &found.code));
    let in_turn_before = before.iter().any(|code| answering.counts(held.what, code));
    let spoken_to = |found: &Found| SPEAKS_TO_IT.iter().any(|code| found.code == *code);
    // A bare no is an answer to a request, and to nothing else.
    let known = codes.iter().any(|found| found.code == "DEFLECT")
        || held.what < Held::Risk && codes.iter().any(spoken_to)
        || held.what == Held::Request && codes.iter().any(|found| found.code == "POLICY_WALL");
    if in_turn || in_turn_before || known {
        return None;
    }
    Some(Found {
        code: CodeId::new("DEFLECT"),
        subtype: None,
        level: Level::Weak,
        span: None,
        answers: Some(Answers { context: at, span: held.span }),
        confidence: if marked { MARKED_CONFIDENCE } else { OMISSION_CONFIDENCE },
        rule: Rule(Arc::from("deflect.omission")),
    })
}

/// The weightiest of the caller's turns since the agent last spoke.
fn latest_held(lexicon: &Lexicon, context: &Context) -> Option<(usize, Holds, bool)> {
    let first = recent(context);
    let turns = context.turns.iter().enumerate().skip(first).rev();
    let mut best: Option<(usize, Holds, bool)> = None;
    for (at, said) in turns.take_while(|(_, said)| said.speaker != Speaker::Agent) {
        let marked = said.heading.is_some_and(|heading| heading.wants_answer == Some(true));
        if let Some(held) = holds(lexicon, &said.text, said.heading)
            && best.is_none_or(|(_, known, _)| held.what > known.what)
        {
            best = Some((at, held, marked));
        }
    }
    best
}
