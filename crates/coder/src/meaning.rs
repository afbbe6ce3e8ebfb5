//! A shelf of labelled example sentences, matched by their words or by the network's vector of their meaning.
//! It knows no codes. `call` asks it which fact, step or detail an agent's words come nearest to.

use std::collections::HashMap;
use std::sync::OnceLock;

use serde::Deserialize;

use crate::learnt;

/// Below this a match is no match. Two sentences that share one common content word out of three or four score about
/// 0.25 to 0.35; a paraphrase that shares two or more, or one rare word, scores above 0.45. The line stands between,
/// nearer the unrelated side: asking again costs the agent a turn, a wrong answer costs their belief in the caller.
pub const LINE: f64 = 0.40;

/// How much a stop word weighs beside a content word.
const STOP_WEIGHT: f64 = 0.12;
/// How much a question word (who, when, where, why, how) weighs: it tells questions apart but carries no topic.
const ASK_WEIGHT: f64 = 0.35;
/// Letters of the shortest stem that stemming may leave.
const STEM_LETTERS_MIN: usize = 3;
/// Words of a turn up to which it is matched whole as well as by sentence.
const WHOLE_WORDS_MAX: usize = 24;
/// Sentences of one turn that are looked at.
const SENTENCES_MAX: usize = 200;
/// The same when they are matched by meaning, which takes the network some milliseconds each.
const SENTENCES_MEANT_MAX: usize = 6;

#[derive(Deserialize)]
struct SynonymFile {
    #[serde(default)]
    synonym: Vec<Synonym>,
    #[serde(default)]
    stop: Vec<String>,
    #[serde(default)]
    ask: Vec<String>,
}
#[derive(Deserialize)]
struct Synonym {
    words: Vec<String>,
}

/// Word stem to the name of its group, and the words that carry little.
struct Words {
    group: HashMap<String, String>,
    phrase: Vec<(Vec<String>, String)>,
    weight: HashMap<String, f64>,
}

fn words() -> &'static Words {
    static WORDS: OnceLock<Words> = OnceLock::new();
    WORDS.get_or_init(|| {
        let text = include_str!("../../../content/lexicons/synonyms.toml");
        // A test reads the file, so an unreadable one cannot ship; without it matching still works by plain words.
        let file = toml::from_str(text).unwrap_or(SynonymFile {
            synonym: Vec::new(),
            stop: Vec::new(),
            ask: Vec::new(),
        });
        Words::new(&file)
    })
}

impl Words {
    fn new(file: &SynonymFile) -> Self {
        let mut out = Self { group: HashMap::new(), phrase: Vec::new(), weight: HashMap::new() };
        for synonym in &file.synonym {
            let Some(name) = synonym.words.first().map(|word| format!("={word}")) else { continue };
            for word in &synonym.words {
                let stems: Vec<String> = split(word).iter().map(|word| stem(word)).collect();
                match stems.as_slice() {
                    [one] => {
                        out.group.insert(one.clone(), name.clone());
                    }
                    _ => out.phrase.push((stems, name.clone())),
                }
            }
        }
        for word in &file.stop {
            out.weight.insert(stem(word), STOP_WEIGHT);
        }
        for word in &file.ask {
            out.weight.insert(stem(word), ASK_WEIGHT);
        }
        out
    }
    fn weight(&self, term: &str) -> f64 {
        self.weight.get(term).copied().unwrap_or(1.0)
    }
}

/// Lower-case words; contractions lose their tail, so `what's` is `what`.
fn split(text: &str) -> Vec<String> {
    let lower = text.to_lowercase().replace(['\u{2019}', '\u{2018}'], "'");
    let words = lower.split(|c: char| !c.is_alphanumeric() && c != '\'');
    let bare = |word: &str| {
        let word = word.trim_matches('\'');
        let word = word.strip_suffix("n't").map_or(word, |_| "not");
        word.split('\'').next().unwrap_or(word).to_owned()
    };
    words.map(bare).filter(|word| !word.is_empty()).collect()
}

