//! One line that the caller says: alternatives, manner and marks, and the register that keeps any
//! line from standing twice. Not the lists they stand in. Called by the readers under `compile`.

use std::collections::HashMap;

use talk::{Heading, Heard};

use crate::diagnostic::{Faults, Place, quote, suggest};
use crate::program::Line;
use crate::source::Text;
use crate::{limit, table};

const MARKS: [&str; 6] = ["feeling", "neutral", "distress", "veiled", "stated", "imminent"];

/// Every line read so far, by what it says.
#[derive(Default)]
pub(crate) struct Register {
    /// Where each expansion stands, by its words without case and punctuation.
    said: HashMap<String, Place>,
    places: HashMap<String, Place>,
}

impl Register {
    /// Reads a list of lines; ids are `PREFIX/1`, `PREFIX/2` and so on.
    pub(crate) fn lines(&mut self, prefix: &str, items: &[Text], faults: &mut Faults) -> Vec<Line> {
        let mut out: Vec<Line> = Vec::new();
        let mut has_silence = false;
        for (i, item) in items.iter().enumerate() {
            let Some(line) = read(format!("{prefix}/{}", i + 1), item, faults) else { continue };
            let is_silence = line.texts.iter().all(String::is_empty);
            if is_silence && has_silence {
                faults.add(&table::SILENCE_TWICE, item.place, "a second silence in this list");
            }
            has_silence |= is_silence;
            self.note(&line, item, faults);
            self.places.insert(line.id.clone(), item.place);
            out.push(line);
        }
        out
    }

    pub(crate) fn place(&self, line_id: &str) -> Option<Place> {
        self.places.get(line_id).copied()
    }

    fn note(&mut self, line: &Line, item: &Text, faults: &mut Faults) {
        let mut twice: Option<(String, Place)> = None;
        for text in line.texts.iter().filter(|text| !text.is_empty()) {
            let known = self.said.insert(plain(text), item.place);
            if let (Some(place), None) = (known, &twice) {
                twice = Some((text.clone(), place));
            }
        }
        if let Some((text, place)) = twice {
            let message = if place == item.place {
                format!("two expansions of this line say {}", quote(&text))
            } else {
                format!("{} stands in line {} already", quote(&text), place.line)
            };
            faults.add(&table::LINE_TWICE, item.place, message);
        }
        let n_words = line.texts.iter().map(|text| text.split_whitespace().count()).max();
        if n_words.is_some_and(|n| n > limit::LINE_WORDS_MAX) {
            let message = format!("the line has more than {} words", limit::LINE_WORDS_MAX);
            faults.add(&table::LONG_LINE, item.place, message);
        }
    }
}

/// Words without case and punctuation; a question stays different from a statement.
pub(crate) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_alphanumeric() || c == '?' {
            out.extend(c.to_lowercase());
        } else if !matches!(c, '\'' | '’') && !out.ends_with(' ') && !out.is_empty() {
            out.push(' ');
        }
    }
    let trimmed = out.trim_end().len();
    // Only punctuation: then it is told apart as it stands.
    if trimmed == 0 { text.to_owned() } else { out[..trimmed].to_owned() }
}

/// How many different things a caller could say with these lines.
pub(crate) fn n_distinct<'a>(lines: impl IntoIterator<Item = &'a Line>) -> usize {
    let texts = lines.into_iter().flat_map(|line| line.texts.iter().map(|text| plain(text)));
    texts.collect::<std::collections::HashSet<_>>().len()
}

fn read(id: String, item: &Text, faults: &mut Faults) -> Option<Line> {
    let mut marks = Marks::default();
    let mut rest = item.words.trim_end();
    loop {
        let shorter = if rest.ends_with(']') {
            marks.take_manner(rest, item, faults)
        } else if rest.ends_with('>') {
            marks.take_mark(rest, item, faults)
        } else {
            None
        };
        match shorter {
            Some(words) => rest = words.trim_end(),
            None => break,
        }
    }
    if let Some(byte) = rest.find(['[', ']', '<', '>']) {
        let is_open = rest[byte..].starts_with(['[', '<']);
        let is_closed = is_open && rest[byte + 1..].contains([']', '>']);
        let message = match (is_closed, is_open) {
            (true, _) => "this stands before the end of the line, so it would be spoken",
            (false, true) => "this is not closed",
            (false, false) => "this closes nothing",
        };
        faults.add(&table::BRACKET, item.place_at(byte), message);
    }
    if rest.is_empty() && marks.manner.is_none() {
        faults.add(&table::EMPTY_ITEM, item.place, "a line without words");
        return None;
    }
    let texts = expand(rest, item, faults)?;
    Some(Line { id, texts, manner: marks.manner, heading: marks.heading })
}

/// What stands at the end of a line.
#[derive(Default)]
struct Marks {
    manner: Option<String>,
    heading: Heading,
    is_marked: bool,
}

