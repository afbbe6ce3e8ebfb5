//! Patterns over words: the small language of the lexicons, compiled once and matched in linear time.
//! It is not a regular-expression engine for characters. `lexicon` compiles with it, `agent`, `caller` and `safety` match with it.
//!
//! `word` itself, `word*` a word that starts so, `(a|b c)` one of these, `x?` perhaps, `{list}` a word list,
//! `..` up to three words, `...` up to eight, `_` any word, `#` a number, `!word` not this word next,
//! `^` the start of a sentence, `$` its end.

use std::collections::HashMap;

use crate::text::{NUMBER, Text, UNKNOWN, Vocabulary, open};

/// Words that `..` may skip.
const GAP_WORDS: usize = 3;
/// Words that `...` may skip.
const LONG_GAP_WORDS: usize = 8;
/// Pairs of first and second words under which one pattern is filed; beyond it the first word must do.
const PAIRS_MAX: usize = 4_000;
/// Depth of brackets in one pattern.
const DEPTH_MAX: usize = 8;

#[derive(Debug)]
enum Step {
    Word(u32),
    Set(usize),
    Prefix(Box<str>),
    Any,
    NotWord(u32),
    NotSet(usize),
    Start,
    End,
    Split(usize, usize),
    Jump(usize),
    Match,
}

#[derive(Debug)]
enum Node {
    Word(u32),
    Set(usize),
    Prefix(Box<str>),
    Any,
    NotWord(u32),
    NotSet(usize),
    Start,
    End,
    Gap(usize),
    OneOf(Vec<Vec<Node>>),
    Perhaps(Box<Node>),
}

/// Which groups matched, as a set.
#[derive(Clone, Debug, Default)]
pub struct Groups(Vec<u64>);

impl Groups {
    pub fn of(hits: &[Hit], n_groups: usize) -> Self {
        let mut groups = Self(vec![0; n_groups.div_ceil(64)]);
        for hit in hits {
            groups.add(hit.group);
        }
        groups
    }
    pub fn add(&mut self, group: usize) {
        if let Some(bits) = self.0.get_mut(group / 64) {
            *bits |= 1 << (group % 64);
        }
    }
    pub fn has(&self, group: usize) -> bool {
        self.0.get(group / 64).is_some_and(|bits| bits >> (group % 64) & 1 == 1)
    }
}

/// Where a group of patterns matched, in tokens.
#[derive(Clone, Copy, Debug)]
pub struct Hit {
    pub group: usize,
    pub from: usize,
    pub to: usize,
}

/// A list of words and phrases that patterns may name.
#[derive(Debug, Default)]
pub struct WordList {
    words: Vec<u32>,
    phrases: Vec<Vec<u32>>,
}

/// Every pattern of a lexicon, compiled together.
#[derive(Debug, Default)]
pub struct Patterns {
    steps: Vec<Step>,
    sets: Vec<Vec<u64>>,
    lists: HashMap<String, (usize, WordList)>,
    /// For each pattern where it starts and its group.
    starts: Vec<(usize, usize)>,
    /// For each group whose turns it is for; `None` for both.
    sides: Vec<Option<Side>>,
    index: [Index; 2],
}

/// Whose turns a pattern is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Agent,
    Caller,
}

/// Which patterns may match at a word.
#[derive(Debug, Default)]
struct Index {
    first: Vec<Vec<u32>>,
    pairs: HashMap<(u32, u32), Vec<u32>>,
    always: Vec<u32>,
}

fn push(list: &mut Vec<u32>, pattern: u32) {
    if list.last() != Some(&pattern) {
        list.push(pattern);
    }
}

impl Patterns {
    pub fn group(&mut self, side: Option<Side>) -> usize {
        self.sides.push(side);
        self.sides.len() - 1
    }
    pub fn n_groups(&self) -> usize {
        self.sides.len()
    }

    /// Adds the word list that patterns call `{name}`.
    pub fn list(&mut self, name: &str, entries: &[String], vocabulary: &mut Vocabulary) {
        let mut list = WordList::default();
        for entry in entries {
            let ids = ids_of(entry, vocabulary);
            match ids.as_slice() {
                [] => {}
                [one] => list.words.push(*one),
                _ => list.phrases.push(ids),
            }
        }
        let set = self.new_set(&list.words);
        self.lists.insert(name.to_owned(), (set, list));
    }

    pub fn list_holds(&self, name: &str, id: u32) -> bool {
        self.lists.get(name).is_some_and(|(set, _)| self.holds(*set, id))
    }

