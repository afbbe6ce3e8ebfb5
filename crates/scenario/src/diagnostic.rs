//! A fault in a file, with its code, its place and a remedy, and the list that collects them.
//! Not the table of codes (`table`). Every reader of this crate writes here; authors read it.

use std::fmt;

use crate::limit;
use crate::table::{self, Rule};

/// How bad it is. Only errors keep a scenario from being played.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    Error,
    Warning,
    Note,
}

impl Severity {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        }
    }
}

/// One fault, as an author reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Such as `S014`. All of them stand in `table()`.
    pub code: &'static str,
    pub severity: Severity,
    pub file: String,
    /// Counted from 1.
    pub line: u32,
    /// Counted from 1, in characters.
    pub column: u32,
    pub message: String,
    pub remedy: String,
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, column, code, message, remedy, severity } = self;
        writeln!(f, "{file}:{line}:{column}: {} {code}: {message}", severity.as_str())?;
        write!(f, "  remedy: {remedy}")
    }
}

/// A place in a file; both numbers count from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Place {
    pub line: u32,
    pub column: u32,
}

impl Place {
    pub(crate) const START: Place = Place { line: 1, column: 1 };
}

/// Whose codes a shared reader uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    Scenario,
    Plan,
}

/// The faults of one file.
pub(crate) struct Faults {
    file: String,
    family: Family,
    found: Vec<Diagnostic>,
    n_dropped: usize,
    has_errors: bool,
}

impl Faults {
    pub(crate) fn new(file: &str, family: Family) -> Self {
        Self { file: file.to_owned(), family, found: Vec::new(), n_dropped: 0, has_errors: false }
    }

    /// The rule of this file's own family.
    pub(crate) fn own(&self, scenario: &'static Rule, plan: &'static Rule) -> &'static Rule {
        match self.family {
            Family::Scenario => scenario,
            Family::Plan => plan,
        }
    }

    pub(crate) fn has_errors(&self) -> bool {
        self.has_errors
    }

    /// Adds a fault with the remedy that its rule gives.
    pub(crate) fn add(&mut self, rule: &Rule, place: Place, message: impl Into<String>) {
        self.add_with(rule, place, message, rule.remedy);
    }

    /// Adds a fault with a remedy of its own.
    pub(crate) fn add_with(
        &mut self,
        rule: &Rule,
        place: Place,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        self.has_errors |= rule.severity == Severity::Error;
        if self.found.len() >= limit::DIAGNOSTICS_MAX {
            self.n_dropped += 1;
            return;
        }
        self.found.push(Diagnostic {
            code: rule.code,
            severity: rule.severity,
            file: self.file.clone(),
            line: place.line,
            column: place.column,
            message: message.into(),
            remedy: remedy.into(),
        });
    }

    /// The faults in the order of their places.
    pub(crate) fn finish(mut self) -> Vec<Diagnostic> {
        self.found.sort_by_key(|fault| (fault.line, fault.column));
        if self.n_dropped > 0 {
            let rule = self.own(&table::MORE_FAULTS, &table::PLAN_MORE_FAULTS);
            let last = self
                .found
                .last()
                .map_or(Place::START, |fault| Place { line: fault.line, column: fault.column });
            self.found.push(Diagnostic {
                code: rule.code,
                severity: rule.severity,
                file: self.file,
                line: last.line,
                column: last.column,
                message: format!("{} more faults are not shown", self.n_dropped),
                remedy: rule.remedy.to_owned(),
            });
        }
        self.found
    }
}

/// A foreign word as a message repeats it: short, and without anything that would break the line.
pub(crate) fn quote(words: &str) -> String {
    let mut out: String = words
        .chars()
        .take(limit::QUOTE_CHARS_MAX)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    if words.chars().nth(limit::QUOTE_CHARS_MAX).is_some() {
        out.push('…');
    }
    format!("`{out}`")
}

/// "Did you mean …?" where one of the known words is near; else the list of them.
pub(crate) fn suggest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    let clipped: String = word.chars().take(limit::ID_CHARS_MAX).collect::<String>().to_lowercase();
    let near = known
        .iter()
        .map(|other| (distance(&clipped, &other.to_lowercase()), *other))
        .min_by_key(|(steps, _)| *steps)
        .filter(|(steps, other)| *steps <= (other.chars().count() / 3).max(1));
    match near {
        Some((_, other)) => format!("did you mean `{other}`?"),
        None => format!("use one of: {}", known.join(", ")),
    }
}

/// Changes, gaps and swapped neighbours between two words, in characters. Both are short (`ID_CHARS_MAX`).
fn distance(one: &str, other: &str) -> usize {
    let one: Vec<char> = one.chars().collect();
    let other: Vec<char> = other.chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for i in 1..=one.len() {
        let mut next = vec![i];
        for j in 1..=other.len() {
            let change = row[j - 1] + usize::from(one[i - 1] != other[j - 1]);
            let mut least = change.min(row[j] + 1).min(next[j - 1] + 1);
            let is_swap =
                i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1];
            if is_swap {
                least = least.min(before[j - 2] + 1);
            }
            next.push(least);
        }
        before = std::mem::replace(&mut row, next);
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_near_word_is_suggested_and_a_far_one_gets_the_list() {
        assert_eq!(suggest("situaton", ["situation", "goals"]), "did you mean `situation`?");
        assert_eq!(suggest("stroy", ["story", "step"]), "did you mean `story`?");
        assert_eq!(suggest("hot", ["HOT", "any"]), "did you mean `HOT`?");
        assert_eq!(suggest("zebra", ["yes", "no"]), "use one of: yes, no");
    }

    #[test]
    fn a_quoted_word_is_short_and_stays_on_its_line() {
        assert_eq!(quote("a\nb"), "`a b`");
        assert!(quote(&"x".repeat(500)).chars().count() < 70);
    }
}
