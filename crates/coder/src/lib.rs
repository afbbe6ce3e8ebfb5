//! A turn of text in; codes, signs and safety words out, with their places and how sure we are.
//!
//! Floor 1. Pure: no I/O, no clock, no state. It judges words, never a person. `call` and the transcript reader call it.
//! The rules are data in `content/lexicons/`, the network is `ear`; `join` puts both together.

mod agent;
mod caller;
mod join;
mod learnt;
mod lexicon;
pub mod meaning;
mod omission;
mod pattern;
mod safety;
mod specific;
mod text;
mod units;

use std::sync::Arc;

use talk::codebook::Valence;
use talk::{CodeId, Codebook, Coded, CoderVersion, Context, Span, Speaker, Utterance};

pub use agent::GUESS_LINE;
pub use caller::Holds;
use ear::{Row, Who};
pub use learnt::Emotion;
use learnt::{Learnt, Listened, Reading};
use lexicon::Lexicon;
pub use lexicon::{CoderError, Held, STRONG};
use omission::Answering;
use pattern::Side;

/// The version of this crate's own judgement. Raise it with every change of a rule.
const RULES_VERSION: &str = "1.5.0";

/// The lexicons that ship inside the binary, as one TOML text.
pub const LEXICONS: &str = concat!(
    include_str!("../../../content/lexicons/words.toml"),
    "\n",
    include_str!("../../../content/lexicons/agent.toml"),
    "\n",
    include_str!("../../../content/lexicons/harm.toml"),
    "\n",
    include_str!("../../../content/lexicons/caller.toml"),
    "\n",
    include_str!("../../../content/lexicons/safety.toml"),
);
/// The codebook that ships inside the binary.
pub const CODEBOOK: &str = include_str!("../../../content/codebook/codes.toml");

/// How far the network is heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Network {
    /// Not at all.
    Off,
    /// It raises what the rules heard about safety.
    Safety,
    /// It also has its say in codes and signs, and names emotions.
    Codes,
}

/// The coder. Immutable; share it between threads.
#[derive(Debug)]
pub struct Coder {
    lexicon: Lexicon,
    answering: Answering,
    codes: Vec<CodeId>,
    /// Codes that help. The caller's own words given back unchanged earn none of them.
    helpful: Vec<CodeId>,
    network: Network,
    version: CoderVersion,
}

/// What the rules read in one turn, before the network has spoken.
struct Ruled {
    coded: Coded,
    missed: Option<talk::Found>,
    units: Vec<Span>,
    /// Words of risk in it are somebody else's, given back.
    gives_back: bool,
    /// It is the caller's last words and little else.
    parrots: bool,
}

impl Coder {
    /// Compiles the lexicons; `lexicons` is one TOML text or several joined by newlines.
    ///
    /// # Errors
    /// When a lexicon is not TOML of its shape, a pattern does not parse, or it names a code that the codebook lacks.
    pub fn new(codebook: &Codebook, lexicons: &str) -> Result<Self, CoderError> {
        Ok(Self {
            lexicon: Lexicon::parse(lexicons, codebook)?,
            answering: Answering {
                any: codebook.answers.clone(),
                safety: codebook.answers_a_safety_cue.clone(),
            },
            codes: codebook.codes.iter().map(|entry| entry.id.clone()).collect(),
            helpful: codebook
                .codes
                .iter()
                .filter(|entry| entry.valence == Valence::Facilitative)
                .map(|entry| entry.id.clone())
                .collect(),
            network: Network::Safety,
            version: CoderVersion(Arc::from(format!(
                "rules-{RULES_VERSION}+safety-{}+codebook-{}",
                learnt::version()?,
                codebook.version
            ))),
        })
    }

    /// The coder of the codebook and lexicons that ship inside the binary.
    ///
    /// # Errors
    /// Never with the shipped files, which a test of this crate reads; the error says which place is wrong.
    pub fn embedded() -> Result<Self, CoderError> {
        Self::new(&codebook()?, LEXICONS)
    }

    /// The same with the network's say in codes and signs, and with emotions: what the program runs with, in calls and on
    /// transcripts (docs/decisions/0004-a-smaller-ear.md).
    #[must_use]
    pub fn with_learnt_codes(mut self) -> Self {
        self.network = Network::Codes;
        self.version = CoderVersion(Arc::from(self.version.0.replace("+safety-", "+ear-")));
        self
    }

