//! Agent turns: which codes stand on which units, by the rules of `agent.toml` and the codebook's precedence.
//! It does not know what was left unanswered; that is `omission`. `lib` calls it.

use std::cell::OnceCell;

use talk::{Context, Found, Heard, Level, Speaker, limit};

use crate::caller;
use crate::lexicon::{AgentRule, Lexicon, STRONG, Use};
use crate::pattern::{Groups, Hit, Side, n_known};
use crate::safety::{listen, span};
use crate::specific::{Echo, level, returns};
use crate::text::{Stop, Text};
use crate::units::Unit;

/// Guesses below this line are not given out. When a turn has nothing better, the coder abstains (decision: about
/// half of such guesses are wrong, and a wrong code costs the agent more than none).
pub const GUESS_LINE: f64 = 0.5;
/// Share of known words below which a text of three words or more is not read as English (decision).
const KNOWN_SHARE_MIN: f64 = 0.3;
/// Turns back in which a safety cue still colours what the agent says.
const CUE_TURNS: usize = 6;
/// The rule for a bare claim of understanding, which content that follows at once redeems (sourcebook 1.4).
const BARE_CLAIM: &str = "false_comfort.claim";
const SHOWN: [&str; 5] = ["NAME_FEELING", "REFL_COMPLEX", "REFL_SIMPLE", "CLARIFY", "VALIDATE"];

/// What a turn holds, before omissions.
pub struct Read {
    pub codes: Vec<Found>,
    pub abstained: bool,
}

/// What the turns before make of this one, worked out only when a rule asks.
pub struct Before<'a> {
    lexicon: &'a Lexicon,
    context: &'a Context,
    acknowledged: bool,
    echo: OnceCell<Echo>,
    last_echo: OnceCell<Echo>,
    cue: OnceCell<bool>,
}

impl<'a> Before<'a> {
    pub fn new(lexicon: &'a Lexicon, context: &'a Context, acknowledged: bool) -> Self {
        Self {
            lexicon,
            context,
            acknowledged,
            echo: OnceCell::new(),
            last_echo: OnceCell::new(),
            cue: OnceCell::new(),
        }
    }
    fn echo(&self) -> &Echo {
        self.echo.get_or_init(|| Echo::of(self.context, self.lexicon))
    }
    /// The content of what the caller said since the agent last spoke; empty when that ends as a question.
    fn last_echo(&self) -> &Echo {
        self.last_echo.get_or_init(|| Echo::of_last(self.context, self.lexicon))
    }
    fn cue(&self) -> bool {
        *self.cue.get_or_init(|| {
            let recent = self.context.turns.iter().rev().take(CUE_TURNS);
            recent.filter(|said| said.speaker != Speaker::Agent).any(|said| {
                if said.heading.is_some_and(|heading| heading.heard >= Heard::Veiled) {
                    return true;
                }
                if let Some(coded) = &said.coded {
                    return coded.safety.heard >= Heard::Veiled;
                }
                let text = caller::read(self.lexicon, &said.text);
                let hits = caller::scan(self.lexicon, &text, Side::Caller);
                listen(self.lexicon, &text, &hits, Speaker::Caller).heard >= Heard::Veiled
            })
        })
    }
    fn held(&self) -> bool {
        let last = self.context.turns.iter().rev().find(|said| said.speaker != Speaker::Agent);
        last.is_some_and(|said| caller::holds(self.lexicon, &said.text, said.heading).is_some())
    }
}

/// Whether the letters make words at all.
pub fn intelligible(text: &Text) -> bool {
    let n_words = text.tokens.len();
    if n_words == 0 || text.n_foreign > text.n_letters || text.n_letters == 0 {
        return false;
    }
    let n_known = n_known(text);
    let vowels = |at: usize| text.word(at).contains(['a', 'e', 'i', 'o', 'u', 'y']);
    if n_words < 3 {
        return n_known > 0 || (0..n_words).all(vowels);
    }
    n_known as f64 >= KNOWN_SHARE_MIN * n_words as f64
}

