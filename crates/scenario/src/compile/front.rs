//! The sections that frame a call: `scenario`, `agent`, `caller` and `story`.
//! Reads and checks each for itself; what holds between sections is in `whole`.

use talk::{Affect, Style, Variable};

use super::Draft;
use crate::diagnostic::{Faults, quote, suggest};
use crate::fields::{self, Fields};
use crate::outline::Section;
use crate::program::{SignOff, SignRole};
use crate::source::Text;
use crate::{limit, table};

const SECTORS: [&str; 8] = [
    "child support",
    "benefits",
    "housing",
    "health",
    "it desk",
    "bank",
    "retail",
    "crisis-adjacent",
];
const CHANNELS: [&str; 3] = ["phone", "lobby", "chat"];
const SIGNATURES: [(&str, SignRole); 3] = [
    ("reviewed by clinician", SignRole::Clinician),
    ("reviewed by lived experience", SignRole::LivedExperience),
    ("reviewed by expert", SignRole::Expert),
];

pub(super) fn scenario(draft: &mut Draft, section: &Section, faults: &mut Faults) {
    let mut known = vec![
        "id",
        "version",
        "title",
        "sector",
        "channel",
        "minutes",
        "intensity",
        "content note",
        "summary",
    ];
    known.extend(SIGNATURES.map(|(key, _)| key));
    let fields = Fields::new(section, &known, faults);
    if let Some(id) = fields.required("id", faults) {
        check_id(&id, draft.file, faults);
        draft.program.id = id.words;
    }
    draft.program.version = fields.whole("version", (1, limit::VERSION_MAX), faults).unwrap_or(0);
    let briefing = &mut draft.program.briefing;
    briefing.title = required_words(&fields, "title", faults);
    briefing.summary = required_words(&fields, "summary", faults);
    if let Some(sector) = fields.required("sector", faults) {
        briefing.sector = fields::one_of(&sector, &SECTORS, faults).unwrap_or("").to_owned();
    }
    if let Some(channel) = fields.required("channel", faults) {
        briefing.channel = fields::one_of(&channel, &CHANNELS, faults).unwrap_or("").to_owned();
    }
    briefing.minutes = fields.whole("minutes", (1, limit::MINUTES_MAX), faults).unwrap_or(0);
    briefing.intensity = fields.whole("intensity", (1, 5), faults).unwrap_or(0);
    briefing.content_note =
        fields.value("content note", faults).map_or_else(String::new, |text| text.words);
    if briefing.content_note.is_empty() {
        let place = fields.place_of("content note");
        if briefing.intensity >= 4 {
            let message = format!("intensity {} and no content note", briefing.intensity);
            faults.add(&table::INTENSE_WITHOUT_NOTE, place, message);
        } else {
            faults.add(&table::NO_CONTENT_NOTE, place, "the content note is empty");
        }
    }
    briefing.sign_offs =
        SIGNATURES.iter().map(|(key, role)| sign_off(&fields, key, *role, faults)).collect();
}

fn required_words(fields: &Fields, key: &str, faults: &mut Faults) -> String {
    fields.required(key, faults).map_or_else(String::new, |text| text.words)
}

fn check_id(id: &Text, file: &str, faults: &mut Faults) {
    if !fields::is_id(&id.words) {
        faults.add(&table::BAD_ID, id.place, format!("{} is not an id", quote(&id.words)));
    }
    let stem = file_stem(file, ".scenario");
    if id.words != stem {
        let message = format!("the id is {} and the file is {}", quote(&id.words), quote(stem));
        faults.add(&table::ID_NOT_FILE, id.place, message);
    }
}

/// The file's name without its folders and its ending.
pub(crate) fn file_stem<'a>(file: &'a str, ending: &str) -> &'a str {
    let name = file.rsplit(['/', '\\']).next().unwrap_or(file);
    name.strip_suffix(ending).unwrap_or(name)
}

fn sign_off(fields: &Fields, key: &str, role: SignRole, faults: &mut Faults) -> SignOff {
    let Some(signed) = fields.value(key, faults) else {
        faults.add(&table::UNSIGNED, fields.place_of(key), format!("`{key}` is unsigned"));
        return SignOff { role, signed: None };
    };
    let mut parts = signed.words.splitn(3, ',').map(str::trim);
    let (name, date, scope) = (parts.next(), parts.next(), parts.next());
    let has_words = |part: Option<&str>| part.is_some_and(|part| !part.is_empty());
    if !has_words(name) || !date.is_some_and(is_date) || !has_words(scope) {
        let message = format!("{} is not `name, date, scope`", quote(&signed.words));
        faults.add(&table::BAD_SIGN_OFF, signed.place, message);
    }
    SignOff { role, signed: Some(signed.words) }
}

