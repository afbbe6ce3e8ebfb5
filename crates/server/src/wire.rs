//! The frames of a live call, as JSON on the web socket. Converted by hand from and to the domain's types.
//!
//! What may leave the server during a call is listed here and nowhere else: the caller's words, their manner, and for
//! the whisper which codes were heard and in which direction they moved the caller. No number, no fact, no threshold.

use call::State;
use serde::{Deserialize, Serialize};
use talk::{Codebook, Feedback, Variable};

/// Characters of the key that a browser gives to one message.
const KEY_CHARS_MAX: usize = 64;
/// A code moved the caller when its step is at least this long; less is not worth a word.
const STEP_MIN: f64 = 0.01;

/// A frame from the browser, as it comes.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Incoming {
    said: Option<String>,
    turn: Option<u32>,
    key: Option<String>,
    end: Option<bool>,
    resume: Option<Resume>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Resume {
    have: u32,
}

/// What the browser asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    Say {
        turn: u32,
        text: String,
        key: String,
    },
    End,
    /// Everything after turn `have`.
    Resume {
        have: u32,
    },
}

/// Reads a frame; `None` when it is none of ours.
#[must_use]
pub fn read(text: &str) -> Option<Ask> {
    let frame: Incoming = serde_json::from_str(text).ok()?;
    match frame {
        Incoming { said: Some(text), turn: Some(turn), key, end: None, resume: None } => {
            let key = key.unwrap_or_default();
            (key.chars().count() <= KEY_CHARS_MAX).then_some(Ask::Say { turn, text, key })
        }
        Incoming { said: None, turn: None, key: None, end: Some(true), resume: None } => {
            Some(Ask::End)
        }
        Incoming {
            said: None,
            turn: None,
            key: None,
            end: None,
            resume: Some(Resume { have }),
        } => Some(Ask::Resume { have }),
        _ => None,
    }
}

/// A frame to the browser.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Frame {
    Hello(Hello),
    Reply(Reply),
    /// Practice has stopped because of the agent's own words. The page says the rest.
    Stopped {},
    Error(Fault),
}

impl Frame {
    #[must_use]
    pub fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_else(|_| "{}".to_owned())
    }

    #[must_use]
    pub fn error(code: &'static str, detail: impl Into<String>, remedy: &'static str) -> Self {
        Frame::Error(Fault { code, detail: detail.into(), remedy })
    }
}

/// How the call stands, from the turn that the browser names.
#[derive(Debug, Serialize)]
pub struct Hello {
    pub n_turns: u32,
    /// The opening is turn 0; only turns after those that the browser has.
    pub turns: Vec<Line>,
    /// Set when the browser's turn was not taken because another stands in its place.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub elsewhere: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended: Option<Ended>,
}

#[derive(Debug, Serialize)]
pub struct Line {
    pub turn: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub said: Option<String>,
    pub text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manner: Option<String>,
}

#[derive(Debug, Serialize)]
pub struct Ended {
    pub how: &'static str,
    /// The caller's last words after the phone was put down.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manner: Option<String>,
}

/// The caller's answer to one turn.
#[derive(Debug, Serialize)]
pub struct Reply {
    pub turn: u32,
    /// The browser's own key for this message, given back.
    pub key: String,
    pub text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manner: Option<String>,
    /// For the whisper; empty when it is off.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub heard: Vec<Heard>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended: Option<Ended>,
}

/// One code as the whisper says it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Heard {
    pub short: String,
    pub quote: String,
    /// Directions in words, such as "more trust".
    pub moved: Vec<&'static str>,
}

#[derive(Debug, Serialize)]
pub struct Fault {
    pub code: &'static str,
    pub detail: String,
    pub remedy: &'static str,
}