/// Codes that take in the plainer codes of the same sentence: its facts are there to carry them.
const TAKES_IN: [(&str, &[&str]); 19] = [
    ("SAFETY_ASK", &["SOLVE", "ASK_CLOSED", "PRESCRIBE", "ORIENT", "INFORM", "CONCERN"]),
    ("SAFETY_ACT", &["SOLVE", "ASK_CLOSED", "PRESCRIBE", "ORIENT", "INFORM"]),
    ("HOSTILE", &["PRESCRIBE", "ASK_CLOSED", "SOLVE", "INFORM"]),
    ("BLAME", &["ASK_CLOSED", "SOLVE", "INFORM", "REFL_SIMPLE"]),
    ("INVALIDATE", &["INFORM", "ASK_CLOSED"]),
    ("CONDESCEND", &["AFFIRM", "INFORM"]),
    ("ARGUE", &["INFORM", "REFL_SIMPLE"]),
    ("CLARIFY", &["REFL_SIMPLE", "INFORM", "ASK_CLOSED"]),
    ("OWN", &["INFORM", "REFL_SIMPLE", "CONCERN"]),
    ("COMMIT", &["SOLVE", "INFORM", "PRESCRIBE", "ASK_CLOSED"]),
    ("LIMIT", &["INFORM"]),
    ("VALIDATE", &["INFORM", "REFL_SIMPLE"]),
    ("BOUNDARY", &["LIMIT", "POLICY_WALL", "INFORM"]),
    ("REFL_SIMPLE", &["INFORM"]),
    ("REFL_COMPLEX", &["INFORM", "REFL_SIMPLE"]),
    ("NAME_FEELING", &["INFORM", "REFL_SIMPLE"]),
    ("INVOLVE", &["SOLVE", "ASK_CLOSED", "PRESCRIBE"]),
    ("CHOICE", &["SOLVE", "INFORM", "ASK_CLOSED", "INVOLVE"]),
    ("ORIENT", &["SOLVE", "INFORM"]),
];
/// Codes whose parts lie all over a turn, with the plainer codes that are those parts.
const TAKES_TURN: [(&str, &[&str]); 5] = [
    ("CLARIFY", &["INFORM", "REFL_SIMPLE"]),
    ("LIMIT", &["SOLVE", "INFORM"]),
    ("COMMIT", &["SOLVE", "INFORM", "PRESCRIBE", "ASK_CLOSED"]),
    ("BOUNDARY", &["CONCERN", "INFORM", "REFL_SIMPLE"]),
    ("REDIRECT", &["DEFLECT", "INFORM"]),
];
/// Codes that rest on the caller's facts: a sentence that only gives these back is their ground and no reflection.
const GROUNDED: [&str; 2] = ["VALIDATE", "AFFIRM"];
/// Words that must stand before a bridge, so that it bridges from something (decision).
const BRIDGE_WORDS: usize = 5;
/// Units of one sentence that are compared with each other.
const SENTENCE_UNITS_MAX: usize = 8;

#[derive(Clone, Copy)]
struct Candidate {
    rule: usize,
    unit: usize,
    sentence: usize,
}

/// The facts of one turn that rules ask about.
struct Turn<'a> {
    lexicon: &'a Lexicon,
    text: &'a Text,
    units: &'a [Unit],
    turn: Groups,
    sentences: Vec<Groups>,
    /// For each unit, whether it begins as a question does.
    asking: Vec<bool>,
    before: &'a Before<'a>,
}

