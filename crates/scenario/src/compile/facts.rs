//! One fact: its depth, its gate, the questions that ask for it and the lines that tell it.
//! What holds between facts is in `whole`.

use super::{Draft, front, take_id};
use crate::diagnostic::{Faults, Place, quote, suggest};
use crate::fields::Fields;
use crate::outline::Section;
use crate::program::{Fact, Gate};
use crate::source::Text;
use crate::spoken::n_distinct;
use crate::{limit, table};

pub(super) fn fact(draft: &mut Draft, section: &Section, id: &str, faults: &mut Faults) {
    let taken: Vec<String> =
        draft.program.caller.facts.iter().map(|fact| fact.id.clone()).collect();
    let Some(id) = take_id(section, id, &taken, limit::FACTS_MAX, faults) else { return };
    let known = ["depth", "gate", "volunteers", "never told", "asks", "tells", "again"];
    let fields = Fields::new(section, &known, faults);
    let depth = fields.whole("depth", (0, 3), faults).unwrap_or(0);
    let depth = u8::try_from(depth).unwrap_or(0);
    let mut gate = Gate::of_depth(depth);
    if let Some(own) = fields.value("gate", faults) {
        read_gate(&own, &mut gate, faults);
    }
    let volunteers = fields.yes_no("volunteers", false, faults);
    let never_told = fields.yes_no("never told", false, faults);
    let mut asks = fields.sentences("asks", faults);
    if asks.len() > limit::ASKS_MAX {
        let message = format!("more than {} example questions", limit::ASKS_MAX);
        faults.add(&table::TOO_MANY, asks[limit::ASKS_MAX].place, message);
        asks.truncate(limit::ASKS_MAX);
    }
    let prefix = format!("fact.{id}");
    let tells = fields.items("tells", faults);
    let tells = draft.register.lines(&format!("{prefix}.tells"), tells, faults);
    let again = fields.items("again", faults);
    let again = draft.register.lines(&format!("{prefix}.again"), again, faults);
    let fact = Fact {
        id,
        depth,
        gate,
        volunteers,
        never_told,
        asks: asks.iter().map(|text| text.words.clone()).collect(),
        tells,
        again,
    };
    check_fact(&fact, &fields, faults);
    draft.program.caller.facts.push(fact);
    draft.fact_notes.push((section.place, asks));
}

fn check_fact(fact: &Fact, fields: &Fields, faults: &mut Faults) {
    let id = &fact.id;
    if fact.asks.is_empty() && !fact.volunteers {
        let message = format!("nobody can ask for `{id}`, and the caller does not volunteer it");
        faults.add(&table::DEAD_FACT, fields.place, message);
    } else if fact.asks.is_empty() {
        let message = format!("the fact `{id}` has no `asks:`");
        faults.add(&table::FACT_SILENT, fields.place, message);
    } else if fact.asks.len() < limit::EXAMPLES_MIN {
        let message = format!("the fact `{id}` has {} example questions", fact.asks.len());
        faults.add(&table::FEW_EXAMPLES, fields.place_of("asks"), message);
    }
    if fact.never_told {
        // Kept to the end: it needs no words.
        return;
    }
    if fact.tells.is_empty() {
        let message = format!("the fact `{id}` has no `tells:`");
        faults.add(&table::FACT_SILENT, fields.place_of("tells"), message);
    }
    if n_distinct(&fact.again) < limit::AGAIN_MIN {
        let message = format!("the fact `{id}` has fewer than two ways in `again:`");
        faults.add(&table::FACT_SILENT, fields.place_of("again"), message);
    }
}

fn read_gate(own: &Text, gate: &mut Gate, faults: &mut Faults) {
    for pair in own.split_commas() {
        let (name, value) = pair.words.split_once(' ').unwrap_or((&pair.words, ""));
        // Above 1 it is a number, and no call reaches it.
        let is_above = crate::fields::plain_number(value.trim()).is_some_and(|n| n > 1.0);
        let number = if is_above {
            Some(f64::INFINITY)
        } else {
            front::name_and_number(&pair, "gate", faults).map(|(_, number)| number)
        };
        let Some(number) = number else { continue };
        let is_shut = match name {
            "trust" | "heard" => number > limit::GATE_REACHABLE_MAX,
            "shame" => number < limit::GATE_SHAME_MIN || is_above,
            _ => false,
        };
        if is_shut {
            shut(&pair, pair.place, faults);
            continue;
        }
        match name {
            "trust" => gate.trust_min = number,
            "heard" => gate.heard_min = number,
            "shame" => gate.shame_max = number,
            _ => {
                let message = format!("a gate knows no {}", quote(name));
                let remedy = suggest(name, ["trust", "heard", "shame"]);
                faults.add_with(&table::UNKNOWN_VALUE, pair.place, message, remedy);
            }
        }
    }
}

fn shut(pair: &Text, place: Place, faults: &mut Faults) {
    let message = format!("no call reaches {}", quote(&pair.words));
    faults.add(&table::GATE_SHUT, place, message);
}
