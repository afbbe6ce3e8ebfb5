//! Text to the word pieces of the network: BERT's cut (spaces, punctuation, lower case, no accents), then the longest
//! known piece first. Every piece keeps its place in the text, in Unicode scalar values.

use std::collections::HashMap;

use unicode_categories::UnicodeCategories;
use unicode_normalization::UnicodeNormalization;

use crate::EarError;

/// Letters of a word beyond which it is not cut but unknown, as in training.
const WORD_CHARS_MAX: usize = 100;
const UNKNOWN: &str = "[UNK]";
const INSIDE: &str = "##";

/// A word piece and its place, `start..end` in Unicode scalar values of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    pub id: u32,
    pub start: u32,
    pub end: u32,
}

/// The vocabulary.
#[derive(Debug)]
pub struct Words {
    begins: HashMap<Box<str>, u32>,
    inside: HashMap<Box<str>, u32>,
    unknown: u32,
}

/// A letter as the network reads it, and the place of the one it came from.
type Letter = (char, u32);

impl Words {
    /// Reads a vocabulary: one piece a line, in the order of their numbers.
    ///
    /// # Errors
    /// When `[UNK]` is missing.
    pub fn parse(text: &str) -> Result<Self, EarError> {
        let (mut begins, mut inside) = (HashMap::new(), HashMap::new());
        for (id, piece) in (0..).zip(text.lines()) {
            match piece.strip_prefix(INSIDE) {
                Some(rest) if !rest.is_empty() => inside.insert(rest.into(), id),
                _ => begins.insert(piece.into(), id),
            };
        }
        let unknown = begins.get(UNKNOWN).copied();
        Ok(Self { begins, inside, unknown: unknown.ok_or(EarError::Vocabulary)? })
    }

    /// How many pieces there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.begins.len() + self.inside.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Cuts a text.
    #[must_use]
    pub fn cut(&self, text: &str) -> Vec<Piece> {
        let mut out = Vec::new();
        let mut word: Vec<Letter> = Vec::new();
        for (letter, place) in letters(text) {
            let space = letter.is_whitespace();
            let alone = is_punctuation(letter) || is_ideograph(letter);
            if space || alone {
                self.pieces(&mut word, &mut out);
            }
            if alone {
                word.push((letter, place));
                self.pieces(&mut word, &mut out);
            } else if !space {
                word.push((letter, place));
            }
        }
        self.pieces(&mut word, &mut out);
        out
    }

    /// Cuts one word into pieces and empties it.
    fn pieces(&self, word: &mut Vec<Letter>, out: &mut Vec<Piece>) {
        let (Some(first), Some(last)) = (word.first(), word.last()) else { return };
        let whole = Piece { id: self.unknown, start: first.1, end: last.1 + 1 };
        let before = out.len();
        let text: String = word.iter().map(|(letter, _)| *letter).collect();
        let mut byte = 0;
        let mut at = 0;
        while at < word.len() && word.len() <= WORD_CHARS_MAX {
            let known = if at == 0 { &self.begins } else { &self.inside };
            let mut end = text.len();
            let found = loop {
                if end <= byte {
                    break None;
                }
                if let Some(id) = known.get(&text[byte..end]) {
                    break Some(*id);
                }
                end -= text[byte..end].chars().next_back().map_or(1, char::len_utf8);
            };
            let Some(id) = found else { break };
            let n = text[byte..end].chars().count();
            out.push(Piece { id, start: word[at].1, end: word[at + n - 1].1 + 1 });
            at += n;
            byte = end;
        }
        if at < word.len() {
            out.truncate(before);
            out.push(whole);
        }
        word.clear();
    }
}

/// The letters that the network reads: no controls, spaces as spaces, no accents, lower case.
fn letters(text: &str) -> impl Iterator<Item = Letter> {
    let clean = (0..).zip(text.chars()).filter(|(_, letter)| !is_dropped(*letter));
    let plain = clean.flat_map(|(place, letter)| {
        let letter = if is_space(letter) { ' ' } else { letter };
        letter.nfd().filter(|part| !part.is_mark_nonspacing()).map(move |part| (part, place))
    });
    plain.flat_map(|(letter, place)| letter.to_lowercase().map(move |low| (low, place)))
}

fn is_space(letter: char) -> bool {
    matches!(letter, '\t' | '\n' | '\r') || letter.is_whitespace()
}

fn is_dropped(letter: char) -> bool {
    let control = !matches!(letter, '\t' | '\n' | '\r') && letter.is_other();
    letter == '\0' || letter == '\u{fffd}' || control
}

fn is_punctuation(letter: char) -> bool {
    letter.is_ascii_punctuation() || letter.is_punctuation()
}

/// Chinese characters stand alone, as in BERT.
fn is_ideograph(letter: char) -> bool {
    matches!(letter,
        '\u{4E00}'..='\u{9FFF}' | '\u{3400}'..='\u{4DBF}' | '\u{20000}'..='\u{2A6DF}' | '\u{2A700}'..='\u{2B73F}'
        | '\u{2B740}'..='\u{2B81F}' | '\u{2B920}'..='\u{2CEAF}' | '\u{F900}'..='\u{FAFF}' | '\u{2F800}'..='\u{2FA1F}')
}
