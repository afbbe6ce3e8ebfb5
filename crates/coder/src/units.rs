//! Thought units: sentences cut into clauses, where a new thought of the same sentence may begin.
//! It decides nothing about codes. `agent` scans a sentence whole and gives each match to the clause it starts in.

use crate::pattern::Patterns;
use crate::text::{Text, Token};

/// Words in a sentence without a pause before it is cut at its verbs, as speech recognition leaves it.
const RUN_ON_WORDS: usize = 12;
/// Words that a clause has at least before another may begin.
const CLAUSE_WORDS_MIN: usize = 3;

/// A clause, in tokens.
#[derive(Clone, Copy, Debug)]
pub struct Unit {
    pub from: usize,
    pub to: usize,
    pub sentence: usize,
}

/// Cuts a text into units, in order; together they cover every token.
pub fn cut(text: &mut Text, patterns: &Patterns) -> Vec<Unit> {
    let mut units = Vec::new();
    for (n, sentence) in text.sentences.iter().enumerate() {
        let tokens = &text.tokens[sentence.from..sentence.to];
        let run_on = tokens.len() >= RUN_ON_WORDS && !tokens.iter().any(|t| t.pause_before);
        let mut from = sentence.from;
        for at in sentence.from + 1..sentence.to {
            if at - from >= CLAUSE_WORDS_MIN && begins(text, patterns, at, sentence.to, run_on) {
                units.push(Unit { from, to: at, sentence: n });
                from = at;
            }
        }
        units.push(Unit { from, to: sentence.to, sentence: n });
    }
    for unit in &units {
        mark(text, patterns, unit);
    }
    units
}

/// Marks where a clause may be said to begin: its first word, and the word after "and", "okay" and their like.
fn mark(text: &mut Text, patterns: &Patterns, unit: &Unit) {
    for at in unit.from..unit.to {
        let token = &mut text.tokens[at];
        token.starts = true;
        if !patterns.list_holds("lead", token.id) {
            break;
        }
    }
}

fn begins(text: &Text, patterns: &Patterns, at: usize, end: usize, run_on: bool) -> bool {
    if end - at < 2 {
        return false;
    }
    let token = text.tokens[at];
    let is = |list: &str, token: Option<&Token>| {
        token.is_some_and(|token| patterns.list_holds(list, token.id))
    };
    let next = text.tokens.get(at + 1);
    if token.pause_before {
        let joined = is("joiner", Some(&token)) && is("subject", next);
        return joined || is("subject", Some(&token)) || is("asker", Some(&token));
    }
    if text.word(at) == "and" {
        return is("subject", next) && is("helper", text.tokens.get(at + 2)) || is("asker", next);
    }
    let free = !is("binder", text.tokens.get(at - 1));
    let own = is("first_person", Some(&token)) && is("helper", next);
    run_on && free && (own || is("asker", Some(&token)) && is("addressed", next))
}