/// Codes an agent's turn from its text, its units and the matches of its patterns.
pub fn code(lexicon: &Lexicon, text: &Text, units: &[Unit], hits: &[Hit], before: &Before) -> Read {
    if !intelligible(text) {
        return Read { codes: Vec::new(), abstained: true };
    }
    let turn = gather(lexicon, text, units, hits, before);
    let best = turn.best(hits);
    let mut kept: Vec<Candidate> = best.iter().filter(|c| turn.stands(c, &best)).copied().collect();
    let grounds = |c: &Candidate| GROUNDED.iter().any(|code| lexicon.rules[c.rule].code == *code);
    let grounded = kept.iter().any(grounds);
    let whole: Vec<usize> = TAKES_TURN
        .iter()
        .enumerate()
        .filter(|(_, (code, _))| kept.iter().any(|c| lexicon.rules[c.rule].code == *code))
        .map(|(at, _)| at)
        .collect();
    kept.retain(|c| {
        let code = &lexicon.rules[c.rule].code;
        let taken = whole.iter().any(|at| TAKES_TURN[*at].1.iter().any(|taken| *code == *taken));
        let rule = &lexicon.rules[c.rule];
        let plain = rule.echo || rule.confidence < STRONG && rule.code == "REFL_SIMPLE";
        let covered = taken || (grounded && plain);
        !covered
    });
    let weak = kept.iter().any(|c| lexicon.rules[c.rule].confidence < GUESS_LINE);
    kept.retain(|c| lexicon.rules[c.rule].confidence >= GUESS_LINE);
    let redeemed: Vec<bool> = kept.iter().map(|c| turn.redeemed(c, &kept)).collect();
    let mut codes: Vec<Found> = Vec::new();
    for (candidate, redeemed) in kept.iter().zip(redeemed) {
        if !redeemed {
            add(&mut codes, turn.found(candidate));
        }
    }
    codes.sort_by_key(|found| found.span.map(|span| (span.start, span.end)));
    Read { abstained: codes.is_empty() && weak, codes }
}

/// Keeps the stronger of two codes of one kind.
fn add(codes: &mut Vec<Found>, found: Found) {
    let strength = |f: &Found| (f.level, f.confidence);
    match codes.iter_mut().find(|known| known.code == found.code) {
        Some(known) if strength(known) >= strength(&found) => {}
        Some(known) => *known = found,
        None => codes.push(found),
    }
}

fn gather<'a>(
    lexicon: &'a Lexicon,
    text: &'a Text,
    units: &'a [Unit],
    hits: &[Hit],
    before: &'a Before,
) -> Turn<'a> {
    let n_groups = lexicon.patterns.n_groups();
    let mut turn = Groups::of(hits, n_groups);
    let mut sentences = Vec::with_capacity(text.sentences.len());
    let mut at = 0;
    for sentence in &text.sentences {
        let from = at;
        while hits.get(at).is_some_and(|hit| hit.from < sentence.to) {
            at += 1;
        }
        let mut groups = Groups::of(&hits[from..at], n_groups);
        if sentence.stop == Stop::Question {
            groups.add(lexicon.part("question"));
            turn.add(lexicon.part("question"));
        }
        sentences.push(groups);
    }
    if before.acknowledged || turn.has(lexicon.part("ack")) {
        turn.add(lexicon.part("acknowledged"));
    }
    let form = lexicon.part("question_form");
    let mut asking = vec![false; units.len()];
    for hit in hits.iter().filter(|hit| hit.group == form) {
        let at = units.partition_point(|unit| unit.to <= hit.from);
        asking[at] = true;
    }
    Turn { lexicon, text, units, turn, sentences, asking, before }
}

