//! Text to tokens: lower case, plain ASCII, contractions opened, sentences found, places kept.
//! It judges nothing. Every other file of this crate reads its tokens; patterns pass through the same door.

use std::collections::HashMap;

/// A word that no lexicon knows.
pub const UNKNOWN: u32 = 0;
/// Any number, amount, date or code with a digit in it.
pub const NUMBER: u32 = 1;
/// Letters in the longest word that is looked up; longer runs are junk and stay unknown.
const WORD_CHARS_MAX: usize = 32;

/// The words that the lexicons know, each with a number.
#[derive(Debug, Default)]
pub struct Vocabulary {
    ids: HashMap<Box<str>, u32>,
    spelling: HashMap<Box<str>, Box<str>>,
}

impl Vocabulary {
    pub fn learn(&mut self, word: &str) -> u32 {
        let next = u32::try_from(self.ids.len() + 2).unwrap_or(UNKNOWN);
        *self.ids.entry(Box::from(word)).or_insert(next)
    }
    /// From now on `from` is read as `to`.
    pub fn respell(&mut self, from: &str, to: &str) {
        self.spelling.insert(Box::from(from), Box::from(to));
    }
    pub fn id(&self, word: &str) -> u32 {
        self.ids.get(word).copied().unwrap_or(UNKNOWN)
    }
    /// The number of ids in use, the two reserved ones included.
    pub fn size(&self) -> usize {
        self.ids.len() + 2
    }
    pub fn spelled<'a>(&'a self, word: &'a str) -> &'a str {
        self.spelling.get(word).map_or(word, |to| to)
    }
}

/// One word, opened and lower-cased, with its place in the text.
#[derive(Clone, Copy, Debug)]
pub struct Token {
    pub id: u32,
    /// Unicode scalar values.
    pub start: usize,
    pub end: usize,
    /// Where its letters lie in `Text::letters`.
    from: usize,
    to: usize,
    /// A comma, colon or dash stands before it.
    pub pause_before: bool,
    pub quoted: bool,
    /// Two letters or more, all capitals.
    pub capitals: bool,
    /// Starts with a capital.
    pub capital: bool,
    /// A clause may begin here; set by `units`.
    pub starts: bool,
}

/// How a sentence ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    Full,
    Question,
    Shout,
    Trail,
}

/// A run of tokens up to a stop.
#[derive(Clone, Copy, Debug)]
pub struct Sentence {
    pub from: usize,
    pub to: usize,
    pub stop: Stop,
}

/// A text, opened.
#[derive(Debug, Default)]
pub struct Text {
    letters: String,
    pub tokens: Vec<Token>,
    pub sentences: Vec<Sentence>,
    /// Letters that are not of the Latin script.
    pub n_foreign: usize,
    pub n_letters: usize,
    pub n_shouts: usize,
}

impl Text {
    pub fn word(&self, token: usize) -> &str {
        self.tokens.get(token).map_or("", |t| &self.letters[t.from..t.to])
    }
    /// The index of the sentence that holds `token`.
    pub fn sentence_of(&self, token: usize) -> usize {
        self.sentences.partition_point(|sentence| sentence.to <= token)
    }
    pub fn read(text: &str, vocabulary: &Vocabulary) -> Self {
        let mut reader = Reader::new(vocabulary);
        let mut chars = text.chars().enumerate().peekable();
        while let Some((at, c)) = chars.next() {
            let next = chars.peek().map(|(_, c)| *c);
            reader.take(at, c, next);
        }
        reader.finish(text.chars().count())
    }
}

struct Reader<'a> {
    vocabulary: &'a Vocabulary,
    out: Text,
    word: String,
    word_at: usize,
    n_upper: usize,
    upper_first: bool,
    sentence_from: usize,
    pause: bool,
    quoted: bool,
}

impl<'a> Reader<'a> {
    fn new(vocabulary: &'a Vocabulary) -> Self {
        Self {
            vocabulary,
            out: Text::default(),
            word: String::new(),
            word_at: 0,
            n_upper: 0,
            upper_first: false,
            sentence_from: 0,
            pause: false,
            quoted: false,
        }
    }

