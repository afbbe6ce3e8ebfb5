//! What the debrief says about a code or a pattern, in words written by people for people:
//! `content/codebook/feedback.toml`.

use std::collections::HashMap;

use serde::Deserialize;

/// The words for one code.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodeWords {
    pub code: String,
    /// A short name for the whisper and the transcript, such as "named the feeling".
    pub short: String,
    /// What it tends to do to a caller, one sentence.
    pub does: String,
    /// As a strength or as the thing to change: two or three sentences to the agent.
    pub say: String,
    /// Other ways to put it, for codes that hurt.
    #[serde(default)]
    pub instead: Vec<String>,
}

/// The words for a pattern over several turns.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PatternWords {
    pub pattern: String,
    pub title: String,
    pub say: String,
    #[serde(default)]
    pub instead: Vec<String>,
}

/// All the words of the debrief.
#[derive(Clone, Debug, Default)]
pub struct Feedback {
    codes: HashMap<String, CodeWords>,
    patterns: HashMap<String, PatternWords>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    code: Vec<CodeWords>,
    pattern: Vec<PatternWords>,
}

impl Feedback {
    /// Reads the file.
    ///
    /// # Errors
    /// When it is not TOML of this shape.
    pub fn parse(text: &str) -> Result<Self, toml::de::Error> {
        let file: File = toml::from_str(text)?;
        Ok(Self {
            codes: file.code.into_iter().map(|words| (words.code.clone(), words)).collect(),
            patterns: file
                .pattern
                .into_iter()
                .map(|words| (words.pattern.clone(), words))
                .collect(),
        })
    }

    #[must_use]
    pub fn code(&self, id: &str) -> Option<&CodeWords> {
        self.codes.get(id)
    }
    #[must_use]
    pub fn pattern(&self, id: &str) -> Option<&PatternWords> {
        self.patterns.get(id)
    }
}
