//! What is measured on each set, through the crosswalk: our codes read against the labels of others.

use std::collections::BTreeMap;

use anyhow::Context as _;
use coder::Emotion;
use serde::Deserialize;
use talk::{Codebook, Coded, Heard};

use super::item::{Item, Labels};
use super::tally::{Figure, Tally};
use crate::content;

const MAIN: [&str; 4] = ["question", "reflection", "therapist_input", "other"];

/// `content/codebook/crosswalk.toml`, as far as it is used here: a label counts as given when any of its codes is there.
#[derive(Deserialize)]
pub struct Crosswalk {
    annomi: BTreeMap<String, Value>,
    epitome: BTreeMap<String, Vec<String>>,
    esconv: BTreeMap<String, Vec<String>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Value {
    Codes(Vec<String>),
    Words(#[allow(dead_code)] String),
}

impl Crosswalk {
    pub fn shipped() -> anyhow::Result<Self> {
        toml::from_str(&content::text("codebook/crosswalk.toml")?)
            .context("codebook/crosswalk.toml")
    }

    fn annomi(&self, label: &str) -> &[String] {
        match self.annomi.get(label) {
            Some(Value::Codes(codes)) => codes,
            Some(Value::Words(_)) | None => &[],
        }
    }
}

/// One thing that was measured.
pub struct Measure {
    pub set: &'static str,
    pub what: &'static str,
    pub figures: &'static [Figure],
    pub tally: Tally,
    /// Whether the figure of every label is worth a line.
    pub each: bool,
}

/// Everything that is measured, and the confidences that were given out with what came of them.
pub struct Sets {
    walk: Crosswalk,
    measures: Vec<Measure>,
    pub confidences: Vec<(f64, bool)>,
    pub n_abstained: u32,
    pub n_agent: u32,
}

const PRESENT: &[Figure] = &[Figure::Kappa, Figure::F1];

impl Sets {
    pub fn new(book: &Codebook) -> anyhow::Result<Self> {
        let codes = || book.codes.iter().map(|entry| entry.id.to_string());
        let signs = book.signs.iter().map(|entry| entry.id.to_string());
        let mut measures = Vec::new();
        let mut add = |set, what, figures, tally, each| {
            measures.push(Measure { set, what, figures, tally, each });
        };
        let heard: &[Figure] = &[Figure::Recall, Figure::FalseAlarms];
        add("gold", "codes", &[Figure::MacroF1, Figure::MicroF1], Tally::new(codes()), true);
        for what in ["codes, plain", "codes, second language", "codes, speech recognition"] {
            add("gold", what, &[Figure::MacroF1], Tally::new(codes()), false);
        }
        add("gold", "callers' safety words", heard, Tally::new(["heard"]), false);
        add("gold", "agents' own risk", heard, Tally::new(["heard"]), false);
        add("gold", "signs", &[Figure::MacroF1], Tally::new(signs), false);
        add("gold", "emotions", &[Figure::MacroF1], Tally::new(labels_of("")), false);
        for what in ["question", "reflection", "therapist_input"] {
            add("annomi", what, PRESENT, Tally::new([what]), false);
        }
        add("annomi", "main behaviour", &[Figure::MacroF1], Tally::new(MAIN), true);
        add("annomi", "open or closed", &[Figure::MacroF1], Tally::new(["open", "closed"]), false);
        add(
            "annomi",
            "simple or complex",
            &[Figure::MacroF1],
            Tally::new(["simple", "complex"]),
            false,
        );
        for what in ["emotional reaction", "interpretation", "exploration"] {
            add("epitome", what, &[Figure::BothF1, Figure::Kappa], Tally::new([what]), false);
        }
        let strategies = [
            "Question",
            "Restatement or Paraphrasing",
            "Reflection of feelings",
            "Affirmation and Reassurance",
            "Providing Suggestions",
            "Information",
        ];
        for what in strategies {
            add("esconv", what, &[Figure::F1], Tally::new([what]), false);
        }
        add("goemotions", "28 labels", &[Figure::MacroF1], Tally::new(labels_of("")), true);
        add(
            "goemotions",
            "Ekman",
            &[Figure::MacroF1],
            Tally::new(EKMAN.map(|(name, _)| name)),
            false,
        );
        let walk = Crosswalk::shipped()?;
        Ok(Self { walk, measures, confidences: Vec::new(), n_abstained: 0, n_agent: 0 })
    }

    /// The measures that anything was counted for.
    pub fn measured(&self) -> impl Iterator<Item = &Measure> {
        self.measures.iter().filter(|measure| measure.tally.n > 0)
    }

    fn count(&mut self, set: &str, what: &str, call: &str, each: impl Fn(&str) -> (bool, bool)) {
        let found =
            self.measures.iter_mut().find(|measure| measure.set == set && measure.what == what);
        if let Some(measure) = found {
            measure.tally.count(call, each);
        }
    }

    /// Counts one turn and what the coder said of it.
    pub fn take(&mut self, item: &Item, coded: &Coded, emotions: &[Emotion]) {
        let call = &*item.group;
        match &item.labels {
            Labels::GoldAgent { codes, heard, rendering } => {
                self.n_agent += 1;
                self.n_abstained += u32::from(coded.abstained);
                for found in &coded.codes {
                    let right = codes.iter().any(|code| found.code == code.as_str());
                    self.confidences.push((found.confidence, right));
                }
                let each = |code: &str| (coded.has(code), codes.iter().any(|known| known == code));
                self.count("gold", "codes", call, each);
                let what = match rendering.as_str() {
                    "second_language" => "codes, second language",
                    "asr" => "codes, speech recognition",
                    _ => "codes, plain",
                };
                self.count("gold", what, call, each);
                self.safety("agents' own risk", call, coded, *heard);
            }
            Labels::GoldCaller { emotions: truth, signs, heard } => {
                self.safety("callers' safety words", call, coded, *heard);
                let said = |sign: &str| coded.signs.iter().any(|known| known.sign == sign);
                self.count("gold", "signs", call, |sign| {
                    (said(sign), signs.iter().any(|s| s == sign))
                });
                let each = |label: &str| (on(emotions, label), truth.iter().any(|t| t == label));
                self.count("gold", "emotions", call, each);
            }
            Labels::Annomi { .. } => self.annomi(item, coded),
            Labels::Epitome { reaction, interpretation, exploration } => {
                for (what, label, truth) in [
                    ("emotional reaction", "emotional_reaction", *reaction),
                    ("interpretation", "interpretation", *interpretation),
                    ("exploration", "exploration", *exploration),
                ] {
                    let said = any(coded, self.walk.epitome.get(label).map_or(&[], Vec::as_slice));
                    self.count("epitome", what, call, |_| (said, truth));
                }
            }
            Labels::Esconv { strategy } => {
                let walk: Vec<(String, bool)> = self
                    .walk
                    .esconv
                    .iter()
                    .map(|(name, codes)| (name.clone(), any(coded, codes)))
                    .collect();
                for (name, said) in walk {
                    self.count("esconv", &name, call, |_| (said, *strategy == name));
                }
            }
            Labels::Emotions { emotions: truth, ekman } => {
                let has = |list: &[String], label: &str| list.iter().any(|known| known == label);
                self.count("goemotions", "28 labels", call, |label| {
                    (on(emotions, label), has(truth, label))
                });
                let said = |name: &str| {
                    let group = EKMAN.iter().find(|(known, _)| *known == name);
                    group.is_some_and(|(_, labels)| {
                        labels_of(labels).any(|label| on(emotions, label))
                    })
                };
                self.count("goemotions", "Ekman", call, |name| (said(name), has(ekman, name)));
            }
        }
    }

    /// Veiled or graver counts as heard; distress, which is neither, is counted nowhere.
    fn safety(&mut self, what: &str, call: &str, coded: &Coded, truth: Heard) {
        if truth != Heard::Distress {
            let said = coded.safety.heard >= Heard::Veiled;
            self.count("gold", what, call, |_| (said, truth >= Heard::Veiled));
        }
    }

    fn annomi(&mut self, item: &Item, coded: &Coded) {
        let Labels::Annomi {
            main,
            question,
            reflection,
            input,
            question_subtype,
            reflection_subtype,
        } = &item.labels
        else {
            return;
        };
        let call = &*item.group;
        for (what, truth) in
            [("question", question), ("reflection", reflection), ("therapist_input", input)]
        {
            let said = any(coded, self.walk.annomi(what));
            self.count("annomi", what, call, |_| (said, *truth));
        }
        let surest = coded.codes.iter().max_by(|a, b| a.confidence.total_cmp(&b.confidence));
        let group = surest.and_then(|found| {
            MAIN.iter().find(|label| {
                self.walk.annomi(label).iter().any(|code| found.code == code.as_str())
            })
        });
        let group = group.copied().unwrap_or("other");
        self.count("annomi", "main behaviour", call, |label| (label == group, label == main));
        if !question_subtype.is_empty() {
            let said =
                if any(coded, self.walk.annomi("open_question")) { "open" } else { "closed" };
            self.count("annomi", "open or closed", call, |label| {
                (label == said, label == question_subtype)
            });
        }
        if !reflection_subtype.is_empty() {
            let said = if any(coded, self.walk.annomi("complex_reflection")) {
                "complex"
            } else {
                "simple"
            };
            self.count("annomi", "simple or complex", call, |label| {
                (label == said, label == reflection_subtype)
            });
        }
    }
}

fn any(coded: &Coded, codes: &[String]) -> bool {
    codes.iter().any(|code| coded.has(code))
}

fn on(emotions: &[Emotion], label: &str) -> bool {
    emotions.iter().any(|emotion| &*emotion.label == label && emotion.on)
}

/// The emotions of Ekman with the GoEmotions labels that each takes in (Demszky et al. 2020, appendix).
const EKMAN: [(&str, &str); 7] = [
    ("anger", "anger annoyance disapproval"),
    ("disgust", "disgust"),
    ("fear", "fear nervousness"),
    (
        "joy",
        "admiration amusement approval caring desire excitement gratitude joy love optimism pride relief",
    ),
    ("neutral", "neutral"),
    ("sadness", "disappointment embarrassment grief remorse sadness"),
    ("surprise", "confusion curiosity realization surprise"),
];

/// The labels named in a list; all of them when it is empty.
fn labels_of(list: &'static str) -> impl Iterator<Item = &'static str> {
    let all = EKMAN.iter().flat_map(|(_, labels)| labels.split(' '));
    let some = list.split(' ').filter(|label| !label.is_empty());
    some.chain(all.filter(move |_| list.is_empty()))
}