    fn take(&mut self, at: usize, c: char, next: Option<char>) {
        let plain = plain(c);
        let in_number = self.word.ends_with(|d: char| d.is_ascii_digit());
        let digit_next = next.is_some_and(|n| n.is_ascii_digit());
        match plain {
            'a'..='z' | '0'..='9' => self.letter(at, c, plain),
            '\'' if !self.word.is_empty() && next.is_some_and(char::is_alphabetic) => {
                self.word.push('\'');
            }
            '$' if digit_next => self.letter(at, c, '$'),
            '.' | ',' | ':' | '/' | '-' if in_number && digit_next => self.word.push(plain),
            '.' => {
                let inside = next.is_some_and(char::is_alphanumeric) || self.short_form();
                self.close(at);
                if !inside {
                    self.stop(Stop::Full);
                }
            }
            '?' => self.stop_at(at, Stop::Question),
            '!' => {
                self.out.n_shouts += 1;
                self.stop_at(at, Stop::Shout);
            }
            ';' | '\n' => self.stop_at(at, Stop::Full),
            ',' | ':' | '-' | '(' | ')' => {
                self.close(at);
                if plain != '-' || c != '-' || next == Some(' ') || next == Some('-') {
                    self.pause = true;
                }
            }
            '"' => {
                self.close(at);
                self.quoted = match c {
                    '\u{201c}' | '\u{ab}' => true,
                    '\u{201d}' | '\u{bb}' => false,
                    _ => !self.quoted,
                };
            }
            _ => {
                self.close(at);
                if plain == '\u{1}' {
                    self.out.n_foreign += 1;
                }
            }
        }
    }

    fn letter(&mut self, at: usize, c: char, plain: char) {
        if self.word.is_empty() {
            self.word_at = at;
            self.n_upper = 0;
            self.upper_first = c.is_uppercase();
        }
        self.out.n_letters += usize::from(plain.is_ascii_alphabetic());
        self.n_upper += usize::from(c.is_uppercase());
        if self.word.len() <= WORD_CHARS_MAX {
            self.word.push(plain);
        }
    }

    fn short_form(&self) -> bool {
        matches!(self.word.as_str(), "mr" | "mrs" | "ms" | "dr" | "st" | "prof" | "etc")
    }

    fn stop_at(&mut self, at: usize, stop: Stop) {
        self.close(at);
        self.stop(stop);
    }

    fn stop(&mut self, stop: Stop) {
        let to = self.out.tokens.len();
        self.pause = false;
        if to > self.sentence_from {
            self.out.sentences.push(Sentence { from: self.sentence_from, to, stop });
            self.sentence_from = to;
        } else if let Some(last) = self.out.sentences.last_mut()
            && (stop == Stop::Question || last.stop == Stop::Full)
        {
            last.stop = stop;
        }
    }

    /// Ends the word before `at`.
    fn close(&mut self, at: usize) {
        if self.word.is_empty() {
            return;
        }
        let raw = std::mem::take(&mut self.word);
        let n_letters = raw.bytes().filter(u8::is_ascii_alphabetic).count();
        let capitals = n_letters >= 2 && self.n_upper >= n_letters;
        if FILLERS.contains(&raw.as_str()) {
            return;
        }
        let sink = &mut |word: &str| {
            let word = self.vocabulary.spelled(word);
            if word == "right"
                && !self.pause
                && joins_all(&mut self.out, self.sentence_from, at, self.vocabulary)
            {
                return;
            }
            let from = self.out.letters.len();
            self.out.letters.push_str(word);
            let number = word.bytes().any(|b| b.is_ascii_digit());
            self.out.tokens.push(Token {
                id: match self.vocabulary.id(word) {
                    UNKNOWN if number => NUMBER,
                    id => id,
                },
                start: self.word_at,
                end: at,
                from,
                to: from + word.len(),
                pause_before: self.pause,
                quoted: self.quoted,
                capitals,
                capital: self.upper_first,
                starts: false,
            });
            self.pause = false;
        };
        open(&squeeze(&raw), sink);
        self.word = raw;
        self.word.clear();
    }

    fn finish(mut self, chars: usize) -> Text {
        self.close(chars);
        self.stop(Stop::Trail);
        self.out
    }
}

/// "all right" is one word: `all-right`.
fn joins_all(out: &mut Text, sentence_from: usize, end: usize, vocabulary: &Vocabulary) -> bool {
    let last = out.tokens.len();
    if last <= sentence_from || out.word(last - 1) != "all" {
        return false;
    }
    // "End it all right now" keeps its "all".
    let before = last.checked_sub(3).filter(|_| out.word(last - 2) == "it");
    if before.is_some_and(|at| !matches!(out.word(at), "is" | "be" | "was" | "would" | "make")) {
        return false;
    }
    out.letters.push_str("-right");
    let letters = out.letters.len();
    let Some(token) = out.tokens.last_mut() else { return false };
    token.id = vocabulary.id("all-right");
    token.to = letters;
    token.end = end;
    true
}

