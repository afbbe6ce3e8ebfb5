//! Picking a line: the seed chooses, nothing comes twice within `LINE_REPEAT_TURNS`, and what was used least
//! recently comes first.

use std::collections::HashMap;

use scenario::Line;
use talk::limit::LINE_REPEAT_TURNS;
use talk::{Chance, Seed};

use crate::state::State;
use crate::view::{Said, View};

/// When each text was last said: the turn, 0 for the opening.
fn said_at(state: &State) -> HashMap<&str, u32> {
    let mut last = HashMap::new();
    for (turn, reply) in state.replies() {
        for line in &reply.lines {
            last.insert(line.as_str(), turn);
        }
    }
    last
}

/// The name of one expansion of a line in the log, such as `hot/3#2`.
fn name(line: &Line, variant: usize) -> String {
    format!("{}#{variant}", line.id)
}

/// A line from this list that has not been said lately; `None` when all have.
#[must_use]
pub fn pick(view: &View<'_>, lines: &[Line], act: &'static str) -> Option<Said> {
    let turn = view.felt.mood.n_turns;
    pick_at(view.state, lines, act, turn)
}

fn pick_at(state: &State, lines: &[Line], act: &'static str, turn: u32) -> Option<Said> {
    let last = said_at(state);
    let mut chance = Chance::new(state.opened.seed, act, u64::from(turn));
    let mut best: Option<(i64, usize, &Line, usize)> = None;
    for line in lines {
        let fresh: Vec<usize> = (0..line.texts.len())
            .filter(|variant| {
                let when = last.get(name(line, *variant).as_str());
                when.is_none_or(|when| turn.saturating_sub(*when) > LINE_REPEAT_TURNS)
            })
            .collect();
        // One draw a line, whether or not it can be used, so that a line's chance is its own.
        let (order, variant) = (chance.below(1 << 20), chance.below(fresh.len()));
        let Some(variant) = fresh.get(variant).copied() else { continue };
        let mut uses = (0..line.texts.len()).filter_map(|v| last.get(name(line, v).as_str()));
        let used = uses.next().map_or(-1, |first| i64::from(uses.fold(*first, |a, b| a.max(*b))));
        if best.is_none_or(|(u, o, ..)| (used, order) < (u, o)) {
            best = Some((used, order, line, variant));
        }
    }
    best.map(|(_, _, line, variant)| say(line, variant, act))
}

fn say(line: &Line, variant: usize, act: &'static str) -> Said {
    Said {
        text: line.texts[variant].clone(),
        manner: line.manner.clone(),
        heading: line.heading,
        line: name(line, variant),
        act,
    }
}

/// The opening of a call: there is no state yet to avoid repeating.
#[must_use]
pub fn first(lines: &[Line], seed: Seed) -> Option<Said> {
    let mut chance = Chance::new(seed, "opening", 0);
    let line = lines.get(chance.below(lines.len()))?;
    let variant = chance.below(line.texts.len());
    (variant < line.texts.len()).then(|| say(line, variant, "opens"))
}

/// Last words, spoken outside a turn.
#[must_use]
pub fn last_words(state: &State, lines: &[Line]) -> Option<Said> {
    pick_at(state, lines, "leaves", state.n_turns() + 1)
}
