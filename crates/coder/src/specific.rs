//! Level 1 or 2: whether words are generic or meant for this caller.
//! It chooses no code. `agent` asks it once for each unit.

use std::collections::HashSet;

use talk::{Context, Level, Speaker, limit};

use crate::lexicon::Lexicon;
use crate::text::{NUMBER, Text, UNKNOWN};

/// Letters of the shortest word that counts as an echo of the caller.
const ECHO_LETTERS_MIN: usize = 4;
/// Letters that two words share when one echoes the other (`stopped`, `stopping`).
const ECHO_STEM_LETTERS: usize = 5;

/// The content words that the caller has used so far.
#[derive(Debug, Default)]
pub struct Echo(HashSet<Box<str>>);

fn stem(word: &str) -> &str {
    word.get(..ECHO_STEM_LETTERS).unwrap_or(word)
}

impl Echo {
    pub fn of(context: &Context, lexicon: &Lexicon) -> Self {
        let mut words = HashSet::new();
        let recent = context.turns.iter().rev().take(limit::CONTEXT_TURNS_MAX);
        for said in recent.filter(|said| said.speaker != Speaker::Agent) {
            let text = Text::read(&said.text, &lexicon.vocabulary);
            for at in 0..text.tokens.len() {
                if content(&text, at, lexicon) {
                    words.insert(Box::from(stem(text.word(at))));
                }
            }
        }
        Self(words)
    }
    fn holds(&self, word: &str) -> bool {
        self.0.contains(stem(word))
    }
}

fn content(text: &Text, at: usize, lexicon: &Lexicon) -> bool {
    let token = text.tokens[at];
    token.id == NUMBER
        || text.word(at).len() >= ECHO_LETTERS_MIN && !lexicon.patterns.list_holds("stop", token.id)
}

/// Strong when the words name something: an echo, a number, a day, a concrete noun, or a name inside the sentence.
pub fn level(text: &Text, from: usize, to: usize, echo: &Echo, lexicon: &Lexicon) -> Level {
    let specific = (from..to).any(|at| {
        let token = text.tokens[at];
        let name = token.capital && token.id == UNKNOWN && at > from && !token.capitals;
        token.id == NUMBER
            || name
            || lexicon.patterns.list_holds("concrete", token.id)
            || lexicon.patterns.list_holds("amount", token.id)
            || content(text, at, lexicon) && echo.holds(text.word(at))
    });
    if specific { Level::Strong } else { Level::Weak }
}
