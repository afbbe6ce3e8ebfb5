//! The reader of a plan: simulated agents with their lines, and how each call must end.
//! Plays nothing. Called by `parse_plan`.

use talk::limit::{CALL_TURNS_MAX, UTTERANCE_CHARS_MAX};
use talk::{End, Heard, Seed};

use crate::compile::file_stem;
use crate::diagnostic::{Faults, Place, quote, suggest};
use crate::fields::{is_id, plain_number};
use crate::plan::{Bound, Expect, Move, Plan, PlannedAgent, SafetyOutcome};
use crate::program::Program;
use crate::source::{self, SourceLine, Text};
use crate::{limit, lint, table};

const KEYS: [&str; 6] = ["seeds", "ends", "heard", "trust", "case", "safety"];
const AGENTS: [&str; 3] = ["good", "careless", "harmful"];

/// One agent as it is read.
struct Draft {
    agent: PlannedAgent,
    place: Place,
    /// The turns, with their places.
    turns: Vec<Text>,
    ended: bool,
    keys: Vec<&'static str>,
    /// Where the safety expectation stands.
    safety_place: Place,
}

struct Reader<'a> {
    file: &'a str,
    scenario: Option<Text>,
    agents: Vec<Draft>,
    /// Whether an indented line goes on with the last turn.
    in_turn: bool,
    faults: &'a mut Faults,
}

/// Reads a plan. `None` where the file is too large or names no scenario.
pub(crate) fn read(
    file: &str,
    text: &str,
    program: Option<&Program>,
    faults: &mut Faults,
) -> Option<Plan> {
    let lines = source::lines(text, faults)?;
    let mut rest = lines.iter().filter(|line| !line.is_note() && !line.text.is_empty());
    let mut reader = Reader { file, scenario: None, agents: Vec::new(), in_turn: false, faults };
    match rest.next() {
        Some(line) if line.text == "evenkeel plan 1" => {}
        Some(line) => {
            let message = format!("the file begins with {}", quote(&line.text));
            reader.faults.add(&table::PLAN_FORMAT, line.place(), message);
        }
        None => reader.faults.add(&table::PLAN_FORMAT, Place::START, "the file is empty"),
    }
    for line in rest {
        reader.line(line);
    }
    reader.finish(program)
}

