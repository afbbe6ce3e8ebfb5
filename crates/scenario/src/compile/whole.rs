//! Checks of the whole scenario, once every section has been read: what holds between its parts.
//! Changes nothing.

use std::collections::HashMap;

use talk::limit::LINE_REPEAT_TURNS;
use talk::{End, Heard, Regime, Style};

use super::Draft;
use super::pools::ENDS;
use crate::diagnostic::{Faults, Place, quote};
use crate::program::{Line, Pool};
use crate::source::Text;
use crate::spoken::{n_distinct, plain};
use crate::{limit, table};

/// Share of words that two questions have in common when they are nearly the same.
const NEAR_SHARE: f64 = 0.8;

pub(super) fn check(draft: &Draft, faults: &mut Faults) {
    check_facts(draft, faults);
    check_questions(draft, faults);
    check_stock(draft, faults);
    check_reach(draft, faults);
    check_details(draft, faults);
    check_case(draft, faults);
    check_farewells(draft, faults);
}

fn check_facts(draft: &Draft, faults: &mut Faults) {
    let facts = &draft.program.caller.facts;
    let place = draft.fact_notes.first().map_or(Place::START, |(place, _)| *place);
    if facts.len() < limit::FACTS_MIN {
        let message = format!("there are {} facts", facts.len());
        faults.add(&table::FEW_FACTS, place, message);
    }
    if !facts.iter().any(|fact| fact.depth >= 2) {
        faults.add(&table::NO_DEPTH, place, "no fact has depth 2 or 3");
    }
}

fn check_questions(draft: &Draft, faults: &mut Faults) {
    let mut seen: HashMap<String, usize> = HashMap::new();
    let mut numbers: HashMap<String, usize> = HashMap::new();
    let mut read: Vec<(usize, &Text, Vec<usize>)> = Vec::new();
    for (i, (_, asks)) in draft.fact_notes.iter().enumerate() {
        for ask in asks {
            let words = plain(&ask.words);
            let owner = *seen.entry(words.clone()).or_insert(i);
            if owner != i {
                let other = &draft.program.caller.facts[owner].id;
                let message = format!("{} asks for `{other}` already", quote(&ask.words));
                faults.add(&table::QUESTION_TWICE, ask.place, message);
                continue;
            }
            // Each word gets a number, so that comparing many questions stays quick.
            let mut set: Vec<usize> = Vec::new();
            for word in words.split(' ') {
                let next = numbers.len();
                set.push(*numbers.entry(word.to_owned()).or_insert(next));
            }
            set.sort_unstable();
            set.dedup();
            let near =
                read.iter().find(|(j, _, other)| *j != i && share(&set, other) >= NEAR_SHARE);
            if let Some((j, text, _)) = near {
                let other = &draft.program.caller.facts[*j].id;
                let message =
                    format!("this is nearly {}, which asks for `{other}`", quote(&text.words));
                faults.add(&table::QUESTION_NEAR, ask.place, message);
            }
            read.push((i, ask, set));
        }
    }
}

/// Words in common, as a share of all words of both. Both are sorted and hold no word twice.
fn share(one: &[usize], other: &[usize]) -> f64 {
    // Counts of words are far below 2^52.
    #[allow(clippy::cast_precision_loss)]
    let quotient = |a: usize, b: usize| if b == 0 { 0.0 } else { a as f64 / b as f64 };
    // The sizes alone may settle it.
    if quotient(one.len().min(other.len()), one.len().max(other.len())) < NEAR_SHARE {
        return 0.0;
    }
    let (mut i, mut j, mut n_both) = (0, 0, 0);
    while i < one.len() && j < other.len() {
        n_both += usize::from(one[i] == other[j]);
        let (a, b) = (one[i], other[j]);
        i += usize::from(a <= b);
        j += usize::from(b <= a);
    }
    quotient(n_both, one.len() + other.len() - n_both)
}

fn check_stock(draft: &Draft, faults: &mut Faults) {
    let caller = &draft.program.caller;
    let needed = usize::try_from(LINE_REPEAT_TURNS).unwrap_or(usize::MAX).saturating_add(1);
    for regime in Regime::ALL {
        let is_crisis = regime == Regime::Crisis;
        if is_crisis && caller.safety.truth < Heard::Veiled {
            continue;
        }
        let is_stock = |pool: &&Pool| {
            pool.after.is_empty() && (pool.regime.is_none() || pool.regime == Some(regime))
        };
        let mut lines: Vec<&Line> =
            caller.pools.iter().filter(is_stock).flat_map(|pool| &pool.lines).collect();
        if is_crisis {
            let story = &caller.safety;
            let lists = [&story.cue, &story.waiting, &story.told, &story.denied];
            lines.extend(lists.into_iter().chain([&story.accepted, &story.after]).flatten());
        }
        let found = n_distinct(lines);
        if found < needed {
            let place = stock_place(draft, regime);
            let name = regime.as_str();
            let message =
                format!("{name} has {found} expansions with those of `any`, {needed} are needed");
            faults.add(&table::SMALL_STOCK, place, message);
        }
    }
}

fn stock_place(draft: &Draft, regime: Regime) -> Place {
    let mut pools = draft.program.caller.pools.iter().zip(&draft.pool_places);
    let own = pools.find(|(pool, _)| pool.regime == Some(regime) && pool.after.is_empty());
    own.map_or(Place::START, |(_, place)| *place)
}

/// CRISIS is entered only after a cue has been voiced (codebook, regime CRISIS).
fn check_reach(draft: &Draft, faults: &mut Faults) {
    let caller = &draft.program.caller;
    if caller.safety.truth >= Heard::Veiled {
        return;
    }
    for (pool, place) in caller.pools.iter().zip(&draft.pool_places) {
        if pool.regime == Some(Regime::Crisis) {
            let message = "this caller voices no cue and never comes to CRISIS";
            faults.add(&table::UNREACHABLE, *place, message);
        }
    }
}

fn check_details(draft: &Draft, faults: &mut Faults) {
    let known = || draft.program.caller.facts.iter().map(|fact| fact.id.as_str());
    for offer in &draft.offers {
        let is_line = draft.register.place(&offer.words).is_some();
        if !is_line && !known().any(|id| id == offer.words) {
            let message = format!("there is no fact {}", quote(&offer.words));
            let remedy = crate::diagnostic::suggest(&offer.words, known());
            faults.add_with(&table::DETAIL_UNKNOWN, offer.place, message, remedy);
        }
    }
}

fn check_case(draft: &Draft, faults: &mut Faults) {
    let steps = &draft.program.caller.case.steps;
    if steps.iter().any(|step| step.required) {
        return;
    }
    let message = if steps.is_empty() { "the case has no step" } else { "no step is required" };
    faults.add(&table::NO_STEPS, draft.place_of("case").unwrap_or(Place::START), message);
}

fn check_farewells(draft: &Draft, faults: &mut Faults) {
    let caller = &draft.program.caller;
    let leaves = match caller.style {
        Style::Attack => End::CallerHungUp,
        Style::Withdraw => End::CallerLeft,
    };
    for end in ENDS {
        let is_likely = matches!(end, End::Resolved | End::AgentEnded) || end == leaves;
        let needed = if is_likely { limit::FAREWELLS_MIN } else { 1 };
        let found = draft.program.farewell(end).len();
        if found < needed {
            let name = end.as_str();
            let message = format!("`farewell {name}` has {found} lines, {needed} are needed");
            let first = draft.register.place(&format!("farewell.{name}/1"));
            faults.add(&table::FEW_FAREWELLS, first.unwrap_or(Place::START), message);
        }
    }
}
