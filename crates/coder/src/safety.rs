//! Safety words: the strongest words heard in one turn, each with its place (sourcebook 5.9).
//! Not an assessment of a person: it reports words, leans to hearing too much, and nothing here lowers what was heard.

use talk::{Heard, Safety, Span, Speaker};

use crate::lexicon::{Lexicon, Use};
use crate::pattern::Hit;
use crate::text::Text;

/// Words before a phrase in which "not" or "never" calls it off.
const NEGATION_WORDS: usize = 3;
/// Words between "you said" and a phrase that is still somebody else's.
const ATTRIBUTION_WORDS: usize = 3;
/// Places kept for one turn; what is heard is raised beyond it all the same.
const PLACES_MAX: usize = 64;

/// Gathers the safety words of a turn from the matches of its patterns.
pub fn listen(lexicon: &Lexicon, text: &Text, hits: &[Hit], speaker: Speaker) -> Safety {
    let mut safety = Safety::default();
    for hit in hits {
        let Use::Safety(at) = lexicon.uses[hit.group] else { continue };
        let rule = &lexicon.safety[at];
        let agent = speaker == Speaker::Agent;
        if agent != rule.own || (agent && somebody_elses(lexicon, text, hits, hit)) {
            continue;
        }
        let mut heard = rule.heard;
        if rule.negatable && negated(lexicon, text, hit.from, agent) {
            // A denial is not a clearance (sourcebook 3.5): the words were said, so they stay in hearing as distress.
            heard = heard.min(Heard::Distress);
        }
        let known = safety.heard >= heard && safety.kinds.contains(&rule.kind);
        if known && safety.spans.len() >= PLACES_MAX {
            continue;
        }
        safety.raise(heard, rule.kind, span(text, hit.from, hit.to));
    }
    safety
}

/// Whether an agent's turn only gives back words of risk that are said to be somebody else's: "you told me you can't go on".
pub fn gives_back(lexicon: &Lexicon, text: &Text, hits: &[Hit]) -> bool {
    let own = |hit: &&Hit| match lexicon.uses[hit.group] {
        Use::Safety(at) => lexicon.safety[at].own,
        Use::Rule(_) | Use::Condition | Use::CallerCondition | Use::Sign(_) | Use::Holds(_) => {
            false
        }
    };
    let mut own = hits.iter().filter(own).peekable();
    own.peek().is_some() && own.all(|hit| somebody_elses(lexicon, text, hits, hit))
}

/// Quoted, or said to be somebody else's right before: "you said", "when you say", "do you think".
/// "I said" keeps the words the agent's own, and so does a turn of thought: "you mean well, but I".
fn somebody_elses(lexicon: &Lexicon, text: &Text, hits: &[Hit], own: &Hit) -> bool {
    if text.tokens[own.from].quoted {
        return true;
    }
    let attributed = lexicon.part("attributed");
    let sentence = text.sentence_of(own.from);
    let turns = |at: usize| matches!(text.word(at), "but" | "and" | "because" | "though");
    hits.iter().any(|hit| {
        hit.group == attributed
            && hit.from < own.from
            && hit.to + ATTRIBUTION_WORDS > own.from
            && !(hit.to..own.from).any(turns)
            && text.sentence_of(hit.from) == sentence
    })
}

/// Whether "not" or "never" stands just before. In an agent's own words only after their last "I": "I can't, I'll" is no denial.
fn negated(lexicon: &Lexicon, text: &Text, from: usize, own: bool) -> bool {
    let sentence = text.sentences.get(text.sentence_of(from)).map_or(0, |s| s.from);
    let mut near = from.saturating_sub(NEGATION_WORDS).max(sentence)..from;
    if own && let Some(at) = near.clone().rev().find(|&at| text.word(at) == "i") {
        near.start = at;
    }
    near.into_iter().any(|at| lexicon.patterns.list_holds("negation", text.tokens[at].id))
}

/// The place of tokens `from..to` in the text, in Unicode scalar values.
pub fn span(text: &Text, from: usize, to: usize) -> Span {
    let start = text.tokens.get(from).map_or(0, |t| t.start);
    let end = to.checked_sub(1).and_then(|last| text.tokens.get(last)).map_or(start, |t| t.end);
    Span { start, end: end.max(start) }
}
