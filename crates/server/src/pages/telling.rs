//! How a call's outcome is told: felt heard, trust, case, safety and the end, in words, side by side.
//!
//! Never a total, never a rank. The list of calls, the debrief and the two futures use it. The borders between the
//! words are ours (quarters of the scale) and carry no claim; the number always stands beside them in the debrief.

use call::outcome::{Critical, CriticalKind};
use call::{Outcome, State};
use scenario::{Program, SafetyOutcome};
use talk::{Affect, End, Variable};

use crate::picture::of_100;

/// A change smaller than this is not told.
const CHANGE_MIN: f64 = 0.02;
/// A change from here on is told as a large one.
const CHANGE_LARGE: f64 = 0.12;

/// One of the five.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    pub name: &'static str,
    pub words: String,
    /// Empty where there is none.
    pub number: String,
}

/// The five parts as a call's state has them.
#[must_use]
pub fn five_of(program: &Program, outcome: &Outcome, state: &State) -> Vec<Part> {
    let done = state.steps_done();
    let required: Vec<_> = program.caller.case.steps.iter().filter(|step| step.required).collect();
    let n_done = required.iter().filter(|step| done.contains(step.id.as_str())).count();
    five(outcome, n_done, required.len())
}

/// The five parts of an outcome. `n_done` of `n_required` steps of the case.
#[must_use]
pub fn five(outcome: &Outcome, n_done: usize, n_required: usize) -> Vec<Part> {
    let out_of_100 = |value: f64| format!("{} out of 100", of_100(value));
    let part = |name, words: &str, number| Part { name, words: words.to_owned(), number };
    vec![
        part(
            "Felt heard",
            quarter(outcome.heard, ["hardly", "a little", "mostly", "fully"]),
            out_of_100(outcome.heard),
        ),
        part(
            "Trust",
            quarter(outcome.trust, ["very little", "some", "good", "strong"]),
            out_of_100(outcome.trust),
        ),
        part("The case", case_words(outcome.case), format!("{n_done} of {n_required} steps")),
        part("Safety", safety_words(outcome.safety), String::new()),
        part("The end", &end_words(outcome.end), String::new()),
    ]
}

fn quarter(value: f64, words: [&'static str; 4]) -> &'static str {
    match value {
        v if v < 0.25 => words[0],
        v if v < 0.50 => words[1],
        v if v < 0.75 => words[2],
        _ => words[3],
    }
}

fn case_words(share: f64) -> &'static str {
    if share <= 0.0 {
        "not begun"
    } else if share < 1.0 {
        "partly done"
    } else {
        "done"
    }
}

#[must_use]
pub fn safety_words(safety: SafetyOutcome) -> &'static str {
    match safety {
        SafetyOutcome::NoCue => "no cue came up",
        SafetyOutcome::Kept => "you asked, stayed and acted",
        SafetyOutcome::Asked => "you asked; the next step was still missing",
        SafetyOutcome::Missed => "a cue went by without a question",
        SafetyOutcome::Breached => "a safety step was missing where it mattered",
    }
}

#[must_use]
pub fn end_words(end: Option<End>) -> String {
    let words = match end {
        None => "still going on",
        Some(End::Resolved) => "settled, and they said so",
        Some(End::AgentEnded) => "you put the phone down",
        Some(End::CallerHungUp) => "they hung up",
        Some(End::CallerLeft) => "they left quietly",
        Some(End::HandedOver) => "handed over warmly",
        Some(End::StoppedByAgent) => "you stopped practising",
        Some(End::Limit) => "the longest length was reached",
    };
    words.to_owned()
}

/// The end as a sentence for the top of the debrief and the call's own page.
#[must_use]
pub fn end_sentence(end: End) -> &'static str {
    match end {
        End::Resolved => "The case is settled, and the caller said so.",
        End::AgentEnded => "You put the phone down.",
        End::CallerHungUp => "The caller hung up.",
        End::CallerLeft => "The caller left quietly.",
        End::HandedOver => "Somebody else has taken the caller over, with you on the line.",
        End::StoppedByAgent => "You stopped practising. Nothing is scored.",
        End::Limit => "The call reached its longest length.",
    }
}

/// A critical error, plainly and without shaming.
#[must_use]
pub fn critical_words(critical: &Critical) -> &'static str {
    match critical.kind {
        CriticalKind::Hostile => {
            "These words struck. After that a caller cannot trust what follows, whatever it is."
        }
        CriticalKind::CuePassedOver => {
            "The caller had just said something about their own safety, and the call went on with other things. When you hear words like that, everything else waits: ask plainly, in the very next turn."
        }
        CriticalKind::PromiseInsteadOfSafety => {
            "A promise stood where a safety step should have been. Do not promise secrecy, and do not ask for a promise to stay safe: stay, and bring in help openly."
        }
        CriticalKind::LeftWithFlagOpen => {
            "The phone was put down before the caller was with anybody. Stay on the line until somebody else is truly there."
        }
    }
}

/// What changed for the caller in a turn, in words: "felt more heard, a little calmer".
#[must_use]
pub fn change_words(change: &Affect) -> String {
    let words = [
        (Variable::Heard, "felt more heard", "felt less heard"),
        (Variable::Trust, "trusted more", "trusted less"),
        (Variable::Arousal, "grew more heated", "grew calmer"),
        (Variable::Distress, "was in more distress", "was in less distress"),
        (Variable::Shame, "felt more ashamed", "felt less ashamed"),
        (Variable::Agency, "felt more able to act", "felt less able to act"),
    ];
    let mut moved: Vec<(f64, String)> = Vec::new();
    for (variable, up, down) in words {
        let by = change.get(variable);
        if by.abs() >= CHANGE_MIN {
            let way = if by > 0.0 { up } else { down };
            let large = if by.abs() >= CHANGE_LARGE { "" } else { " (a little)" };
            moved.push((by.abs(), format!("{way}{large}")));
        }
    }
    moved.sort_by(|a, b| b.0.total_cmp(&a.0));
    moved.into_iter().map(|(_, words)| words).collect::<Vec<_>>().join(", ")
}

/// How sure the coder is, in words.
#[must_use]
pub fn sure_words(confidence: f64) -> &'static str {
    match confidence {
        c if c >= 0.9 => "quite sure",
        c if c >= 0.75 => "fairly sure",
        c if c >= 0.6 => "not very sure",
        _ => "guessing",
    }
}

/// "child support" → "Child support", "it desk" → "IT desk".
#[must_use]
pub fn sector_words(sector: &str) -> String {
    if let Some(rest) = sector.strip_prefix("it ") {
        return format!("IT {rest}");
    }
    let mut letters = sector.chars();
    let first: String = letters.next().map(|c| c.to_uppercase().collect()).unwrap_or_default();
    format!("{first}{}", letters.as_str())
}

/// How hard a call is, from 1 to 5, in words.
#[must_use]
pub fn intensity_words(intensity: u32) -> &'static str {
    match intensity {
        0 | 1 => "A rough edge",
        2 => "Uneasy",
        3 => "Hard",
        4 => "Very hard",
        _ => "Somebody\u{2019}s worst hour",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_told_largest_first_and_small_ones_not_at_all() {
        let mut change = Affect::default();
        change.set(Variable::Trust, 0.05);
        change.set(Variable::Arousal, -0.30);
        change.set(Variable::Shame, 0.001);
        assert_eq!(change_words(&change), "grew calmer, trusted more (a little)");
    }

    #[test]
    fn no_outcome_is_told_as_safe() {
        for safety in SafetyOutcome::ALL {
            assert!(!safety_words(safety).split(' ').any(|word| word == "safe"));
        }
    }
}
