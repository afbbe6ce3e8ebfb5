//! One turn of `evenkeel code`: a line of JSON or a row of a table in, one answer out, and what is wrong with one that is none.
//!
//! Not files, threads or progress (`code`). It stays free of them, so that the fuzz target of this reader is small.

use std::collections::BTreeMap;

use coder::{Coder, Emotion};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use talk::code::Coded;
use talk::{Context, Instant, Said, Seq, Speaker, Utterance};

use crate::output::{self, Line};

/// Unicode scalar values in one turn of a transcript. A longer one is refused: it is not one turn.
const TEXT_CHARS_MAX: usize = 50_000;

#[derive(Deserialize)]
struct TurnRow {
    #[serde(default)]
    id: Value,
    speaker: String,
    #[serde(default)]
    context: Option<Vec<SaidRow>>,
    text: String,
}

/// A turn of the context.
#[derive(Deserialize)]
pub struct SaidRow {
    speaker: String,
    text: String,
}

#[derive(Serialize)]
struct EmotionRow {
    p: f64,
    on: bool,
}

#[derive(Serialize)]
struct FoundRow<'a> {
    code: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    subtype: Option<&'a str>,
    level: u8,
    span: Option<[usize; 2]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    answers: Option<AnswersRow>,
    confidence: f64,
    rule: &'a str,
}

#[derive(Serialize)]
struct AnswersRow {
    context: usize,
    span: [usize; 2],
}

#[derive(Serialize)]
struct SignRow<'a> {
    sign: &'a str,
    span: [usize; 2],
    confidence: f64,
}

#[derive(Serialize)]
struct SafetyRow {
    heard: &'static str,
    kinds: Vec<&'static str>,
    spans: Vec<[usize; 2]>,
}

#[derive(Serialize)]
struct ErrorBody<'a> {
    code: &'static str,
    detail: &'a str,
    line: u64,
}

/// A line that could not be coded.
pub struct Fault {
    pub id: Value,
    pub code: &'static str,
    pub detail: String,
}

/// An answer, each part as JSON: a line joins them, a table has a column for each.
pub struct Cells {
    pub id: String,
    pub codes: String,
    pub signs: String,
    pub safety: String,
    /// Empty for agents.
    pub emotions: String,
    pub abstained: bool,
    pub coder: String,
    /// Nothing but this and the id when the turn could not be coded.
    pub error: String,
}

/// A line with its number, counted from 1.
pub type Numbered = (u64, Line);

/// A line that can be coded.
pub struct Turn {
    id: Value,
    utterance: Utterance,
    context: Context,
}

/// A turn or what is wrong with it, and the number of its line or row, counted from 1.
pub type Read = (u64, Result<Turn, Fault>);

/// The answers to lines, in order, and whether one of them is an error.
#[allow(dead_code)] // The fuzz target calls it.
pub fn code_lines(coder: &Coder, lines: &[Numbered]) -> (Vec<u8>, bool) {
    let read: Vec<Read> =
        lines.iter().filter_map(|(n, line)| Some((*n, read_line(line)?))).collect();
    let mut out = Vec::with_capacity(lines.len() * 256);
    let answers = answer(coder, &read);
    answers.iter().for_each(|cells| cells.write_line(&mut out));
    (out, answers.iter().any(|cells| !cells.error.is_empty()))
}

/// The answers to turns, in order.
pub fn answer(coder: &Coder, read: &[Read]) -> Vec<Cells> {
    let turns: Vec<_> = read
        .iter()
        .filter_map(|(_, turn)| turn.as_ref().ok())
        .map(|turn| (&turn.utterance, &turn.context))
        .collect();
    let mut coded = coder.code_all(&turns).into_iter();
    let mut out = Vec::with_capacity(read.len());
    for (line, turn) in read {
        match turn {
            Ok(Turn { id, utterance, .. }) => {
                let Some((coded, emotions)) = coded.next() else { break };
                out.push(Cells::coded(id, &coded, &emotions, utterance.speaker));
            }
            Err(Fault { id, code, detail }) => {
                let error = ErrorBody { code, detail, line: *line };
                out.push(Cells::broken(id, &error));
            }
        }
    }
    out
}

/// A line as a turn; `None` when it is blank.
pub fn read_line(line: &Line) -> Option<Result<Turn, Fault>> {
    let words = match line {
        Line::Text(text) if text.trim_matches(['\u{feff}', ' ', '\t']).is_empty() => return None,
        Line::Text(text) => return Some(read_turn(text)),
        Line::NotUtf8 => ("not_utf8", "the line is not UTF-8; save the file as UTF-8".into()),
        Line::TooLong => {
            let n = output::LINE_BYTES_MAX;
            ("line_too_long", format!("the line is longer than {n} bytes; one line is one turn"))
        }
    };
    Some(Err(fault(Value::Null, words.0, words.1)))
}

pub fn fault(id: Value, code: &'static str, detail: String) -> Fault {
    Fault { id, code, detail }
}

