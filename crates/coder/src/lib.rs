//! A turn of text in; codes, signs and safety words out, with their places and how sure we are.
//!
//! Floor 1. Pure: no I/O, no clock, no state. It judges words, never a person. `call` and the transcript reader call it.
//! The rules are data in `content/lexicons/`; this crate only reads them in order.

mod agent;
mod caller;
mod lexicon;
pub mod meaning;
mod omission;
mod pattern;
mod safety;
mod specific;
mod text;
mod units;

use std::sync::Arc;

use talk::{CodeId, Codebook, Coded, CoderVersion, Context, Speaker, Utterance};

pub use agent::GUESS_LINE;
pub use caller::Holds;
use lexicon::Lexicon;
pub use lexicon::{CoderError, Held, STRONG};
use omission::Answering;
use pattern::Side;

/// The version of this crate's own judgement. Raise it with every change of a rule.
const RULES_VERSION: &str = "1.3.0";

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

/// The coder. Immutable; share it between threads.
#[derive(Debug)]
pub struct Coder {
    lexicon: Lexicon,
    answering: Answering,
    version: CoderVersion,
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
            version: CoderVersion(Arc::from(format!(
                "rules-{RULES_VERSION}+codebook-{}",
                codebook.version
            ))),
        })
    }

    /// The coder of the codebook and lexicons that ship inside the binary.
    ///
    /// # Errors
    /// Never with the shipped files, which a test of this crate reads; the error says which place is wrong.
    pub fn embedded() -> Result<Self, CoderError> {
        let codebook = Codebook::parse(CODEBOOK).map_err(|fault| CoderError::Content {
            place: "codes.toml".to_owned(),
            what: fault.to_string(),
            remedy: "correct the codebook",
        })?;
        Self::new(&codebook, LEXICONS)
    }

    #[must_use]
    pub fn version(&self) -> &CoderVersion {
        &self.version
    }

    /// Codes one turn. Pure, never panics, and takes time in proportion to the text.
    #[must_use]
    pub fn code(&self, utterance: &Utterance, context: &Context) -> Coded {
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
        if utterance.speaker != Speaker::Caller {
            let earlier = self.codes_before(context);
            let acknowledged = earlier.iter().any(|code| self.answering.any.contains(code));
            let before = agent::Before::new(lexicon, context, acknowledged);
            let read = agent::code(lexicon, &text, &units, &agent_hits, &before);
            coded.codes = read.codes;
            coded.abstained = read.abstained;
            if !read.abstained && utterance.speaker == Speaker::Agent && !self.backchannel(&text) {
                let codes = &coded.codes;
                let missed = omission::missed(lexicon, &self.answering, context, codes, &earlier);
                coded.codes.extend(missed);
            }
        }
        if utterance.speaker != Speaker::Agent {
            coded.signs = caller::signs(lexicon, &text, &caller_hits, context);
        }
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

    /// "Mm", "go on": a sound of listening that leaves the caller the floor (EV_BACKCHANNEL: three words or fewer).
    fn backchannel(&self, text: &text::Text) -> bool {
        let known = |t: &text::Token| self.lexicon.patterns.list_holds("backchannel", t.id);
        text.tokens.len() <= 3 && text.tokens.iter().all(known)
    }
}
