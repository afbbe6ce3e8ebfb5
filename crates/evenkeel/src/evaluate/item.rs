//! Turns with the labels that people or other coders gave them, from our gold or from public sets as JSON lines.

use anyhow::{Context as _, bail};
use serde::Deserialize;
use serde_json::Value;
use talk::{Context, Heard, Instant, Said, Seq, Speaker, Utterance};

/// What somebody said of a turn.
#[derive(Clone, Debug)]
pub enum Labels {
    GoldAgent {
        codes: Vec<String>,
        heard: Heard,
        rendering: String,
    },
    GoldCaller {
        emotions: Vec<String>,
        signs: Vec<String>,
        heard: Heard,
    },
    /// AnnoMI (Wu et al. 2022).
    Annomi {
        main: String,
        question: bool,
        reflection: bool,
        input: bool,
        question_subtype: String,
        reflection_subtype: String,
    },
    /// EPITOME (Sharma et al. 2020): levels 0 to 2 of emotional reaction, interpretation, exploration.
    Epitome {
        reaction: bool,
        interpretation: bool,
        exploration: bool,
    },
    /// ESConv (Liu et al. 2021).
    Esconv {
        strategy: String,
    },
    /// GoEmotions (Demszky et al. 2020).
    Emotions {
        emotions: Vec<String>,
        ekman: Vec<String>,
    },
}

/// One labelled turn.
#[derive(Clone, Debug)]
pub struct Item {
    /// The call, conversation or post it comes from: what is drawn anew for the intervals.
    pub group: String,
    pub utterance: Utterance,
    pub context: Context,
    pub labels: Labels,
}

impl Item {
    pub fn new(
        group: String,
        speaker: Speaker,
        text: String,
        turns: Vec<Said>,
        labels: Labels,
    ) -> Self {
        let utterance = Utterance { seq: Seq(0), speaker, text, at: Instant(0) };
        Self { group, utterance, context: Context { turns }, labels }
    }
}

#[derive(Deserialize)]
struct Row {
    conversation_id: String,
    speaker: String,
    #[serde(default)]
    context: Vec<Turn>,
    text: String,
    labels: Value,
}

#[derive(Deserialize)]
struct Turn {
    speaker: String,
    text: String,
}

/// Reads JSON lines of one of the public sets; turns without labels that are measured here are left out.
///
/// # Errors
/// When a line is not of such a set, with its number.
pub fn read(file: &str, text: &str) -> anyhow::Result<Vec<Item>> {
    let mut out = Vec::new();
    for (n, line) in (1..).zip(text.lines()) {
        if line.trim().is_empty() {
            continue;
        }
        let item = item(line).with_context(|| format!("{file}:{n}"))?;
        out.extend(item);
    }
    Ok(out)
}

fn item(line: &str) -> anyhow::Result<Option<Item>> {
    let row: Row = serde_json::from_str(line).context(
        "a line is {\"conversation_id\", \"speaker\", \"context\", \"text\", \"labels\"}",
    )?;
    let Some(labels) = labels(&row.labels) else { return Ok(None) };
    let speaker = speaker(&row.speaker)?;
    let mut turns = Vec::new();
    for turn in row.context {
        turns.push(Said {
            speaker: self::speaker(&turn.speaker)?,
            text: turn.text,
            heading: None,
            coded: None,
        });
    }
    Ok(Some(Item::new(row.conversation_id, speaker, row.text, turns, labels)))
}

fn speaker(name: &str) -> anyhow::Result<Speaker> {
    Ok(match name {
        "agent" => Speaker::Agent,
        "caller" => Speaker::Caller,
        "other" => Speaker::Other,
        _ => bail!("speaker `{name}` is unknown; use agent, caller or other"),
    })
}

fn labels(labels: &Value) -> Option<Labels> {
    let text = |name: &str| labels[name].as_str().unwrap_or_default().to_owned();
    let list = |name: &str| -> Vec<String> {
        let values = labels[name].as_array().into_iter().flatten();
        values.filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let flag = |name: &str| labels[name].as_bool().unwrap_or(false);
    let present = |name: &str| labels[name].as_u64().unwrap_or(0) > 0;
    if labels.get("main").is_some() {
        return Some(Labels::Annomi {
            main: text("main"),
            question: flag("question"),
            reflection: flag("reflection"),
            input: flag("therapist_input"),
            question_subtype: text("question_subtype"),
            reflection_subtype: text("reflection_subtype"),
        });
    }
    if labels.get("ER").is_some() {
        return Some(Labels::Epitome {
            reaction: present("ER"),
            interpretation: present("IP"),
            exploration: present("EX"),
        });
    }
    if labels.get("strategy").is_some() {
        return Some(Labels::Esconv { strategy: text("strategy") });
    }
    labels
        .get("emotions")
        .map(|_| Labels::Emotions { emotions: list("emotions"), ekman: list("ekman") })
}
