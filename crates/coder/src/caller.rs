//! Caller turns: warning signs, and what a turn holds that wants an answer.
//! Signs are hints, never proof (sourcebook 2.4). `lib` calls it for callers and unnamed speakers, `omission` for what was held.

use talk::{CodeId, Context, Heading, Heard, Said, Sign, Span, Speaker};

use crate::lexicon::{Held, Lexicon, Use};
use crate::pattern::{Groups, Hit, Side};
use crate::safety::{listen, span};
use crate::text::Text;
use crate::units;

/// Words in capitals that count as shouting (sourcebook 2.4).
const SHOUT_WORDS: usize = 3;
/// Exclamation marks in one turn that count as shouting.
const SHOUT_MARKS: usize = 2;
/// A turn of this many words or fewer may be a sharp shrink (decision).
const SHORT_WORDS: usize = 3;
/// The mean of the two turns before must have been this long (decision).
const LONG_WORDS: usize = 14;
/// Content words that two turns share when the demand is the same, as a share of the shorter (decision).
const SAME_DEMAND: f64 = 0.6;
/// Signs in the turn before that count as high arousal for a sudden calm.
const HOT_SIGNS: [&str; 7] = [
    "SHOUTING",
    "PROFANITY",
    "YOU_PEOPLE",
    "ABSOLUTE",
    "GOES_ABOVE",
    "LAST_CHANCE",
    "THREAT_DIRECT",
];

/// Every match of the lexicon in a text.
pub fn scan(lexicon: &Lexicon, text: &Text, side: Side) -> Vec<Hit> {
    let mut hits = Vec::new();
    for sentence in &text.sentences {
        lexicon.patterns.scan(text, side, sentence.from, sentence.to, &mut hits);
    }
    hits
}

fn called_off(groups: &Groups, unless: Option<usize>) -> bool {
    unless.is_some_and(|group| groups.has(group))
}

/// Reads a text with its clauses marked.
pub fn read(lexicon: &Lexicon, words: &str) -> Text {
    let mut text = Text::read(words, &lexicon.vocabulary);
    units::cut(&mut text, &lexicon.patterns);
    text
}

/// The warning signs of one turn, in the order of their words.
pub fn signs(lexicon: &Lexicon, text: &Text, hits: &[Hit], context: &Context) -> Vec<Sign> {
    let mut signs: Vec<Sign> = Vec::new();
    let groups = Groups::of(hits, lexicon.patterns.n_groups());
    for hit in hits {
        let Use::Sign(at) = lexicon.uses[hit.group] else { continue };
        let rule = &lexicon.signs[at];
        if !called_off(&groups, rule.unless) {
            note(&mut signs, rule.sign.as_str(), span(text, hit.from, hit.to), rule.confidence);
        }
    }
    let whole = span(text, 0, text.tokens.len());
    if !text.tokens.is_empty() {
        let n_capitals = text.tokens.iter().filter(|t| t.capitals).count();
        if n_capitals >= SHOUT_WORDS || text.n_shouts >= SHOUT_MARKS {
            note(&mut signs, "SHOUTING", whole, 0.85);
        }
        against_before(lexicon, text, context, whole, &mut signs);
    }
    signs.sort_by_key(|sign| (sign.span.start, sign.span.end));
    signs
}

fn note(signs: &mut Vec<Sign>, id: &str, span: Span, confidence: f64) {
    match signs.iter_mut().find(|sign| sign.sign == id) {
        Some(known) if known.confidence >= confidence => {}
        Some(known) => {
            known.span = span;
            known.confidence = confidence;
        }
        None => signs.push(Sign { sign: CodeId::new(id), span, confidence }),
    }
}