    fn new_set(&mut self, ids: &[u32]) -> usize {
        let mut bits = Vec::new();
        for &id in ids {
            let at = id as usize / 64;
            if bits.len() <= at {
                bits.resize(at + 1, 0_u64);
            }
            bits[at] |= 1 << (id % 64);
        }
        self.sets.push(bits);
        self.sets.len() - 1
    }

    fn holds(&self, set: usize, id: u32) -> bool {
        self.sets[set].get(id as usize / 64).is_some_and(|bits| bits >> (id % 64) & 1 == 1)
    }

    /// Compiles one pattern into `group`. The error says what is wrong with it.
    pub fn add(
        &mut self,
        group: usize,
        pattern: &str,
        vocabulary: &mut Vocabulary,
    ) -> Result<(), String> {
        let mut parser = Parser { rest: pattern, vocabulary, patterns: self, depth: 0 };
        let nodes = parser.sequence()?;
        if !parser.rest.is_empty() {
            return Err("a bracket closes that was never opened".to_owned());
        }
        if nodes.is_empty() {
            return Err("it is empty".to_owned());
        }
        let start = self.steps.len();
        for node in nodes {
            self.emit(node);
        }
        self.steps.push(Step::Match);
        self.starts.push((start, group));
        Ok(())
    }

    fn emit(&mut self, node: Node) {
        let step = match node {
            Node::Word(id) => Step::Word(id),
            Node::Set(set) => Step::Set(set),
            Node::Prefix(prefix) => Step::Prefix(prefix),
            Node::Any => Step::Any,
            Node::NotWord(id) => Step::NotWord(id),
            Node::NotSet(set) => Step::NotSet(set),
            Node::Start => Step::Start,
            Node::End => Step::End,
            Node::Gap(words) => return self.emit_gap(words),
            Node::OneOf(choices) => return self.emit_choices(choices),
            Node::Perhaps(inner) => {
                let split = self.steps.len();
                self.steps.push(Step::Match);
                self.emit(*inner);
                self.steps[split] = Step::Split(split + 1, self.steps.len());
                return;
            }
        };
        self.steps.push(step);
    }

    fn emit_gap(&mut self, words: usize) {
        let end = self.steps.len() + 2 * words;
        for _ in 0..words {
            let here = self.steps.len();
            self.steps.push(Step::Split(end, here + 1));
            self.steps.push(Step::Any);
        }
    }

    fn emit_choices(&mut self, choices: Vec<Vec<Node>>) {
        let mut jumps = Vec::new();
        let last = choices.len().saturating_sub(1);
        for (n, choice) in choices.into_iter().enumerate() {
            let split = self.steps.len();
            if n < last {
                self.steps.push(Step::Match);
            }
            for node in choice {
                self.emit(node);
            }
            if n < last {
                jumps.push(self.steps.len());
                self.steps.push(Step::Match);
                self.steps[split] = Step::Split(split + 1, self.steps.len());
            }
        }
        let end = self.steps.len();
        for jump in jumps {
            self.steps[jump] = Step::Jump(end);
        }
    }

    /// Builds the index by first and second word. Call once, after the last `add`.
    pub fn finish(&mut self, vocabulary: &Vocabulary) {
        for side in [Side::Agent, Side::Caller] {
            let mut index =
                Index { first: vec![Vec::new(); vocabulary.size()], ..Index::default() };
            for n in 0..self.starts.len() {
                let (start, group) = self.starts[n];
                if self.sides[group].is_none_or(|only| only == side) {
                    self.place(u32::try_from(n).unwrap_or(u32::MAX), start, &mut index);
                }
            }
            self.index[side as usize] = index;
        }
    }

    /// Files a pattern under the words it may begin with, and the second word where that is known too.
    fn place(&self, pattern: u32, start: usize, index: &mut Index) {
        let mut heads = Vec::new();
        let ends = self.takers(start, &mut heads);
        if ends || heads.iter().any(|&head| self.taken(head).is_none()) {
            index.always.push(pattern);
            return;
        }
        for head in heads {
            let firsts = self.taken(head).unwrap_or_default();
            let mut nexts = Vec::new();
            let mut open = self.takers(head + 1, &mut nexts);
            let mut seconds = Vec::new();
            for next in nexts {
                match self.taken(next) {
                    Some(mut ids) => seconds.append(&mut ids),
                    None => open = true,
                }
            }
            seconds.sort_unstable();
            seconds.dedup();
            open |= firsts.len() * seconds.len() > PAIRS_MAX;
            for first in firsts {
                if open {
                    push(&mut index.first[first as usize], pattern);
                    continue;
                }
                for &second in &seconds {
                    push(index.pairs.entry((first, second)).or_default(), pattern);
                }
            }
        }
    }