impl Reader<'_> {
    fn line(&mut self, line: &SourceLine) {
        let text = line.text.as_str();
        if text.starts_with("==") && line.indent < 2 {
            self.section(line);
        } else if let Some(words) = text.strip_prefix('>') {
            self.say(line, words.trim());
        } else if line.indent >= 2
            && self.in_turn
            && let Some(turn) = self.agents.last_mut().and_then(|draft| draft.turns.last_mut())
        {
            if !turn.join(text, line.place()) {
                let message = format!("a turn has more than {} bytes", limit::ITEM_BYTES_MAX);
                self.faults.add(&table::PLAN_TURN, line.place(), message);
            }
        } else if text == "end the call" {
            self.end_call(line);
        } else if let Some((key, value)) = text.split_once(':') {
            self.key(line, key.trim(), value);
        } else {
            let message = format!("{} is no turn, no key and no move", quote(text));
            self.faults.add(&table::PLAN_STRAY, line.place(), message);
        }
    }

    fn section(&mut self, line: &SourceLine) {
        self.in_turn = false;
        let name = line.text.trim_matches('=').trim();
        if !line.text.ends_with("==") || !is_id(name) {
            let message = format!("{} names no agent", quote(&line.text));
            self.faults.add(&table::PLAN_BAD_SECTION, line.place(), message);
        }
        if self.agents.iter().any(|draft| draft.agent.name == name) {
            let message = format!("the agent {} stands twice", quote(name));
            self.faults.add(&table::PLAN_TWICE, line.place(), message);
        }
        if self.agents.len() >= limit::AGENTS_MAX {
            let message = format!("more than {} agents", limit::AGENTS_MAX);
            self.faults.add(&table::PLAN_TOO_MANY, line.place(), message);
            return;
        }
        self.agents.push(Draft {
            agent: PlannedAgent {
                name: name.to_owned(),
                seeds: Vec::new(),
                moves: Vec::new(),
                expect: Expect::default(),
            },
            place: line.place(),
            turns: Vec::new(),
            ended: false,
            keys: Vec::new(),
            safety_place: line.place(),
        });
    }

    fn say(&mut self, line: &SourceLine, words: &str) {
        self.in_turn = false;
        let Some(draft) = self.agents.last_mut() else {
            let message = "a turn stands before the first agent";
            self.faults.add(&table::PLAN_STRAY, line.place(), message);
            return;
        };
        if draft.ended {
            let message = "a turn stands after the end of the call";
            self.faults.add(&table::PLAN_AFTER_END, line.place(), message);
        }
        if words.is_empty() {
            self.faults.add(&table::PLAN_TURN, line.place(), "a turn without words");
            return;
        }
        let n_max = usize::try_from(CALL_TURNS_MAX).unwrap_or(usize::MAX);
        if draft.turns.len() >= n_max {
            let message = format!("more than {CALL_TURNS_MAX} turns");
            self.faults.add(&table::PLAN_TOO_MANY, line.place(), message);
            return;
        }
        let at = line.text.chars().count() - words.chars().count();
        draft.turns.push(Text::new(words, line.place_after(at)));
        self.in_turn = true;
    }

    fn end_call(&mut self, line: &SourceLine) {
        self.in_turn = false;
        match self.agents.last_mut() {
            None => {
                let message = "the call ends before the first agent";
                self.faults.add(&table::PLAN_STRAY, line.place(), message);
            }
            Some(draft) if draft.ended => {
                let message = "the call has ended already";
                self.faults.add(&table::PLAN_AFTER_END, line.place(), message);
            }
            Some(draft) => draft.ended = true,
        }
    }

    fn key(&mut self, line: &SourceLine, key: &str, value: &str) {
        self.in_turn = false;
        let words = value.trim();
        let at = line.text.chars().count() - value.trim_start().chars().count();
        let value = Text::new(words, line.place_after(at));
        let Some(draft) = self.agents.last_mut() else {
            if key != "scenario" {
                let message = format!("{} stands before the first agent", quote(key));
                let remedy = suggest(key, ["scenario"]);
                self.faults.add_with(&table::PLAN_UNKNOWN_KEY, line.place(), message, remedy);
            } else if self.scenario.is_some() {
                self.faults.add(&table::PLAN_TWICE, line.place(), "`scenario` stands twice");
            } else {
                self.scenario = Some(value);
            }
            return;
        };
        let Some(known) = KEYS.into_iter().find(|known| *known == key) else {
            let message = format!("an agent knows no key {}", quote(key));
            let remedy = suggest(key, KEYS);
            self.faults.add_with(&table::PLAN_UNKNOWN_KEY, line.place(), message, remedy);
            return;
        };
        if draft.keys.contains(&known) {
            self.faults.add(&table::PLAN_TWICE, line.place(), format!("`{key}` stands twice"));
            return;
        }
        draft.keys.push(known);
        if words.is_empty() {
            self.faults.add(&table::PLAN_MISSING, line.place(), format!("`{key}` has no value"));
            return;
        }
        let expect = &mut draft.agent.expect;
        match known {
            "seeds" => draft.agent.seeds = seeds(&value, self.faults),
            "ends" => expect.ends = ends(&value, self.faults),
            "heard" => expect.heard = bound(&value, self.faults),
            "trust" => expect.trust = bound(&value, self.faults),
            "case" => expect.case = bound(&value, self.faults),
            // KEYS holds no other word.
            _ => {
                expect.safety = outcomes(&value, self.faults);
                draft.safety_place = value.place;
            }
        }
    }

    fn finish(self, program: Option<&Program>) -> Option<Plan> {
        let Reader { file, scenario, agents, faults, .. } = self;
        check_scenario(file, scenario.as_ref(), program, faults);
        for name in AGENTS {
            if !agents.iter().any(|draft| draft.agent.name == name) {
                let message = format!("there is no `== {name} ==`");
                faults.add(&table::PLAN_FEW_AGENTS, Place::START, message);
            }
        }
        let agents = agents.into_iter().map(|draft| finish_agent(draft, program, faults)).collect();
        Some(Plan { scenario: scenario?.words, agents })
    }
}

fn check_scenario(
    file: &str,
    scenario: Option<&Text>,
    program: Option<&Program>,
    faults: &mut Faults,
) {
    let Some(scenario) = scenario.filter(|text| !text.words.is_empty()) else {
        faults.add(&table::PLAN_MISSING, Place::START, "the plan names no `scenario:`");
        return;
    };
    let stem = file_stem(file, ".plan");
    let other = match program {
        Some(program) if program.id != scenario.words => Some(program.id.as_str()),
        Some(_) | None => (stem != scenario.words).then_some(stem),
    };
    if let Some(other) = other {
        let message = format!("{} stands beside {}", quote(&scenario.words), quote(other));
        faults.add(&table::PLAN_OTHER_SCENARIO, scenario.place, message);
    }
}