/// The signs that only show against the caller's turns before.
fn against_before(
    lexicon: &Lexicon,
    text: &Text,
    context: &Context,
    whole: Span,
    signs: &mut Vec<Sign>,
) {
    let recent = context.turns.iter().rev().take(talk::limit::CONTEXT_TURNS_MAX);
    let before: Vec<&Said> = recent.filter(|said| said.speaker != Speaker::Agent).collect();
    let Some(last) = before.first() else { return };
    let lengths: Vec<usize> =
        before.iter().take(2).map(|said| said.text.split_whitespace().count()).collect();
    let mean = lengths.iter().sum::<usize>() / lengths.len().max(1);
    let short = text.tokens.len() <= SHORT_WORDS;
    if short && mean >= LONG_WORDS {
        note(signs, "SHORTER", whole, 0.7);
    }
    let earlier = read(lexicon, &last.text);
    let earlier_hits = scan(lexicon, &earlier, Side::Caller);
    let hot = |id: &CodeId| HOT_SIGNS.iter().any(|hot| *id == *hot);
    let was_hot = earlier_hits.iter().any(|hit| match lexicon.uses[hit.group] {
        Use::Sign(at) => hot(&lexicon.signs[at].sign),
        Use::Rule(_) | Use::Condition | Use::CallerCondition | Use::Holds(_) | Use::Safety(_) => {
            false
        }
    }) || earlier.n_shouts >= SHOUT_MARKS;
    let is_hot = signs.iter().any(|sign| hot(&sign.sign));
    if was_hot && !is_hot && text.tokens.len() <= 2 * SHORT_WORDS {
        note(signs, "SUDDEN_CALM", whole, 0.6);
    }
    let demand = content_words(lexicon, text);
    if asks(lexicon, &scan(lexicon, text, Side::Caller)) && demand.len() >= 2 {
        let same = before.iter().any(|said| {
            let other = read(lexicon, &said.text);
            asks(lexicon, &scan(lexicon, &other, Side::Caller))
                && overlap(&demand, &content_words(lexicon, &other))
        });
        if same {
            note(signs, "DEMAND_REPEATED", whole, 0.75);
        }
    }
}

fn asks(lexicon: &Lexicon, hits: &[Hit]) -> bool {
    hits.iter().any(|hit| match lexicon.uses[hit.group] {
        Use::Holds(at) => lexicon.holds[at].what == Held::Request,
        Use::Rule(_) | Use::Condition | Use::CallerCondition | Use::Sign(_) | Use::Safety(_) => {
            false
        }
    })
}

fn content_words<'a>(lexicon: &Lexicon, text: &'a Text) -> Vec<&'a str> {
    let kept = |at: &usize| !lexicon.patterns.list_holds("stop", text.tokens[*at].id);
    let mut words: Vec<&str> =
        (0..text.tokens.len()).filter(kept).map(|at| text.word(at)).collect();
    words.sort_unstable();
    words.dedup();
    words
}

fn overlap(a: &[&str], b: &[&str]) -> bool {
    let shared = a.iter().filter(|word| b.binary_search(word).is_ok()).count();
    let shorter = a.len().min(b.len());
    shorter >= 2 && shared as f64 >= SAME_DEMAND * shorter as f64
}

/// What a caller's turn holds that wants an answer, and the words it rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holds {
    pub what: Held,
    pub span: Span,
}

/// The weightiest thing that a caller's turn holds; `None` for a neutral turn.
#[must_use]
pub fn holds(lexicon: &Lexicon, words: &str, heading: Option<Heading>) -> Option<Holds> {
    let text = read(lexicon, words);
    let hits = scan(lexicon, &text, Side::Caller);
    let whole = span(&text, 0, text.tokens.len());
    let safety = listen(lexicon, &text, &hits, Speaker::Caller);
    let floor = heading.map_or(Heard::Nothing, |heading| heading.heard);
    if safety.heard.max(floor) >= Heard::Veiled {
        let span = safety.spans.first().copied().unwrap_or(whole);
        return Some(Holds { what: Held::Risk, span });
    }
    if heading.and_then(|heading| heading.wants_answer) == Some(false) {
        return None;
    }
    let groups = Groups::of(&hits, lexicon.patterns.n_groups());
    let mut best: Option<Holds> = None;
    let mut offer = |what: Held, span: Span| {
        if best.is_none_or(|known| what > known.what) {
            best = Some(Holds { what, span });
        }
    };
    if safety.heard.max(floor) == Heard::Distress {
        offer(Held::Feeling, safety.spans.first().copied().unwrap_or(whole));
    }
    for hit in &hits {
        let Use::Holds(at) = lexicon.uses[hit.group] else { continue };
        let rule = &lexicon.holds[at];
        if !called_off(&groups, rule.unless) {
            offer(rule.what, span(&text, hit.from, hit.to));
        }
    }
    if best.is_none() && heading.and_then(|heading| heading.wants_answer) == Some(true) {
        best = Some(Holds { what: Held::Disclosure, span: whole });
    }
    best
}