    /// The steps that may take the next word; true when the pattern may also be over here.
    fn takers(&self, at: usize, out: &mut Vec<usize>) -> bool {
        match &self.steps[at] {
            Step::Word(_) | Step::Set(_) | Step::Prefix(_) | Step::Any => {
                out.push(at);
                false
            }
            Step::End | Step::Match => true,
            Step::Start | Step::NotWord(_) | Step::NotSet(_) => self.takers(at + 1, out),
            Step::Split(a, b) => self.takers(*a, out) | self.takers(*b, out),
            Step::Jump(to) => self.takers(*to, out),
        }
    }

    /// The words that a step takes; `None` when it may take any.
    fn taken(&self, at: usize) -> Option<Vec<u32>> {
        match &self.steps[at] {
            Step::Word(id) => Some(vec![*id]),
            Step::Set(set) => {
                let size = u32::try_from(self.sets[*set].len() * 64).unwrap_or(0);
                Some((0..size).filter(|id| self.holds(*set, *id)).collect())
            }
            Step::Prefix(_) | Step::Any | Step::NotWord(_) | Step::NotSet(_) => None,
            Step::Start | Step::End | Step::Split(..) | Step::Jump(_) | Step::Match => None,
        }
    }

    /// Adds every match inside `from..to` of the patterns for that side to `hits`.
    pub fn scan(&self, text: &Text, side: Side, from: usize, to: usize, hits: &mut Vec<Hit>) {
        let index = &self.index[side as usize];
        for at in from..to {
            let id = text.tokens[at].id;
            let one = index.first.get(id as usize).map_or(&[][..], Vec::as_slice);
            let next = if at + 1 < to { text.tokens[at + 1].id } else { UNKNOWN };
            let known = id != UNKNOWN && next != UNKNOWN;
            let two = if known { index.pairs.get(&(id, next)) } else { None };
            let two = two.map_or(&[][..], Vec::as_slice);
            for &pattern in one.iter().chain(two).chain(&index.always) {
                let (start, group) = self.starts[pattern as usize];
                if let Some(end) = self.run(text, (from, to), start, at) {
                    hits.push(Hit { group, from: at, to: end });
                }
            }
        }
    }

    fn run(
        &self,
        text: &Text,
        bounds: (usize, usize),
        mut step: usize,
        mut at: usize,
    ) -> Option<usize> {
        loop {
            let id = if at < bounds.1 { Some(text.tokens[at].id) } else { None };
            let taken = match &self.steps[step] {
                Step::Word(word) => id == Some(*word),
                Step::Set(set) => id.is_some_and(|id| self.holds(*set, id)),
                Step::Prefix(prefix) => id.is_some() && text.word(at).starts_with(&**prefix),
                Step::Any => id.is_some(),
                Step::NotWord(word) if id != Some(*word) => {
                    step += 1;
                    continue;
                }
                Step::NotSet(set) if !id.is_some_and(|id| self.holds(*set, id)) => {
                    step += 1;
                    continue;
                }
                Step::Start if at < bounds.1 && text.tokens[at].starts => {
                    step += 1;
                    continue;
                }
                Step::End if at == bounds.1 || text.tokens[at].starts => {
                    step += 1;
                    continue;
                }
                Step::NotWord(_) | Step::NotSet(_) | Step::Start | Step::End => false,
                Step::Split(a, b) => {
                    if let Some(end) = self.run(text, bounds, *a, at) {
                        return Some(end);
                    }
                    step = *b;
                    continue;
                }
                Step::Jump(to) => {
                    step = *to;
                    continue;
                }
                Step::Match => return Some(at),
            };
            if !taken {
                return None;
            }
            at += 1;
            step += 1;
        }
    }
}

fn ids_of(phrase: &str, vocabulary: &mut Vocabulary) -> Vec<u32> {
    let mut words = Vec::new();
    let lower = phrase.to_lowercase().replace("all right", "all-right");
    for word in lower.split_whitespace() {
        if word == "all-right" {
            words.push(word.to_owned());
            continue;
        }
        for part in word.split('-').filter(|part| !part.is_empty()) {
            open(part, &mut |part| words.push(part.to_owned()));
        }
    }
    words.iter().map(|word| learn(word, vocabulary)).collect()
}

fn learn(word: &str, vocabulary: &mut Vocabulary) -> u32 {
    let spelled = vocabulary.spelled(word).to_owned();
    vocabulary.learn(&spelled)
}

