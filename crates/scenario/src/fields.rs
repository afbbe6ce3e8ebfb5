//! Typed access to the keys of one section, with the diagnostics for what is not as it should be.
//! Knows no particular section. Called by the readers under `compile`.

use talk::{CodeId, Codebook};

use crate::diagnostic::{Faults, Place, quote, suggest};
use crate::outline::{Entry, Section};
use crate::source::Text;
use crate::table::Rule;
use crate::{limit, table};

/// The keys of one section, once each.
pub(crate) struct Fields<'a> {
    pub place: Place,
    name: &'a str,
    entries: Vec<&'a Entry>,
}

impl<'a> Fields<'a> {
    /// Sorts out unknown keys, keys that stand twice, and what stands before any key.
    pub(crate) fn new(section: &'a Section, known: &[&str], faults: &mut Faults) -> Self {
        let mut entries: Vec<&Entry> = Vec::new();
        for entry in &section.entries {
            let Some(key) = &entry.key else {
                let first = entry.items.first().or(entry.paragraphs.first());
                let place = first.map_or(entry.place, |text| text.place);
                let message = format!("this line of `{}` stands before any key", section.name);
                faults.add(&table::STRAY, place, message);
                continue;
            };
            if !known.contains(&key.as_str()) {
                let message = format!("`{}` knows no key {}", section.name, quote(key));
                let remedy = suggest(key, known.iter().copied());
                faults.add_with(&table::UNKNOWN_KEY, entry.place, message, remedy);
            } else if entries.iter().any(|other| other.key == entry.key) {
                let message = format!("`{key}` stands twice in `{}`", section.name);
                faults.add(&table::TWICE, entry.place, message);
            } else {
                entries.push(entry);
            }
        }
        Self { place: section.place, name: &section.name, entries }
    }

    fn entry(&self, key: &str) -> Option<&'a Entry> {
        self.entries.iter().find(|entry| entry.key.as_deref() == Some(key)).copied()
    }

    /// The place of a key, or of the section where it is missing.
    pub(crate) fn place_of(&self, key: &str) -> Place {
        self.entry(key).map_or(self.place, |entry| entry.place)
    }

    pub(crate) fn missing(&self, key: &str, faults: &mut Faults) {
        let message = format!("`{}` needs `{key}:`", self.name);
        faults.add(&table::MISSING_KEY, self.place_of(key), message);
    }

    /// A single value; `None` where it is missing or empty.
    pub(crate) fn value(&self, key: &str, faults: &mut Faults) -> Option<Text> {
        let entry = self.entry(key)?;
        if let Some(item) = entry.items.first() {
            let message = format!("`{key}` takes one value, not a list");
            faults.add(&table::SHAPE, item.place, message);
        }
        let (first, rest) = entry.paragraphs.split_first()?;
        let mut whole = first.clone();
        for part in rest {
            if !whole.join(&part.words, part.place) {
                faults.add(&table::LINE_LIMIT, part.place, format!("`{key}` is too long"));
                break;
            }
        }
        Some(whole)
    }

    pub(crate) fn required(&self, key: &str, faults: &mut Faults) -> Option<Text> {
        let value = self.value(key, faults);
        if value.is_none() {
            self.missing(key, faults);
        }
        value
    }

    /// Paragraphs; a list here is a fault.
    pub(crate) fn paragraphs(&self, key: &str, faults: &mut Faults) -> Vec<String> {
        let Some(entry) = self.entry(key) else {
            self.missing(key, faults);
            return Vec::new();
        };
        if let Some(item) = entry.items.first() {
            faults.add(&table::SHAPE, item.place, format!("`{key}` takes paragraphs, not a list"));
        } else if entry.paragraphs.is_empty() {
            self.missing(key, faults);
        }
        entry.paragraphs.iter().map(|text| text.words.clone()).collect()
    }

    /// The items of a list, as they stand.
    pub(crate) fn items(&self, key: &str, faults: &mut Faults) -> &'a [Text] {
        let Some(entry) = self.entry(key) else { return &[] };
        if let Some(value) = entry.paragraphs.first() {
            let message = format!("`{key}` takes a list; start each item on a line of its own");
            faults.add(&table::SHAPE, value.place, message);
        }
        &entry.items
    }

    /// The items of a list of plain sentences: no alternatives, none empty.
    pub(crate) fn sentences(&self, key: &str, faults: &mut Faults) -> Vec<Text> {
        let items = self.items(key, faults);
        items.iter().filter(|item| check_sentence(item, faults)).cloned().collect()
    }

    pub(crate) fn required_sentences(&self, key: &str, faults: &mut Faults) -> Vec<String> {
        let found = self.sentences(key, faults);
        if found.is_empty() {
            self.missing(key, faults);
        }
        found.into_iter().map(|text| text.words).collect()
    }

    /// Short words: behind the key with commas between, or as a list.
    pub(crate) fn words(&self, key: &str) -> Vec<Text> {
        let Some(entry) = self.entry(key) else { return Vec::new() };
        let parts = entry.paragraphs.iter().chain(&entry.items).flat_map(Text::split_commas);
        parts.take(limit::ITEMS_MAX).collect()
    }

    pub(crate) fn codes(&self, key: &str, codebook: &Codebook, faults: &mut Faults) -> Vec<CodeId> {
        self.words(key).iter().filter_map(|word| code(word, codebook, faults)).collect()
    }

    pub(crate) fn yes_no(&self, key: &str, unsaid: bool, faults: &mut Faults) -> bool {
        match self.value(key, faults) {
            None => unsaid,
            Some(value) => {
                one_of(&value, &["yes", "no"], faults).map_or(unsaid, |word| word == "yes")
            }
        }
    }

    /// A number in a range; `unsaid` where the key is left out.
    pub(crate) fn number(
        &self,
        key: &str,
        range: (f64, f64),
        unsaid: f64,
        faults: &mut Faults,
    ) -> f64 {
        let value = self.value(key, faults);
        value.and_then(|value| number(&value, key, range, faults)).unwrap_or(unsaid)
    }

    /// A whole number that has to be given.
    pub(crate) fn whole(&self, key: &str, range: (u32, u32), faults: &mut Faults) -> Option<u32> {
        let value = self.required(key, faults)?;
        let found = value.words.parse::<u32>().ok();
        let within = found.filter(|n| (range.0..=range.1).contains(n));
        if within.is_none() {
            let message = format!("{} is not `{key}`", quote(&value.words));
            let remedy = format!("write a whole number from {} to {}", range.0, range.1);
            faults.add_with(&table::BAD_NUMBER, value.place, message, remedy);
        }
        within
    }
}

