//! Safety words: the strongest words heard in one turn, each with its place (sourcebook 5.9).
//! Not an assessment of a person: it reports words, leans to hearing too much, and nothing here lowers what was heard.

use talk::{Heard, Safety, Span, Speaker};

use crate::lexicon::{Lexicon, Use};
use crate::pattern::Hit;
use crate::text::Text;

/// Words before a phrase in which "not" or "never" calls it off.
const NEGATION_WORDS: usize = 3;
/// Words before a phrase in which "you said" makes it a report.
const REPORT_WORDS: usize = 12;
/// Places kept for one turn; what is heard is raised beyond it all the same.
const PLACES_MAX: usize = 64;

/// Gathers the safety words of a turn from the matches of its patterns.
pub fn listen(lexicon: &Lexicon, text: &Text, hits: &[Hit], speaker: Speaker) -> Safety {
    let mut safety = Safety::default();
    for hit in hits {
        let Use::Safety(at) = lexicon.uses[hit.group] else { continue };
        let rule = &lexicon.safety[at];
        if speaker == Speaker::Agent && !own_words(lexicon, text, hit, rule.own) {
            continue;
        }
        let mut heard = rule.heard;
        if rule.negatable && negated(lexicon, text, hit.from) {
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

/// The agent's own first-person words: no question, no quotation, no report of what somebody said.
fn own_words(lexicon: &Lexicon, text: &Text, hit: &Hit, own: bool) -> bool {
    if !own || text.tokens[hit.from].quoted {
        return false;
    }
    let from = text.sentences.get(text.sentence_of(hit.from)).map_or(0, |s| s.from);
    let from = from.max(hit.from.saturating_sub(REPORT_WORDS));
    let reported = |at: usize| lexicon.patterns.list_holds("reporter", text.tokens[at].id);
    !(from..hit.from).any(reported)
}

fn negated(lexicon: &Lexicon, text: &Text, from: usize) -> bool {
    let sentence = text.sentences.get(text.sentence_of(from)).map_or(0, |s| s.from);
    let near = from.saturating_sub(NEGATION_WORDS).max(sentence)..from;
    near.into_iter().any(|at| lexicon.patterns.list_holds("negation", text.tokens[at].id))
}

/// The place of tokens `from..to` in the text, in Unicode scalar values.
pub fn span(text: &Text, from: usize, to: usize) -> Span {
    let start = text.tokens.get(from).map_or(0, |t| t.start);
    let end = to.checked_sub(1).and_then(|last| text.tokens.get(last)).map_or(start, |t| t.end);
    Span { start, end: end.max(start) }
}