struct Parser<'a> {
    rest: &'a str,
    vocabulary: &'a mut Vocabulary,
    patterns: &'a mut Patterns,
    depth: usize,
}

impl Parser<'_> {
    fn sequence(&mut self) -> Result<Vec<Node>, String> {
        let mut nodes = Vec::new();
        loop {
            self.rest = self.rest.trim_start();
            let Some(c) = self.rest.chars().next() else { return Ok(nodes) };
            match c {
                ')' | '|' => return Ok(nodes),
                '(' => {
                    let node = self.brackets()?;
                    nodes.push(self.perhaps(node));
                }
                '{' => {
                    let node = self.list()?;
                    nodes.push(self.perhaps(node));
                }
                _ => self.word(&mut nodes)?,
            }
        }
    }

    fn perhaps(&mut self, node: Node) -> Node {
        if let Some(rest) = self.rest.strip_prefix('?') {
            self.rest = rest;
            return Node::Perhaps(Box::new(node));
        }
        node
    }

    fn brackets(&mut self) -> Result<Node, String> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(format!("brackets are nested deeper than {DEPTH_MAX}"));
        }
        let mut choices = Vec::new();
        loop {
            self.rest = &self.rest[1..];
            let choice = self.sequence()?;
            if choice.iter().all(|node| matches!(node, Node::Perhaps(_) | Node::Gap(_))) {
                return Err("a choice in brackets may be empty".to_owned());
            }
            choices.push(choice);
            if self.rest.starts_with(')') {
                self.rest = &self.rest[1..];
                self.depth -= 1;
                return Ok(Node::OneOf(choices));
            }
            if !self.rest.starts_with('|') {
                return Err("a bracket is not closed".to_owned());
            }
        }
    }

    fn list(&mut self) -> Result<Node, String> {
        let Some((name, rest)) = self.rest[1..].split_once('}') else {
            return Err("a `{` is not closed".to_owned());
        };
        self.rest = rest;
        let Some((set, list)) = self.patterns.lists.get(name) else {
            return Err(format!("there is no word list `{name}`"));
        };
        if list.phrases.is_empty() {
            return Ok(Node::Set(*set));
        }
        let phrase = |ids: &Vec<u32>| ids.iter().map(|id| Node::Word(*id)).collect();
        let mut choices: Vec<Vec<Node>> = list.phrases.iter().map(phrase).collect();
        choices.push(vec![Node::Set(*set)]);
        Ok(Node::OneOf(choices))
    }

    fn word(&mut self, nodes: &mut Vec<Node>) -> Result<(), String> {
        let end = self.rest.find([' ', '(', ')', '|', '{', '}']).unwrap_or(self.rest.len());
        let (raw, rest) = self.rest.split_at(end);
        if raw == "!" && rest.starts_with('{') {
            self.rest = rest;
            let Node::Set(set) = self.list()? else {
                return Err("`!{list}` needs a list of single words".to_owned());
            };
            nodes.push(Node::NotSet(set));
            return Ok(());
        }
        self.rest = rest;
        let (word, perhaps) = raw.strip_suffix('?').map_or((raw, false), |word| (word, true));
        let mut inner = Vec::new();
        match word {
            "" | "}" => return Err(format!("`{raw}` means nothing here")),
            "^" => inner.push(Node::Start),
            "$" => inner.push(Node::End),
            "_" => inner.push(Node::Any),
            "#" => inner.push(Node::Word(NUMBER)),
            ".." => inner.push(Node::Gap(GAP_WORDS)),
            "..." => inner.push(Node::Gap(LONG_GAP_WORDS)),
            _ => self.plain_word(word, &mut inner),
        }
        if perhaps {
            nodes.push(Node::Perhaps(Box::new(Node::OneOf(vec![inner]))));
        } else {
            nodes.append(&mut inner);
        }
        Ok(())
    }

    fn plain_word(&mut self, word: &str, nodes: &mut Vec<Node>) {
        if let Some(prefix) = word.strip_suffix('*') {
            return nodes.push(Node::Prefix(Box::from(prefix)));
        }
        if let Some(not) = word.strip_prefix('!') {
            return nodes.push(Node::NotWord(learn(not, self.vocabulary)));
        }
        nodes.extend(ids_of(word, self.vocabulary).into_iter().map(Node::Word));
    }
}

/// Whether any token is a word some lexicon knows.
pub fn n_known(text: &Text) -> usize {
    text.tokens.iter().filter(|token| token.id != UNKNOWN).count()
}
