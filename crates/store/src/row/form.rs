//! The shape of a stored event, version 1. Fields are never renamed here: a new shape is a new version with a step.
//!
//! Plain data for serde; `into_row` and `from_row` convert.

use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(super) enum EventRow {
    Opened(Box<OpenedRow>),
    Said { text: String, at_ms: i64 },
    Coded(CodedRow),
    Noticed(NoticedRow),
    Felt { mood: MoodRow, reasons: Vec<ReasonRow> },
    Replied { reply: ReplyRow, at_ms: i64 },
    Ended { end: String, at_ms: i64 },
    Disagreed { turn: u32, code: String, note: String, withdrawn: bool, at_ms: i64 },
}

#[derive(Serialize, Deserialize)]
pub(super) struct OpenedRow {
    pub scenario: String,
    pub scenario_version: u32,
    pub seed: u64,
    pub coder: String,
    pub codebook: String,
    pub branched_from: Option<BranchRow>,
    pub mood: MoodRow,
    pub reply: ReplyRow,
    pub at_ms: i64,
}

#[derive(Serialize, Deserialize)]
pub(super) struct BranchRow {
    pub call: String,
    pub seq: u64,
}

#[derive(Serialize, Deserialize)]
pub(super) struct AffectRow {
    pub arousal: f64,
    pub distress: f64,
    pub trust: f64,
    pub heard: f64,
    pub shame: f64,
    pub agency: f64,
    pub danger: f64,
    pub progress: f64,
}

#[derive(Serialize, Deserialize)]
pub(super) struct MoodRow {
    pub affect: AffectRow,
    pub regime: Option<String>,
    pub reactivity: f64,
    pub style: String,
    pub open_request: bool,
    pub latent_risk: bool,
    pub danger_floor: f64,
    pub used: Vec<Vec<String>>,
    pub n_relational: u32,
    pub n_turns: u32,
    pub n_hot: u32,
    pub n_quiet: u32,
    pub held_turns: u32,
    pub voiced: String,
    pub safety_done: bool,
    pub left_at: Option<u32>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct ReasonRow {
    pub cause: String,
    pub step: AffectRow,
}

#[derive(Serialize, Deserialize)]
pub(super) struct ReplyRow {
    pub text: String,
    pub manner: Option<String>,
    pub act: String,
    pub lines: Vec<String>,
    pub told: Vec<String>,
    pub wants_answer: Option<bool>,
    pub heard: String,
}

#[derive(Serialize, Deserialize)]
pub(super) struct SpanRow {
    pub start: u64,
    pub end: u64,
}

#[derive(Serialize, Deserialize)]
pub(super) struct AnswersRow {
    pub context: u64,
    pub span: SpanRow,
}

#[derive(Serialize, Deserialize)]
pub(super) struct FoundRow {
    pub code: String,
    pub subtype: Option<String>,
    pub level: u8,
    pub span: Option<SpanRow>,
    pub answers: Option<AnswersRow>,
    pub confidence: f64,
    pub rule: String,
}

#[derive(Serialize, Deserialize)]
pub(super) struct SignRow {
    pub sign: String,
    pub span: SpanRow,
    pub confidence: f64,
}

#[derive(Serialize, Deserialize)]
pub(super) struct SafetyRow {
    pub heard: String,
    pub kinds: Vec<String>,
    pub spans: Vec<SpanRow>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct CodedRow {
    pub codes: Vec<FoundRow>,
    pub signs: Vec<SignRow>,
    pub safety: SafetyRow,
    pub abstained: bool,
    pub coder: String,
}

#[derive(Serialize, Deserialize)]
pub(super) struct AskedRow {
    pub fact: String,
    pub near: f64,
}

#[derive(Serialize, Deserialize)]
pub(super) struct NoticedRow {
    pub asked: Option<AskedRow>,
    pub steps: Vec<String>,
    pub details: Vec<String>,
    pub events: Vec<String>,
    pub trigger: Option<String>,
    pub safety_done: bool,
    pub closing: bool,
    pub handing_over: bool,
}
