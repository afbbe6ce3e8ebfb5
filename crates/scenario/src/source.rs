//! From bytes of a file to clean lines, and pieces of text that know their places.
//! Knows nothing of sections or keys. Called by `outline` and `plan_file`.

use crate::diagnostic::{Faults, Place};
use crate::{limit, table};

/// One line without its line end; tabs are spaces, and what is not text has become a space.
pub(crate) struct SourceLine {
    pub number: u32,
    pub indent: usize,
    /// Without spaces at either end.
    pub text: String,
}

impl SourceLine {
    pub(crate) fn place(&self) -> Place {
        self.place_after(0)
    }
    /// The place of the character that many characters into the trimmed text.
    pub(crate) fn place_after(&self, chars: usize) -> Place {
        let column = u32::try_from(self.indent + chars + 1).unwrap_or(u32::MAX);
        Place { line: self.number, column }
    }
    /// A note for authors; the program never sees it.
    pub(crate) fn is_note(&self) -> bool {
        self.text == "#" || self.text.starts_with("# ")
    }
}

/// The lines of a file, or nothing where it is too large to read.
pub(crate) fn lines(text: &str, faults: &mut Faults) -> Option<Vec<SourceLine>> {
    if text.len() > limit::FILE_BYTES_MAX {
        let rule = faults.own(&table::FILE_LIMIT, &table::PLAN_FILE_LIMIT);
        let message = format!(
            "the file has {} bytes, at most {} are read",
            text.len(),
            limit::FILE_BYTES_MAX
        );
        faults.add(rule, Place::START, message);
        return None;
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut out = Vec::new();
    for (i, raw) in text.split('\n').enumerate() {
        let number = u32::try_from(i + 1).unwrap_or(u32::MAX);
        if i >= limit::FILE_LINES_MAX {
            let rule = faults.own(&table::FILE_LIMIT, &table::PLAN_FILE_LIMIT);
            let message = format!("the file has more than {} lines", limit::FILE_LINES_MAX);
            faults.add(rule, Place { line: number, column: 1 }, message);
            break;
        }
        out.push(clean(number, raw.strip_suffix('\r').unwrap_or(raw), faults));
    }
    Some(out)
}

fn clean(number: u32, raw: &str, faults: &mut Faults) -> SourceLine {
    let mut foreign = None;
    let mut text = String::with_capacity(raw.len());
    for (i, c) in raw.chars().enumerate() {
        if i >= limit::LINE_CHARS_MAX {
            let rule = faults.own(&table::LINE_LIMIT, &table::PLAN_LINE_LIMIT);
            let message = format!("the line has more than {} characters", limit::LINE_CHARS_MAX);
            faults.add(rule, Place { line: number, column: 1 }, message);
            break;
        }
        let is_foreign = (c.is_control() && c != '\t') || c == '\u{fffd}' || c == '\u{feff}';
        if is_foreign && foreign.is_none() {
            foreign = Some((i, c));
        }
        text.push(if is_foreign || c == '\t' || c == '\u{a0}' { ' ' } else { c });
    }
    if let Some((i, c)) = foreign {
        let rule = faults.own(&table::BAD_CHARACTER, &table::PLAN_BAD_CHARACTER);
        let column = u32::try_from(i + 1).unwrap_or(u32::MAX);
        let message = format!("the character U+{:04X} is not text", u32::from(c));
        faults.add(rule, Place { line: number, column }, message);
    }
    let indent = text.chars().take_while(|c| *c == ' ').count();
    SourceLine { number, indent, text: text.trim().to_owned() }
}

/// Words from one or more lines, which know where each part stood.
#[derive(Clone, Debug, Default)]
pub(crate) struct Text {
    pub words: String,
    pub place: Place,
    /// Where each joined part starts: the byte in `words`, and its place.
    joints: Vec<(usize, Place)>,
}

impl Text {
    pub(crate) fn new(words: &str, place: Place) -> Self {
        Self { words: words.to_owned(), place, joints: vec![(0, place)] }
    }
    /// Goes on with a further line; says no, and stays as it was, where the whole would become too long.
    pub(crate) fn join(&mut self, words: &str, place: Place) -> bool {
        if self.words.len() + words.len() >= limit::ITEM_BYTES_MAX {
            return false;
        }
        if !self.words.is_empty() {
            self.words.push(' ');
        }
        self.joints.push((self.words.len(), place));
        self.words.push_str(words);
        true
    }
    /// The place of a byte of the words.
    pub(crate) fn place_at(&self, byte: usize) -> Place {
        let after = self.joints.partition_point(|(start, _)| *start <= byte);
        let Some((start, place)) = after.checked_sub(1).and_then(|i| self.joints.get(i)) else {
            return self.place;
        };
        let chars = self.words.get(*start..byte).map_or(0, |part| part.chars().count());
        let column = place.column.saturating_add(u32::try_from(chars).unwrap_or(u32::MAX));
        Place { line: place.line, column }
    }
    /// The parts between commas, each with its place; empty parts are left out.
    pub(crate) fn split_commas(&self) -> Vec<Text> {
        let mut out = Vec::new();
        let mut start = 0;
        for part in self.words.split(',') {
            let word = part.trim();
            if !word.is_empty() {
                let lead = part.len() - part.trim_start().len();
                out.push(Text::new(word, self.place_at(start + lead)));
            }
            start += part.len() + 1;
        }
        out
    }
}