/// A date such as 2026-03-01. The calendar is not checked further.
fn is_date(words: &str) -> bool {
    let parts: Vec<&str> = words.split('-').collect();
    let [year, month, day] = parts[..] else { return false };
    let within = |part: &str, len: usize, high: u32| {
        part.len() == len && part.parse::<u32>().is_ok_and(|n| (1..=high).contains(&n))
    };
    within(year, 4, 9999) && within(month, 2, 12) && within(day, 2, 31)
}

pub(super) fn agent(draft: &mut Draft, section: &Section, faults: &mut Faults) {
    let fields = Fields::new(section, &["situation", "you know", "goals"], faults);
    let briefing = &mut draft.program.briefing;
    briefing.situation = fields.paragraphs("situation", faults);
    briefing.you_know = fields.required_sentences("you know", faults);
    briefing.goals = fields.required_sentences("goals", faults);
}

pub(super) fn caller(draft: &mut Draft, section: &Section, faults: &mut Faults) {
    let known = ["name", "style", "reactivity", "start", "latent risk", "danger floor", "varies"];
    let fields = Fields::new(section, &known, faults);
    let caller = &mut draft.program.caller;
    caller.name = required_words(&fields, "name", faults);
    if let Some(style) = fields.required("style", faults)
        && let Some(word) = fields::one_of(&style, &["attack", "withdraw"], faults)
    {
        caller.style = Style::parse(word).unwrap_or(Style::Attack);
    }
    let dynamics = &draft.codebook.dynamics;
    let range = (dynamics.reactivity_min, dynamics.reactivity_max);
    caller.reactivity = fields.number("reactivity", range, 1.0, faults);
    if let Some(start) = fields.value("start", faults) {
        read_start(&start, &mut caller.start, faults);
    }
    caller.latent_risk = fields.yes_no("latent risk", false, faults);
    caller.danger_floor = fields.number("danger floor", (0.0, 1.0), 0.0, faults);
    caller.varies = fields.yes_no("varies", true, faults);
}

fn read_start(start: &Text, affect: &mut Affect, faults: &mut Faults) {
    for pair in start.split_commas() {
        if let Some((name, value)) = name_and_number(&pair, "start", faults) {
            match Variable::parse(&name.words) {
                Some(variable) => affect.set(variable, value),
                None => {
                    let known = Variable::ALL.map(Variable::as_str);
                    let message = format!("{} is no variable of the caller", quote(&name.words));
                    let remedy = suggest(&name.words, known);
                    faults.add_with(&table::UNKNOWN_VALUE, name.place, message, remedy);
                }
            }
        }
    }
}

/// A pair such as `trust 0.5`; the number may be out of range only where the caller of this says so.
pub(super) fn name_and_number(pair: &Text, what: &str, faults: &mut Faults) -> Option<(Text, f64)> {
    let (name, value) = pair.words.split_once(' ').unwrap_or((&pair.words, ""));
    let at = pair.words.len() - value.trim_start().len();
    let number = Text::new(value.trim(), pair.place_at(at));
    let found = fields::number(&number, what, (0.0, 1.0), faults)?;
    Some((Text::new(name, pair.place), found))
}

pub(super) fn story(draft: &mut Draft, section: &Section, faults: &mut Faults) {
    let mut paragraphs = Vec::new();
    for entry in &section.entries {
        if entry.key.is_none() {
            paragraphs.extend(entry.paragraphs.iter().map(|text| text.words.clone()));
            if let Some(item) = entry.items.first() {
                let message = "a list in the story stands before `reflection:`";
                faults.add(&table::STRAY, item.place, message);
            }
        }
    }
    if paragraphs.is_empty() {
        faults.add(&table::MISSING_KEY, section.place, "the story has no paragraph");
    }
    let keyed = Section {
        name: section.name.clone(),
        place: section.place,
        entries: section.entries.iter().filter(|e| e.key.is_some()).cloned().collect(),
    };
    let fields = Fields::new(&keyed, &["reflection"], faults);
    let reflection = fields.sentences("reflection", faults);
    if let Some(third) = reflection.get(limit::REFLECTIONS_MAX) {
        faults.add(&table::MANY_REFLECTIONS, third.place, "a third question to take away");
    }
    draft.program.aftermath.story = paragraphs;
    draft.program.aftermath.reflection = reflection.into_iter().map(|text| text.words).collect();
}
