//! What the caller's answer may depend on, and the line that was chosen. `reply`, `safety` and `lines` look through it.

use talk::code::Coded;
use talk::codebook::{Codebook, Valence};
use talk::{CodeId, Felt, Heading, Noticed, Regime, Variable};

use crate::affect;
use crate::stage::Stage;
use crate::state::State;

/// Everything the caller's answer may depend on.
pub struct View<'a> {
    pub book: &'a Codebook,
    pub stage: &'a Stage,
    pub state: &'a State,
    pub coded: &'a Coded,
    pub noticed: &'a Noticed,
    pub felt: &'a Felt,
}

/// One line, chosen.
#[derive(Clone, Debug, PartialEq)]
pub struct Said {
    pub text: String,
    pub manner: Option<String>,
    pub heading: Heading,
    pub line: String,
    pub act: &'static str,
}

impl View<'_> {
    pub(crate) fn regime(&self) -> Regime {
        affect::regime(self.book, &self.felt.mood)
    }

    /// The most hurtful code of this turn, by what it does to trust.
    pub(crate) fn harmful_code(&self) -> Option<&CodeId> {
        let harm = |code: &CodeId| {
            let entry = self.book.code(code.as_str())?;
            (entry.valence == Valence::Harmful).then(|| entry.effect.get(Variable::Trust))
        };
        let codes = self.coded.codes.iter().map(|found| &found.code);
        let harmful = codes.filter_map(|code| Some((code, harm(code)?)));
        harmful.min_by(|a, b| a.1.total_cmp(&b.1)).map(|(code, _)| code)
    }

    /// Hurt by what was said, and not only by what was left out: then the caller answers nothing else.
    pub(crate) fn hurt_by_words(&self) -> bool {
        let omitted = |code: &CodeId| {
            self.coded.codes.iter().any(|found| found.code == *code && found.answers.is_some())
        };
        self.harmful_code().is_some_and(|code| !omitted(code))
    }

    pub(crate) fn has_any(&self, codes: &[&str]) -> bool {
        codes.iter().any(|code| self.coded.has(code))
    }

    pub(crate) fn had_any(&self, codes: &[&str]) -> bool {
        let before = self.state.exchanges.last();
        before.is_some_and(|e| codes.iter().any(|code| e.coded.has(code)))
    }
}
