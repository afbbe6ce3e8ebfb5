//! What the learnt network says of a turn, under the names of the codebook and as probabilities that mean what they say.
//!
//! It decides nothing: `lib` puts it beside the rules. Every probability is calibrated on the development split of the
//! gold (`training/calibrate.py`, `models/ear.md`), and so is every line at which it counts.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use ear::{Ear, Row, Said, Who};
use serde::Deserialize;
use talk::{CodeId, Codebook, Context, Heard, Kind, Span, Speaker};

use crate::CoderError;

/// The weights, their words and their calibration, inside the binary.
static WEIGHTS: &[u8] = include_bytes!("../../../models/ear.onnx");
const WORDS: &str = include_str!("../../../models/ear.words.txt");
const CALIBRATION: &str = include_str!("../../../models/ear.toml");

/// Share of a code's best piece at which its words still reach (decision: half as sure is still the same unit).
const REACH: f32 = 0.5;

#[derive(Deserialize)]
struct File {
    version: String,
    /// The outputs for a whole turn, in order: `code.X`, `level.X`, `emotion.x`, `sign.X`, `heard.x`, `kind.x`, `own.x`.
    turn: Vec<String>,
    /// The outputs for a piece, in order: `unit.none`, `unit.X`, `sign.X`, `safety`.
    token: Vec<String>,
    calibration: HashMap<String, Calibration>,
}

/// How a raw score becomes a probability, and from where on it counts.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Calibration {
    /// p = 1 / (1 + exp(-(scale * logit + shift + rule * confidence of the rules + piece * logit of the surest piece)))
    scale: f64,
    shift: f64,
    #[serde(default)]
    rule: f64,
    #[serde(default)]
    piece: f64,
    pub line: f64,
}

impl Calibration {
    fn probability(&self, logit: f64, rule: f64) -> f64 {
        sigmoid(self.scale * logit + self.shift + self.rule * rule)
    }

    fn with_piece(&self, logit: f64, piece: f64) -> f64 {
        sigmoid(self.scale * logit + self.shift + self.piece * piece)
    }
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// One code, as the network hears it.
#[derive(Clone, Copy, Debug)]
pub struct Hint {
    /// Before the rules have spoken.
    logit: f64,
    calibration: Calibration,
    pub strong: bool,
    /// The words it stands on; `None` where no piece of the turn can speak for it.
    pub span: Option<Span>,
    /// Whether some piece of the turn is more this code than all others together.
    pub spoken: bool,
}

impl Hint {
    /// How probable the code is, when the rules hold it with this confidence (0 when they do not).
    #[must_use]
    pub fn probability(&self, rule: f64) -> f64 {
        self.calibration.probability(self.logit, rule)
    }
    #[must_use]
    pub fn line(&self) -> f64 {
        self.calibration.line
    }
}

/// An emotion in a caller's words: how probable, and whether that is enough to say so.
#[derive(Clone, Debug, PartialEq)]
pub struct Emotion {
    pub label: Arc<str>,
    pub p: f64,
    pub on: bool,
}

/// A warning sign, as the network hears it.
#[derive(Clone, Debug)]
pub struct SignHint {
    pub sign: CodeId,
    pub p: f64,
    pub span: Span,
}

/// All that the network says of one turn as the words of one speaker.
#[derive(Debug)]
pub struct Listened {
    codes: HashMap<CodeId, Hint>,
    pub emotions: Vec<Emotion>,
    pub signs: Vec<SignHint>,
    /// The gravest step whose line is passed.
    pub heard: Heard,
    pub kinds: Vec<Kind>,
    pub safety_span: Span,
    /// In the agent's own words.
    pub own: Heard,
}

impl Listened {
    #[must_use]
    pub fn code(&self, code: &CodeId) -> Option<&Hint> {
        self.codes.get(code)
    }
}

/// The network with its names.
#[derive(Debug)]
pub struct Learnt {
    ear: Ear,
    calibration: HashMap<String, Calibration>,
    turn: HashMap<String, usize>,
    token: HashMap<String, usize>,
    codes: Vec<CodeId>,
    signs: Vec<CodeId>,
    emotions: Vec<Arc<str>>,
}

/// What stands before an agent's words of which nothing is known, such as a note: nearly every turn that the network learnt
/// from had a caller's before it, and without one the first network heard risk where there was none.
const STAND_IN: (Who, &str) =
    (Who::Caller, "I rang on Monday about the letter and nobody rang me back.");

const STEPS: [(&str, Heard); 4] = [
    ("heard.distress", Heard::Distress),
    ("heard.veiled", Heard::Veiled),
    ("heard.stated", Heard::Stated),
    ("heard.imminent", Heard::Imminent),
];
const OWN_STEPS: [(&str, Heard); 2] =
    [("own.distress", Heard::Distress), ("own.veiled", Heard::Veiled)];

/// The version of the weights inside the binary, without reading them.
pub fn version() -> Result<String, CoderError> {
    Ok(file()?.version)
}

fn file() -> Result<File, CoderError> {
    toml::from_str(CALIBRATION).map_err(|error| CoderError::Content {
        place: "models/ear.toml".to_owned(),
        what: error.to_string(),
        remedy: "take the file that belongs to the weights",
    })
}

/// The network of the binary, read when first asked for and then shared by the whole process.
///
/// # Errors
/// Never with the shipped files, which a test of this crate reads.
pub fn shipped() -> Result<&'static Learnt, CoderError> {
    static SHIPPED: OnceLock<Learnt> = OnceLock::new();
    if let Some(learnt) = SHIPPED.get() {
        return Ok(learnt);
    }
    let learnt = Learnt::read(&crate::codebook()?)?;
    Ok(SHIPPED.get_or_init(|| learnt))
}

