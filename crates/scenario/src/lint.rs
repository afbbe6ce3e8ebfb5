//! Safe messaging: words that no scenario or plan may hold, and words that put people down.
//! A short list of patterns, obviously without detail; it does not replace a reader. Called by `compile` and `plan_file`.

use crate::diagnostic::{Faults, quote};
use crate::outline::Section;
use crate::source::Text;
use crate::table;

/// Words about a method, means or lethality (sourcebook 5.6, rule 6). A `*` at the end matches any ending.
#[rustfmt::skip]
const METHOD: &[&str] = &[
    "overdos*", "lethal*", "fatal dose", "noose*", "hang myself", "hang himself", "hang herself",
    "hang yourself", "hang themselves", "hanged", "hanging myself", "slit my", "slit his", "slit her",
    "slit your", "my wrists", "his wrists", "her wrists", "your wrists", "razor*", "shoot myself",
    "shoot himself", "shoot herself", "shoot yourself", "shot himself", "shot herself", "gun", "guns",
    "pistol*", "rifle*", "shotgun*", "firearm*", "ammunition", "knife", "knives", "stab", "stabbed",
    "all the pills", "all my pills", "bottle of pills", "handful of pills", "poison*", "carbon monoxide",
    "off the bridge", "off a bridge", "off the roof", "off a roof", "in front of a train",
    "in front of the train", "jump in front of", "drown myself", "drown herself", "drown himself",
    "strangl*", "suffocat*", "self-immolat*", "set myself on fire", "suicide note",
];

/// Words that put people down. A caller may say them; the writing around the call may not.
#[rustfmt::skip]
const STIGMA: &[&str] = &[
    "commit suicide", "commits suicide", "committed suicide", "committing suicide",
    "successful suicide", "successful attempt", "unsuccessful attempt", "failed attempt",
    "failed suicide", "crazy", "psycho", "psychos", "junkie*", "lunatic*", "nutcase*", "nut job",
    "schizo", "druggie*", "crackhead*", "the homeless", "wetback*", "retard*", "welfare queen*",
    "deadbeat*", "attention-seeking", "attention seeking", "manipulative",
];

/// The first pattern found, with the byte where it stands.
fn find(text: &str, patterns: &[&'static str]) -> Option<(usize, &'static str)> {
    // The same length in bytes, so that places hold.
    let lower = text.to_ascii_lowercase();
    patterns.iter().filter_map(|pattern| Some((find_one(&lower, pattern)?, *pattern))).min()
}

fn find_one(lower: &str, pattern: &str) -> Option<usize> {
    let (stem, open) = pattern.strip_suffix('*').map_or((pattern, false), |stem| (stem, true));
    let is_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    lower.match_indices(stem).map(|(at, _)| at).find(|at| {
        let before = lower[..*at].chars().next_back();
        let after = lower[at + stem.len()..].chars().next();
        !is_word(before) && (open || !is_word(after))
    })
}

/// Looks through one piece of text.
pub(crate) fn check_text(text: &Text, is_caller: bool, faults: &mut Faults) {
    if let Some((byte, _)) = find(&text.words, METHOD) {
        let rule = faults.own(&table::METHOD, &table::PLAN_METHOD);
        faults.add(rule, text.place_at(byte), "words about a method, means or lethality");
    }
    if !is_caller && let Some((byte, pattern)) = find(&text.words, STIGMA) {
        let message = format!("{} puts people down", quote(pattern.trim_end_matches('*')));
        faults.add(&table::STIGMA, text.place_at(byte), message);
    }
}

/// Looks through a whole scenario.
pub(crate) fn check(sections: &[Section], faults: &mut Faults) {
    for section in sections {
        let (kind, _) = section.kind_and_rest();
        for entry in &section.entries {
            let key = entry.key.as_deref();
            let is_caller = match kind {
                "opening" | "lines" | "farewell" => true,
                "safety" => key != Some("truth") && key != Some("cue turns"),
                // `says` holds what the agent might say and what sets the caller off.
                "fact" | "trigger" | "step" => {
                    matches!(key, Some("tells" | "again" | "says"))
                }
                _ => false,
            };
            for text in entry.paragraphs.iter().chain(&entry.items) {
                check_text(text, is_caller, faults);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_words_are_found_and_parts_of_words_are_not() {
        assert_eq!(find("It was Lethally dull", METHOD), Some((7, "lethal*")));
        assert_eq!(find("She has begun", METHOD), None);
        assert_eq!(find("He hung up on me, and I was hanging there", METHOD), None);
        assert_eq!(find("é crazy", STIGMA), Some((3, "crazy")));
    }
}