impl Turn<'_> {
    /// For each unit, its best strong rule and its best guess.
    fn best(&self, hits: &[Hit]) -> Vec<Candidate> {
        let mut out: Vec<Candidate> = Vec::new();
        let mut strong: Vec<Option<Candidate>> = vec![None; self.units.len()];
        let mut guess = strong.clone();
        let mut unit = 0;
        for hit in hits {
            while self.units.get(unit).is_some_and(|u| u.to <= hit.from) {
                unit += 1;
            }
            let Use::Rule(at) = self.lexicon.uses[hit.group] else { continue };
            let candidate = Candidate { rule: at, unit, sentence: self.units[unit].sentence };
            let rule = &self.lexicon.rules[at];
            let known =
                if rule.confidence >= STRONG { &mut strong[unit] } else { &mut guess[unit] };
            let key = |c: &Candidate| {
                let rule = &self.lexicon.rules[c.rule];
                (rule.rank, -((rule.confidence * 100.0) as i64))
            };
            if known.is_none_or(|known| key(&candidate) < key(&known)) && self.fits(rule, unit) {
                *known = Some(candidate);
            }
        }
        for (strong, guess) in strong.into_iter().zip(guess) {
            out.extend(strong.or(guess));
        }
        out
    }

    /// Whether the sentence gives the caller's own last words back.
    fn echoes(&self, unit: usize) -> bool {
        let sentence = self.text.sentences[self.units[unit].sentence];
        sentence.stop != Stop::Question
            && returns(self.text, sentence.from, sentence.to, self.before.last_echo(), self.lexicon)
    }

    fn asks(&self, unit: usize) -> bool {
        if self.asking[unit] {
            return true;
        }
        let unit = self.units[unit];
        let sentence = self.text.sentences[unit.sentence];
        sentence.stop == Stop::Question && unit.to == sentence.to
    }

    fn fits(&self, rule: &AgentRule, unit: usize) -> bool {
        let here = &self.sentences[self.units[unit].sentence];
        let cue = self.lexicon.part("cue_before");
        let held = self.lexicon.part("held_before");
        let in_turn = |&group: &usize| {
            self.turn.has(group)
                || group == cue && self.before.cue()
                || group == held && self.before.held()
        };
        rule.ask.is_none_or(|ask| ask == self.asks(unit))
            && rule.after_words.is_none_or(|after| after == (self.units[unit].from >= BRIDGE_WORDS))
            && (!rule.echo || self.echoes(unit))
            && rule.needs_here.iter().all(|&group| here.has(group))
            && !rule.without_here.iter().any(|&group| here.has(group))
            && rule.needs.iter().all(in_turn)
            && !rule.without.iter().any(in_turn)
            && (rule.lacks_one.is_empty() || !rule.lacks_one.iter().all(in_turn))
    }

    /// A guess about a statement stands only where its sentence has nothing stronger; plainer codes are taken in.
    fn stands(&self, candidate: &Candidate, all: &[Candidate]) -> bool {
        let rule = &self.lexicon.rules[candidate.rule];
        let from = all.partition_point(|c| c.sentence < candidate.sentence);
        let same = all[from..].iter().take_while(|c| c.sentence == candidate.sentence);
        let mut same = same.take(SENTENCE_UNITS_MAX).map(|c| &self.lexicon.rules[c.rule]);
        if rule.confidence >= STRONG || rule.ask == Some(true) {
            let takes_in = |other: &AgentRule| {
                let row = TAKES_IN.iter().find(|(code, _)| other.code == *code);
                let strong = other.confidence >= STRONG;
                strong && row.is_some_and(|(_, taken)| taken.iter().any(|code| rule.code == *code))
            };
            return !same.any(takes_in);
        }
        same.all(|other| other.confidence < STRONG)
    }

    /// A bare "I understand" that is followed at once by what was understood.
    fn redeemed(&self, candidate: &Candidate, all: &[Candidate]) -> bool {
        let rule = &self.lexicon.rules[candidate.rule];
        if &*rule.rule.0 != BARE_CLAIM {
            return false;
        }
        let from = all.partition_point(|c| c.unit <= candidate.unit);
        let next = all.get(from).filter(|c| c.unit <= candidate.unit + 1);
        next.is_some_and(|c| SHOWN.iter().any(|code| self.lexicon.rules[c.rule].code == *code))
    }

    fn found(&self, candidate: &Candidate) -> Found {
        let rule = &self.lexicon.rules[candidate.rule];
        let unit = self.units[candidate.unit];
        let sentence = self.text.sentences[unit.sentence];
        let by_words =
            || level(self.text, sentence.from, sentence.to, self.before.echo(), self.lexicon);
        let level = match rule.level {
            Some(level) => level,
            // A plain harmful phrase lands whole, whoever hears it.
            None if rule.harmful && rule.confidence >= STRONG => Level::Strong,
            None => by_words(),
        };
        Found {
            code: rule.code.clone(),
            subtype: rule.subtype.clone(),
            level,
            span: Some(span(self.text, unit.from, unit.to)),
            answers: None,
            confidence: rule.confidence,
            rule: rule.rule.clone(),
        }
    }
}

/// The turns that the coder looks at, with the index of the first.
pub fn recent(context: &Context) -> usize {
    context.turns.len().saturating_sub(limit::CONTEXT_TURNS_MAX)
}