impl Learnt {
    fn read(codebook: &Codebook) -> Result<Self, CoderError> {
        let wrong = |place: &str, what: String| CoderError::Content {
            place: place.to_owned(),
            what,
            remedy: "take the files that belong together; `training/run` writes all of them",
        };
        let ear = Ear::read(WEIGHTS, WORDS);
        let ear = ear.map_err(|error| wrong("models/ear.onnx", error.to_string()))?;
        let file = file()?;
        let at = |names: &[String]| -> HashMap<String, usize> {
            names.iter().enumerate().map(|(at, name)| (name.clone(), at)).collect()
        };
        let named = |prefix: &str| -> Vec<String> {
            file.turn
                .iter()
                .filter_map(|name| name.strip_prefix(prefix))
                .map(str::to_owned)
                .collect()
        };
        let (turn, token) = (at(&file.turn), at(&file.token));
        let codes: Vec<CodeId> = named("code.").iter().map(|code| CodeId::new(code)).collect();
        for entry in &codebook.codes {
            if !codes.contains(&entry.id) {
                return Err(wrong("models/ear.toml", format!("no output for {}", entry.id)));
            }
        }
        let signs = named("sign.").iter().map(|sign| CodeId::new(sign)).collect();
        let emotions = named("emotion.").iter().map(|label| Arc::from(label.as_str())).collect();
        let needed = file
            .turn
            .iter()
            .filter(|name| !name.starts_with("level.") && !file.calibration.contains_key(*name));
        if let Some(name) = needed.into_iter().next() {
            return Err(wrong("models/ear.toml", format!("{name} has no calibration")));
        }
        Ok(Self { ear, calibration: file.calibration, turn, token, codes, signs, emotions })
    }

    /// The rows that the network reads for one turn as the words of one speaker.
    #[must_use]
    pub fn rows(&self, text: &str, who: Who, context: &Context) -> Vec<Row> {
        let before = context.turns.last().map(|said| (teller(said.speaker), said.text.as_str()));
        let before = before.or_else(|| (who == Who::Agent).then_some(STAND_IN));
        self.ear.rows(who, text, before)
    }

    /// What the network says of rows, in their order. Empty when it fails, which leaves the rules to themselves.
    #[must_use]
    pub fn hear(&self, rows: &[&Row]) -> Vec<Said> {
        self.ear.hear(rows).unwrap_or_default()
    }

    /// Whether the network computes at all.
    ///
    /// # Errors
    /// When it does not; the error says why.
    pub fn try_out(&self) -> Result<(), CoderError> {
        let rows = self.rows("Hello.", Who::Caller, &Context::default());
        let said = self.ear.hear(&rows.iter().collect::<Vec<_>>());
        said.map(drop).map_err(|error| CoderError::Content {
            place: "models/ear.onnx".to_owned(),
            what: error.to_string(),
            remedy: "take the files that belong together; `training/run` writes all of them",
        })
    }

    /// Nearest probability from which on a turn without any code counts as unsure.
    #[must_use]
    pub fn abstain_line(&self) -> f64 {
        self.calibration.get("abstain").map_or(1.0, |calibration| calibration.line)
    }

