//! The lexicons: TOML rows to compiled patterns and rules, every name checked against the codebook.
//! It holds no rule of its own: what the coder listens for is data in `content/lexicons/`. `Coder::new` calls it.

use std::collections::HashMap;
use std::sync::Arc;

use talk::codebook::Valence;
use talk::{CodeId, Codebook, Heard, Kind, Level, Rule};
use thiserror::Error;

use crate::pattern::{Patterns, Side};
use crate::text::Vocabulary;

/// A rule this sure or surer is a strong one; below it, a guess from the shape of the sentence (decision: strong
/// phrases stand at 0.7 to 0.95, shapes at 0.4 to 0.65).
pub const STRONG: f64 = 0.7;

/// Why the lexicons were refused.
#[derive(Debug, Error)]
pub enum CoderError {
    #[error("the lexicons are not valid TOML: {0}")]
    Syntax(#[from] toml::de::Error),
    #[error("{place}: {what}; {remedy}")]
    Content { place: String, what: String, remedy: &'static str },
}

/// Facts that the coder works out from the turns before, for rules to ask for by name.
pub const CONTEXT_PARTS: [&str; 4] = ["cue_before", "acknowledged", "held_before", "question"];

#[derive(Debug)]
pub struct AgentRule {
    pub code: CodeId,
    pub rule: Rule,
    pub subtype: Option<Arc<str>>,
    pub level: Option<Level>,
    pub confidence: f64,
    /// The place of its code in the precedence; lower comes first.
    pub rank: usize,
    pub harmful: bool,
    pub ask: Option<bool>,
    /// Whether words of the same turn stand before it, as they must before a bridge.
    pub after_words: Option<bool>,
    /// Only where the sentence gives the caller's last words back.
    pub echo: bool,
    pub needs: Vec<usize>,
    pub needs_here: Vec<usize>,
    pub without: Vec<usize>,
    pub without_here: Vec<usize>,
    pub lacks_one: Vec<usize>,
}

/// What a caller's turn holds that wants an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Held {
    Request,
    Disclosure,
    Feeling,
    Risk,
}

#[derive(Debug)]
pub struct HoldsRule {
    pub what: Held,
    pub unless: Option<usize>,
}
#[derive(Debug)]
pub struct SignRule {
    pub sign: CodeId,
    pub confidence: f64,
    pub unless: Option<usize>,
}
#[derive(Debug)]
pub struct SafetyRule {
    pub heard: Heard,
    pub kind: Kind,
    /// The agent's own first-person words: heard in an agent's turn, and in nobody else's.
    pub own: bool,
    /// Whether a negation just before the words calls them off.
    pub negatable: bool,
}

/// What a group of patterns stands for.
#[derive(Debug)]
pub enum Use {
    Rule(usize),
    Condition,
    CallerCondition,
    Holds(usize),
    Sign(usize),
    Safety(usize),
}

/// Everything that the coder listens for.
#[derive(Debug)]
pub struct Lexicon {
    pub vocabulary: Vocabulary,
    pub patterns: Patterns,
    pub uses: Vec<Use>,
    pub rules: Vec<AgentRule>,
    pub holds: Vec<HoldsRule>,
    pub signs: Vec<SignRule>,
    pub safety: Vec<SafetyRule>,
    pub parts: HashMap<String, usize>,
}

impl Lexicon {
    /// Reads the lexicons; `text` is one TOML text or several joined by newlines.
    ///
    /// # Errors
    /// When the text is not TOML of this shape, a pattern does not parse, or a name is unknown.
    pub fn parse(text: &str, codebook: &Codebook) -> Result<Self, CoderError> {
        let file: row::File = toml::from_str(text)?;
        let mut build = Build::new(codebook);
        build.words(&file);
        build.parts(&file)?;
        for row in &file.rule {
            build.rule(row)?;
        }
        build.hearing(&file)?;
        build.out.patterns.finish(&build.out.vocabulary);
        Ok(build.out)
    }
    /// The group of a part; a part that is not in the lexicon never matches.
    pub fn part(&self, id: &str) -> usize {
        self.parts.get(id).copied().unwrap_or(usize::MAX)
    }
}

struct Build<'a> {
    codebook: &'a Codebook,
    out: Lexicon,
}

fn fault(place: &str, what: String, remedy: &'static str) -> CoderError {
    CoderError::Content { place: place.to_owned(), what, remedy }
}