/// Light English stemming: plurals, -ing, -ed, -ly and their doubled letters. Meant to join, not to be pretty.
fn stem(word: &str) -> String {
    if !word.is_ascii() || word.len() <= STEM_LETTERS_MIN {
        return word.to_owned();
    }
    let endings = [
        ("ies", "y"),
        ("sses", "ss"),
        ("ments", ""),
        ("ment", ""),
        ("ings", ""),
        ("ing", ""),
        ("ied", "y"),
        ("edly", ""),
        ("ed", ""),
        ("ly", ""),
        ("ers", "er"),
        ("es", ""),
        ("s", ""),
    ];
    let mut out = word.to_owned();
    for (ending, put) in endings {
        let Some(base) = word.strip_suffix(ending) else { continue };
        let kept =
            ending == "s" && (base.ends_with('s') || base.ends_with('u') || base.ends_with('i'));
        let too_short = base.len() + put.len() < STEM_LETTERS_MIN
            || !base.contains(['a', 'e', 'i', 'o', 'u', 'y']);
        if !kept && !too_short {
            out = format!("{base}{put}");
        }
        break;
    }
    let bytes = out.as_bytes();
    let n = bytes.len();
    if n > STEM_LETTERS_MIN && bytes[n - 1] == bytes[n - 2] && !b"ls".contains(&bytes[n - 1]) {
        out.pop();
    }
    if out.len() > STEM_LETTERS_MIN && out.ends_with('e') {
        out.pop();
    }
    out
}

/// The terms of a text: stems, with the words of a synonym group under one name.
fn terms(text: &str) -> Vec<String> {
    let words = words();
    let stems: Vec<String> = split(text).iter().map(|word| stem(word)).collect();
    let mut out = Vec::with_capacity(stems.len());
    let mut at = 0;
    while at < stems.len() {
        let phrase = words.phrase.iter().find(|(phrase, _)| stems[at..].starts_with(phrase));
        if let Some((phrase, name)) = phrase {
            out.push(name.clone());
            at += phrase.len();
            continue;
        }
        let term = words.group.get(&stems[at]).unwrap_or(&stems[at]);
        out.push(term.clone());
        at += 1;
    }
    out.sort_unstable();
    out.dedup();
    out
}

#[derive(Debug)]
struct Example {
    label: usize,
    length: f64,
}

/// Labelled examples, ready to be compared with.
#[derive(Debug, Default)]
pub struct Shelf {
    examples: Vec<Example>,
    /// For each term its weight and the examples that hold it.
    terms: HashMap<String, (f64, Vec<u32>)>,
    rare: f64,
    /// The examples themselves, where they are matched by meaning, and their vectors once they were needed.
    meant: Vec<String>,
    vectors: OnceLock<Vec<Vec<f32>>>,
}