    /// The meaning of texts as an agent's questions, in their order; empty when the network fails.
    #[must_use]
    pub fn meaning<'a>(&self, texts: impl IntoIterator<Item = &'a str>) -> Vec<Vec<f32>> {
        let first = |text| self.ear.rows(Who::Agent, text, None).into_iter().next();
        let rows: Vec<Row> = texts.into_iter().filter_map(first).collect();
        let said = self.hear(&rows.iter().collect::<Vec<_>>());
        said.into_iter().map(|said| said.meaning).collect()
    }

    /// How probable it is that two texts of this likeness (cosine) ask for the same, and the line for saying so.
    #[must_use]
    pub fn same_question(&self, likeness: f64) -> (f64, f64) {
        let calibration = self.calibration_of("meaning");
        (calibration.probability(likeness, 0.0), calibration.line)
    }

    fn calibration_of(&self, name: &str) -> Calibration {
        let never = Calibration { scale: 0.0, shift: -99.0, rule: 0.0, piece: 0.0, line: 1.0 };
        self.calibration.get(name).copied().unwrap_or(never)
    }

    /// Gives names to what was said of one turn, read as each speaker that it may be. `codes`: whether they are wanted.
    #[must_use]
    pub fn name(&self, readings: &[Reading<'_>], codes: bool) -> Listened {
        let mut out = Listened {
            codes: HashMap::new(),
            emotions: Vec::new(),
            signs: Vec::new(),
            heard: Heard::Nothing,
            kinds: Vec::new(),
            safety_span: Span { start: 0, end: 0 },
            own: Heard::Nothing,
        };
        for (who, rows, said) in readings {
            let spoken = Spoken { learnt: self, rows, said };
            if rows.iter().all(|row| row.pieces.is_empty()) || said.is_empty() {
                continue;
            }
            out.safety_span = spoken.reach("safety", ear::probability).unwrap_or(out.safety_span);
            match who {
                Who::Agent => {
                    out.own = spoken.gravest(&OWN_STEPS);
                    if codes {
                        let hint = |code: &CodeId| (code.clone(), spoken.code(code));
                        out.codes = self.codes.iter().map(hint).collect();
                    }
                }
                Who::Caller => {
                    out.heard = spoken.gravest(&STEPS);
                    out.kinds = spoken.kinds();
                    out.emotions =
                        self.emotions.iter().map(|label| spoken.emotion(label)).collect();
                    out.signs = self.signs.iter().filter_map(|sign| spoken.sign(sign)).collect();
                }
            }
        }
        out
    }
}

/// One turn as the words of one speaker: its rows, and what was said of them.
pub type Reading<'a> = (Who, &'a [Row], &'a [Said]);

/// As whom a turn is read: one that may be anybody's, as both; a caller's last, since it is the caller's safety that counts there.
pub const fn readers(speaker: Speaker) -> &'static [Who] {
    match speaker {
        Speaker::Agent => &[Who::Agent],
        Speaker::Caller => &[Who::Caller],
        Speaker::Other => &[Who::Agent, Who::Caller],
    }
}

/// Whose words stand before a turn.
const fn teller(speaker: Speaker) -> Who {
    match speaker {
        Speaker::Agent => Who::Agent,
        Speaker::Caller | Speaker::Other => Who::Caller,
    }
}

/// What was said of one turn, which may take several rows.
struct Spoken<'a> {
    learnt: &'a Learnt,
    rows: &'a [Row],
    said: &'a [Said],
}

