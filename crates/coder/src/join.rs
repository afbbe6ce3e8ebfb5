//! Rules and network together: which codes stand, on which words, how sure. Safety is only ever raised here.
//!
//! A code stands when its calibrated probability, given both, passes its line. Where a rule found it, its words and its
//! reason stay: they say more than a number does. `lib` calls it.

use std::sync::Arc;

use talk::{Answers, CodeId, Context, Found, Heard, Kind, Level, Rule, Sign, Span, Speaker};

use crate::learnt::Listened;
use crate::omission::last_caller_turn;

/// The rule that a code of the network alone names.
pub const LEARNT: &str = "learnt";
const OMITTED: &str = "DEFLECT";

/// What the rules found in one turn.
pub struct Ruled {
    /// On words.
    pub codes: Vec<Found>,
    /// By omission.
    pub missed: Option<Found>,
}

/// The codes that stand, in the order of their words, and whether nothing stands although something is near.
pub fn codes(
    all: &[CodeId],
    ruled: Ruled,
    listened: &Listened,
    context: &Context,
    units: &[Span],
    abstain_line: f64,
) -> (Vec<Found>, bool) {
    let mut out = Vec::new();
    let mut nearest: f64 = 0.0;
    for code in all {
        let Some(hint) = listened.code(code) else { continue };
        let spoken = best(&ruled.codes, code);
        let missed = ruled.missed.as_ref().filter(|found| found.code == *code);
        let known = spoken.or(missed);
        let p = hint.probability(known.map_or(0.0, |found| found.confidence));
        nearest = nearest.max(p);
        if p < hint.line() {
            continue;
        }
        let level = if hint.strong { Level::Strong } else { Level::Weak };
        let confidence = p.clamp(0.0, 1.0);
        if let Some(found) = known {
            // A code by omission has no words that could be strong.
            let level = if found.span.is_some() { level } else { found.level };
            out.push(Found { level, confidence, ..found.clone() });
            continue;
        }
        let rule = Rule(Arc::from(LEARNT));
        let found = Found {
            code: code.clone(),
            subtype: None,
            level,
            span: hint.span.map(|span| whole_units(span, units)),
            answers: None,
            confidence,
            rule,
        };
        if *code != OMITTED || hint.spoken {
            out.extend(found.span.is_some().then_some(found));
        } else if let Some((at, said)) = last_caller_turn(context) {
            let span = Span { start: 0, end: said.text.chars().count() };
            let answers = Some(Answers { context: at, span });
            out.push(Found { span: None, answers, level: Level::Weak, ..found });
        }
    }
    out.sort_by_key(|found| {
        let span = found.span.unwrap_or(Span { start: usize::MAX, end: usize::MAX });
        (span.start, span.end)
    });
    let unsure = out.is_empty() && nearest >= abstain_line;
    (out, unsure)
}

/// The rules' surest finding of a code.
fn best<'a>(found: &'a [Found], code: &CodeId) -> Option<&'a Found> {
    let same = found.iter().filter(|found| found.code == *code);
    same.max_by(|a, b| a.confidence.total_cmp(&b.confidence))
}

/// The thought units that a span reaches into by half or more of either; the span itself when there is none.
fn whole_units(span: Span, units: &[Span]) -> Span {
    let inside = |unit: &&Span| {
        let shared = unit.end.min(span.end).saturating_sub(unit.start.max(span.start));
        2 * shared >= (unit.end - unit.start).min(span.end - span.start).max(1)
    };
    let touched: Vec<&Span> = units.iter().filter(inside).collect();
    let start = touched.iter().map(|unit| unit.start).min();
    let end = touched.iter().map(|unit| unit.end).max();
    Span { start: start.unwrap_or(span.start), end: end.unwrap_or(span.end) }
}

/// The rules' signs, and those that the network adds.
pub fn signs(mut signs: Vec<Sign>, listened: &Listened) -> Vec<Sign> {
    for hint in &listened.signs {
        if signs.iter().all(|known| known.sign != hint.sign) {
            signs.push(Sign { sign: hint.sign.clone(), span: hint.span, confidence: hint.p });
        }
    }
    signs.sort_by_key(|sign| (sign.span.start, sign.span.end));
    signs
}

/// The gravest that the network alone may say: its grades above are not sure enough, and plain words are the rules' part.
const NETWORK_HEARS_MAX: Heard = Heard::Veiled;

/// Raises what was heard about safety.
pub fn safety(safety: &mut talk::Safety, listened: &Listened, speaker: Speaker, gives_back: bool) {
    let span = listened.safety_span;
    if speaker == Speaker::Agent {
        // Of an agent's distress nothing follows; of a caller's words given back the rules know more.
        if listened.own >= Heard::Veiled && !gives_back {
            safety.raise(listened.own.min(NETWORK_HEARS_MAX), Kind::SelfHarm, span);
        }
        return;
    }
    if listened.heard > Heard::Nothing {
        for kind in &listened.kinds {
            safety.raise(listened.heard.min(NETWORK_HEARS_MAX), *kind, span);
        }
    }
}
