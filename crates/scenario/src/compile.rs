//! From an outline to a program: each section is read by the module that knows it, then the whole is checked.
//! Does no input or output and plays nothing. Called by `parse_scenario`.

mod facts;
mod front;
mod matter;
mod pools;
mod safety;
mod whole;

pub(crate) use front::file_stem;

use talk::{Affect, Codebook, Heard, Style, Variable};

use crate::diagnostic::{Faults, Place, quote, suggest};
use crate::outline::Section;
use crate::program::{Aftermath, Briefing, Caller, Case, Program, SafetyStory};
use crate::source::Text;
use crate::spoken::Register;
use crate::{limit, lint, outline, table};

/// The kinds of section, in the format's order.
const KINDS: [&str; 13] = [
    "scenario", "agent", "caller", "opening", "fact", "lines", "trigger", "detail", "case", "step",
    "safety", "farewell", "story",
];
/// The kinds that stand exactly once.
const ONCE: [&str; 7] = ["scenario", "agent", "caller", "opening", "case", "safety", "story"];

/// What the checks of the whole need beside the program itself.
struct Draft<'a> {
    file: &'a str,
    codebook: &'a Codebook,
    program: Program,
    register: Register,
    /// Beside each fact: where it stands, and its questions with their places.
    fact_notes: Vec<(Place, Vec<Text>)>,
    /// Beside each pool: where it stands.
    pool_places: Vec<Place>,
    /// What details name, with its place: a fact, or a line.
    offers: Vec<Text>,
    /// Where each kind of section that stands once was found.
    found: Vec<(&'static str, Place)>,
}

impl Draft<'_> {
    fn place_of(&self, kind: &str) -> Option<Place> {
        self.found.iter().find(|(name, _)| *name == kind).map(|(_, place)| *place)
    }
}

/// Reads and checks a scenario; the program counts only where no error was found.
pub(crate) fn compile(
    file: &str,
    text: &str,
    codebook: &Codebook,
    faults: &mut Faults,
) -> Option<Program> {
    let sections = outline::read(text, faults)?;
    let mut draft = Draft {
        file,
        codebook,
        program: blank(),
        register: Register::default(),
        fact_notes: Vec::new(),
        pool_places: Vec::new(),
        offers: Vec::new(),
        found: Vec::new(),
    };
    let mut rank = 0;
    for section in &sections {
        read_section(&mut draft, section, &mut rank, faults);
    }
    for kind in ONCE.iter().filter(|kind| draft.place_of(kind).is_none()) {
        faults.add(&table::MISSING_SECTION, Place::START, format!("`== {kind} ==` is missing"));
    }
    whole::check(&draft, faults);
    lint::check(&sections, faults);
    Some(draft.program)
}

fn read_section(draft: &mut Draft, section: &Section, rank: &mut usize, faults: &mut Faults) {
    let (kind, rest) = section.kind_and_rest();
    let Some(place_in_order) = KINDS.iter().position(|known| *known == kind) else {
        if !section.name.is_empty() {
            let message = format!("{} is not a section", quote(&section.name));
            faults.add_with(&table::UNKNOWN_SECTION, section.place, message, suggest(kind, KINDS));
        }
        return;
    };
    if place_in_order < *rank {
        let message = format!("`{}` comes before `{}` in the format", section.name, KINDS[*rank]);
        faults.add(&table::ORDER, section.place, message);
    }
    *rank = place_in_order.max(*rank);
    if ONCE.contains(&kind) {
        if !rest.is_empty() {
            let message = format!("`{kind}` takes no name, and here stands {}", quote(rest));
            faults.add(&table::UNKNOWN_SECTION, section.place, message);
        }
        if draft.place_of(kind).is_some() {
            faults.add(&table::TWICE, section.place, format!("`== {kind} ==` stands twice"));
            return;
        }
        draft.found.push((KINDS[place_in_order], section.place));
    }
    match kind {
        "scenario" => front::scenario(draft, section, faults),
        "agent" => front::agent(draft, section, faults),
        "caller" => front::caller(draft, section, faults),
        "story" => front::story(draft, section, faults),
        "opening" => pools::opening(draft, section, faults),
        "lines" => pools::lines(draft, section, rest, faults),
        "farewell" => pools::farewell(draft, section, rest, faults),
        "fact" => facts::fact(draft, section, rest, faults),
        "trigger" => matter::trigger(draft, section, rest, faults),
        "detail" => matter::detail(draft, section, rest, faults),
        "case" => matter::case(draft, section, faults),
        "step" => matter::step(draft, section, rest, faults),
        "safety" => safety::safety(draft, section, faults),
        // KINDS holds no other word.
        _ => {}
    }
}

