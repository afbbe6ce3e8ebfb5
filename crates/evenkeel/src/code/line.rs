//! One line of `evenkeel code`: JSON in, one JSON row out, and what is wrong with a line that is none.
//!
//! Not files, threads or progress (`code`). It stays free of them, so that the fuzz target of this reader is small.

use coder::Coder;
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

#[derive(Deserialize)]
struct SaidRow {
    speaker: String,
    text: String,
}

#[derive(Serialize)]
struct CodedRow<'a> {
    id: &'a Value,
    codes: Vec<FoundRow<'a>>,
    signs: Vec<SignRow<'a>>,
    safety: SafetyRow,
    abstained: bool,
    coder: &'a str,
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
struct ErrorRow {
    #[serde(skip_serializing_if = "Value::is_null")]
    id: Value,
    error: ErrorBody,
}

#[derive(Serialize)]
struct ErrorBody {
    code: &'static str,
    detail: String,
    line: u64,
}

/// A line that could not be coded.
struct Fault {
    id: Value,
    code: &'static str,
    detail: String,
}

/// A line with its number, counted from 1.
pub type Numbered = (u64, Line);

/// The answers to lines, in order, and whether one of them is an error.
pub fn code_lines(coder: &Coder, lines: &[Numbered]) -> (Vec<u8>, bool) {
    let mut out = Vec::with_capacity(lines.len() * 256);
    let mut broken = false;
    for (n, line) in lines {
        let answer = match line {
            Line::Text(text) if text.trim_matches(['\u{feff}', ' ', '\t']).is_empty() => continue,
            Line::Text(text) => code_line(coder, text, &mut out),
            Line::NotUtf8 => Err(fault(
                Value::Null,
                "not_utf8",
                "the line is not UTF-8; save the file as UTF-8".into(),
            )),
            Line::TooLong => {
                let detail = format!(
                    "the line is longer than {} bytes; one line is one turn",
                    output::LINE_BYTES_MAX
                );
                Err(fault(Value::Null, "line_too_long", detail))
            }
        };
        if let Err(fault) = answer {
            broken = true;
            let error = ErrorBody { code: fault.code, detail: fault.detail, line: *n };
            write_row(&mut out, &ErrorRow { id: fault.id, error });
        }
    }
    (out, broken)
}

fn fault(id: Value, code: &'static str, detail: String) -> Fault {
    Fault { id, code, detail }
}

fn code_line(coder: &Coder, line: &str, out: &mut Vec<u8>) -> Result<(), Fault> {
    let line = line.strip_prefix('\u{feff}').unwrap_or(line);
    let row: TurnRow = serde_json::from_str(line).map_err(|error| {
        // The id may still be legible; it helps to find the line.
        let value: Option<Value> = serde_json::from_str(line).ok();
        let id = value.and_then(|v| v.get("id").cloned()).unwrap_or(Value::Null);
        let code = if error.is_data() { "bad_field" } else { "bad_json" };
        fault(id, code, format!("{error}; a line is {{\"id\", \"speaker\", \"text\"}}"))
    })?;
    let Some(speaker) = speaker(&row.speaker) else {
        let detail = format!("speaker `{}` is unknown; use agent, caller or other", row.speaker);
        return Err(fault(row.id, "bad_speaker", detail));
    };
    let n_chars = row.text.chars().count();
    if n_chars > TEXT_CHARS_MAX {
        let detail = format!(
            "{n_chars} characters are too many for one turn; the limit is {TEXT_CHARS_MAX}, split it"
        );
        return Err(fault(row.id, "text_too_long", detail));
    }
    let mut turns = Vec::new();
    for said in row.context.into_iter().flatten() {
        let Some(speaker) = self::speaker(&said.speaker) else {
            let detail = format!(
                "context: speaker `{}` is unknown; use agent, caller or other",
                said.speaker
            );
            return Err(fault(row.id, "bad_speaker", detail));
        };
        if said.text.chars().count() > TEXT_CHARS_MAX {
            let detail =
                format!("context: a turn is longer than {TEXT_CHARS_MAX} characters; split it");
            return Err(fault(row.id, "text_too_long", detail));
        }
        turns.push(Said { speaker, text: said.text, heading: None, coded: None });
    }
    let utterance = Utterance { seq: Seq(0), speaker, text: row.text, at: Instant(0) };
    let coded = coder.code(&utterance, &Context { turns });
    write_row(out, &coded_row(&row.id, &coded, speaker));
    Ok(())
}

fn speaker(name: &str) -> Option<Speaker> {
    match name {
        "agent" => Some(Speaker::Agent),
        "caller" => Some(Speaker::Caller),
        "other" => Some(Speaker::Other),
        _ => None,
    }
}

fn coded_row<'a>(id: &'a Value, coded: &'a Coded, speaker: Speaker) -> CodedRow<'a> {
    let span = |span: talk::Span| [span.start, span.end];
    let round = |x: f64| (x * 1e4).round() / 1e4;
    let codes = coded.codes.iter().filter(|_| speaker != Speaker::Caller).map(|found| FoundRow {
        code: found.code.as_str(),
        subtype: found.subtype.as_deref(),
        level: found.level.number(),
        span: found.span.map(span),
        answers: found.answers.map(|a| AnswersRow { context: a.context, span: span(a.span) }),
        confidence: round(found.confidence),
        rule: &found.rule.0,
    });
    let signs = coded.signs.iter().filter(|_| speaker != Speaker::Agent).map(|sign| SignRow {
        sign: sign.sign.as_str(),
        span: span(sign.span),
        confidence: round(sign.confidence),
    });
    CodedRow {
        id,
        codes: codes.collect(),
        signs: signs.collect(),
        safety: SafetyRow {
            heard: coded.safety.heard.as_str(),
            kinds: coded.safety.kinds.iter().map(|kind| kind.as_str()).collect(),
            spans: coded.safety.spans.iter().map(|s| span(*s)).collect(),
        },
        abstained: coded.abstained,
        coder: &coded.coder.0,
    }
}

fn write_row(out: &mut Vec<u8>, row: &impl Serialize) {
    // Writing JSON of plain rows into memory does not fail.
    if serde_json::to_writer(&mut *out, row).is_ok() {
        out.push(b'\n');
    }
}
