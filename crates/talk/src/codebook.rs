//! The codebook: codes, events, variables, regimes and the dynamics, read from `content/codebook/codes.toml`.
//!
//! Every number of the affect model comes from there; none is written in code.

use std::collections::HashMap;

use serde::Deserialize;
use thiserror::Error;

use crate::affect::{Affect, Regime, Style, Variable};
use crate::code::{CodeId, Level};

/// Whether a code helps, hurts, or is neither.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Valence {
    Facilitative,
    Neutral,
    Harmful,
}

/// A text that is nearly this code and gets another.
#[derive(Clone, Debug, PartialEq)]
pub struct NearMiss {
    pub text: String,
    pub gets: CodeId,
    pub why: String,
}

/// One code.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub id: CodeId,
    pub name: String,
    pub family: String,
    pub valence: Valence,
    pub definition: String,
    pub rule: String,
    pub cues: Vec<String>,
    pub positive: Vec<String>,
    pub near_miss: Vec<NearMiss>,
    /// Base steps at level 2.
    pub effect: Affect,
}

/// A measured event such as a cold transfer.
#[derive(Clone, Debug, PartialEq)]
pub struct EventEntry {
    pub id: CodeId,
    pub rule: String,
    pub effect: Affect,
}

/// A warning sign in caller turns.
#[derive(Clone, Debug, PartialEq)]
pub struct SignEntry {
    pub id: CodeId,
    pub meaning: String,
}

/// Where a variable rests and how fast it returns there each turn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rest {
    pub home: f64,
    pub decay: f64,
}

/// The numbers of sourcebook 3.3; each is explained beside its value in the codebook.
#[derive(Clone, Debug, PartialEq)]
pub struct Dynamics {
    pub gain_scale: f64,
    pub max_step: f64,
    pub negativity_gain: f64,
    pub level1_gain: f64,
    pub level2_gain: f64,
    pub reactivity_min: f64,
    pub reactivity_max: f64,
    pub habituation: f64,
    pub long_turn_words: u32,
    pub long_turn_gain: f64,
    pub max_facilitative_codes: u32,
    pub heard_cools: f64,
    pub shame_heats: f64,
    pub stall_after_turns: u32,
    pub stall_effect: Affect,
    pub premature_heard: f64,
    pub premature_arousal: f64,
    pub premature_gain: f64,
    pub premature_progress_gain: f64,
    pub premature_effect: Affect,
    pub trigger_effect: Affect,
    pub trigger_turns: u32,
    pub hopeless_coupling: f64,
    pub hysteresis: f64,
    pub withdraw_arousal_gain: f64,
    pub withdraw_to_distress: f64,
    pub withdraw_to_trust: f64,
}

/// When a caller leaves.
#[derive(Clone, Debug, PartialEq)]
pub struct Leave {
    pub hot_arousal: f64,
    pub hot_trust: f64,
    pub hot_turns: u32,
    pub withdrawn_turns: u32,
    pub grace_turns: u32,
}

/// A worked trace that the model must reproduce.
#[derive(Clone, Debug, PartialEq)]
pub struct Golden {
    pub name: String,
    pub start: Option<Affect>,
    pub style: Style,
    pub turns: Vec<Vec<CodeId>>,
    pub end_state: Affect,
    /// 0 when the caller stays.
    pub hung_up_at: u32,
    pub regime: Regime,
}

/// The whole codebook.
#[derive(Clone, Debug)]
pub struct Codebook {
    pub version: String,
    pub codes: Vec<Entry>,
    pub events: Vec<EventEntry>,
    pub signs: Vec<SignEntry>,
    pub precedence: Vec<CodeId>,
    pub answers: Vec<CodeId>,
    pub answers_a_safety_cue: Vec<CodeId>,
    pub rest: [Rest; 8],
    /// What each variable means, in the codebook's words.
    pub meaning: [String; 8],
    pub gain: HashMap<Regime, HashMap<CodeId, f64>>,
    pub dynamics: Dynamics,
    pub leave: Leave,
    pub golden: Vec<Golden>,
    by_id: HashMap<CodeId, usize>,
}

