//! One trace of `evenkeel trace`: JSON in, the states after each turn out.
//!
//! Not files (`trace`). It stays free of them, so that the fuzz target of this reader is small.

use std::collections::BTreeMap;

use call::affect::{self, AgentTurn};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use talk::{Affect, CodeId, Codebook, Heard, Level, Mood, Style, Variable};

#[derive(Deserialize)]
struct TraceRow {
    #[serde(default)]
    id: Value,
    #[serde(default)]
    start: BTreeMap<String, f64>,
    #[serde(default)]
    caller: CallerRow,
    turns: Vec<TurnRow>,
}

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct CallerRow {
    reactivity: f64,
    style: String,
    open_request: bool,
    latent_risk: bool,
    danger_floor: f64,
}

impl Default for CallerRow {
    fn default() -> Self {
        Self {
            reactivity: 1.0,
            style: "attack".to_owned(),
            open_request: true,
            latent_risk: false,
            danger_floor: 0.0,
        }
    }
}

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct TurnRow {
    codes: Vec<CodeRow>,
    events: Vec<String>,
    words: u32,
    trigger: bool,
    voiced: String,
    safety_done: bool,
}

impl Default for TurnRow {
    fn default() -> Self {
        Self {
            codes: Vec::new(),
            events: Vec::new(),
            words: 30,
            trigger: false,
            voiced: "nothing".to_owned(),
            safety_done: false,
        }
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum CodeRow {
    Strong(String),
    WithLevel(String, u8),
}

#[derive(Serialize)]
pub struct StatesRow {
    id: Value,
    states: Vec<serde_json::Map<String, Value>>,
    hung_up_at: Option<u32>,
}

/// The states of one trace, or what is wrong with it.
pub fn answer(book: &Codebook, text: &str) -> Result<StatesRow, String> {
    let row: TraceRow = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let mut mood = start(&row)?;
    let mut states = Vec::new();
    for (n, turn) in (1..).zip(&row.turns) {
        let turn = agent_turn(book, turn).map_err(|what| format!("turn {n}: {what}"))?;
        mood = affect::feel(book, &mood, &turn).mood;
        states.push(state_row(book, &mood));
        if mood.left_at.is_some() {
            break;
        }
    }
    Ok(StatesRow { id: row.id, states, hung_up_at: mood.left_at })
}

/// Callers react between 0.5 and 1.5 (codebook, `dynamics`); worked examples may go a little further.
const REACTIVITY_MAX: f64 = 10.0;

fn start(row: &TraceRow) -> Result<Mood, String> {
    let mut start: Affect = affect::ANGRY;
    for (name, value) in &row.start {
        let variable = Variable::parse(name)
            .ok_or_else(|| format!("start: `{name}` is not one of the eight variables"))?;
        within("start", name, *value, 1.0)?;
        start.set(variable, *value);
    }
    let mut mood = affect::fresh(start);
    mood.style = Style::parse(&row.caller.style).ok_or_else(|| {
        format!("caller: style `{}` is neither attack nor withdraw", row.caller.style)
    })?;
    within("caller", "danger_floor", row.caller.danger_floor, 1.0)?;
    within("caller", "reactivity", row.caller.reactivity, REACTIVITY_MAX)?;
    mood.reactivity = row.caller.reactivity;
    mood.open_request = row.caller.open_request;
    mood.latent_risk = row.caller.latent_risk;
    mood.danger_floor = row.caller.danger_floor;
    let danger = mood.affect.get(Variable::Danger).max(mood.danger_floor);
    mood.affect.set(Variable::Danger, danger);
    Ok(mood)
}

fn within(place: &str, name: &str, value: f64, most: f64) -> Result<(), String> {
    if (0.0..=most).contains(&value) {
        return Ok(());
    }
    Err(format!("{place}: {name} is {value}; it lies between 0 and {most}"))
}

fn agent_turn(book: &Codebook, row: &TurnRow) -> Result<AgentTurn, String> {
    let code = |row: &CodeRow| {
        let (id, level) = match row {
            CodeRow::Strong(id) => (id, 2),
            CodeRow::WithLevel(id, level) => (id, *level),
        };
        if id != "OTHER" && book.code(id).is_none() {
            return Err(format!("`{id}` is not a code of the codebook"));
        }
        let level = Level::from_number(level)
            .ok_or_else(|| format!("{id}: level {level} is neither 1 nor 2"))?;
        Ok((CodeId::new(id), level))
    };
    let event = |id: &String| {
        let known = book.event(id).map(|event| event.id.clone());
        known.ok_or_else(|| format!("`{id}` is not an event of the codebook"))
    };
    Ok(AgentTurn {
        codes: row.codes.iter().map(code).collect::<Result<_, _>>()?,
        events: row.events.iter().map(event).collect::<Result<_, _>>()?,
        n_words: row.words,
        trigger: row.trigger,
        voiced: Heard::parse(&row.voiced)
            .ok_or_else(|| format!("voiced: `{}` is not a safety word", row.voiced))?,
        safety_done: row.safety_done,
    })
}

fn state_row(book: &Codebook, mood: &Mood) -> serde_json::Map<String, Value> {
    let round = |x: f64| (x * 1e6).round() / 1e6;
    let mut row = serde_json::Map::new();
    for variable in Variable::ALL {
        row.insert(variable.as_str().to_owned(), round(mood.affect.get(variable)).into());
    }
    row.insert("regime".to_owned(), affect::regime(book, mood).as_str().into());
    row
}
