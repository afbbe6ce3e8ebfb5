//! What the call turns on: triggers, details that must not be missed, the case and its steps.
//! What holds between them and the facts is in `whole`.

use super::{Draft, take_id};
use crate::diagnostic::Faults;
use crate::fields::Fields;
use crate::outline::Section;
use crate::program::{Detail, Step, Trigger};
use crate::{limit, table};

pub(super) fn trigger(draft: &mut Draft, section: &Section, id: &str, faults: &mut Faults) {
    let triggers = &draft.program.caller.triggers;
    let taken: Vec<String> = triggers.iter().map(|trigger| trigger.id.clone()).collect();
    let Some(id) = take_id(section, id, &taken, limit::PARTS_MAX, faults) else { return };
    let fields = Fields::new(section, &["says", "codes", "once", "tells"], faults);
    let says: Vec<String> = fields.words("says").into_iter().map(|text| text.words).collect();
    let codes = fields.codes("codes", draft.codebook, faults);
    if says.is_empty() && codes.is_empty() {
        let message = format!("the trigger `{id}` has neither `says:` nor `codes:`");
        faults.add(&table::TRIGGER_BLIND, section.place, message);
    }
    let once = fields.yes_no("once", false, faults);
    let tells = fields.items("tells", faults);
    let lines = draft.register.lines(&format!("trigger.{id}.tells"), tells, faults);
    if lines.is_empty() {
        fields.missing("tells", faults);
    }
    draft.program.caller.triggers.push(Trigger { id, says, codes, once, lines });
}

pub(super) fn detail(draft: &mut Draft, section: &Section, id: &str, faults: &mut Faults) {
    let details = &draft.program.aftermath.details;
    let taken: Vec<String> = details.iter().map(|detail| detail.id.clone()).collect();
    let Some(id) = take_id(section, id, &taken, limit::PARTS_MAX, faults) else { return };
    let fields = Fields::new(section, &["what", "offered in", "caught like"], faults);
    let what = fields.required("what", faults).map_or_else(String::new, |text| text.words);
    let offered = fields.words("offered in");
    if offered.is_empty() {
        fields.missing("offered in", faults);
    }
    let caught_like = examples(&fields, "caught like", faults);
    let offered_in = offered.iter().map(|text| text.words.clone()).collect();
    draft.offers.extend(offered);
    draft.program.aftermath.details.push(Detail { id, what, offered_in, caught_like });
}

pub(super) fn case(draft: &mut Draft, section: &Section, faults: &mut Faults) {
    let fields = Fields::new(section, &["what", "progress"], faults);
    let case = &mut draft.program.caller.case;
    case.what = fields.required("what", faults).map_or_else(String::new, |text| text.words);
    if fields.required("progress", faults).is_some() {
        case.progress_min = fields.number("progress", (0.0, 1.0), 0.0, faults);
    }
}

pub(super) fn step(draft: &mut Draft, section: &Section, id: &str, faults: &mut Faults) {
    let steps = &draft.program.caller.case.steps;
    let taken: Vec<String> = steps.iter().map(|step| step.id.clone()).collect();
    let Some(id) = take_id(section, id, &taken, limit::PARTS_MAX, faults) else { return };
    let fields = Fields::new(section, &["what", "required", "codes", "said like", "tells"], faults);
    let what = fields.required("what", faults).map_or_else(String::new, |text| text.words);
    let required = fields.yes_no("required", true, faults);
    let codes = fields.codes("codes", draft.codebook, faults);
    let said_like = examples(&fields, "said like", faults);
    let tells = fields.items("tells", faults);
    let lines = draft.register.lines(&format!("step.{id}.tells"), tells, faults);
    if lines.is_empty() {
        fields.missing("tells", faults);
    }
    draft.program.caller.case.steps.push(Step { id, what, required, codes, said_like, lines });
}

/// Example sentences that meaning is matched by.
fn examples(fields: &Fields, key: &str, faults: &mut Faults) -> Vec<String> {
    let found = fields.sentences(key, faults);
    let place = fields.place_of(key);
    if found.is_empty() {
        faults.add(&table::NO_EXAMPLES, place, format!("there is no sentence under `{key}:`"));
    } else if found.len() < limit::EXAMPLES_MIN {
        let message = format!("there are {} sentences under `{key}:`", found.len());
        faults.add(&table::FEW_EXAMPLES, place, message);
    }
    found.into_iter().map(|text| text.words).collect()
}