/// Whether a plain sentence has words and no signs of a caller's line.
fn check_sentence(item: &Text, faults: &mut Faults) -> bool {
    if item.words.trim().is_empty() {
        faults.add(&table::EMPTY_ITEM, item.place, "an item without words");
        return false;
    }
    if let Some(byte) = item.words.find(['{', '}']) {
        let message = "alternatives in braces are only for what the caller says";
        faults.add_with(
            &table::BRACE,
            item.place_at(byte),
            message,
            "write the sentences out, an item each",
        );
    }
    true
}

/// The word, if it is one of the known ones.
pub(crate) fn one_of(
    value: &Text,
    known: &[&'static str],
    faults: &mut Faults,
) -> Option<&'static str> {
    one_of_by(&table::UNKNOWN_VALUE, value, known, faults)
}

/// The same, under a rule of its own.
pub(crate) fn one_of_by(
    rule: &Rule,
    value: &Text,
    known: &[&'static str],
    faults: &mut Faults,
) -> Option<&'static str> {
    let found = known.iter().find(|word| **word == value.words).copied();
    if found.is_none() {
        let message = format!("{} is not known here", quote(&value.words));
        faults.add_with(rule, value.place, message, suggest(&value.words, known.iter().copied()));
    }
    found
}

/// A number with a point, in a range.
pub(crate) fn number(
    value: &Text,
    what: &str,
    range: (f64, f64),
    faults: &mut Faults,
) -> Option<f64> {
    let found = plain_number(&value.words).filter(|n| (range.0..=range.1).contains(n));
    if found.is_none() {
        let message = format!("{} is not a number for `{what}`", quote(&value.words));
        let remedy = format!("write a number from {} to {}, with a point", range.0, range.1);
        faults.add_with(&table::BAD_NUMBER, value.place, message, remedy);
    }
    found
}

/// Digits, perhaps a point and digits; nothing else that a number could be.
pub(crate) fn plain_number(words: &str) -> Option<f64> {
    let (whole, part) = words.split_once('.').unwrap_or((words, "0"));
    let is_digits =
        |s: &str| !s.is_empty() && s.len() < 12 && s.bytes().all(|b| b.is_ascii_digit());
    (is_digits(whole) && is_digits(part)).then(|| words.parse().ok()).flatten()
}

/// A code of the codebook.
pub(crate) fn code(word: &Text, codebook: &Codebook, faults: &mut Faults) -> Option<CodeId> {
    if let Some(entry) = codebook.code(&word.words) {
        return Some(entry.id.clone());
    }
    let message = format!("the codebook knows no code {}", quote(&word.words));
    let known = codebook.codes.iter().map(|entry| entry.id.as_str());
    faults.add_with(&table::UNKNOWN_CODE, word.place, message, suggest(&word.words, known));
    None
}

/// Lower case letters, digits and hyphens.
pub(crate) fn is_id(word: &str) -> bool {
    let shape = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    !word.is_empty()
        && word.len() <= limit::ID_CHARS_MAX
        && word.bytes().all(shape)
        && !word.starts_with('-')
        && !word.ends_with('-')
}