/// The section's id, where it is one and new; the number of parts of this kind is kept in bounds too.
fn take_id(
    section: &Section,
    id: &str,
    taken: &[String],
    n_max: usize,
    faults: &mut Faults,
) -> Option<String> {
    if !crate::fields::is_id(id) {
        let message = format!("{} is not an id", quote(id));
        faults.add(&table::BAD_ID, section.place, message);
    }
    if taken.iter().any(|other| other == id) {
        let message = format!("`{}` stands twice", section.name);
        faults.add(&table::ID_TWICE, section.place, message);
        return None;
    }
    if taken.len() >= n_max {
        if taken.len() == n_max {
            let (kind, _) = section.kind_and_rest();
            let message = format!("more than {n_max} sections `{kind}`");
            faults.add(&table::TOO_MANY, section.place, message);
        }
        return None;
    }
    Some(id.to_owned())
}

/// The items of a section that holds nothing else.
fn only_items<'a>(section: &'a Section, faults: &mut Faults) -> Vec<Text> {
    let mut out: Vec<&'a Text> = Vec::new();
    for entry in &section.entries {
        if let Some(key) = &entry.key {
            let message = format!("`{}` knows no key {}", section.name, quote(key));
            let remedy = "start each line that the caller says with `- `";
            faults.add_with(&table::UNKNOWN_KEY, entry.place, message, remedy);
        } else if let Some(text) = entry.paragraphs.first() {
            let message = "words that belong to no line";
            faults.add(&table::STRAY, text.place, message);
        }
        out.extend(&entry.items);
    }
    out.truncate(limit::ITEMS_MAX);
    out.into_iter().cloned().collect()
}

/// The default angry caller (sourcebook 3.2).
fn angry_start() -> Affect {
    let mut start = Affect::default();
    for (variable, value) in [
        (Variable::Arousal, 0.80),
        (Variable::Distress, 0.60),
        (Variable::Trust, 0.30),
        (Variable::Heard, 0.10),
        (Variable::Shame, 0.30),
        (Variable::Agency, 0.20),
    ] {
        start.set(variable, value);
    }
    start
}

fn blank() -> Program {
    let safety = SafetyStory {
        truth: Heard::Nothing,
        cue_turns: None,
        cue: Vec::new(),
        waiting: Vec::new(),
        told: Vec::new(),
        denied: Vec::new(),
        no_risk: Vec::new(),
        accepted: Vec::new(),
        after: Vec::new(),
    };
    Program {
        id: String::new(),
        version: 0,
        briefing: Briefing::default(),
        caller: Caller {
            name: String::new(),
            style: Style::Attack,
            reactivity: 1.0,
            start: angry_start(),
            latent_risk: false,
            danger_floor: 0.0,
            varies: true,
            opening: Vec::new(),
            facts: Vec::new(),
            pools: Vec::new(),
            triggers: Vec::new(),
            case: Case { what: String::new(), progress_min: 0.0, steps: Vec::new() },
            safety,
            farewells: Vec::new(),
        },
        aftermath: Aftermath::default(),
    }
}