fn read_turn(line: &str) -> Result<Turn, Fault> {
    let line = line.strip_prefix('\u{feff}').unwrap_or(line);
    let row: TurnRow = serde_json::from_str(line).map_err(|error| {
        // The id may still be legible; it helps to find the line.
        let value: Option<Value> = serde_json::from_str(line).ok();
        let id = value.and_then(|v| v.get("id").cloned()).unwrap_or(Value::Null);
        let code = if error.is_data() { "bad_field" } else { "bad_json" };
        fault(id, code, format!("{error}; a line is {{\"id\", \"speaker\", \"text\"}}"))
    })?;
    turn(row.id, &row.speaker, row.context.unwrap_or_default(), row.text)
}

/// A turn of its parts.
pub fn turn(id: Value, who: &str, context: Vec<SaidRow>, text: String) -> Result<Turn, Fault> {
    let Some(speaker) = speaker(who) else {
        let detail = format!("speaker `{who}` is unknown; use agent, caller or other");
        return Err(fault(id, "bad_speaker", detail));
    };
    let n_chars = text.chars().count();
    if n_chars > TEXT_CHARS_MAX {
        let detail = format!(
            "{n_chars} characters are too many for one turn; the limit is {TEXT_CHARS_MAX}, split it"
        );
        return Err(fault(id, "text_too_long", detail));
    }
    let mut turns = Vec::new();
    for said in context {
        let Some(speaker) = self::speaker(&said.speaker) else {
            let detail = format!(
                "context: speaker `{}` is unknown; use agent, caller or other",
                said.speaker
            );
            return Err(fault(id, "bad_speaker", detail));
        };
        if said.text.chars().count() > TEXT_CHARS_MAX {
            let detail =
                format!("context: a turn is longer than {TEXT_CHARS_MAX} characters; split it");
            return Err(fault(id, "text_too_long", detail));
        }
        turns.push(Said { speaker, text: said.text, heading: None, coded: None });
    }
    let utterance = Utterance { seq: Seq(0), speaker, text, at: Instant(0) };
    Ok(Turn { id, utterance, context: Context { turns } })
}

fn speaker(name: &str) -> Option<Speaker> {
    match name {
        "agent" => Some(Speaker::Agent),
        "caller" => Some(Speaker::Caller),
        "other" => Some(Speaker::Other),
        _ => None,
    }
}

fn json(value: &impl Serialize) -> String {
    // Plain rows always become JSON.
    serde_json::to_string(value).unwrap_or_default()
}

impl Cells {
    fn coded(id: &Value, coded: &Coded, emotions: &[Emotion], speaker: Speaker) -> Self {
        let span = |span: talk::Span| [span.start, span.end];
        let round = |x: f64| (x * 1e4).round() / 1e4;
        let codes =
            coded.codes.iter().filter(|_| speaker != Speaker::Caller).map(|found| FoundRow {
                code: found.code.as_str(),
                subtype: found.subtype.as_deref(),
                level: found.level.number(),
                span: found.span.map(span),
                answers: found
                    .answers
                    .map(|a| AnswersRow { context: a.context, span: span(a.span) }),
                confidence: round(found.confidence),
                rule: &found.rule.0,
            });
        let signs = coded.signs.iter().filter(|_| speaker != Speaker::Agent).map(|sign| SignRow {
            sign: sign.sign.as_str(),
            span: span(sign.span),
            confidence: round(sign.confidence),
        });
        let safety = SafetyRow {
            heard: coded.safety.heard.as_str(),
            kinds: coded.safety.kinds.iter().map(|kind| kind.as_str()).collect(),
            spans: coded.safety.spans.iter().map(|s| span(*s)).collect(),
        };
        let emotions: BTreeMap<&str, EmotionRow> = emotions
            .iter()
            .map(|emotion| (&*emotion.label, EmotionRow { p: round(emotion.p), on: emotion.on }))
            .collect();
        Self {
            id: json(id),
            codes: json(&codes.collect::<Vec<_>>()),
            signs: json(&signs.collect::<Vec<_>>()),
            safety: json(&safety),
            emotions: if emotions.is_empty() { String::new() } else { json(&emotions) },
            abstained: coded.abstained,
            coder: coded.coder.0.to_string(),
            error: String::new(),
        }
    }

    fn broken(id: &Value, error: &ErrorBody<'_>) -> Self {
        let none = String::new;
        let id = if id.is_null() { none() } else { json(id) };
        Self {
            id,
            codes: none(),
            signs: none(),
            safety: none(),
            emotions: none(),
            abstained: false,
            coder: none(),
            error: json(error),
        }
    }

    /// The answer as one line of JSON.
    pub fn write_line(&self, out: &mut Vec<u8>) {
        let Self { id, codes, signs, safety, emotions, abstained, coder, error } = self;
        let line = if !error.is_empty() {
            let id = if id.is_empty() { String::new() } else { format!("\"id\":{id},") };
            format!("{{{id}\"error\":{error}}}\n")
        } else {
            let emotions = if emotions.is_empty() {
                String::new()
            } else {
                format!("\"emotions\":{emotions},")
            };
            format!(
                "{{\"id\":{id},\"codes\":{codes},\"signs\":{signs},\"safety\":{safety},{emotions}\"abstained\":{abstained},\"coder\":{}}}\n",
                json(coder)
            )
        };
        out.extend_from_slice(line.as_bytes());
    }
}