/// Why a codebook was refused.
#[derive(Debug, Error)]
pub enum CodebookError {
    #[error("the codebook is not valid TOML: {0}")]
    Syntax(#[from] toml::de::Error),
    #[error("{place}: {what}; {remedy}")]
    Content { place: String, what: String, remedy: &'static str },
}

impl Codebook {
    /// Reads a codebook and checks that every name in it is known.
    ///
    /// # Errors
    /// When the text is not TOML of this schema, or names a code, variable or regime that does not exist.
    pub fn parse(text: &str) -> Result<Self, CodebookError> {
        let row: row::Book = toml::from_str(text)?;
        row.into_codebook()
    }

    #[must_use]
    pub fn code(&self, id: &str) -> Option<&Entry> {
        self.by_id.get(id).map(|&i| &self.codes[i])
    }
    #[must_use]
    pub fn event(&self, id: &str) -> Option<&EventEntry> {
        self.events.iter().find(|event| event.id == id)
    }
    #[must_use]
    pub fn level_gain(&self, level: Level) -> f64 {
        match level {
            Level::Weak => self.dynamics.level1_gain,
            Level::Strong => self.dynamics.level2_gain,
        }
    }
    /// The gain of a code in a regime; 1 where the codebook says nothing.
    #[must_use]
    pub fn regime_gain(&self, regime: Regime, code: &str) -> f64 {
        self.gain.get(&regime).and_then(|of| of.get(code)).copied().unwrap_or(1.0)
    }
}

mod row {
    //! The file's own shape, converted by hand into the domain's.
    use super::{
        Affect, CodeId, Codebook, CodebookError, Deserialize, Dynamics, Entry, EventEntry, Golden,
        HashMap, Leave, NearMiss, Regime, Rest, SignEntry, Style, Valence, Variable,
    };

    type Effect = HashMap<String, f64>;

    #[derive(Deserialize)]
    pub struct Book {
        meta: Meta,
        variable: Vec<VariableRow>,
        dynamics: DynamicsRow,
        hangup: LeaveRow,
        regime: Vec<RegimeRow>,
        event: Vec<EventRow>,
        code: Vec<CodeRow>,
        #[serde(default)]
        golden: Vec<GoldenRow>,
        #[serde(default)]
        sign: Vec<SignRow>,
    }
    #[derive(Deserialize)]
    struct Meta {
        version: String,
        answers: Vec<String>,
        answers_a_safety_cue: Vec<String>,
        precedence: Vec<String>,
    }
    #[derive(Deserialize)]
    struct VariableRow {
        id: String,
        home: f64,
        decay: f64,
        meaning: String,
    }
    #[derive(Deserialize)]
    struct DynamicsRow {
        gain_scale: f64,
        max_step: f64,
        negativity_gain: f64,
        level1_gain: f64,
        level2_gain: f64,
        reactivity_min: f64,
        reactivity_max: f64,
        habituation: f64,
        long_turn_words: u32,
        long_turn_gain: f64,
        max_facilitative_codes: u32,
        heard_cools: f64,
        shame_heats: f64,
        stall_after_turns: u32,
        stall_effect: Effect,
        premature_heard: f64,
        premature_arousal: f64,
        premature_gain: f64,
        premature_progress_gain: f64,
        premature_effect: Effect,
        trigger_effect: Effect,
        trigger_turns: u32,
        hopeless_coupling: f64,
        hysteresis: f64,
        withdraw_arousal_gain: f64,
        withdraw_to_distress: f64,
        withdraw_to_trust: f64,
    }
    #[derive(Deserialize)]
    struct LeaveRow {
        hot_arousal: f64,
        hot_trust: f64,
        hot_turns: u32,
        withdrawn_turns: u32,
        grace_turns: u32,
    }
    #[derive(Deserialize)]
    struct RegimeRow {
        id: String,
        gain: HashMap<String, f64>,
    }
    #[derive(Deserialize)]
    struct EventRow {
        id: String,
        rule: String,
        effect: Effect,
    }
    #[derive(Deserialize)]
    struct SignRow {
        id: String,
        meaning: String,
    }
    #[derive(Deserialize)]
    struct NearMissRow {
        text: String,
        gets: String,
        why: String,
    }
    #[derive(Deserialize)]
    struct CodeRow {
        id: String,
        name: String,
        family: String,
        valence: String,
        definition: String,
        rule: String,
        cues: Vec<String>,
        positive: Vec<String>,
        near_miss: Vec<NearMissRow>,
        effect: Effect,
    }
    #[derive(Deserialize)]
    struct GoldenRow {
        name: String,
        start: Option<Effect>,
        #[serde(default)]
        caller: HashMap<String, String>,
        turns: Vec<Vec<String>>,
        #[serde(rename = "final")]
        end_state: Effect,
        hung_up_at: u32,
        regime: String,
    }

    fn fault(place: &str, what: String, remedy: &'static str) -> CodebookError {
        CodebookError::Content { place: place.to_owned(), what, remedy }
    }

    fn affect(place: &str, effect: &Effect) -> Result<Affect, CodebookError> {
        let mut out = Affect::default();
        for (name, value) in effect {
            let variable = Variable::parse(name).ok_or_else(|| {
                fault(place, format!("unknown variable `{name}`"), "use one of the eight variables")
            })?;
            if !value.is_finite() {
                return Err(fault(place, format!("`{name}` is not finite"), "give a number"));
            }
            out.set(variable, *value);
        }
        Ok(out)
    }

    fn regime(place: &str, id: &str) -> Result<Regime, CodebookError> {
        Regime::parse(id).ok_or_else(|| {
            fault(place, format!("unknown regime `{id}`"), "use one of the seven regimes")
        })
    }

    impl CodeRow {
        fn into_entry(self) -> Result<Entry, CodebookError> {
            let valence = match self.valence.as_str() {
                "facilitative" => Valence::Facilitative,
                "neutral" => Valence::Neutral,
                "harmful" => Valence::Harmful,
                other => {
                    let what = format!("unknown valence `{other}`");
                    return Err(fault(&self.id, what, "use facilitative, neutral or harmful"));
                }
            };
            let near_miss = self.near_miss.into_iter().map(|miss| NearMiss {
                text: miss.text,
                gets: CodeId::new(&miss.gets),
                why: miss.why,
            });
            Ok(Entry {
                effect: affect(&self.id, &self.effect)?,
                id: CodeId::new(&self.id),
                name: self.name,
                family: self.family,
                valence,
                definition: self.definition,
                rule: self.rule,
                cues: self.cues,
                positive: self.positive,
                near_miss: near_miss.collect(),
            })
        }
    }

    impl GoldenRow {
        fn into_golden(self) -> Result<Golden, CodebookError> {
            let style = self.caller.get("style").map_or("attack", String::as_str);
            Ok(Golden {
                start: self.start.map(|s| affect(&self.name, &s)).transpose()?,
                style: Style::parse(style).ok_or_else(|| {
                    fault(&self.name, format!("unknown style `{style}`"), "use attack or withdraw")
                })?,
                turns: self.turns.iter().map(|turn| ids(turn)).collect(),
                end_state: affect(&self.name, &self.end_state)?,
                hung_up_at: self.hung_up_at,
                regime: regime(&self.name, &self.regime)?,
                name: self.name,
            })
        }
    }

    impl DynamicsRow {
        fn into_dynamics(self) -> Result<Dynamics, CodebookError> {
            Ok(Dynamics {
                stall_effect: affect("dynamics.stall_effect", &self.stall_effect)?,
                premature_effect: affect("dynamics.premature_effect", &self.premature_effect)?,
                trigger_effect: affect("dynamics.trigger_effect", &self.trigger_effect)?,
                gain_scale: self.gain_scale,
                max_step: self.max_step,
                negativity_gain: self.negativity_gain,
                level1_gain: self.level1_gain,
                level2_gain: self.level2_gain,
                reactivity_min: self.reactivity_min,
                reactivity_max: self.reactivity_max,
                habituation: self.habituation,
                long_turn_words: self.long_turn_words,
                long_turn_gain: self.long_turn_gain,
                max_facilitative_codes: self.max_facilitative_codes,
                heard_cools: self.heard_cools,
                shame_heats: self.shame_heats,
                stall_after_turns: self.stall_after_turns,
                premature_heard: self.premature_heard,
                premature_arousal: self.premature_arousal,
                premature_gain: self.premature_gain,
                premature_progress_gain: self.premature_progress_gain,
                trigger_turns: self.trigger_turns,
                hopeless_coupling: self.hopeless_coupling,
                hysteresis: self.hysteresis,
                withdraw_arousal_gain: self.withdraw_arousal_gain,
                withdraw_to_distress: self.withdraw_to_distress,
                withdraw_to_trust: self.withdraw_to_trust,
            })
        }
    }

    fn ids(names: &[String]) -> Vec<CodeId> {
        names.iter().map(|name| CodeId::new(name)).collect()
    }

    impl Book {
        pub fn into_codebook(self) -> Result<Codebook, CodebookError> {
            let codes: Vec<Entry> =
                self.code.into_iter().map(CodeRow::into_entry).collect::<Result<_, _>>()?;
            let by_id: HashMap<CodeId, usize> =
                codes.iter().enumerate().map(|(i, entry)| (entry.id.clone(), i)).collect();
            let lists = [
                ("meta.precedence", &self.meta.precedence),
                ("meta.answers", &self.meta.answers),
                ("meta.answers_a_safety_cue", &self.meta.answers_a_safety_cue),
            ];
            for (place, list) in lists {
                if let Some(name) = list.iter().find(|name| !by_id.contains_key(name.as_str())) {
                    return Err(fault(place, format!("unknown code `{name}`"), "add a [[code]]"));
                }
            }
            let mut rest = [Rest { home: 0.0, decay: 0.0 }; 8];
            let mut meaning: [String; 8] = Default::default();
            for variable in Variable::ALL {
                let place = variable.as_str();
                let row = self.variable.iter().find(|row| row.id == place).ok_or_else(|| {
                    fault(place, "has no entry".to_owned(), "add its [[variable]]")
                })?;
                rest[variable as usize] = Rest { home: row.home, decay: row.decay };
                meaning[variable as usize].clone_from(&row.meaning);
            }
            let mut gain = HashMap::new();
            for row in &self.regime {
                let of = row.gain.iter().map(|(code, gain)| (CodeId::new(code), *gain)).collect();
                gain.insert(regime(&row.id, &row.id)?, of);
            }
            let events = self.event.into_iter().map(|row| {
                Ok(EventEntry {
                    effect: affect(&row.id, &row.effect)?,
                    id: CodeId::new(&row.id),
                    rule: row.rule,
                })
            });
            let signs = self
                .sign
                .into_iter()
                .map(|row| SignEntry { id: CodeId::new(&row.id), meaning: row.meaning });
            Ok(Codebook {
                version: self.meta.version,
                events: events.collect::<Result<_, CodebookError>>()?,
                signs: signs.collect(),
                precedence: ids(&self.meta.precedence),
                answers: ids(&self.meta.answers),
                answers_a_safety_cue: ids(&self.meta.answers_a_safety_cue),
                rest,
                meaning,
                gain,
                dynamics: self.dynamics.into_dynamics()?,
                leave: Leave {
                    hot_arousal: self.hangup.hot_arousal,
                    hot_trust: self.hangup.hot_trust,
                    hot_turns: self.hangup.hot_turns,
                    withdrawn_turns: self.hangup.withdrawn_turns,
                    grace_turns: self.hangup.grace_turns,
                },
                golden: self
                    .golden
                    .into_iter()
                    .map(GoldenRow::into_golden)
                    .collect::<Result<_, _>>()?,
                codes,
                by_id,
            })
        }
    }
}