fn finish_agent(draft: Draft, program: Option<&Program>, faults: &mut Faults) -> PlannedAgent {
    let Draft { mut agent, place, turns, ended, keys, safety_place } = draft;
    for turn in &turns {
        if turn.words.chars().count() > UTTERANCE_CHARS_MAX {
            let message = format!("a turn has more than {UTTERANCE_CHARS_MAX} characters");
            faults.add(&table::PLAN_TURN, turn.place, message);
        }
        // What a harmful agent says is meant to hurt; only methods stay out.
        lint::check_text(turn, true, faults);
    }
    agent.moves = turns.into_iter().map(|turn| Move::Say(turn.words)).collect();
    if ended {
        agent.moves.push(Move::EndCall);
    }
    let name = quote(&agent.name);
    if agent.moves.is_empty() {
        faults.add(&table::PLAN_MISSING, place, format!("the agent {name} has no turn"));
    }
    if !keys.contains(&"seeds") {
        faults.add(&table::PLAN_MISSING, place, format!("the agent {name} has no `seeds:`"));
    }
    if agent.expect == Expect::default() {
        let message = format!("nothing is expected of the agent {name}");
        faults.add(&table::PLAN_EXPECTS_NOTHING, place, message);
    }
    let is_riskless = program.is_some_and(|p| p.caller.safety.truth < Heard::Veiled);
    let safety = &agent.expect.safety;
    if is_riskless && !safety.is_empty() && !safety.contains(&SafetyOutcome::NoCue) {
        let message = "this scenario voices no cue, so only `no_cue` can come out";
        faults.add(&table::PLAN_IMPOSSIBLE, safety_place, message);
    }
    agent
}

fn seeds(value: &Text, faults: &mut Faults) -> Vec<Seed> {
    let words = value.split_commas();
    if words.len() > limit::SEEDS_MAX {
        let message = format!("more than {} seeds", limit::SEEDS_MAX);
        faults.add(&table::PLAN_TOO_MANY, value.place, message);
    }
    let mut out = Vec::new();
    for word in words.iter().take(limit::SEEDS_MAX) {
        match word.words.parse::<u64>() {
            Ok(seed) => out.push(Seed(seed)),
            Err(_) => {
                let message = format!("{} is no seed", quote(&word.words));
                faults.add(&table::PLAN_BAD_NUMBER, word.place, message);
            }
        }
    }
    out
}

fn ends(value: &Text, faults: &mut Faults) -> Vec<End> {
    // A planned agent never stops practising.
    let known = || End::ALL.into_iter().filter(|end| *end != End::StoppedByAgent);
    let mut out = Vec::new();
    for word in value.split_commas() {
        match known().find(|end| end.as_str() == word.words) {
            Some(end) => out.push(end),
            None => {
                let message = format!("{} is no end of a planned call", quote(&word.words));
                let remedy = suggest(&word.words, known().map(End::as_str));
                faults.add_with(&table::PLAN_UNKNOWN_END, word.place, message, remedy);
            }
        }
    }
    out
}

fn outcomes(value: &Text, faults: &mut Faults) -> Vec<SafetyOutcome> {
    let mut out = Vec::new();
    for word in value.split_commas() {
        match SafetyOutcome::parse(&word.words) {
            Some(outcome) => out.push(outcome),
            None => {
                let message = format!("{} is no safety outcome", quote(&word.words));
                let remedy = suggest(&word.words, SafetyOutcome::ALL.map(SafetyOutcome::as_str));
                faults.add_with(&table::PLAN_UNKNOWN_SAFETY, word.place, message, remedy);
            }
        }
    }
    out
}

fn bound(value: &Text, faults: &mut Faults) -> Option<Bound> {
    let words = value.words.as_str();
    let least = words.strip_prefix("at least ").map(|rest| (rest, true));
    let found = least.or_else(|| words.strip_prefix("at most ").map(|rest| (rest, false)));
    let number = found.and_then(|(rest, is_least)| {
        let number = plain_number(rest.trim()).filter(|n| *n <= 1.0)?;
        Some(if is_least { Bound::AtLeast(number) } else { Bound::AtMost(number) })
    });
    if number.is_none() {
        faults.add(&table::PLAN_BAD_NUMBER, value.place, format!("{} is no bound", quote(words)));
    }
    number
}
