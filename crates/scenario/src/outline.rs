//! The outline of a scenario: sections, keys, values, items and paragraphs, each with its place.
//! Knows the shape of lines and nothing of what a key means. Called by `compile`.

use crate::diagnostic::{Faults, Place, quote};
use crate::source::{self, SourceLine, Text};
use crate::{limit, table};

/// A key with what stands under it; the key is `None` for what stands before any key.
#[derive(Clone)]
pub(crate) struct Entry {
    pub key: Option<String>,
    pub place: Place,
    pub paragraphs: Vec<Text>,
    pub items: Vec<Text>,
}

/// One section.
pub(crate) struct Section {
    /// The words between the equals signs, single-spaced, such as `lines HOT after BLAME`.
    pub name: String,
    pub place: Place,
    pub entries: Vec<Entry>,
}

impl Section {
    /// The first word of the name and the rest of it.
    pub(crate) fn kind_and_rest(&self) -> (&str, &str) {
        self.name.split_once(' ').unwrap_or((&self.name, ""))
    }
}

/// What a line without a sign of its own goes on with.
enum Last {
    Nothing,
    Item,
    Paragraph,
    /// A blank line has ended the paragraph.
    Ended,
}

struct Reader<'a> {
    sections: Vec<Section>,
    last: Last,
    faults: &'a mut Faults,
}

/// Reads the outline. `None` only where the file is too large to read.
pub(crate) fn read(text: &str, faults: &mut Faults) -> Option<Vec<Section>> {
    let lines = source::lines(text, faults)?;
    let mut rest = lines.iter().filter(|line| !line.is_note()).skip_while(|l| l.text.is_empty());
    let mut reader = Reader { sections: Vec::new(), last: Last::Nothing, faults };
    match rest.next() {
        Some(line) if line.text == "evenkeel scenario 1" => {}
        Some(line) => {
            let message = format!("the file begins with {}", quote(&line.text));
            reader.faults.add(&table::FORMAT, line.place(), message);
            if !line.text.starts_with("evenkeel") {
                reader.line(line);
            }
        }
        None => reader.faults.add(&table::FORMAT, Place::START, "the file is empty"),
    }
    for line in rest {
        reader.line(line);
    }
    Some(reader.sections)
}

impl Reader<'_> {
    fn line(&mut self, line: &SourceLine) {
        let text = line.text.as_str();
        if text.is_empty() {
            if matches!(self.last, Last::Paragraph) {
                self.last = Last::Ended;
            }
        } else if text.starts_with("==") && line.indent < 2 {
            self.section(line);
        } else if self.sections.is_empty() {
            let message = format!("{} stands before the first section", quote(text));
            self.faults.add(&table::STRAY, line.place(), message);
        } else if text == "-" || text.starts_with("- ") {
            self.item(line);
        } else if line.indent < 2
            && let Some(colon) = self.key_end(text)
        {
            self.key(line, colon);
        } else {
            self.words(line);
        }
    }

    fn section(&mut self, line: &SourceLine) {
        let inner = line.text.trim_matches('=').trim();
        let name = inner.split_whitespace().collect::<Vec<_>>().join(" ");
        if !line.text.ends_with("==") || name.is_empty() {
            let message = format!("{} is not a section's line", quote(&line.text));
            self.faults.add(&table::BAD_SECTION, line.place(), message);
        }
        if self.sections.len() == limit::SECTIONS_MAX {
            let message = format!("more than {} sections", limit::SECTIONS_MAX);
            self.faults.add(&table::TOO_MANY, line.place(), message);
        }
        if self.sections.len() < limit::SECTIONS_MAX || self.sections.is_empty() {
            self.sections.push(Section { name, place: line.place(), entries: Vec::new() });
        }
        self.last = Last::Nothing;
    }

    /// Where the key of a line ends, if it has one. In the story only its own keys count: prose may hold colons.
    fn key_end(&self, text: &str) -> Option<usize> {
        let colon = text.find(':')?;
        let key = text[..colon].trim();
        let is_story = self.sections.last().is_some_and(|section| section.name == "story");
        if is_story {
            return (key.to_lowercase().starts_with("reflection")).then_some(colon);
        }
        let is_plain = key.chars().all(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
        (!key.is_empty() && is_plain && key.split(' ').count() <= 4).then_some(colon)
    }

    fn key(&mut self, line: &SourceLine, colon: usize) {
        let key = line.text[..colon].split_whitespace().collect::<Vec<_>>().join(" ");
        let value = line.text[colon + 1..].trim_start();
        let mut entry = Entry {
            key: Some(key),
            place: line.place(),
            paragraphs: Vec::new(),
            items: Vec::new(),
        };
        self.last = Last::Ended;
        if !value.is_empty() {
            let at = line.text.chars().count() - value.chars().count();
            entry.paragraphs.push(Text::new(value, line.place_after(at)));
            self.last = Last::Paragraph;
        }
        if let Some(section) = self.sections.last_mut() {
            section.entries.push(entry);
        }
    }

    fn entry(&mut self, place: Place) -> Option<&mut Entry> {
        let section = self.sections.last_mut()?;
        if section.entries.is_empty() {
            section.entries.push(Entry {
                key: None,
                place,
                paragraphs: Vec::new(),
                items: Vec::new(),
            });
        }
        section.entries.last_mut()
    }

    fn item(&mut self, line: &SourceLine) {
        let words = line.text.get(1..).unwrap_or("").trim_start();
        let at = line.text.chars().count() - words.chars().count();
        let text = Text::new(words, line.place_after(at));
        let Some(entry) = self.entry(line.place()) else { return };
        let is_over = entry.items.len() == limit::ITEMS_MAX;
        if entry.items.len() < limit::ITEMS_MAX {
            entry.items.push(text);
            self.last = Last::Item;
        } else {
            self.last = Last::Ended;
        }
        if is_over {
            let message = format!("more than {} items in one list", limit::ITEMS_MAX);
            self.faults.add(&table::TOO_MANY, line.place(), message);
        }
    }

    fn too_long(&mut self, place: Place) {
        let message =
            format!("this item or paragraph has more than {} bytes", limit::ITEM_BYTES_MAX);
        self.faults.add(&table::LINE_LIMIT, place, message);
    }

    fn words(&mut self, line: &SourceLine) {
        let place = line.place();
        let goes_on = line.indent >= 2;
        let is_story = self.sections.last().is_some_and(|section| section.name == "story");
        match self.last {
            Last::Item if goes_on => {
                let item = self.entry(place).and_then(|entry| entry.items.last_mut());
                if item.is_some_and(|item| !item.join(&line.text, place)) {
                    self.too_long(place);
                }
            }
            Last::Paragraph if goes_on || is_story => {
                let part = self.entry(place).and_then(|entry| entry.paragraphs.last_mut());
                if part.is_some_and(|part| !part.join(&line.text, place)) {
                    self.too_long(place);
                }
            }
            Last::Ended | Last::Nothing if goes_on || is_story => {
                let text = Text::new(&line.text, place);
                if let Some(entry) = self.entry(place) {
                    entry.paragraphs.push(text);
                }
                self.last = Last::Paragraph;
            }
            Last::Item | Last::Paragraph | Last::Ended | Last::Nothing => {
                let message = format!("{} belongs to no key and no item", quote(&line.text));
                self.faults.add(&table::STRAY, place, message);
            }
        }
    }
}