/// The call from after turn `have`; all of it when the browser has nothing.
#[must_use]
pub fn hello(state: &State, have: Option<u32>, elsewhere: bool) -> Hello {
    let said = |turn: u32| {
        let index = usize::try_from(turn).ok()?.checked_sub(1)?;
        state.exchanges.get(index).map(|exchange| exchange.said.clone())
    };
    let turns = state.replies().filter(|(turn, _)| have.is_none_or(|have| *turn > have));
    let turns = turns.map(|(turn, reply)| Line {
        turn,
        said: said(turn),
        text: reply.text.clone(),
        manner: reply.manner.clone(),
    });
    Hello { n_turns: state.n_turns(), turns: turns.collect(), elsewhere, ended: ended(state) }
}

/// The answer to `turn`, if the call has come that far.
#[must_use]
pub fn reply(state: &State, turn: u32, key: String, heard: Vec<Heard>) -> Option<Reply> {
    let (_, reply) = state.replies().find(|(at, _)| *at == turn)?;
    Some(Reply {
        turn,
        key,
        text: reply.text.clone(),
        manner: reply.manner.clone(),
        heard,
        ended: ended(state).filter(|_| turn == state.n_turns()),
    })
}

fn ended(state: &State) -> Option<Ended> {
    let words = state.last_words.as_ref();
    state.end.map(|end| Ended {
        how: end.as_str(),
        text: words.map(|reply| reply.text.clone()),
        manner: words.and_then(|reply| reply.manner.clone()),
    })
}

/// What the whisper says of a turn: the codes just heard, on which words, and which way each moved the caller.
#[must_use]
pub fn whisper(book: &Codebook, feedback: &Feedback, state: &State, turn: u32) -> Vec<Heard> {
    let index = turn.checked_sub(1).and_then(|index| usize::try_from(index).ok());
    let Some(exchange) = index.and_then(|index| state.exchanges.get(index)) else {
        return Vec::new();
    };
    let heard = exchange.coded.codes.iter().map(|found| {
        let words = feedback.code(found.code.as_str());
        let name = || book.code(found.code.as_str()).map(|entry| entry.name.to_lowercase());
        let step = exchange.felt.reasons.iter().find(|reason| reason.cause == found.code);
        Heard {
            short: words.map(|w| w.short.clone()).or_else(name).unwrap_or_default(),
            quote: found.span.map(|span| span.of(&exchange.said).to_owned()).unwrap_or_default(),
            moved: step.map(|reason| directions(&reason.step)).unwrap_or_default(),
        }
    });
    heard.collect()
}

/// A step in words: which way, never how far.
#[must_use]
pub fn directions(step: &talk::Affect) -> Vec<&'static str> {
    let words = [
        (Variable::Heard, "felt more heard", "felt less heard"),
        (Variable::Trust, "more trust", "less trust"),
        (Variable::Arousal, "more heated", "calmer"),
    ];
    let moved = words.into_iter().filter_map(|(variable, up, down)| {
        let by = step.get(variable);
        (by.abs() >= STEP_MIN).then_some(if by > 0.0 { up } else { down })
    });
    moved.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_one_thing_or_nothing() {
        let said = Ask::Say { turn: 1, text: "Hello".to_owned(), key: "k".to_owned() };
        assert_eq!(read(r#"{"said":"Hello","turn":1,"key":"k"}"#), Some(said));
        assert_eq!(read(r#"{"end":true}"#), Some(Ask::End));
        assert_eq!(read(r#"{"resume":{"have":3}}"#), Some(Ask::Resume { have: 3 }));
        for wrong in [
            "",
            "[]",
            "{}",
            r#"{"end":false}"#,
            r#"{"said":"x"}"#,
            r#"{"end":true,"said":"x","turn":1}"#,
            r#"{"story":1}"#,
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_whisper_says_which_way_and_not_how_far() {
        let mut step = talk::Affect::default();
        step.set(Variable::Trust, 0.123);
        step.set(Variable::Arousal, -0.4);
        assert_eq!(directions(&step), ["more trust", "calmer"]);
    }
}