impl Spoken<'_> {
    /// The highest logit of an output among the rows.
    fn logit(&self, name: &str) -> f64 {
        let Some(&at) = self.learnt.turn.get(name) else { return f64::NEG_INFINITY };
        let each = self.said.iter().filter_map(|said| said.turn.get(at));
        each.copied().map(f64::from).fold(f64::NEG_INFINITY, f64::max)
    }

    /// The highest logit of an output among the pieces of the rows.
    fn surest_piece(&self, name: &str) -> f64 {
        let Some(&at) = self.learnt.token.get(name) else { return f64::NEG_INFINITY };
        let pieces = self.said.iter().flat_map(|said| &said.pieces);
        pieces.map(|piece| f64::from(piece[at])).fold(f64::NEG_INFINITY, f64::max)
    }

    fn calibration(&self, name: &str) -> Calibration {
        self.learnt.calibration_of(name)
    }

    fn probability(&self, name: &str) -> (f64, bool) {
        let calibration = self.calibration(name);
        let p = calibration.probability(self.logit(name), 0.0);
        (p, p >= calibration.line)
    }

    /// A code's score is the mean of what the turn says and what its surest piece says.
    fn code(&self, code: &CodeId) -> Hint {
        let turn = 1.0 / (1.0 + (-self.logit(&format!("code.{code}"))).exp());
        let unit = format!("unit.{code}");
        let mut widest: f64 = 0.0;
        if let Some(&at) = self.learnt.token.get(&unit) {
            let n_units = self.units().len();
            for piece in self.said.iter().flat_map(|said| &said.pieces) {
                widest = widest.max(f64::from(share(&piece[..n_units], at)));
            }
        }
        // An omission has no piece that could speak for it.
        let piece = if *code == "DEFLECT" { turn } else { widest };
        let mean = f64::midpoint(turn, piece).clamp(1e-6, 1.0 - 1e-6);
        Hint {
            logit: (mean / (1.0 - mean)).ln(),
            calibration: self.calibration(&format!("code.{code}")),
            strong: self.logit(&format!("level.{code}")) >= 0.0,
            span: self.reach_unit(&unit),
            spoken: widest > 0.5,
        }
    }

    fn units(&self) -> Range<usize> {
        0..self.learnt.token.keys().filter(|name| name.starts_with("unit.")).count()
    }

    /// The words around the surest piece of a unit.
    fn reach_unit(&self, name: &str) -> Option<Span> {
        let n_units = self.units().len();
        let at = *self.learnt.token.get(name)?;
        self.reach_with(|piece| share(&piece[..n_units], at))
    }

    fn reach(&self, name: &str, score: fn(f32) -> f32) -> Option<Span> {
        let at = *self.learnt.token.get(name)?;
        self.reach_with(|piece| score(piece[at]))
    }

    fn reach_with(&self, score: impl Fn(&[f32]) -> f32) -> Option<Span> {
        let pieces: Vec<(f32, Span)> = self
            .rows
            .iter()
            .zip(self.said)
            .flat_map(|(row, said)| row.pieces.iter().zip(&said.pieces))
            .map(|(piece, scores)| {
                (score(scores), Span { start: piece.start as usize, end: piece.end as usize })
            })
            .collect();
        let (best, top) = pieces
            .iter()
            .enumerate()
            .map(|(at, (score, _))| (at, *score))
            .max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)))?;
        let near = |at: &usize| pieces[*at].0 >= REACH * top;
        let first = (0..best).rev().take_while(near).last().unwrap_or(best);
        let last = (best..pieces.len()).take_while(near).last().unwrap_or(best);
        let start = pieces[first..=last].iter().map(|(_, span)| span.start).min()?;
        let end = pieces[first..=last].iter().map(|(_, span)| span.end).max()?;
        Some(Span { start, end })
    }

    fn gravest(&self, steps: &[(&str, Heard)]) -> Heard {
        let piece = self.surest_piece("safety");
        let passed = steps.iter().filter(|(name, _)| {
            let calibration = self.calibration(name);
            calibration.with_piece(self.logit(name), piece) >= calibration.line
        });
        passed.map(|(_, heard)| *heard).max().unwrap_or(Heard::Nothing)
    }

    /// The kinds whose line is passed; the likeliest alone when none is.
    fn kinds(&self) -> Vec<Kind> {
        let all =
            Kind::ALL.map(|kind| (kind, self.probability(&format!("kind.{}", kind.as_str()))));
        let on: Vec<Kind> = all.iter().filter(|(_, (_, on))| *on).map(|(kind, _)| *kind).collect();
        if !on.is_empty() {
            return on;
        }
        let best = all.iter().max_by(|a, b| a.1.0.total_cmp(&b.1.0));
        best.map(|(kind, _)| *kind).into_iter().collect()
    }

    fn emotion(&self, label: &Arc<str>) -> Emotion {
        let (p, on) = self.probability(&format!("emotion.{label}"));
        Emotion { label: Arc::clone(label), p, on }
    }

    fn sign(&self, sign: &CodeId) -> Option<SignHint> {
        let name = format!("sign.{sign}");
        let (p, on) = self.probability(&name);
        let span = on.then(|| self.reach(&name, ear::probability)).flatten()?;
        Some(SignHint { sign: sign.clone(), p, span })
    }
}

/// The softmax share of one unit among all.
fn share(scores: &[f32], at: usize) -> f32 {
    let top = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let sum: f32 = scores.iter().map(|score| (score - top).exp()).sum();
    (scores[at] - top).exp() / sum
}
