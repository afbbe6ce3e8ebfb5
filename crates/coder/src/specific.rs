//! Level 1 or 2: whether words are generic or meant for this caller.
//! It chooses no code. `agent` asks it once for each unit.

use std::collections::HashSet;

use talk::{Context, Level, Speaker, limit};

use crate::lexicon::Lexicon;
use crate::text::{NUMBER, Stop, Text, UNKNOWN};

/// Letters of the shortest word that counts as an echo of the caller.
const ECHO_LETTERS_MIN: usize = 4;
/// Letters that two words share when one echoes the other (`stopped`, `stopping`).
const ECHO_STEM_LETTERS: usize = 5;

/// Content words that a sentence shares with the caller's last turn when it gives it back (decision).
const ECHO_WORDS_MIN: usize = 2;
/// Content words of a sentence so short that one shared word is enough (decision).
const ECHO_SHORT_WORDS: usize = 3;

/// Words of a turn from which on giving the caller's own words back unchanged is no listening any more (decision): a short
/// echo ("Three weeks.") is how people listen.
const PARROT_WORDS_MIN: usize = 5;
/// Share of the turn that stands in one piece in the caller's last turn, for it to be nothing but that (decision).
const PARROT_SHARE: f64 = 0.8;

/// The turn is the caller's own words and little else: one run of them fills it.
pub fn parrots(text: &Text, last: &Text) -> bool {
    let n = text.tokens.len();
    if n < PARROT_WORDS_MIN {
        return false;
    }
    let mut longest = 0;
    let mut runs = vec![0_usize; last.tokens.len() + 1];
    for at in 0..n {
        // From the back, so that the run that ended one word earlier is still there.
        for place in (0..last.tokens.len()).rev() {
            let same = text.word(at) == last.word(place);
            runs[place + 1] = if same { runs[place] + 1 } else { 0 };
            longest = longest.max(runs[place + 1]);
        }
    }
    longest as f64 >= PARROT_SHARE * n as f64
}

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
    /// The words since the agent last spoke. A question wants an answer and not its own words back.
    pub fn of_last(context: &Context, lexicon: &Lexicon) -> Self {
        let mut words = HashSet::new();
        let last = context.turns.iter().rev().take_while(|said| said.speaker != Speaker::Agent);
        for said in last.take(limit::CONTEXT_TURNS_MAX) {
            let text = Text::read(&said.text, &lexicon.vocabulary);
            if text.sentences.last().is_some_and(|sentence| sentence.stop == Stop::Question) {
                return Self::default();
            }
            for at in 0..text.tokens.len() {
                if content(&text, at, lexicon) || short(&text, at, lexicon) {
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

/// A word of three letters that says something ("cut", "fee", "son").
fn short(text: &Text, at: usize, lexicon: &Lexicon) -> bool {
    text.word(at).len() + 1 == ECHO_LETTERS_MIN
        && !lexicon.patterns.list_holds("stop", text.tokens[at].id)
}

/// Whether tokens `from..to` give an earlier turn back: enough of its words, and no number that it did not hold.
pub fn returns(text: &Text, from: usize, to: usize, echo: &Echo, lexicon: &Lexicon) -> bool {
    let said = |at: usize| content(text, at, lexicon) || short(text, at, lexicon);
    let (mut n_content, mut n_shared) = (0, 0);
    for at in (from..to).filter(|at| said(*at)) {
        let shared = echo.holds(text.word(at));
        if text.tokens[at].id == NUMBER && !shared {
            return false;
        }
        n_content += 1;
        n_shared += usize::from(shared);
    }
    n_shared >= ECHO_WORDS_MIN || n_shared > 0 && n_content <= ECHO_SHORT_WORDS
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