impl<'a> Build<'a> {
    fn new(codebook: &'a Codebook) -> Self {
        let out = Lexicon {
            vocabulary: Vocabulary::default(),
            patterns: Patterns::default(),
            uses: Vec::new(),
            rules: Vec::new(),
            holds: Vec::new(),
            signs: Vec::new(),
            safety: Vec::new(),
            parts: HashMap::new(),
        };
        Self { codebook, out }
    }

    fn words(&mut self, file: &row::File) {
        for row in &file.spelling {
            for from in &row.from {
                self.out.vocabulary.respell(from, &row.to);
            }
        }
        for row in &file.words {
            self.out.patterns.list(&row.name, &row.any, &mut self.out.vocabulary);
        }
    }

    fn group(&mut self, place: &str, any: &[String], stands_for: Use) -> Result<usize, CoderError> {
        let side = match stands_for {
            Use::Rule(_) | Use::Condition => Some(Side::Agent),
            Use::Holds(_) | Use::Sign(_) | Use::CallerCondition => Some(Side::Caller),
            Use::Safety(at) if self.out.safety[at].own => Some(Side::Agent),
            Use::Safety(_) => Some(Side::Caller),
        };
        let group = self.out.patterns.group(side);
        self.out.uses.push(stands_for);
        for pattern in any {
            self.out.patterns.add(group, pattern, &mut self.out.vocabulary).map_err(|what| {
                let what = format!("the pattern `{pattern}` is not one: {what}");
                fault(place, what, "correct the pattern; README.md of the lexicons has the rules")
            })?;
        }
        Ok(group)
    }

    fn parts(&mut self, file: &row::File) -> Result<(), CoderError> {
        for id in CONTEXT_PARTS {
            let group = self.group(id, &[], Use::Condition)?;
            self.out.parts.insert(id.to_owned(), group);
        }
        for row in &file.part {
            let group = self.group(&row.id, &row.any, Use::Condition)?;
            self.out.parts.insert(row.id.clone(), group);
        }
        Ok(())
    }

    fn named(&self, place: &str, ids: &[String]) -> Result<Vec<usize>, CoderError> {
        let find = |id: &String| {
            self.out.parts.get(id).copied().ok_or_else(|| {
                fault(
                    place,
                    format!("there is no part `{id}`"),
                    "add its [[part]] or correct the name",
                )
            })
        };
        ids.iter().map(find).collect()
    }

    fn condition(
        &mut self,
        place: &str,
        any: &[String],
        stands_for: Use,
    ) -> Result<Option<usize>, CoderError> {
        if any.is_empty() {
            return Ok(None);
        }
        self.group(place, any, stands_for).map(Some)
    }

    fn rule(&mut self, row: &row::Rule) -> Result<(), CoderError> {
        let place = row.id.as_str();
        let Some(entry) = self.codebook.code(&row.code) else {
            return Err(fault(
                place,
                format!("unknown code `{}`", row.code),
                "use one of the codebook",
            ));
        };
        let found = self.codebook.precedence.iter().position(|code| *code == row.code.as_str());
        let Some(rank) = found else {
            return Err(fault(
                place,
                "its code has no precedence".to_owned(),
                "add it to meta.precedence",
            ));
        };
        if !(0.0..=1.0).contains(&row.confidence) {
            return Err(fault(place, "confidence is not in [0, 1]".to_owned(), "use 0.4 to 0.95"));
        }
        let level = match row.level {
            None => None,
            Some(n) => Some(Level::from_number(n).ok_or_else(|| {
                fault(place, format!("level {n} does not exist"), "use 1 or 2, or leave it out")
            })?),
        };
        let at = self.out.rules.len();
        self.group(place, &row.any, Use::Rule(at))?;
        let mut rule = AgentRule {
            code: entry.id.clone(),
            rule: Rule(Arc::from(place)),
            subtype: row.subtype.as_deref().map(Arc::from),
            level,
            confidence: row.confidence,
            rank,
            harmful: entry.valence == Valence::Harmful,
            ask: row.ask,
            after_words: row.after_words,
            echo: row.echo,
            needs: self.named(place, &row.needs)?,
            needs_here: self.named(place, &row.needs_here)?,
            without: self.named(place, &row.without)?,
            without_here: self.named(place, &row.without_here)?,
            lacks_one: self.named(place, &row.lacks_one)?,
        };
        rule.needs_here.extend(self.condition(place, &row.also, Use::Condition)?);
        rule.without_here.extend(self.condition(place, &row.unless, Use::Condition)?);
        self.out.rules.push(rule);
        Ok(())
    }