    /// The same without the network: the rules alone, for comparison.
    #[must_use]
    pub fn rules_alone(mut self) -> Self {
        self.network = Network::Off;
        let codebook = self.version.0.rsplit('+').next().unwrap_or_default();
        self.version = CoderVersion(Arc::from(format!("rules-{RULES_VERSION}+{codebook}")));
        self
    }

    /// Reads the network now instead of with the first turn, and lets it hear a word: one that fails later was broken here.
    ///
    /// # Errors
    /// Never with the shipped files.
    pub fn wake(&self) -> Result<(), CoderError> {
        if self.network != Network::Off {
            learnt::shipped()?.try_out()?;
        }
        Ok(())
    }

    #[must_use]
    pub fn version(&self) -> &CoderVersion {
        &self.version
    }

    /// Codes one turn. Pure, never panics, and takes time in proportion to the text.
    #[must_use]
    pub fn code(&self, utterance: &Utterance, context: &Context) -> Coded {
        let mut all = self.code_all(&[(utterance, context)]);
        match all.pop() {
            Some((coded, _)) => coded,
            None => self.rule(utterance, context).alone(),
        }
    }

    /// Codes many turns, in their order, and says what emotions the words of callers hold. The same as one by one, faster.
    #[must_use]
    pub fn code_all(&self, turns: &[(&Utterance, &Context)]) -> Vec<(Coded, Vec<Emotion>)> {
        let learnt = if self.network == Network::Off { None } else { learnt::shipped().ok() };
        let codes = self.network == Network::Codes;
        let listened = learnt.map(|learnt| (learnt, listen(learnt, turns, codes)));
        let one = |(at, (utterance, context)): (usize, &(&Utterance, &Context))| {
            let ruled = self.rule(utterance, context);
            let heard = listened.as_ref().and_then(|(learnt, all)| Some((*learnt, all.get(at)?)));
            match heard {
                Some((learnt, listened)) if codes => {
                    let coded = self.join(learnt, ruled, listened, utterance.speaker, context);
                    (coded, listened.emotions.clone())
                }
                Some((_, listened)) => {
                    let gives_back = ruled.gives_back;
                    let mut coded = ruled.alone();
                    join::safety(&mut coded.safety, listened, utterance.speaker, gives_back);
                    (coded, Vec::new())
                }
                None => (ruled.alone(), Vec::new()),
            }
        };
        turns.iter().enumerate().map(one).collect()
    }

    /// What the rules read in one turn.
    fn rule(&self, utterance: &Utterance, context: &Context) -> Ruled {
        let lexicon = &self.lexicon;
        let mut text = text::Text::read(&utterance.text, &lexicon.vocabulary);
        let units = units::cut(&mut text, &lexicon.patterns);
        let agent_hits = match utterance.speaker {
            Speaker::Caller => Vec::new(),
            Speaker::Agent | Speaker::Other => caller::scan(lexicon, &text, Side::Agent),
        };
        let caller_hits = match utterance.speaker {
            Speaker::Agent => Vec::new(),
            Speaker::Caller | Speaker::Other => caller::scan(lexicon, &text, Side::Caller),
        };
        let heard_in = if utterance.speaker == Speaker::Agent { &agent_hits } else { &caller_hits };
        let mut coded = Coded {
            codes: Vec::new(),
            signs: Vec::new(),
            safety: safety::listen(lexicon, &text, heard_in, utterance.speaker),
            abstained: false,
            coder: self.version.clone(),
        };
        let (mut missed, mut parrots) = (None, false);
        if utterance.speaker != Speaker::Caller {
            let earlier = self.codes_before(context);
            let acknowledged = earlier.iter().any(|code| self.answering.any.contains(code));
            let before = agent::Before::new(lexicon, context, acknowledged);
            let read = agent::code(lexicon, &text, &units, &agent_hits, &before);
            coded.codes = read.codes;
            coded.abstained = read.abstained;
            parrots = self.parrots(&text, context);
            if parrots {
                coded.codes.retain(|found| !self.helpful.contains(&found.code));
            }
            if !read.abstained && utterance.speaker == Speaker::Agent && !self.backchannel(&text) {
                let codes = &coded.codes;
                missed = omission::missed(lexicon, &self.answering, context, codes, &earlier);
            }
        }
        if utterance.speaker != Speaker::Agent {
            coded.signs = caller::signs(lexicon, &text, &caller_hits, context);
        }
        let place = |unit: &units::Unit| safety::span(&text, unit.from, unit.to);
        let gives_back = safety::gives_back(lexicon, &text, &agent_hits);
        Ruled { coded, missed, units: units.iter().map(place).collect(), gives_back, parrots }
    }

