//! Lists of lines: the opening, the pools of the regimes and the last words.
//! Whether there are enough of them is in `whole`.

use talk::{End, Regime};

use super::{Draft, only_items};
use crate::diagnostic::{Faults, quote, suggest};
use crate::fields;
use crate::outline::Section;
use crate::program::{After, Farewell, Pool};
use crate::source::Text;
use crate::table;

/// The words that may stand after `after`, beside codes.
const AFTER_WORDS: [&str; 6] = ["unknown", "withheld", "reask", "hold", "nothing", "unclear"];

/// Ends with last words. `stopped_by_agent` has none: the agent left the practice, not the caller.
pub(super) const ENDS: [End; 6] = [
    End::Resolved,
    End::AgentEnded,
    End::CallerHungUp,
    End::CallerLeft,
    End::HandedOver,
    End::Limit,
];

pub(super) fn opening(draft: &mut Draft, section: &Section, faults: &mut Faults) {
    let items = only_items(section, faults);
    draft.program.caller.opening = draft.register.lines("opening", &items, faults);
    if draft.program.caller.opening.is_empty() {
        faults.add(&table::NO_OPENING, section.place, "the opening has no line");
    }
}

pub(super) fn lines(draft: &mut Draft, section: &Section, rest: &str, faults: &mut Faults) {
    let (regime_word, after_words) = match rest.split_once(" after ") {
        Some((regime, after)) => (regime, Some(after)),
        None => {
            (rest.strip_suffix(" after").unwrap_or(rest), rest.ends_with(" after").then_some(""))
        }
    };
    let regime = Regime::parse(regime_word);
    if regime.is_none() && regime_word != "any" {
        let known: Vec<&str> = Regime::ALL.iter().map(|r| r.as_str()).chain(["any"]).collect();
        let message = format!("{} is no regime", quote(regime_word));
        faults.add_with(
            &table::UNKNOWN_REGIME,
            section.place,
            message,
            suggest(regime_word, known),
        );
    }
    let mut after = Vec::new();
    for word in Text::new(after_words.unwrap_or(""), section.place).split_commas() {
        let word = Text::new(&word.words, section.place);
        if let Some(found) = read_after(draft, &word, faults)
            && !after.contains(&found)
        {
            after.push(found);
        }
    }
    if after_words.is_some_and(|words| words.trim().is_empty()) {
        faults.add(&table::UNKNOWN_CODE, section.place, "nothing stands behind `after`");
    }
    let is_same = |pool: &Pool| {
        pool.regime == regime
            && pool.after.len() == after.len()
            && after.iter().all(|one| pool.after.contains(one))
    };
    if draft.program.caller.pools.iter().any(is_same) {
        faults.add(&table::TWICE, section.place, format!("`{}` stands twice", section.name));
    }
    let mut prefix = regime.map_or("any", Regime::as_str).to_lowercase();
    if !after.is_empty() {
        let words: Vec<String> = after.iter().map(after_word).collect();
        prefix = format!("{prefix}.after.{}", words.join("-"));
    }
    let items = only_items(section, faults);
    let lines = draft.register.lines(&prefix, &items, faults);
    if items.is_empty() {
        faults.add(&table::MISSING_KEY, section.place, format!("`{}` has no line", section.name));
    }
    draft.program.caller.pools.push(Pool { regime, after, lines });
    draft.pool_places.push(section.place);
}

fn read_after(draft: &Draft, word: &Text, faults: &mut Faults) -> Option<After> {
    match word.words.as_str() {
        "unknown" => return Some(After::Unknown),
        "withheld" => return Some(After::Withheld),
        "reask" => return Some(After::Reask),
        "hold" => return Some(After::Hold),
        "nothing" => return Some(After::Nothing),
        "unclear" => return Some(After::Unclear),
        _ => {}
    }
    if word.words.chars().any(|c| c.is_ascii_uppercase()) {
        return fields::code(word, draft.codebook, faults).map(After::Code);
    }
    let message = format!("{} is no code and no word for what the agent did", quote(&word.words));
    let codes = draft.codebook.codes.iter().map(|entry| entry.id.as_str());
    let remedy = suggest(&word.words, AFTER_WORDS.into_iter().chain(codes));
    faults.add_with(&table::UNKNOWN_CODE, word.place, message, remedy);
    None
}

fn after_word(after: &After) -> String {
    match after {
        After::Code(code) => code.as_str().to_lowercase(),
        After::Unknown => "unknown".to_owned(),
        After::Withheld => "withheld".to_owned(),
        After::Reask => "reask".to_owned(),
        After::Hold => "hold".to_owned(),
        After::Nothing => "nothing".to_owned(),
        After::Unclear => "unclear".to_owned(),
    }
}

pub(super) fn farewell(draft: &mut Draft, section: &Section, rest: &str, faults: &mut Faults) {
    let Some(end) = ENDS.into_iter().find(|end| end.as_str() == rest) else {
        let message = format!("{} is no end with last words", quote(rest));
        let remedy = suggest(rest, ENDS.iter().map(|end| end.as_str()));
        faults.add_with(&table::UNKNOWN_END, section.place, message, remedy);
        return;
    };
    if draft.program.caller.farewells.iter().any(|farewell| farewell.end == end) {
        faults.add(&table::TWICE, section.place, format!("`{}` stands twice", section.name));
        return;
    }
    let items = only_items(section, faults);
    let lines = draft.register.lines(&format!("farewell.{rest}"), &items, faults);
    draft.program.caller.farewells.push(Farewell { end, lines });
}