impl Marks {
    fn take_manner<'a>(
        &mut self,
        rest: &'a str,
        item: &Text,
        faults: &mut Faults,
    ) -> Option<&'a str> {
        let open = rest.rfind('[')?;
        let manner = rest[open + 1..rest.len() - 1].trim();
        if manner.is_empty() || self.manner.is_some() || manner.contains(['<', '>', '{', '}', ']'])
        {
            let message = format!("{} is not one hint of manner", quote(&rest[open..]));
            faults.add(&table::BRACKET, item.place_at(open), message);
        }
        self.manner = Some(manner.to_owned());
        Some(&rest[..open])
    }

    fn take_mark<'a>(
        &mut self,
        rest: &'a str,
        item: &Text,
        faults: &mut Faults,
    ) -> Option<&'a str> {
        let open = rest.rfind('<')?;
        let word = rest[open + 1..rest.len() - 1].trim();
        if !MARKS.contains(&word) {
            let message = format!("{} is not a mark", quote(&rest[open..]));
            faults.add_with(
                &table::UNKNOWN_MARK,
                item.place_at(open),
                message,
                suggest(word, MARKS),
            );
            return Some(&rest[..open]);
        }
        let heading = match Heard::parse(word) {
            Some(heard) => Heading { wants_answer: Some(true), heard },
            None => Heading { wants_answer: Some(word == "feeling"), heard: Heard::Nothing },
        };
        let safe = |one: Heard, other: Heard| one == Heard::Nothing || other == Heard::Nothing;
        let agrees = heading.wants_answer == self.heading.wants_answer
            && safe(heading.heard, self.heading.heard);
        if self.is_marked && !agrees {
            let message = format!("{} disagrees with the line's other mark", quote(&rest[open..]));
            faults.add(&table::MARKS_DISAGREE, item.place_at(open), message);
        }
        self.is_marked = true;
        self.heading = Heading {
            wants_answer: heading.wants_answer,
            heard: heading.heard.max(self.heading.heard),
        };
        Some(&rest[..open])
    }
}

/// Every expansion of the alternatives, in the order in which they are written.
fn expand(words: &str, item: &Text, faults: &mut Faults) -> Option<Vec<String>> {
    let mut texts = vec![String::new()];
    let mut rest = words;
    let mut start = 0;
    let brace = |byte: usize, message: &str, faults: &mut Faults| {
        faults.add(&table::BRACE, item.place_at(byte), message);
    };
    while let Some(open) = rest.find(['{', '}']) {
        if rest[open..].starts_with('}') {
            brace(start + open, "this brace closes nothing", faults);
            return None;
        }
        let inner = &rest[open + 1..];
        let Some(close) = inner.find(['{', '}']) else {
            brace(start + open, "this brace is not closed", faults);
            return None;
        };
        if inner[close..].starts_with('{') {
            brace(start + open + 1 + close, "a brace inside another, or one not closed", faults);
            return None;
        }
        let choices: Vec<&str> = inner[..close].split('|').collect();
        if choices.len() < 2 {
            brace(start + open, "braces hold alternatives, with `|` between", faults);
        }
        let n_texts = texts.len().saturating_mul(choices.len());
        if n_texts > limit::EXPANSIONS_MAX {
            let message = format!("more than {} expansions", limit::EXPANSIONS_MAX);
            faults.add(&table::EXPANSIONS, item.place_at(start + open), message);
            return None;
        }
        let before = &rest[..open];
        texts = texts
            .iter()
            .flat_map(|text| choices.iter().map(move |choice| format!("{text}{before}{choice}")))
            .collect();
        start += open + 1 + close + 1;
        rest = &inner[close + 1..];
    }
    let tidied: Vec<String> = texts.iter().map(|text| tidy(&format!("{text}{rest}"))).collect();
    if !words.is_empty() && tidied.iter().any(String::is_empty) {
        faults.add(&table::EMPTY_ITEM, item.place, "one expansion of this line has no words");
        return None;
    }
    Some(tidied)
}

/// Single spaces, and none before a full stop or comma that an empty alternative left alone.
fn tidy(text: &str) -> String {
    let mut out = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for sign in [",", ".", "?", "!"] {
        let apart = format!(" {sign}");
        if out.contains(&apart) && !out.contains(&format!(" {sign}{sign}")) {
            out = out.replace(&apart, sign);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Family;

    fn one(words: &str) -> (Option<Line>, Vec<&'static str>) {
        let mut faults = Faults::new("x", Family::Scenario);
        let line = read("hot/1".to_owned(), &Text::new(words, Place::START), &mut faults);
        (line, faults.finish().into_iter().map(|fault| fault.code).collect())
    }

    #[test]
    fn alternatives_multiply_and_an_empty_one_leaves_no_double_space() {
        let (line, codes) = one("{Look, |}I asked {you |}twice. [quietly] <feeling>");
        let line = line.expect("a line");
        assert!(codes.is_empty());
        assert_eq!(line.texts[0], "Look, I asked you twice.");
        assert_eq!(line.texts[3], "I asked twice.");
        assert_eq!(line.manner.as_deref(), Some("quietly"));
        assert_eq!(line.heading.wants_answer, Some(true));
    }

    #[test]
    fn marks_and_manner_may_stand_in_any_order() {
        let (line, codes) = one("I can't do this any more. <veiled> [flat]");
        let line = line.expect("a line");
        assert!(codes.is_empty());
        assert_eq!(line.heading, Heading { wants_answer: Some(true), heard: Heard::Veiled });
        assert_eq!(line.manner.as_deref(), Some("flat"));
    }

    #[test]
    fn a_line_of_nothing_but_manner_is_a_silence() {
        let (line, codes) = one("[says nothing]");
        assert!(codes.is_empty());
        assert_eq!(line.expect("a line").texts, [""]);
    }

    #[test]
    fn words_are_compared_without_case_and_signs() {
        assert_eq!(plain("Don't — go!"), plain("dont go"));
        assert_ne!(plain("You did?"), plain("You did."));
        assert_eq!(plain("…"), "…");
    }

    #[test]
    fn braces_that_do_not_fit_are_faults_and_not_panics() {
        for words in ["{a|b", "a}", "{a{b|c}}", "{a|b}}", "{one}"] {
            assert!(one(words).1.contains(&"S023"), "{words}");
        }
        assert_eq!(one("{a|b|c}{a|b|c}{a|b|c}{a|b|c}").1, ["S025"]);
    }
}