    fn hearing(&mut self, file: &row::File) -> Result<(), CoderError> {
        for row in &file.holds {
            let what = match row.what.as_str() {
                "feeling" => Held::Feeling,
                "disclosure" => Held::Disclosure,
                "request" => Held::Request,
                "risk" => Held::Risk,
                other => {
                    let what = format!("unknown kind `{other}`");
                    return Err(fault("holds", what, "use feeling, disclosure, request or risk"));
                }
            };
            let at = self.out.holds.len();
            self.group(&row.what, &row.any, Use::Holds(at))?;
            let unless = self.condition(&row.what, &row.unless, Use::CallerCondition)?;
            self.out.holds.push(HoldsRule { what, unless });
        }
        for row in &file.sign {
            let Some(sign) = self.codebook.signs.iter().find(|s| s.id == row.sign.as_str()) else {
                return Err(fault(&row.sign, "unknown sign".to_owned(), "use one of the codebook"));
            };
            let at = self.out.signs.len();
            self.group(&row.sign, &row.any, Use::Sign(at))?;
            let unless = self.condition(&row.sign, &row.unless, Use::CallerCondition)?;
            let rule = SignRule { sign: sign.id.clone(), confidence: row.confidence, unless };
            self.out.signs.push(rule);
        }
        for row in &file.safety {
            let place = row.id.as_str();
            let heard = Heard::parse(&row.heard).ok_or_else(|| {
                fault(
                    place,
                    format!("unknown degree `{}`", row.heard),
                    "use distress, veiled, stated or imminent",
                )
            })?;
            let kind = Kind::parse(&row.kind).ok_or_else(|| {
                fault(
                    place,
                    format!("unknown kind `{}`", row.kind),
                    "use self_harm, violence, child or emergency",
                )
            })?;
            let at = self.out.safety.len();
            let rule = SafetyRule { heard, kind, own: row.own, negatable: row.negatable };
            self.out.safety.push(rule);
            self.group(place, &row.any, Use::Safety(at))?;
        }
        Ok(())
    }
}

mod row {
    //! The files' own shape.
    use serde::Deserialize as De;

    #[derive(De)]
    #[serde(deny_unknown_fields)]
    pub struct File {
        #[serde(default)]
        pub spelling: Vec<Spelling>,
        #[serde(default)]
        pub words: Vec<Words>,
        #[serde(default)]
        pub part: Vec<Part>,
        #[serde(default)]
        pub rule: Vec<Rule>,
        #[serde(default)]
        pub holds: Vec<Holds>,
        #[serde(default)]
        pub sign: Vec<Sign>,
        #[serde(default)]
        pub safety: Vec<Safety>,
    }
    #[derive(De)]
    #[serde(deny_unknown_fields)]
    pub struct Spelling {
        pub from: Vec<String>,
        pub to: String,
    }
    #[derive(De)]
    #[serde(deny_unknown_fields)]
    pub struct Words {
        pub name: String,
        pub any: Vec<String>,
    }
    #[derive(De)]
    #[serde(deny_unknown_fields)]
    pub struct Part {
        pub id: String,
        pub any: Vec<String>,
    }
    #[derive(De)]
    #[serde(deny_unknown_fields)]
    pub struct Rule {
        pub id: String,
        pub code: String,
        pub any: Vec<String>,
        pub level: Option<u8>,
        pub subtype: Option<String>,
        pub confidence: f64,
        pub ask: Option<bool>,
        pub after_words: Option<bool>,
        #[serde(default)]
        pub echo: bool,
        #[serde(default)]
        pub also: Vec<String>,
        #[serde(default)]
        pub unless: Vec<String>,
        #[serde(default)]
        pub needs: Vec<String>,
        #[serde(default)]
        pub needs_here: Vec<String>,
        #[serde(default)]
        pub without: Vec<String>,
        #[serde(default)]
        pub without_here: Vec<String>,
        #[serde(default)]
        pub lacks_one: Vec<String>,
    }
    #[derive(De)]
    #[serde(deny_unknown_fields)]
    pub struct Holds {
        pub what: String,
        pub any: Vec<String>,
        #[serde(default)]
        pub unless: Vec<String>,
    }
    #[derive(De)]
    #[serde(deny_unknown_fields)]
    pub struct Sign {
        pub sign: String,
        pub confidence: f64,
        pub any: Vec<String>,
        #[serde(default)]
        pub unless: Vec<String>,
    }
    #[derive(De)]
    #[serde(deny_unknown_fields)]
    pub struct Safety {
        pub id: String,
        pub heard: String,
        pub kind: String,
        pub any: Vec<String>,
        #[serde(default)]
        pub own: bool,
        #[serde(default)]
        pub negatable: bool,
    }
}