impl Shelf {
    #[must_use]
    pub fn new<'a>(examples: impl IntoIterator<Item = (usize, &'a str)>) -> Self {
        let read: Vec<(usize, Vec<String>)> =
            examples.into_iter().map(|(label, text)| (label, terms(text))).collect();
        let mut shelf = Self::default();
        for (n, (_, terms)) in read.iter().enumerate() {
            for term in terms {
                let place = u32::try_from(n).unwrap_or(u32::MAX);
                shelf.terms.entry(term.clone()).or_default().1.push(place);
            }
        }
        let count = read.len() as f64;
        let idf = |seen: usize| 1.0 + ((1.0 + count) / (1.0 + seen as f64)).ln() / 3.0;
        for (term, (weight, seen)) in &mut shelf.terms {
            *weight = words().weight(term) * idf(seen.len());
        }
        shelf.rare = idf(0);
        for (label, terms) in read {
            let length = terms.iter().map(|term| shelf.weight(term).powi(2)).sum::<f64>().sqrt();
            shelf.examples.push(Example { label, length });
        }
        shelf
    }

    /// Examples that are matched by meaning; by words where there is no network.
    #[must_use]
    pub fn by_meaning<'a>(examples: impl IntoIterator<Item = (usize, &'a str)>) -> Self {
        let examples: Vec<(usize, &str)> = examples.into_iter().collect();
        let meant = examples.iter().map(|(_, text)| (*text).to_owned()).collect();
        Self { meant, ..Self::new(examples) }
    }

    /// The score from which on a match is a match.
    #[must_use]
    pub fn line(&self) -> f64 {
        match learnt::shipped() {
            Ok(network) if !self.meant.is_empty() => network.same_question(0.0).1,
            _ => LINE,
        }
    }

    fn weight(&self, term: &str) -> f64 {
        self.terms.get(term).map_or_else(|| words().weight(term) * self.rare, |(weight, _)| *weight)
    }

    /// Labels with scores in [0, 1], best first, at most `n`. A long turn is matched sentence by sentence too.
    #[must_use]
    pub fn nearest(&self, text: &str, n: usize) -> Vec<(usize, f64)> {
        if let Some(found) = self.nearest_in_meaning(text, n) {
            return found;
        }
        let mut best: HashMap<usize, f64> = HashMap::new();
        let pieces =
            text.split(['.', '?', '!', ';', '\n']).filter(|piece| !piece.trim().is_empty());
        for piece in pieces.take(SENTENCES_MAX) {
            self.compare(piece, &mut best);
        }
        if text.split_whitespace().take(WHOLE_WORDS_MAX + 1).count() <= WHOLE_WORDS_MAX {
            self.compare(text, &mut best);
        }
        first(best, n)
    }

    /// `None` where examples are matched by words.
    fn nearest_in_meaning(&self, text: &str, n: usize) -> Option<Vec<(usize, f64)>> {
        let network = learnt::shipped().ok().filter(|_| !self.meant.is_empty())?;
        let examples =
            self.vectors.get_or_init(|| network.meaning(self.meant.iter().map(String::as_str)));
        if examples.len() != self.meant.len() {
            return None;
        }
        let sentences = text.split_inclusive(['.', '?', '!', ';', '\n']).map(str::trim);
        let mut pieces: Vec<&str> = sentences.filter(|piece| !piece.is_empty()).collect();
        // What is asked mostly stands at the end.
        pieces.drain(..pieces.len().saturating_sub(SENTENCES_MEANT_MAX));
        let whole = text.split_whitespace().take(WHOLE_WORDS_MAX + 1).count() <= WHOLE_WORDS_MAX;
        if pieces.len() > 1 && whole {
            pieces.push(text);
        }
        let mut best: HashMap<usize, f64> = HashMap::new();
        for asked in network.meaning(pieces) {
            for (example, vector) in self.examples.iter().zip(examples) {
                let likeness: f32 = asked.iter().zip(vector).map(|(a, b)| a * b).sum();
                let (p, _) = network.same_question(f64::from(likeness));
                let known = best.entry(example.label).or_default();
                *known = known.max(p);
            }
        }
        Some(first(best, n))
    }

    fn compare(&self, piece: &str, best: &mut HashMap<usize, f64>) {
        let terms = terms(piece);
        let length = terms.iter().map(|term| self.weight(term).powi(2)).sum::<f64>().sqrt();
        if length == 0.0 {
            return;
        }
        let mut dots: HashMap<u32, f64> = HashMap::new();
        for term in &terms {
            let Some((weight, seen)) = self.terms.get(term) else { continue };
            for example in seen {
                *dots.entry(*example).or_default() += weight * weight;
            }
        }
        for (at, dot) in dots {
            let example = &self.examples[at as usize];
            let score = (dot / (length * example.length)).clamp(0.0, 1.0);
            let known = best.entry(example.label).or_default();
            *known = known.max(score);
        }
    }
}

/// The best `n`, the best first.
fn first(best: HashMap<usize, f64>, n: usize) -> Vec<(usize, f64)> {
    let mut out: Vec<(usize, f64)> = best.into_iter().collect();
    out.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    out.truncate(n);
    out
}
