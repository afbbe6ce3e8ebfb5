//! The safety section: what is behind the words, and the lines that voice and answer it.

use talk::Heard;

use super::Draft;
use crate::diagnostic::{Faults, quote};
use crate::fields::{self, Fields};
use crate::outline::Section;
use crate::program::Line;
use crate::source::Text;
use crate::{limit, table};

const LISTS: [&str; 7] = ["cue", "waiting", "told", "denied", "no risk", "accepted", "after"];

pub(super) fn safety(draft: &mut Draft, section: &Section, faults: &mut Faults) {
    let mut known = vec!["truth", "cue turns"];
    known.extend(LISTS);
    let fields = Fields::new(section, &known, faults);
    let truth = fields.required("truth", faults).and_then(|truth| {
        let known = Heard::ALL.map(Heard::as_str);
        fields::one_of_by(&table::UNKNOWN_TRUTH, &truth, &known, faults).and_then(Heard::parse)
    });
    let mut lists: Vec<Vec<Line>> = Vec::new();
    for key in LISTS {
        let prefix = format!("safety.{}", key.replace(' ', "-"));
        let items = fields.items(key, faults);
        lists.push(draft.register.lines(&prefix, items, faults));
    }
    let cue_turns = fields.value("cue turns", faults);
    let story = &mut draft.program.caller.safety;
    // In the order of LISTS.
    let mut lists = lists.into_iter();
    let mut next = || lists.next().unwrap_or_default();
    story.cue = next();
    story.waiting = next();
    story.told = next();
    story.denied = next();
    story.no_risk = next();
    story.accepted = next();
    story.after = next();
    let Some(truth) = truth else { return };
    story.truth = truth;
    if truth >= Heard::Veiled {
        story.cue_turns = read_turns(cue_turns.as_ref(), &fields, faults);
        check_risk(draft, &fields, faults);
    } else {
        check_no_risk(draft, &fields, faults);
    }
}

/// `3 to 5`, or one turn.
fn read_turns(turns: Option<&Text>, fields: &Fields, faults: &mut Faults) -> Option<(u32, u32)> {
    let Some(turns) = turns else {
        let message = "there is risk behind the words and no `cue turns:`";
        faults.add(&table::CUE_TURNS, fields.place, message);
        return None;
    };
    let (first, last) = turns.words.split_once(" to ").unwrap_or((&turns.words, &turns.words));
    let found = first.trim().parse::<u32>().ok().zip(last.trim().parse::<u32>().ok());
    let within = found.filter(|(first, last)| {
        *first >= limit::CUE_TURN_FIRST && first <= last && *last <= limit::CUE_TURN_LAST
    });
    if within.is_none() {
        let message = format!("{} are not turns between 3 and 6", quote(&turns.words));
        faults.add(&table::CUE_TURNS, turns.place, message);
    }
    within
}

fn check_risk(draft: &Draft, fields: &Fields, faults: &mut Faults) {
    let story = &draft.program.caller.safety;
    let truth = story.truth.as_str();
    let needed = [
        ("cue", &story.cue),
        ("told", &story.told),
        ("denied", &story.denied),
        ("accepted", &story.accepted),
    ];
    for (key, lines) in needed {
        if lines.is_empty() {
            let message = format!("the truth is `{truth}` and there are no `{key}:` lines");
            faults.add(&table::RISK_SILENT, fields.place_of(key), message);
        }
    }
    for (key, lines) in [("waiting", &story.waiting), ("after", &story.after)] {
        if lines.is_empty() {
            let message = format!("the truth is `{truth}` and there are no `{key}:` lines");
            faults.add(&table::WAITING_SILENT, fields.place_of(key), message);
        }
    }
    for line in story.cue.iter().filter(|line| line.heading.heard < Heard::Veiled) {
        let place = draft.register.place(&line.id).unwrap_or(fields.place);
        faults.add(&table::CUE_UNMARKED, place, "this cue is not marked <veiled> or worse");
    }
    if !story.no_risk.is_empty() {
        let message = format!("the truth is `{truth}`, so `no risk:` is never said");
        faults.add(&table::UNREACHABLE, fields.place_of("no risk"), message);
    }
}

fn check_no_risk(draft: &Draft, fields: &Fields, faults: &mut Faults) {
    let story = &draft.program.caller.safety;
    if story.no_risk.is_empty() {
        let message = "there are no `no risk:` lines";
        faults.add(&table::NO_RISK_LINES, fields.place, message);
    }
    let unsaid = [
        ("cue", &story.cue),
        ("waiting", &story.waiting),
        ("told", &story.told),
        ("denied", &story.denied),
        ("accepted", &story.accepted),
        ("after", &story.after),
    ];
    for (key, lines) in unsaid {
        if !lines.is_empty() {
            let message =
                format!("the truth is `{}`, so `{key}:` is never said", story.truth.as_str());
            faults.add(&table::UNREACHABLE, fields.place_of(key), message);
        }
    }
}