/// A letter without its accent and case; curly marks as straight ones; `\u{1}` for another script.
fn plain(c: char) -> char {
    match c {
        'a'..='z' | '0'..='9' | ' ' => c,
        'A'..='Z' => c.to_ascii_lowercase(),
        '\u{2018}' | '\u{2019}' | '\u{2bc}' | '`' | '\u{b4}' => '\'',
        '\u{201c}' | '\u{201d}' | '\u{ab}' | '\u{bb}' | '"' => '"',
        '\u{2013}' | '\u{2014}' | '\u{2212}' => '-',
        '\u{2026}' => '.',
        '\u{ff1f}' | '\u{bf}' => '?',
        '£' | '€' => '$',
        'à'..='å' | 'À'..='Å' => 'a',
        'è'..='ë' | 'È'..='Ë' => 'e',
        'ì'..='ï' | 'Ì'..='Ï' => 'i',
        'ò'..='ö' | 'Ò'..='Ö' | 'ø' | 'Ø' => 'o',
        'ù'..='ü' | 'Ù'..='Ü' => 'u',
        'ñ' | 'Ñ' => 'n',
        'ç' | 'Ç' => 'c',
        _ if c.is_ascii() => c,
        _ if c.is_alphabetic() => '\u{1}',
        _ => ' ',
    }
}

/// `sooo` as `so`, `nooo` as `no`, `killll` as `kill`. Digits are left alone.
fn squeeze(word: &str) -> String {
    let bytes = word.as_bytes();
    let mut out = String::with_capacity(word.len());
    let mut at = 0;
    while at < bytes.len() {
        let c = bytes[at];
        let run = bytes[at..].iter().take_while(|&&b| b == c).count();
        let kept = match c {
            b'l' | b's' | b'f' if run > 2 => 2,
            b'a'..=b'z' if run > 2 => 1,
            _ => run,
        };
        out.extend(std::iter::repeat_n(c as char, kept));
        at += run;
    }
    out
}

/// Sounds that carry no word.
const FILLERS: [&str; 6] = ["um", "umm", "uh", "er", "erm", "eh"];

/// Contractions written without their mark, as speech recognition and quick typing leave them.
const BARE: &[(&str, &str, &str)] = &[
    ("im", "i", "am"),
    ("ive", "i", "have"),
    ("dont", "do", "not"),
    ("cant", "can", "not"),
    ("cannot", "can", "not"),
    ("wont", "will", "not"),
    ("didnt", "did", "not"),
    ("doesnt", "does", "not"),
    ("isnt", "is", "not"),
    ("arent", "are", "not"),
    ("wasnt", "was", "not"),
    ("werent", "were", "not"),
    ("havent", "have", "not"),
    ("hasnt", "has", "not"),
    ("hadnt", "had", "not"),
    ("couldnt", "could", "not"),
    ("wouldnt", "would", "not"),
    ("shouldnt", "should", "not"),
    ("youre", "you", "are"),
    ("youve", "you", "have"),
    ("youll", "you", "will"),
    ("youd", "you", "would"),
    ("theyre", "they", "are"),
    ("theyve", "they", "have"),
    ("weve", "we", "have"),
    ("thats", "that", "is"),
    ("whats", "what", "is"),
    ("heres", "here", "is"),
    ("theres", "there", "is"),
    ("gonna", "going", "to"),
    ("wanna", "want", "to"),
    ("gotta", "have", "to"),
    ("aint", "is", "not"),
    ("lemme", "let", "me"),
    ("gimme", "give", "me"),
    ("shouldve", "should", "have"),
    ("couldve", "could", "have"),
    ("wouldve", "would", "have"),
    ("alot", "a", "lot"),
    ("anymore", "any", "more"),
    ("its", "it", "is"),
    ("hes", "he", "is"),
    ("shes", "she", "is"),
];

/// Opens contractions: `i'm` is `i am`, `can't` is `can not`, `father's` is `father`.
pub fn open(word: &str, sink: &mut impl FnMut(&str)) {
    if word.contains('\'') {
        return open_marked(word, sink);
    }
    if let Some((_, first, second)) = BARE.iter().find(|(bare, _, _)| *bare == word) {
        sink(first);
        sink(second);
    } else {
        sink(word);
    }
}

fn open_marked(word: &str, sink: &mut impl FnMut(&str)) {
    if let Some(stem) = word.strip_suffix("n't") {
        sink(match stem {
            "ca" => "can",
            "wo" => "will",
            "sha" => "shall",
            "ai" => "is",
            other => other,
        });
        return sink("not");
    }
    let Some((stem, tail)) = word.rsplit_once('\'') else { return sink(word) };
    if stem.is_empty() {
        return sink(tail);
    }
    let tail = match tail {
        "m" => "am",
        "re" => "are",
        "ll" => "will",
        "ve" => "have",
        "d" => "would",
        "s" if stem == "let" => "us",
        "s" if PRONOUNS.contains(&stem) => "is",
        "s" => return sink(stem),
        _ => return sink(word),
    };
    open(stem, sink);
    sink(tail);
}

/// Words after which `'s` is a verb and not an owner.
const PRONOUNS: &[&str] = &[
    "it",
    "that",
    "what",
    "here",
    "there",
    "who",
    "how",
    "where",
    "when",
    "he",
    "she",
    "this",
    "everything",
    "something",
    "nothing",
    "why",
    "one",
    "everyone",
    "nobody",
    "someone",
];