    /// Rules and network together.
    fn join(
        &self,
        learnt: &Learnt,
        ruled: Ruled,
        listened: &Listened,
        speaker: Speaker,
        context: &Context,
    ) -> Coded {
        let Ruled { mut coded, missed, units, gives_back, parrots } = ruled;
        if speaker != Speaker::Caller && !coded.abstained {
            let ruled = join::Ruled { codes: std::mem::take(&mut coded.codes), missed };
            let line = learnt.abstain_line();
            (coded.codes, coded.abstained) =
                join::codes(&self.codes, ruled, listened, context, &units, line);
            if parrots {
                coded.codes.retain(|found| !self.helpful.contains(&found.code));
            }
        }
        coded.signs = join::signs(coded.signs, listened);
        join::safety(&mut coded.safety, listened, speaker, gives_back);
        coded
    }

    /// What a caller's words hold that wants an answer; `None` when they are neutral.
    #[must_use]
    pub fn holds(&self, words: &str) -> Option<Holds> {
        caller::holds(&self.lexicon, words, None)
    }

    /// The codes of the agent's turn before; coded here, without its own context, when it never was.
    fn codes_before(&self, context: &Context) -> Vec<CodeId> {
        let Some((_, said)) = omission::last_agent_turn(context) else { return Vec::new() };
        if let Some(coded) = &said.coded {
            return coded.codes.iter().map(|found| found.code.clone()).collect();
        }
        let lexicon = &self.lexicon;
        let mut text = text::Text::read(&said.text, &lexicon.vocabulary);
        let units = units::cut(&mut text, &lexicon.patterns);
        let hits = caller::scan(lexicon, &text, Side::Agent);
        let empty = Context::default();
        let before = agent::Before::new(lexicon, &empty, false);
        let read = agent::code(lexicon, &text, &units, &hits, &before);
        read.codes.into_iter().map(|found| found.code).collect()
    }

    /// The turn gives the caller's last words back unchanged and adds nothing.
    fn parrots(&self, text: &text::Text, context: &Context) -> bool {
        omission::last_caller_turn(context).is_some_and(|(_, said)| {
            specific::parrots(text, &text::Text::read(&said.text, &self.lexicon.vocabulary))
        })
    }

    /// "Mm", "go on": a sound of listening that leaves the caller the floor (EV_BACKCHANNEL: three words or fewer).
    fn backchannel(&self, text: &text::Text) -> bool {
        let known = |t: &text::Token| self.lexicon.patterns.list_holds("backchannel", t.id);
        text.tokens.len() <= 3 && text.tokens.iter().all(known)
    }
}

/// The codebook that ships inside the binary, read.
fn codebook() -> Result<Codebook, CoderError> {
    Codebook::parse(CODEBOOK).map_err(|fault| CoderError::Content {
        place: "codes.toml".to_owned(),
        what: fault.to_string(),
        remedy: "correct the codebook",
    })
}

impl Ruled {
    /// What stands when there is no network.
    fn alone(self) -> Coded {
        let mut coded = self.coded;
        coded.codes.extend(self.missed);
        coded
    }
}

/// What the network says of turns, in their order; empty when it fails.
fn listen(learnt: &Learnt, turns: &[(&Utterance, &Context)], codes: bool) -> Vec<Listened> {
    let rows: Vec<Vec<(Who, Vec<Row>)>> = turns
        .iter()
        .map(|(utterance, context)| {
            let read = |who: &Who| (*who, learnt.rows(&utterance.text, *who, context));
            learnt::readers(utterance.speaker).iter().map(read).collect()
        })
        .collect();
    let flat: Vec<&Row> = rows.iter().flatten().flat_map(|(_, rows)| rows).collect();
    let said = learnt.hear(&flat);
    if said.len() != flat.len() {
        return Vec::new();
    }
    let mut rest = said.as_slice();
    rows.iter()
        .map(|readers| {
            let mut readings: Vec<Reading<'_>> = Vec::new();
            for (who, rows) in readers {
                let (said, after) = rest.split_at(rows.len());
                rest = after;
                readings.push((*who, rows, said));
            }
            learnt.name(&readings, codes)
        })
        .collect()
}
